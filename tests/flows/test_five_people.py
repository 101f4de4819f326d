"""The everyday flow with exactly five people: a centre of three that keeps the money, and a buyer of two."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.sealing import keys
from marketplace.bids.sealing.keys import Seat
from marketplace.contracts import commands as contracts
from marketplace.contracts.queries import milestones_of
from marketplace.contracts.schemas import AcceptanceForm, Confirm, NewEvidence, Report
from marketplace.contracts.states import EvidenceKind, Side
from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage, Storage
from marketplace.evaluation import commands as evaluation
from marketplace.evaluation.schemas import Composition
from marketplace.flows import awarding, claiming, contracting, delivering
from marketplace.flows.publishing import publish
from marketplace.funds import commands as funds
from marketplace.funds import queries as money
from marketplace.funds.model import Payment
from marketplace.funds.rules import Custody, SourceKind
from marketplace.funds.schemas import NewApplication, NewCustodyAccount
from marketplace.funds.states import PaymentState
from marketplace.identity.model import Person
from marketplace.identity.queries import actor_of
from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.ledger.queries import verify
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.rails import bank_of
from marketplace.projects.rules import CostPlan, FundingPlan
from marketplace.settings import Settings
from marketplace.standin.control import Control
from tests.bids.support import KEYS, PASSPHRASES, World, a_bid
from tests.contracts.support import seen
from tests.evaluation.support import NO_CONFLICT, a_check, a_sheet, sign, unseal
from tests.funds.desk import ACCOUNTS
from tests.funds.purse import Office, a_fund, a_new_receipt
from tests.identity.town import SAFE, a_person, an_organization
from tests.projects.village import Village, an_approved, closing, somebody, the_law
from tests.standin.conftest import standin, standin_process
from tests.suppliers.shelf import a_qualified
from workers.consumers import assemble
from workers.main import drain
from workers.settlement import Rails, settlement

__all__ = ["standin", "standin_process"]
BUDGET, PRICES, PANEL = 4_800_000, (4_000_000, 4_200_000, 4_500_000), 3
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Five:
    """Who there is: three at the centre, two at the buyer; the others are of the supervisor and the suppliers."""

    clerk: Actor
    head: Actor
    cashier: Actor
    buyer_clerk: Actor
    buyer_head: Actor
    auditor: Actor
    suppliers: list[Actor] = field(default_factory=list)

    @property
    def people(self) -> set[UUID]:
        everybody = (self.clerk, self.head, self.cashier, self.buyer_clerk, self.buyer_head)
        return {one.person_id for one in everybody if one.person_id}


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(keys, "USUAL_COST", keys.Cost(passes=1, lanes=1, memory_kib=64))
    return iter(())


def five_people(db: Session, now: datetime) -> Five:
    the_law(db, now)
    centre = an_organization(db, Function.PROCURING_ENTITY, Function.FINANCE_OFFICE, now=now, name="示例区党群服务中心")
    buyer = an_organization(db, Function.BUYER, now=now, name="示例区总工会")
    watch = an_organization(db, Function.SUPERVISOR, now=now, name="示例区监督组")

    def one(organization: UUID, login: str, *roles: Role) -> Actor:
        return actor_of(db, a_person(db, organization, *roles, now=now, login=login), organization)

    return Five(
        clerk=one(centre, "five-clerk", Role.CLERK, Role.ACCOUNTANT),
        head=one(centre, "five-head", Role.HEAD),
        cashier=one(centre, "five-cashier", Role.CLERK, Role.CASHIER),
        buyer_clerk=one(buyer, "five-buyer-clerk", Role.CLERK),
        buyer_head=one(buyer, "five-buyer-head", Role.HEAD),
        auditor=somebody(db, watch, Role.AUDITOR, now),
    )


def published(db: Session, five: Five, folder: Path, now: datetime) -> tuple[World, UUID]:
    """Money, a project of the centre for the buyer, three bids, opened."""
    assert five.buyer_head.organization_id
    office = Office(accountant=five.clerk, cashier=five.cashier, buyer_id=five.buyer_head.organization_id)
    fund = a_fund(db, office, SourceKind.UNION, now=now)
    funds.receive(db, five.clerk, a_new_receipt(fund, BUDGET, SourceKind.UNION), now=now)
    openers = {Seat.CENTRE: five.cashier, Seat.BUYER: five.buyer_clerk, Seat.SUPERVISOR: five.auditor}
    for seat, opener in openers.items():
        bids.enrol_opener_key(db, KEYS, opener, PASSPHRASES[seat], now=now)
    village = Village(
        buyer_clerk=five.buyer_clerk, buyer_head=five.buyer_head, centre_clerk=five.clerk, centre_head=five.head,
        auditor=five.auditor, supplier=five.clerk, stranger=five.clerk,
    )  # fmt: skip
    project_id = an_approved(
        db, village, now, budget_fen=BUDGET, ceiling_fen=BUDGET, opener_centre_id=five.cashier.person_id,
        funding=(FundingPlan(fund_id=fund, amount_fen=BUDGET),),
        cost_lines=(CostPlan(item="暑期托管", unit="项", quantity=Decimal(1), unit_cost_fen=BUDGET),),
    )  # fmt: skip
    publish(db, KEYS, five.head, project_id, now=now)
    five.suppliers = [a_qualified(db, folder, number, now=now, serves_minors=True) for number in (1, 2, 3)]
    world = World(project_id, closing(db, project_id), openers, five.buyer_head, five.suppliers, FolderStorage(folder))
    for bidder, price in zip(five.suppliers, PRICES, strict=True):
        a_bid(db, world, bidder, now + HOUR, price)
    unseal(db, world)
    return world, fund


def awarded(db: Session, five: Five, world: World) -> datetime:
    """A panel of three of the five, a head who did not score, the result's period over."""
    project_id, now = world.project_id, world.opens
    members = [five.clerk, five.cashier, five.buyer_clerk]
    seats = Composition(representatives=tuple(one.person_id for one in members if one.person_id))
    evaluation.appoint(db, five.clerk, project_id, seats, now=now)
    for member in members:
        evaluation.declare(db, member, project_id, NO_CONFLICT, now=now)
    for bid in bids_of(db, project_id):
        evaluation.check_bid(db, members[0], project_id, bid, a_check(db, project_id), now=now)
    awarding.confirm_checks(db, members[1], project_id, now=now)
    for member in members:
        evaluation.submit_scores(db, member, project_id, a_sheet(db, project_id), now=now)
    evaluation.write_report(db, members[0], project_id, "推荐综合得分第一的单位。", now=now)
    for member in members:
        sign(db, world, member)
    awarding.decide(db, five.buyer_head, project_id, now=now)
    award = awarding.publish_result(db, five.clerk, project_id, now=now)
    assert award.signable_from
    return award.signable_from


