"""``marketplace reconcile``: does the ledger agree with every bank, treasury and gateway account."""

import argparse
import sys
from typing import Any

import msgspec
from msgspec import Struct

from marketplace.app import opened
from marketplace.funds.queries.reconciling import closings
from marketplace.funds.schemas.reconciling import Closing
from marketplace.kit.money import yuan_grouped
from marketplace.settings import Settings


class AccountLine(Struct, frozen=True, kw_only=True):
    """One account as the report gives it, in fen; ``theirs_fen`` is null while no statement came in."""

    account: str
    custody: str
    holder: str
    day: str
    ledger_fen: int
    theirs_fen: int | None
    difference_fen: int
    explained_fen: dict[str, int]
    open_fen: int
    untold_fen: int
    gap_fen: int
    open_items: int
    untold_items: int
    closed: bool


class Report(Struct, frozen=True, kw_only=True):
    """All accounts; ``closed`` when each of them is."""

    closed: bool
    accounts: tuple[AccountLine, ...]


def add_to(commands: Any) -> None:
    """Add this module's command to the command line."""
    reconciling = commands.add_parser("reconcile", help="compare the ledger with bank, treasury and gateway")
    reconciling.add_argument("--json", action="store_true")
    reconciling.set_defaults(run=reconcile)


def reconcile(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print each account's two totals and what explains the difference; 1 when one of them does not close to zero."""
    with opened(settings) as installation, installation.database.read() as db:
        found = closings(db, now=installation.clock.now())
    report = Report(closed=all(one.is_closed for one in found), accounts=tuple(map(_line, found)))
    if arguments.json:
        print(msgspec.json.encode(report).decode())
    else:
        for line in report.accounts:
            _tell(line)
    if not report.closed:
        print("marketplace: not closed; see /finance/reconciliation", file=sys.stderr)
    return 0 if report.closed else 1


def _line(one: Closing) -> AccountLine:
    return AccountLine(
        account=one.book.number or one.book.key,
        custody=str(one.book.custody),
        holder=one.book.holder,
        day=one.day.isoformat(),
        ledger_fen=one.ledger_fen,
        theirs_fen=one.theirs_fen,
        difference_fen=one.difference_fen,
        explained_fen={str(category): fen for category, fen in one.explained_fen.items()},
        open_fen=one.open_fen,
        untold_fen=one.untold_fen,
        gap_fen=one.gap_fen,
        open_items=one.open_items,
        untold_items=one.untold_items,
        closed=one.is_closed,
    )


def _tell(line: AccountLine) -> None:
    theirs = "no statement" if line.theirs_fen is None else yuan_grouped(line.theirs_fen)
    mark = "+" if line.closed else "!"
    print(f"{mark} {line.custody} {line.account or '(no account recorded)'} {line.holder} as of {line.day}".rstrip())
    print(f"    ledger      {yuan_grouped(line.ledger_fen):>20}")
    print(f"    theirs      {theirs:>20}")
    print(f"    difference  {yuan_grouped(line.difference_fen):>20}")
    for category, fen in sorted(line.explained_fen.items()):
        print(f"    explained   {yuan_grouped(fen):>20}  {category}")
    print(f"    open        {yuan_grouped(line.open_fen):>20}  {line.open_items} with an owner")
    print(f"    untold      {yuan_grouped(line.untold_fen):>20}  {line.untold_items} neither matched nor explained")
    if line.gap_fen:
        print(f"    gap         {yuan_grouped(line.gap_fen):>20}  statements lack days")
