"""Reads of the ledger that pages and reports need: balances, receipts, statements, trial balances, the journal."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from marketplace.ledger.model import account, fund, holding, movement, receipt, total
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Entry, Place, PlaceLike, ReceiptView, StatementLine, TrialLine
from marketplace.ledger.states import AccountRole

NOBODY = UUID(int=0)
PAGE = 200
BATCH = 2_000
"""Rows fetched at a time where everything is read."""

LO, HI = func.lower(holding.c.span), func.upper(holding.c.span)
_source, _target = account.alias("source"), account.alias("target")


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
    """What the accounts of these projects, contracts, milestones or payments hold: by ref, then by fund and role, in fen."""
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
        .join_from(receipt, movement, movement.c.id == receipt.c.movement_id)
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


def place_of(role: str, ref: UUID) -> Place:
    """A place as the books write it: no ref stands there as zeros."""
    return Place(role, None if ref == NOBODY else ref)


def _entries(*conditions: ColumnElement[bool]) -> Select[Any]:
    m = movement.c
    return (
        select(
            m.id, m.fund_id, m.key, m.verb, m.cause, _target.c.role, _target.c.ref, _source.c.role, _source.c.ref,
            m.amount_fen, m.value_date, m.at, m.actor,
        )
        .join_from(movement, _target, _target.c.id == m.to_account)
        .join(_source, _source.c.id == m.from_account, isouter=True)
        .where(*conditions)
    )  # fmt: skip


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        movement_id=row[0],
        fund_id=row[1],
        key=row[2],
        verb=row[3],
        cause=row[4],
        debit=place_of(row[5], row[6]),
        credit=None if row[7] is None else place_of(row[7], row[8]),
        amount_fen=row[9],
        value_date=row[10],
        at=row[11],
        actor_id=None if row[12] == NOBODY else row[12],
    )


def entries(db: Session, fund_id: UUID, *, before: int | None = None, limit: int = PAGE) -> list[Entry]:
    """The movements of a fund, newest value date first is not promised: newest movement first, below number ``before``."""
    query = _entries(movement.c.fund_id == fund_id, *([movement.c.id < before] if before is not None else []))
    return [_entry(row) for row in db.execute(query.order_by(movement.c.id.desc()).limit(limit))]


def entries_of(db: Session, ref: UUID) -> list[Entry]:
    """The movements into and out of the accounts of one project, contract, milestone or payment, oldest first."""
    ids = select(account.c.id).where(account.c.ref == ref, account.c.ref != NOBODY)
    query = _entries(or_(movement.c.from_account.in_(ids), movement.c.to_account.in_(ids)))
    return [_entry(row) for row in db.execute(query.order_by(movement.c.id))]


def journal(
    db: Session, *, fund_id: UUID | None = None, start: date | None = None, end: date | None = None
) -> Iterator[Entry]:
    """Every movement as a debit and a credit, in the order recorded; by value date from ``start`` to ``end``, both included."""
    conditions = [movement.c.fund_id == fund_id] if fund_id else []
    conditions += [movement.c.value_date >= start] if start else []
    conditions += [movement.c.value_date <= end] if end else []
    query = _entries(*conditions).order_by(movement.c.id).execution_options(yield_per=BATCH)
    for row in db.execute(query):
        yield _entry(row)


def statement(
    db: Session, fund_id: UUID, place: PlaceLike, *, before: int | None = None, limit: int = PAGE
) -> list[StatementLine]:
    """The statement of one account, newest first, with the balance after each line, in fen.

    It counts back from the balance now, so a page costs the same however long the history is; ``before`` is the
    number of the last movement of the page before.
    """
    role, ref = place
    number = db.execute(
        select(account.c.id).where(
            account.c.fund_id == fund_id, account.c.role == str(role), account.c.ref == (ref or NOBODY)
        )
    ).scalar()
    if number is None:
        return []
    mine = or_(movement.c.from_account == number, movement.c.to_account == number)
    running = balance(db, fund_id, place)
    if before is not None:
        later = select(func.coalesce(func.sum(_signed(number)), 0)).where(mine, movement.c.id >= before)
        running -= int(db.execute(later).scalar_one())
    query = _entries(mine, *([movement.c.id < before] if before is not None else []))
    lines = []
    for row in db.execute(query.add_columns(_signed(number)).order_by(movement.c.id.desc()).limit(limit)):
        change = row[13]
        lines.append(
            StatementLine(entry=_entry(row), in_fen=max(change, 0), out_fen=max(-change, 0), balance_fen=running)
        )
        running -= change
    return lines


def _signed(number: int) -> ColumnElement[int]:
    return case((movement.c.to_account == number, movement.c.amount_fen), else_=-movement.c.amount_fen)


def trial_balance(db: Session, fund_id: UUID, *, start: date, end: date) -> list[TrialLine]:
    """Opening, turnover and closing of each role of a fund over the value dates from ``start`` to ``end``, both included.

    Debits are fen that came into the role, credits those that left it; movements within one role do not occur. The
    role ``outside`` carries the other side of receipts, so that the columns balance.
    """
    day, amount = movement.c.value_date, movement.c.amount_fen
    inside, later = and_(day >= start, day <= end), day > end
    turned: dict[str, list[int]] = {}
    for side, which in ((movement.c.to_account, 0), (movement.c.from_account, 1)):
        role = func.coalesce(account.c.role, literal("outside"))
        query = (
            select(
                role,
                func.coalesce(func.sum(case((inside, amount), else_=0)), 0),
                func.coalesce(func.sum(case((later, amount), else_=0)), 0),
            )
            .join_from(movement, account, account.c.id == side, isouter=True)
            .where(movement.c.fund_id == fund_id, day >= start)
            .group_by(role)
        )
        for name, within, after in db.execute(query):
            line = turned.setdefault(name, [0, 0, 0])
            line[which] += int(within)
            line[2] += int(after) if which == 0 else -int(after)
    now = totals(db, [fund_id])[fund_id]
    now["outside"] = -sum(now.values())
    lines = []
    for name in [*AccountRole, "outside"]:
        debit, credit, after = turned.get(name, [0, 0, 0])
        closing = now.get(name, 0) - after
        if debit or credit or closing:
            lines.append(
                TrialLine(
                    role=str(name),
                    opening_fen=closing - debit + credit,
                    debit_fen=debit,
                    credit_fen=credit,
                    closing_fen=closing,
                )
            )
    return lines