def bids_of(db: Session, project_id: UUID) -> list[UUID]:
    from marketplace.bids.queries import opened_bids

    return [one.bid_id for one in opened_bids(db, project_id)]


def in_force(db: Session, five: Five, world: World, now: datetime) -> UUID:
    """Drafted by the clerk, approved by the centre's head, signed by both sides, published."""
    contract_id = contracting.draft(db, five.clerk, world.project_id, now=now)
    contracts.submit(db, five.clerk, contract_id, now=now)
    contracting.approve(db, world.storage, five.head, contract_id, now=now)
    for side, signer in ((Side.SUPPLIER, five.suppliers[0]), (Side.BUYER, five.buyer_head)):
        contracting.sign(db, signer, contract_id, side, seen(db, contract_id), now=now)
    contracts.publish(db, five.clerk, contract_id, now=now)
    return contract_id


def delivered(db: Session, five: Five, storage: Storage, contract_id: UUID, now: datetime) -> list[UUID]:
    """Every deliverable reported, verified by one of the centre and accepted by one of the buyer."""
    ids = []
    for one in milestones_of(db, contract_id):
        ids.append(one.id)
        if one.accepted_at is not None:
            continue
        said = Report(attempt=1, version=1, content="服务已按约定完成，材料齐全。", people_served=60, sessions=20,
                      hours=Decimal(40), ticked=list(range(len(one.evidence))))  # fmt: skip
        contracts.attach_evidence(
            db, storage, five.suppliers[0], one.id, NewEvidence(kind=EvidenceKind.PHOTO), [b"photo"],
            name="照片.txt", limit_bytes=1 << 20, now=now,
        )  # fmt: skip
        contracts.report(db, five.suppliers[0], one.id, said, now=now)
        contracts.verify(db, five.cashier, one.id, Confirm(attempt=1), now=now)
        form = AcceptanceForm(attempt=1, share_bp=10_000, asked=20, satisfied=19, opinion="家长满意")
        delivering.accept(db, five.buyer_clerk, one.id, form, now=now)
    return ids


