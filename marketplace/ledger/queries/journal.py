"""What was done: movements as debits and credits, statements of accounts, trial balances."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from marketplace.ledger.model import account, movement
from marketplace.ledger.queries.balances import PAGE, balance, totals
from marketplace.ledger.schemas import Entry, PlaceLike, StatementLine, TrialLine, place_of
from marketplace.ledger.states import NOBODY, AccountRole

BATCH = 2_000
"""Rows fetched at a time where everything is read."""

_source, _target = account.alias("source"), account.alias("target")


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


def _entry(row: Sequence[Any]) -> Entry:
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
    """The movements of a fund, newest first; ``before`` is the number of the last one of the page before."""
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
    """Every movement as a debit and a credit, in the order recorded; by value date, ``start`` and ``end`` included."""
    conditions = [movement.c.fund_id == fund_id] if fund_id else []
    conditions += [movement.c.value_date >= start] if start else []
    conditions += [movement.c.value_date <= end] if end else []
    query = _entries(*conditions).order_by(movement.c.id).execution_options(yield_per=BATCH)
    for row in db.execute(query):
        yield _entry(row)


def statement(
    db: Session, fund_id: UUID, place: PlaceLike, *, below: StatementLine | None = None, limit: int = PAGE
) -> list[StatementLine]:
    """The statement of one account, newest first, with the balance after each line, in fen.

    It counts back from the balance now, or from ``below``, the last line of the page before: a page costs the same
    however long the history is.
    """
    role, ref = place
    query = select(account.c.id).where(
        account.c.fund_id == fund_id, account.c.role == str(role), account.c.ref == (ref or NOBODY)
    )
    number = db.execute(query).scalar()
    if number is None:
        return []
    running = below.balance_fen - below.in_fen + below.out_fen if below else balance(db, fund_id, place)
    ways = [
        select(movement.c.id)
        .where(side == number, *([movement.c.id < below.entry.movement_id] if below else []))
        .order_by(movement.c.id.desc())
        .limit(limit)
        for side in (movement.c.from_account, movement.c.to_account)
    ]
    newest = union_all(*ways).subquery()
    page = _entries(movement.c.fund_id == fund_id, movement.c.id.in_(select(newest.c.id)))
    lines = []
    signed = case((movement.c.to_account == number, movement.c.amount_fen), else_=-movement.c.amount_fen)
    for row in db.execute(page.add_columns(signed).order_by(movement.c.id.desc()).limit(limit)):
        change = row[13]
        lines.append(
            StatementLine(entry=_entry(row), in_fen=max(change, 0), out_fen=max(-change, 0), balance_fen=running)
        )
        running -= change
    return lines


def trial_balance(db: Session, fund_id: UUID, *, start: date, end: date) -> list[TrialLine]:
    """Opening, turnover and closing of each role of a fund over the value dates from ``start`` to ``end`` inclusive.

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
