"""A contract at every stage of its life, brought there by the verbs of every floor below."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.schemas import CostLine
from marketplace.bids.sealing import keys
from marketplace.bids.sealing.keys import Seat
from marketplace.contracts import commands as contracts
from marketplace.contracts.model import Contract
from marketplace.contracts.schemas import Seen
from marketplace.contracts.states import Side
from marketplace.documents.storage import FolderStorage
from marketplace.flows import awarding, contracting, publishing
from marketplace.funds import commands as funds
from marketplace.funds.rules import SourceKind
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.projects.model import Project
from marketplace.projects.rules import FundingPlan
from tests.bids.support import KEYS, PASSPHRASES, World, a_change
from tests.evaluation.support import decided, unseal
from tests.funds.purse import Office, a_fund, a_new_receipt
from tests.identity.town import a_person, an_organization
from tests.projects.village import BUDGET, Village, a_village, an_approved, closing
from tests.suppliers.shelf import a_qualified

PRICE = 3_333_333
PURSES: tuple[tuple[SourceKind, int], ...] = ((SourceKind.UNION, 2_999_999), (SourceKind.FISCAL, BUDGET - 2_999_999))
"""Source and amount of the funds that pay, uneven on purpose; together the budget of a project of the village."""
CHEAP = keys.Cost(passes=1, lanes=1, memory_kib=64)
HOUR = timedelta(hours=1)


@dataclass
class Deal:
    """Who makes a contract with whom, over which money, and the instant it has come to.

    ``drafter`` and ``approver`` are of the centre, ``buyer_clerk`` and ``buyer_head`` of the buyer.
    """

    village: Village
    project_id: UUID
    bid_id: UUID
    award_id: UUID
    funds: tuple[UUID, ...]
    office: Office
    finance_head: Actor
    supplier: Actor
    losers: tuple[Actor, ...]
    storage: FolderStorage
    at: datetime
    signable_from: datetime
    contract_id: UUID = field(default=UUID(int=0))

    @property
    def drafter(self) -> Actor:
        return self.village.centre_clerk

    @property
    def approver(self) -> Actor:
        return self.village.centre_head

    @property
    def buyer_clerk(self) -> Actor:
        return self.village.buyer_clerk

    @property
    def buyer_head(self) -> Actor:
        return self.village.buyer_head

    def signer(self, side: Side) -> Actor:
        return self.buyer_head if side is Side.BUYER else self.supplier


def an_office(db: Session, village: Village, now: datetime) -> tuple[Office, Actor]:
    """The office that keeps the buyer's money: its accountant and cashier, and its head."""
    holder = an_organization(db, Function.FINANCE_OFFICE, now=now, name="示例财政局")
    accountant, cashier, head = (
        actor_of(db, a_person(db, holder, role, now=now), holder) for role in (Role.ACCOUNTANT, Role.CASHIER, Role.HEAD)
    )
    return Office(accountant=accountant, cashier=cashier, buyer_id=village.buyer_id), head


def an_awarded(
    db: Session,
    folder: Path,
    now: datetime,
    *,
    price_fen: int = PRICE,
    purses: tuple[tuple[SourceKind, int], ...] = PURSES,
    **given: Any,
) -> Deal:
    """A project with its money set aside, three bids opened, and its result published; nobody may sign yet."""
    village = a_village(db, now)
    office, finance_head = an_office(db, village, now)
    lines = []
    for number, (source, fen) in enumerate(purses, 1):
        fund = a_fund(db, office, source, now=now, name=f"示例资金{number}")
        funds.receive(db, office.accountant, a_new_receipt(fund, fen, source), now=now)
        lines.append(FundingPlan(fund_id=fund, amount_fen=fen))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keys, "USUAL_COST", CHEAP)
        world = _bidding(db, village, folder, tuple(lines), now, given)
        _handed_in(db, world, now + HOUR, price_fen)
        unseal(db, world)
    jury = decided(db, world, now)
    award = awarding.publish_result(db, jury.composer, world.project_id, now=world.opens)
    assert award.signable_from is not None
    assert award.published_at is not None
    return Deal(
        village=village,
        project_id=world.project_id,
        bid_id=award.bid_id,
        award_id=award.id,
        funds=tuple(line.fund_id for line in lines),
        office=office,
        finance_head=finance_head,
        supplier=world.bidders[0],
        losers=tuple(world.bidders[1:]),
        storage=world.storage,
        at=award.published_at,
        signable_from=award.signable_from,
    )