def ordered(db: Session, five: Five, milestone_id: UUID, number: int, now: datetime) -> None:
    """Asked for by the accountant, approved by the centre's head, ordered by the cashier."""
    claim = claiming.claim(db, five.clerk, milestone_id)
    new = NewApplication(
        obligation_id=milestone_id, payee_id=claim.contract.supplier_id, amount_fen=claim.payable.free_fen,
        invoice_no=f"2651000000{number:010d}", invoice_on=legal_day(now),
    )  # fmt: skip
    application_id = claiming.apply_for_milestone(db, five.clerk, new, now=now)
    funds.approve_application(db, five.head, application_id, now=now)
    ids = db.scalars(select(Payment.id).where(Payment.application_id == application_id))
    funds.instruct(db, five.cashier, list(ids), now=now)


def test_a_centre_of_three_and_a_buyer_of_two_bring_a_project_from_its_draft_to_its_last_settled_fen(
    committing: Database, clock: ManualClock, now: datetime, tmp_path: Path, standin: Control
) -> None:
    settings = Settings(home=tmp_path, bank_url=standin.bank_url, rail_timeout_s=5)
    number = ACCOUNTS[Custody.BANK]
    standin.open_account(number, "示例区党群服务中心", fen=BUDGET)
    with committing.write() as db:
        five = five_people(db, now)
        account = NewCustodyAccount(
            custody=Custody.BANK, number=number, name="示例区党群服务中心", bank_name="示例银行"
        )
        funds.record_custody_account(db, five.clerk, account, now=now)
        world, fund = published(db, five, tmp_path, now)
        signable = awarded(db, five, world)
        contract_id = in_force(db, five, world, signable)
        later = clock.set(signable + 60 * DAY)
        milestones = delivered(db, five, world.storage, contract_id, later)
        for place, milestone_id in enumerate(milestones):
            ordered(db, five, milestone_id, place, later)
    bank = bank_of(settings, clock)
    assert bank
    rails = Rails(committing, clock, SAFE, settings, bank, None)
    services = assemble(committing, clock, Settings(), safe=SAFE, more={SETTLEMENT: settlement(rails)})
    drain(services)
    clock.advance(HOUR)
    drain(services)
    bank.close()
    with committing.read() as db:
        assert set(db.scalars(select(Payment.state))) == {PaymentState.PAID}
        assert money.fund(db, fund).balances_fen == {"available": BUDGET - PRICES[0], "paid": PRICES[0]}
        assert verify(db).ok
        acted = set(db.scalars(select(JournalEntry.person_id).where(JournalEntry.organization_id.in_(
            {five.clerk.organization_id, five.buyer_clerk.organization_id}
        ))))  # fmt: skip
        assert acted - {None} == five.people, "five people did it all, and each of them was needed"
        assert db.scalar(select(Person.id).where(Person.id.in_(five.people)).limit(1)) is not None
