"""Reads before paying: what may still be asked for, who is concerned, whom and out of which account one pays."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, and_, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from marketplace.contracts.model import Milestone
from marketplace.funds.model import CustodyAccount, Fund, Payment, PaymentApplication
from marketplace.funds.schemas.settlement import ApplicationView, CustodyAccountView, NewPayee
from marketplace.funds.states import PaymentState
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation
from marketplace.ledger.model import account, holding
from marketplace.ledger.queries.balances import HI, LO
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.queries.desk import bank_place

CLAIMING = (PaymentState.DRAFT, PaymentState.APPROVED, PaymentState.FAILED, PaymentState.RETURNED)
"""States of payments whose money lies in ``payable`` and is asked for already."""
UNDER_WAY = (PaymentState.SUBMITTING, PaymentState.UNKNOWN, PaymentState.IN_TRANSIT)
"""States of payments whose money is on its way and whose end is not known."""


def parties_of(row: PaymentApplication | ApplicationView) -> dict[Relation, UUID | None]:
    """Who is concerned by a payment application."""
    return {
        Relation.FINANCE: row.holder_id,
        Relation.BUYER: row.buyer_id,
        Relation.PROCURING_ENTITY: row.procuring_entity_id,
        Relation.SUPPLIER: row.payee_id,
    }


def funds_owing(db: Session, obligation_id: UUID, holder_id: UUID) -> list[UUID]:
    """The funds of an office that ever had money payable for an obligation, by number."""
    query = (
        select(Fund.id)
        .join(account, account.c.fund_id == Fund.id)
        .where(account.c.role == "payable", account.c.ref == obligation_id, Fund.holder_id == holder_id)
    )
    return list(db.scalars(query.order_by(Fund.number)))


def ever_owed(db: Session, obligation_ids: Collection[UUID], holder_id: UUID) -> set[UUID]:
    """Those of some obligations for which an office ever had money payable out of its own funds."""
    query = (
        select(account.c.ref)
        .join(Fund, Fund.id == account.c.fund_id)
        .where(account.c.role == "payable", account.c.ref.in_(obligation_ids), Fund.holder_id == holder_id)
    )
    return set(db.scalars(query.distinct()))


def free_of(db: Session, obligation_id: UUID, fund_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What of each fund is payable for an obligation and asked for by no application yet, in the order of the funds."""
    held = (
        select(account.c.fund_id, func.sum(HI - LO))
        .join_from(account, holding, holding.c.account_id == account.c.id)
        .where(account.c.role == "payable", account.c.ref == obligation_id, account.c.fund_id.in_(fund_ids))
        .group_by(account.c.fund_id)
    )
    claimed = (
        select(Payment.fund_id, func.sum(Payment.amount_fen))
        .join(PaymentApplication, PaymentApplication.id == Payment.application_id)
        .where(PaymentApplication.obligation_id == obligation_id, Payment.state.in_(CLAIMING))
        .group_by(Payment.fund_id)
    )
    payable = {row[0]: int(row[1]) for row in db.execute(held)}
    asked = {row[0]: int(row[1]) for row in db.execute(claimed)}
    return {one: payable.get(one, 0) - asked.get(one, 0) for one in fund_ids}


def owing(holder_id: UUID, *, obligation_id: UUID | None = None) -> Select[Any]:
    """What may still be asked for out of the funds of an office, one row an obligation (or one obligation alone).

    Columns: ``obligation_id``, ``payable_fen``, ``free_fen`` (above zero) and ``funds``, the names by number.
    """
    held = (
        select(account.c.ref, account.c.fund_id, func.sum(HI - LO).label("fen"))
        .join_from(account, Fund, Fund.id == account.c.fund_id)
        .join(holding, holding.c.account_id == account.c.id)
        .where(account.c.role == "payable", Fund.holder_id == holder_id)
        .group_by(account.c.ref, account.c.fund_id)
    )
    asked = (
        select(PaymentApplication.obligation_id, Payment.fund_id, func.sum(Payment.amount_fen).label("fen"))
        .join(PaymentApplication, PaymentApplication.id == Payment.application_id)
        .where(PaymentApplication.holder_id == holder_id, Payment.state.in_(CLAIMING))
        .group_by(PaymentApplication.obligation_id, Payment.fund_id)
    )
    if obligation_id is not None:
        held = held.where(account.c.ref == obligation_id)
        asked = asked.where(PaymentApplication.obligation_id == obligation_id)
    here, gone = held.subquery(), asked.subquery()
    payable_fen, free_fen = func.sum(here.c.fen), func.sum(here.c.fen - func.coalesce(gone.c.fen, 0))
    return (
        select(
            here.c.ref.label("obligation_id"),
            cast(payable_fen, BigInteger).label("payable_fen"),
            cast(free_fen, BigInteger).label("free_fen"),
            func.array_agg(aggregate_order_by(Fund.name, Fund.number)).label("funds"),
        )
        .join_from(here, Fund, Fund.id == here.c.fund_id)
        .outerjoin(gone, and_(gone.c.obligation_id == here.c.ref, gone.c.fund_id == here.c.fund_id))
        .group_by(here.c.ref)
        .having(free_fen > 0)
    )


def claimable_count(db: Session, holder_id: UUID) -> int:
    """For how many milestones an office may ask for money now."""
    open_ = owing(holder_id).subquery()
    query = select(func.count()).select_from(open_).join(Milestone, Milestone.id == open_.c.obligation_id)
    return db.scalar(query) or 0


def payees_of(db: Session, organization_ids: Collection[UUID]) -> dict[UUID, NewPayee]:
    """Where these suppliers are paid, their accounts still sealed; whoever has no account on file is left out."""
    query = (
        select(Supplier, Organization.name)
        .join(Organization, Organization.id == Supplier.organization_id)
        .where(Supplier.organization_id.in_(organization_ids))
    )
    return {
        row.organization_id: NewPayee(
            name=name,
            bank_name=row.bank_name,
            account_sealed=row.bank_sealed,
            account_place=bank_place(row.organization_id),
            account_last4=row.bank_last4,
            organization_id=row.organization_id,
        )
        for row, name in db.execute(query)
        if row.bank_sealed is not None
    }


def payee_of(db: Session, organization_id: UUID) -> NewPayee | None:
    """Where a supplier is paid, its account still sealed; None while it has no account on file."""
    return payees_of(db, [organization_id]).get(organization_id)


def custody_accounts(db: Session, holder_id: UUID | None = None) -> list[CustodyAccountView]:
    """The accounts out of which an office (or anybody) pays."""
    query = select(CustodyAccount).order_by(CustodyAccount.holder_id, CustodyAccount.custody)
    if holder_id is not None:
        query = query.where(CustodyAccount.holder_id == holder_id)
    return [
        CustodyAccountView(
            id=row.id,
            holder_id=row.holder_id,
            custody=row.custody,
            number=row.number,
            name=row.name,
            bank_name=row.bank_name,
        )
        for row in db.scalars(query)
    ]
