"""The steps of a contract tell those whom each concerns, and the supplier nothing before the approval."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from marketplace.contracts import commands
from marketplace.contracts.states import Side
from marketplace.db.base import Database
from marketplace.flows import contracting
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.notices.model import PersonalNotice
from marketplace.notices.queries import inbox
from marketplace.notices.texts import Writer
from marketplace.settings import Settings
from marketplace.web import i18n
from tests.contracts.support import Deal, half_signed, signed, submitted
from tests.identity.town import SAFE
from workers.consumers import assemble
from workers.main import drain


def told(database: Database, clock: ManualClock, topic: str) -> set[UUID]:
    """Who has been told of a topic once the workers have nothing left to do."""
    drain(assemble(database, clock, Settings(), safe=SAFE), scheduled=False)
    with database.read() as db:
        return set(db.scalars(select(PersonalNotice.person_id).where(PersonalNotice.topic == topic)))


def text(database: Database, actor: Actor, topic: str) -> str:
    assert actor.person_id
    with database.read() as db:
        found = inbox(db, Writer(i18n), actor.person_id)
    return next(f"{one.title} {one.text}" for one in found if one.topic == topic)


def ids(*actors: Actor) -> set[UUID]:
    return {actor.person_id for actor in actors if actor.person_id}


def test_who_hears_of_a_contract_on_its_way_to_force(
    database: Database, deal: Deal, clock: ManualClock, now: datetime
) -> None:
    clock.set(deal.at)
    with database.write() as db:
        submitted(db, deal)
    assert told(database, clock, "contract.submitted") == ids(deal.approver)
    with database.write() as db:
        commands.return_(db, deal.approver, deal.contract_id, reason="数量要写清", now=deal.at)
    assert told(database, clock, "contract.returned") == ids(deal.drafter)
    assert "数量要写清" in text(database, deal.drafter, "contract.returned")
    with database.write() as db:
        commands.submit(db, deal.drafter, deal.contract_id, now=deal.at)
        contracting.approve(db, deal.storage, deal.approver, deal.contract_id, now=deal.at)
    assert told(database, clock, "contract.approved") == ids(deal.buyer_head, deal.supplier, deal.drafter)
    assert "2026-03-13 00:00" in text(database, deal.supplier, "contract.approved")
    clock.set(deal.signable_from)
    deal.at = deal.signable_from
    with database.write() as db:
        signed(db, deal, Side.SUPPLIER)
    assert ids(deal.buyer_head) <= told(database, clock, "contract.signed")
    assert "承接主体（乙方）已签订" in text(database, deal.buyer_head, "contract.signed")
    with database.write() as db:
        signed(db, deal, Side.BUYER)
    assert {*ids(deal.supplier, deal.drafter, deal.office.accountant, deal.finance_head)} <= told(
        database, clock, "contract.activated"
    )
    assert "2026-03-17 前公告合同" in text(database, deal.drafter, "contract.activated")
    with database.write() as db:
        commands.publish(db, deal.drafter, deal.contract_id, now=deal.at)
    assert ids(deal.supplier, deal.buyer_head) <= told(database, clock, "contract.published")


def test_a_contract_that_is_cancelled_is_told_to_its_parties(
    database: Database, deal: Deal, clock: ManualClock
) -> None:
    with database.write() as db:
        half_signed(db, deal)
        commands.cancel(db, deal.approver, deal.contract_id, reason="乙方被暂停资格", now=deal.at)
    clock.set(deal.at)
    assert ids(deal.supplier, deal.buyer_head, deal.drafter) <= told(database, clock, "contract.cancelled")
    assert "乙方被暂停资格" in text(database, deal.supplier, "contract.cancelled")
