"""The books as files: a journal of debits and credits as CSV, and the whole in Beancount's text format."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TextIO
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.kit.money import yuan
from marketplace.ledger.model import account, movement
from marketplace.ledger.queries import journal, totals
from marketplace.ledger.schemas import Entry, Place
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


def export_csv(db: Session, out: TextIO, *, fund_id: UUID | None = None) -> int:
    """Write the journal, one movement a line: whole fen, and the same as yuan in text. Returns how many lines."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for entry in journal(db, fund_id=fund_id):
        credit = entry.credit or Place(OUTSIDE)
        writer.writerow(
            (
                entry.movement_id, entry.value_date.isoformat(), entry.at.isoformat(), entry.fund_id, entry.verb,
                _harmless(entry.key), _harmless(entry.cause), entry.debit.role, entry.debit.ref or "", credit.role,
                credit.ref or "", entry.amount_fen, yuan(entry.amount_fen),
            )
        )  # fmt: skip
        count += 1
    return count


def export_beancount(db: Session, out: TextIO, *, names: Mapping[UUID, str] | None = None) -> int:
    """Write every movement as a transaction on its value date, and what each role holds as a balance that must agree.

    ``names`` are what the funds are called, for the reader. Returns how many transactions.
    """
    first, last = db.execute(select(func.min(movement.c.value_date), func.max(movement.c.value_date))).one()
    out.write('option "title" "资金账簿"\noption "operating_currency" "CNY"\n')
    if first is None:
        return 0
    kept: dict[UUID, list[str]] = {}
    for fund_id, role in db.execute(select(account.c.fund_id, account.c.role).distinct().order_by(account.c.fund_id)):
        kept.setdefault(fund_id, []).append(role)
    for fund_id, roles in kept.items():
        out.write(f"\n; {' '.join(str((names or {}).get(fund_id, fund_id)).split())}\n")
        for name in (*(_account(fund_id, role) for role in sorted(roles)), *_origins(fund_id)):
            out.write(f"{first} open {name} CNY\n")
    out.write("\n")
    count = 0
    for entry in journal(db):
        out.writelines(_transaction(entry))
        count += 1
    out.writelines(_assertions(db, kept, last + timedelta(days=1)))
    return count


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


def _assertions(db: Session, kept: Mapping[UUID, list[str]], day: date) -> Iterator[str]:
    for fund_id, held in totals(db, list(kept)).items():
        for role in sorted(kept[fund_id]):
            yield f"{day} balance {_account(fund_id, role)}  {yuan(held.get(role, 0))} ~ 0.00 CNY\n"


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
