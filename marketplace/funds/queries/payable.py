"""Reads before paying: what may still be asked for, who is concerned, whom and out of which account one pays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.funds.model import CustodyAccount, Fund, Payment, PaymentApplication
from marketplace.funds.schemas.settlement import ApplicationView, CustodyAccountView, NewPayee, Payable
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


def free_of(db: Session, obligation_id: UUID, fund_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What of each fund is payable for an obligation and asked for by no application yet, in the order of the funds."""
    return {fund_id: free for fund_id, (_, free) in _payable_of(db, obligation_id, fund_ids).items()}


def _payable_of(db: Session, obligation_id: UUID, fund_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
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
    return {one: (payable.get(one, 0), payable.get(one, 0) - asked.get(one, 0)) for one in fund_ids}


def payables(db: Session, holder_id: UUID) -> list[Payable]:
    """What is payable out of the funds of an office, by obligation; what was asked for in full is left out."""
    held = (
        select(account.c.ref, Fund.id, Fund.number, Fund.name)
        .join_from(account, Fund, Fund.id == account.c.fund_id)
        .where(account.c.role == "payable", Fund.holder_id == holder_id)
        .where(select(holding.c.account_id).where(holding.c.account_id == account.c.id).exists())
        .order_by(account.c.ref, Fund.number)
    )
    owing: dict[UUID, list[tuple[UUID, str]]] = {}
    for ref, fund_id, _, name in db.execute(held):
        owing.setdefault(ref, []).append((fund_id, name))
    found = []
    for ref, funds in owing.items():
        amounts = _payable_of(db, ref, [fund_id for fund_id, _ in funds])
        free_fen = sum(free for _, free in amounts.values())
        if free_fen > 0:
            found.append(
                Payable(
                    obligation_id=ref,
                    holder_id=holder_id,
                    payable_fen=sum(all_fen for all_fen, _ in amounts.values()),
                    free_fen=free_fen,
                    funds=tuple(name for _, name in funds),
                )
            )
    return found


def payee_of(db: Session, organization_id: UUID) -> NewPayee | None:
    """Where a supplier is paid, its account still sealed; None while it has no account on file."""
    row, organization = db.get(Supplier, organization_id), db.get(Organization, organization_id)
    if row is None or organization is None or row.bank_sealed is None:
        return None
    return NewPayee(
        name=organization.name,
        bank_name=row.bank_name,
        account_sealed=row.bank_sealed,
        account_place=bank_place(organization_id),
        account_last4=row.bank_last4,
        organization_id=organization_id,
    )


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