def _bidding(
    db: Session, village: Village, folder: Path, lines: tuple[FundingPlan, ...], now: datetime, given: dict[str, Any]
) -> World:
    """A published project with its money set aside, and three qualified organizations."""
    openers = {Seat.CENTRE: village.centre_clerk, Seat.BUYER: village.buyer_clerk, Seat.SUPERVISOR: village.auditor}
    for seat, opener in openers.items():
        bids.enrol_opener_key(db, KEYS, opener, PASSPHRASES[seat], now=now)
    project_id = an_approved(db, village, now, funding=lines, **given)
    publishing.publish(db, KEYS, village.buyer_head, project_id, now=now)
    return World(
        project_id=project_id,
        due=closing(db, project_id),
        openers=openers,
        head=village.buyer_head,
        bidders=[a_qualified(db, folder, number, now=now, serves_minors=True) for number in (1, 2, 3)],
        storage=FolderStorage(folder / "files"),
    )


def _handed_in(db: Session, world: World, now: datetime, price_fen: int) -> None:
    """Three bids, the first one the cheapest, each of one line so that any price can be asked."""
    for more, bidder in enumerate(world.bidders):
        at = now + more * timedelta(minutes=1)
        bids.take_document(db, bidder, world.project_id, received_at=at, now=at)
        line = CostLine(name="暑期托管", unit="项", quantity_hundredths=100, unit_price_fen=price_fen + more * 300_000)
        content = msgspec.structs.replace(a_change(db, world), cost_lines=(line,))
        bids.save_draft(db, KEYS, bidder, world.project_id, content, received_at=at)
        bids.submit(db, KEYS, bidder, world.project_id, received_at=at, now=at)


def drafted(db: Session, deal: Deal) -> Deal:
    """The contract as the centre's clerk has begun it."""
    deal.contract_id = contracting.draft(db, deal.drafter, deal.project_id, now=deal.at)
    return deal


def submitted(db: Session, deal: Deal) -> Deal:
    contracts.submit(db, deal.drafter, drafted(db, deal).contract_id, now=deal.at)
    return deal


def to_sign(db: Session, deal: Deal) -> Deal:
    """Approved, and the period after the result is just over."""
    submitted(db, deal)
    contracting.approve(db, deal.storage, deal.approver, deal.contract_id, now=deal.at)
    deal.at = deal.signable_from
    return deal


def half_signed(db: Session, deal: Deal, side: Side = Side.SUPPLIER) -> Deal:
    signed(db, to_sign(db, deal), side)
    return deal


def active(db: Session, deal: Deal) -> Deal:
    """In force: the price committed, the advance payable."""
    assert signed(db, half_signed(db, deal), Side.BUYER)
    return deal


def an_active_contract(db: Session, folder: Path, now: datetime, **given: Any) -> Deal:
    """A contract in force, from nothing; ``given`` as for :func:`an_awarded`."""
    return active(db, an_awarded(db, folder, now, **given))


def seen(db: Session, contract_id: UUID) -> Seen:
    """What somebody who reads the contract now has seen."""
    from marketplace.contracts.queries.contract import current_paper

    paper = current_paper(db, db.get_one(Contract, contract_id))
    assert paper is not None
    return Seen(sha256=paper.sha256)


def signed(db: Session, deal: Deal, side: Side, *, at: datetime | None = None) -> bool:
    """One side signs what it reads; whether the contract is in force now."""
    what = seen(db, deal.contract_id)
    return contracting.sign(db, deal.signer(side), deal.contract_id, side, what, now=at or deal.at)


def project_of(db: Session, deal: Deal) -> Project:
    return db.get_one(Project, deal.project_id)
