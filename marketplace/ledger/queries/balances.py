"""What is where now: balances of funds and accounts, and the receipts with their serial numbers."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from marketplace.ledger.model import account, fund, holding, movement, receipt, total
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Place, PlaceLike, ReceiptView, place_of
from marketplace.ledger.states import NOBODY, AccountRole

PAGE = 200

LO, HI = func.lower(holding.c.span), func.upper(holding.c.span)


def totals(db: Session, fund_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """What each fund holds in fen, by role, roles with nothing left out: one row a role, never a sum of history."""
    query = select(total.c.fund_id, total.c.role, total.c.amount_fen).where(total.c.fund_id.in_(fund_ids))
    found: dict[UUID, dict[str, int]] = {fund_id: {} for fund_id in fund_ids}
    for fund_id, role, amount_fen in db.execute(query.where(total.c.amount_fen > 0)):
        found[fund_id][role] = amount_fen
    return found


def balance(db: Session, fund_id: UUID, place: PlaceLike) -> int:
    """What one account holds now, in fen."""
    role, ref = place
    if role == AccountRole.AVAILABLE:
        return totals(db, [fund_id])[fund_id].get(str(role), 0)
    query = (
        select(func.coalesce(func.sum(HI - LO), 0))
        .join_from(account, holding, holding.c.account_id == account.c.id)
        .where(account.c.fund_id == fund_id, account.c.role == str(role), account.c.ref == (ref or NOBODY))
    )
    return int(db.execute(query).scalar_one())


def balances_of(db: Session, refs: Collection[UUID]) -> dict[UUID, dict[tuple[UUID, str], int]]:
    """What the accounts of these projects, contracts or payments hold: by ref, then by fund and role, in fen."""
    query = (
        select(account.c.ref, account.c.fund_id, account.c.role, func.sum(HI - LO))
        .join_from(account, holding, holding.c.account_id == account.c.id)
        .where(account.c.ref.in_(refs), account.c.ref != NOBODY)
        .group_by(account.c.ref, account.c.fund_id, account.c.role)
    )
    found: dict[UUID, dict[tuple[UUID, str], int]] = {ref: {} for ref in refs}
    for ref, fund_id, role, amount_fen in db.execute(query):
        found[ref][fund_id, role] = int(amount_fen)
    return found


def held(db: Session, fund_ids: Collection[UUID]) -> list[tuple[UUID, Place, int]]:
    """What every account of these funds holds now, in fen, empty ones left out: fund, place, amount."""
    query = (
        select(account.c.fund_id, account.c.role, account.c.ref, func.sum(HI - LO))
        .join_from(account, holding, holding.c.account_id == account.c.id)
        .where(account.c.fund_id.in_(fund_ids))
        .group_by(account.c.fund_id, account.c.role, account.c.ref)
        .order_by(account.c.fund_id, account.c.role, account.c.ref)
    )
    return [(fund_id, place_of(role, ref), int(fen)) for fund_id, role, ref, fen in db.execute(query)]


def raised(db: Session, fund_id: UUID) -> int:
    """What a fund raised itself, in fen: everything received but mistyped receipts and what came by transfer."""
    tail = select(fund.c.tail).where(fund.c.id == fund_id).scalar_subquery()
    moved_in = (
        select(func.coalesce(func.sum(func.upper(receipt.c.span) - func.lower(receipt.c.span)), 0))
        .where(receipt.c.fund_id == fund_id, receipt.c.origin_id.is_not(None))
        .scalar_subquery()
    )
    query = select(tail - moved_in)
    return int(db.execute(query).scalar_one() or 0) - totals(db, [fund_id])[fund_id].get(AccountRole.VOIDED, 0)


def receipt_spans(db: Session, receipt_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """The serial numbers that each receipt's fen got, as ``(first, after the last)``."""
    query = select(receipt.c.id, func.lower(receipt.c.span), func.upper(receipt.c.span)).where(
        receipt.c.id.in_(receipt_ids)
    )
    return {row[0]: (row[1], row[2]) for row in db.execute(query)}


def receipts(db: Session, fund_id: UUID, *, after: int = -1, limit: int = PAGE) -> list[ReceiptView]:
    """The receipts of a fund in the order of their serials, from those that begin after ``after`` on."""
    query = (
        select(
            receipt.c.id, receipt.c.fund_id, receipt.c.movement_id, receipt.c.origin_id, func.lower(receipt.c.span),
            func.upper(receipt.c.span), account.c.role, account.c.ref, movement.c.value_date, movement.c.cause,
        )
        .join_from(receipt, movement, and_(movement.c.fund_id == fund_id, movement.c.id == receipt.c.movement_id))
        .join(account, account.c.id == movement.c.to_account)
        .where(receipt.c.fund_id == fund_id, func.lower(receipt.c.span) > after)
        .order_by(func.lower(receipt.c.span))
        .limit(limit)
    )  # fmt: skip
    return [
        ReceiptView(
            receipt_id=row[0], fund_id=row[1], movement_id=row[2], origin_id=row[3], span=Span(row[4], row[5]),
            place=place_of(row[6], row[7]), value_date=row[8], cause=row[9],
        )
        for row in db.execute(query)
    ]  # fmt: skip
