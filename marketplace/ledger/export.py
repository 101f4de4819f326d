"""The books as files, line by line: a journal of debits and credits as CSV, and all in Beancount's text format."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TextIO
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.kit.money import yuan
from marketplace.ledger.model import account, movement
from marketplace.ledger.queries import journal, trial_balance
from marketplace.ledger.schemas import Entry, Place, TrialLine
from marketplace.ledger.states import AccountRole, Verb

COLUMNS = (
    "movement_id", "value_date", "at", "fund_id", "verb", "key", "cause", "debit_role", "debit_ref", "credit_role",
    "credit_ref", "amount_fen", "amount_yuan",
)  # fmt: skip
OUTSIDE = "outside"

_KINDS = {
    AccountRole.PAID: "Expenses",
    AccountRole.FEE: "Expenses",
    AccountRole.REFUNDED: "Equity",
    AccountRole.RETURNED: "Equity",
    AccountRole.TRANSFERRED: "Equity",
    AccountRole.VOIDED: "Equity",
}
"""Where a role stands in Beancount's five kinds of account; all others are assets."""


def export_csv(
    db: Session, out: TextIO, *, start: date | None = None, end: date | None = None, fund_id: UUID | None = None
) -> None:
    """Write :func:`csv_lines` to a file."""
    out.writelines(csv_lines(db, start=start, end=end, fund_id=fund_id))


def export_beancount(
    db: Session,
    out: TextIO,
    *,
    start: date | None = None,
    end: date | None = None,
    names: Mapping[UUID, str] | None = None,
) -> None:
    """Write :func:`beancount_lines` to a file."""
    out.writelines(beancount_lines(db, start=start, end=end, names=names))


def csv_lines(
    db: Session, *, start: date | None = None, end: date | None = None, fund_id: UUID | None = None
) -> Iterator[str]:
    """The journal, one movement a line: whole fen, and the same as yuan in text; by value date, both days included."""
    yield _row(COLUMNS)
    for entry in journal(db, fund_id=fund_id, start=start, end=end):
        credit = entry.credit or Place(OUTSIDE)
        yield _row(
            (
                entry.movement_id, entry.value_date.isoformat(), entry.at.isoformat(), entry.fund_id, entry.verb,
                _harmless(entry.key), _harmless(entry.cause), entry.debit.role, entry.debit.ref or "", credit.role,
                credit.ref or "", entry.amount_fen, yuan(entry.amount_fen),
            )
        )  # fmt: skip


def beancount_lines(
    db: Session, *, start: date | None = None, end: date | None = None, names: Mapping[UUID, str] | None = None
) -> Iterator[str]:
    """Every movement as a transaction on its value date, and what each role then holds as a balance that must agree.

    A period that does not begin with the books begins with what each role held. ``names`` are what the funds are
    called, for the reader.
    """
    yield 'option "title" "资金账簿"\noption "operating_currency" "CNY"\n'
    first, last = db.execute(select(func.min(movement.c.value_date), func.max(movement.c.value_date))).one()
    if first is None:
        return
    start, end = start or first, max(start or first, end or last)
    kept: dict[UUID, list[str]] = {}
    for fund_id, role in db.execute(select(account.c.fund_id, account.c.role).distinct().order_by(account.c.fund_id)):
        kept.setdefault(fund_id, []).append(role)
    assertions: list[str] = []
    for fund_id, roles in kept.items():
        yield f"\n; {' '.join(str((names or {}).get(fund_id, fund_id)).split())}\n"
        for name in (*(_account(fund_id, role) for role in sorted(roles)), *_origins(fund_id)):
            yield f"{start} open {name} CNY\n"
        trial = {line.role: line for line in trial_balance(db, fund_id, start=start, end=end)}
        yield from _opening(fund_id, start, trial)
        for role in sorted(roles):
            closing = trial[role].closing_fen if role in trial else 0
            assertions.append(
                f"{end + timedelta(days=1)} balance {_account(fund_id, role)}  {yuan(closing)} ~ 0.00 CNY\n"
            )
    yield "\n"
    for entry in journal(db, start=start, end=end):
        yield from _transaction(entry)
    yield from assertions


def _row(cells: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _opening(fund_id: UUID, day: date, trial: Mapping[str, TrialLine]) -> Iterator[str]:
    held = {role: line.opening_fen for role, line in trial.items() if role != OUTSIDE and line.opening_fen}
    if held:
        yield f'{day} * "期初余额"\n'
        for role, opening_fen in held.items():
            yield f"  {_account(fund_id, role)}  {yuan(opening_fen)} CNY\n"
        yield f"  {_origins(fund_id)[0]}  {yuan(-sum(held.values()))} CNY\n\n"


def _transaction(entry: Entry) -> Iterator[str]:
    yield f'{entry.value_date} * "{_quoted(entry.cause)}"\n'
    yield f'  movement: {entry.movement_id}\n  key: "{_quoted(entry.key)}"\n'
    for side, place in (("debit", entry.debit), ("credit", entry.credit)):
        if place is not None and place.ref is not None:
            yield f'  {side}: "{place.ref}"\n'
    received, moved_in = _origins(entry.fund_id)
    giver = moved_in if entry.verb == Verb.TRANSFER else received
    credit = _account(entry.fund_id, entry.credit.role) if entry.credit else giver
    yield f"  {_account(entry.fund_id, entry.debit.role)}  {yuan(entry.amount_fen)} CNY\n"
    yield f"  {credit}  -{yuan(entry.amount_fen)} CNY\n\n"


def _account(fund_id: UUID, role: str) -> str:
    kind = _KINDS.get(AccountRole(role), "Assets")
    return f"{kind}:F-{fund_id}:{role.title().replace('_', '')}"


def _origins(fund_id: UUID) -> tuple[str, str]:
    """What gives when money enters a fund: the outside, or another fund."""
    return f"Income:F-{fund_id}:Received", f"Equity:F-{fund_id}:Arrived"


def _quoted(words: str) -> str:
    return " ".join(words.replace("\\", "\\\\").replace('"', '\\"').split())


def _harmless(words: str) -> str:
    """No cell of ours is taken for a formula by a spreadsheet."""
    return f"'{words}" if words[:1] in {"=", "+", "-", "@", "\t", "\r"} else words
