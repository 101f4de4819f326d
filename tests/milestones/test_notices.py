"""Each step of delivery tells those whom it concerns, in words that say what to do."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from marketplace.contracts import commands
from marketplace.contracts.schemas import Confirm
from marketplace.db.base import Database
from marketplace.flows import delivering
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.notices.model import PersonalNotice
from marketplace.notices.queries import inbox
from marketplace.notices.texts import Writer
from marketplace.settings import Settings
from marketplace.web import i18n
from tests.identity.town import SAFE
from tests.milestones.steps import a_report, an_acceptance, returned, verified
from tests.milestones.worlds import SIGNED, Delivery
from workers.consumers import assemble
from workers.main import drain

NOW = SIGNED + timedelta(days=30)


def told(database: Database, topic: str) -> set[UUID]:
    with database.read() as db:
        return set(db.scalars(select(PersonalNotice.person_id).where(PersonalNotice.topic == topic)))


def text(database: Database, actor: Actor, topic: str) -> str:
    assert actor.person_id
    with database.read() as db:
        found = inbox(db, Writer(i18n), actor.person_id)
    return next(f"{one.title} {one.text}" for one in found if one.topic == topic)


def test_who_hears_of_a_milestone_from_its_report_to_the_contracts_end(
    database: Database, delivery: Delivery, clock: ManualClock, tmp_path: Path
) -> None:
    clock.set(NOW)
    who = delivery
    workers = assemble(database, clock, Settings(), safe=SAFE)
    with database.write() as db:
        milestone_id = returned(db, tmp_path, delivery, NOW)
    drain(workers, scheduled=False)
    clerks = {one.person_id for one in (who.verifier, who.second_acceptor, who.project_drafter, who.contract_drafter)}
    suppliers = {who.supplier_clerk.person_id, who.supplier_head.person_id}
    heard = told(database, "milestone.reported")
    assert heard >= clerks
    assert not heard & (suppliers | {who.acceptor.person_id, who.decider.person_id, who.stranger.person_id})
    assert told(database, "milestone.returned") == suppliers
    assert "签到表缺第二周" in text(database, who.supplier_head, "milestone.returned")
    assert "2026-08-20" in text(database, who.supplier_head, "milestone.returned")
    with database.write() as db:
        commands.report(db, who.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=NOW)
        commands.verify(db, who.verifier, milestone_id, Confirm(attempt=2), now=NOW)
        form = an_acceptance(2, share_bp=8_000, reason="第二点晚开班")
        delivering.accept(db, who.acceptor, milestone_id, form, now=NOW)
        last = verified(db, tmp_path, delivery, NOW, which=2)
        nothing = an_acceptance(share_bp=0, reason="没有结班")
        delivering.accept(db, who.acceptor, last, nothing, now=NOW)
    drain(workers, scheduled=False)
    desk = clerks | {who.acceptor.person_id, who.decider.person_id}
    assert told(database, "milestone.verified") >= desk
    paying = told(database, "milestone.accepted")
    assert suppliers | {who.finance.person_id} <= paying
    assert not paying & desk
    assert "验收通过 80.00%，应付 10,666.66 元" in text(database, who.finance, "milestone.accepted")
    assert "没有结班" in text(database, who.supplier_clerk, "milestone.rejected")
    assert told(database, "contract.completed") >= desk | suppliers | {who.finance.person_id}
