"""The story of a claim: what a contract owes is asked for with the contract's own facts and the register's account."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract, Milestone
from marketplace.contracts.queries.contract import facts_of as contract_facts_of
from marketplace.contracts.queries.milestones import facts_of as milestone_facts_of
from marketplace.contracts.schemas import ContractFacts, MilestoneFacts
from marketplace.contracts.states import MilestoneState
from marketplace.funds.commands import applying, approving
from marketplace.funds.model import Payment, PaymentApplication
from marketplace.funds.queries.payable import owing, payee_of, payees_of
from marketplace.funds.schemas import Change, NewApplication, NewPayee, Obligation, Payable
from marketplace.funds.states import ObligationKind
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.ledger.queries import balances_of
from marketplace.ledger.states import AccountRole
from marketplace.projects.model import Project

PAGE = 100


class Claim(NamedTuple):
    """What a contract's milestone owes out of one office's funds, and to whom."""

    payable: Payable
    contract: ContractFacts
    milestone: MilestoneFacts
    supplier: str
    payee: NewPayee | None

    @property
    def label(self) -> str:
        """What is paid, in a line."""
        return f"{self.contract.title} · {self.milestone.title}"


class Owed(NamedTuple):
    """What is payable to a supplier for one milestone, by all offices together."""

    contract: ContractFacts
    milestone: MilestoneFacts
    amount_fen: int


def claims(db: Session, actor: Actor, *, limit: int = PAGE) -> list[Claim]:
    """What the actor's office may ask to be paid now, for milestones; the longest accepted first, ``limit`` at most.

    Raises:
        Forbidden: the actor may not see payments.
    """
    holder_id = actor.organization_id
    require(actor, Right.READ_PAYMENT, {Relation.FINANCE: holder_id})
    return [] if holder_id is None else _claims(db, holder_id, limit=limit)


def claim(db: Session, actor: Actor, milestone_id: UUID) -> Claim:
    """One claim that the actor's office may prepare.

    Raises:
        NotFound: nothing of this milestone is payable out of the office's funds and not asked for yet.
        Forbidden: the actor may not prepare payments.
    """
    holder_id = actor.organization_id
    require(actor, Right.PREPARE_PAYMENT, {Relation.FINANCE: holder_id})
    found = [] if holder_id is None else _claims(db, holder_id, milestone_id=milestone_id, limit=1)
    if not found:
        raise NotFound
    return found[0]


def _claims(db: Session, holder_id: UUID, *, limit: int, milestone_id: UUID | None = None) -> list[Claim]:
    """Claims in two queries: what is owed with its contract and supplier, and the accounts of those suppliers."""
    open_ = owing(holder_id, obligation_id=milestone_id).subquery()
    query = (
        select(Milestone, Contract, Organization.name, open_.c.payable_fen, open_.c.free_fen, open_.c.funds)
        .join_from(open_, Milestone, Milestone.id == open_.c.obligation_id)
        .join(Contract, Contract.id == Milestone.contract_id)
        .join(Organization, Organization.id == Contract.supplier_id)
        .order_by(Milestone.accepted_at, Contract.number, Milestone.place)
        .limit(limit)
    )
    rows = db.execute(query).all()
    payees = payees_of(db, {contract.supplier_id for _, contract, *_ in rows}) if rows else {}
    return [
        Claim(
            payable=Payable(
                obligation_id=milestone.id,
                holder_id=holder_id,
                payable_fen=payable_fen,
                free_fen=free_fen,
                funds=tuple(funds),
            ),
            contract=contract_facts_of(contract),
            milestone=milestone_facts_of(milestone),
            supplier=supplier,
            payee=payees.get(contract.supplier_id),
        )
        for milestone, contract, supplier, payable_fen, free_fen, funds in rows
    ]


def obligation_of(db: Session, milestone_id: UUID) -> Obligation:
    """What a milestone owes, in the words that settlement knows.

    Raises:
        NotFound: there is no such milestone.
    """
    milestone = db.get(Milestone, milestone_id)
    if milestone is None:
        raise NotFound
    contract = contract_facts_of(db.get_one(Contract, milestone.contract_id))
    project = db.get_one(Project, contract.project_id)
    return Obligation(
        kind=ObligationKind.MILESTONE,
        id=milestone_id,
        label=f"{contract.title} · {milestone.title}",
        buyer_id=contract.buyer_id,
        catalogue_codes=(project.catalogue_code,),
        procuring_entity_id=contract.procuring_entity_id,
        payee_id=contract.supplier_id,
        contract_id=contract.id,
        contract_number=contract.number,
        contract_signed_on=contract.signed_on,
        project_id=contract.project_id,
    )


def apply_for_milestone(db: Session, actor: Actor, new: NewApplication, *, now: datetime) -> UUID:
    """Ask for what a milestone owes to be paid to its contract's supplier; returns the application's id.

    Raises:
        NotFound: there is no such milestone, or the office's funds owe it nothing.
        DomainError: what settlement refuses; see ``funds.apply_payment``.
    """
    obligation = obligation_of(db, new.obligation_id)
    payee = payee_of(db, obligation.payee_id) if obligation.payee_id else None
    return applying.apply_payment(db, actor, new, obligation, payee, now=now)


def resubmit(db: Session, actor: Actor, application_id: UUID, change: Change, *, now: datetime) -> None:
    """Hand in again what was sent back, to the account that the payee has on file now.

    Raises:
        NotFound: there is no such application.
        DomainError: what settlement refuses; see ``funds.resubmit``.
    """
    row = db.get(PaymentApplication, application_id)
    if row is None:
        raise NotFound
    payee = payee_of(db, row.payee_id) if row.payee_id else None
    applying.resubmit(db, actor, application_id, change, payee, now=now)


def retry(db: Session, actor: Actor, payment_id: UUID, *, reason: str, now: datetime) -> None:
    """Ask again for a payment that failed or came back, to the account that its payee has on file now.

    Raises:
        NotFound: there is no such payment.
        DomainError: what settlement refuses; see ``funds.retry``.
    """
    row = db.get(Payment, payment_id)
    if row is None:
        raise NotFound
    payee = payee_of(db, row.payee_id) if row.payee_id else None
    approving.retry(db, actor, payment_id, payee, reason=reason, now=now)


def owed_to(db: Session, supplier_id: UUID) -> list[Owed]:
    """What is payable to a supplier, whether or not an office has asked for it yet, by contract and milestone."""
    decided = (MilestoneState.ACCEPTED, MilestoneState.PARTLY_ACCEPTED)
    query = (
        select(Milestone, Contract)
        .join(Contract, Contract.id == Milestone.contract_id)
        .where(Contract.supplier_id == supplier_id, Milestone.state.in_(decided))
        .order_by(Contract.signed_at, Milestone.place)
    )
    rows = db.execute(query).all()
    held = _payable(db, [milestone.id for milestone, _ in rows])
    return [
        Owed(contract_facts_of(contract), milestone_facts_of(milestone), held[milestone.id])
        for milestone, contract in rows
        if held.get(milestone.id)
    ]


def _payable(db: Session, milestone_ids: list[UUID]) -> dict[UUID, int]:
    balances = balances_of(db, milestone_ids)
    return {
        ref: sum(fen for (_, role), fen in held.items() if role == AccountRole.PAYABLE)
        for ref, held in balances.items()
    }
