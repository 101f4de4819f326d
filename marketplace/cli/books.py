"""Commands of the books: verify, trace, export."""

import argparse
import sys
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.app import opened
from marketplace.funds.model import Fund, Receipt
from marketplace.kit.money import yuan_grouped
from marketplace.ledger import queries
from marketplace.ledger.export import export_beancount, export_csv
from marketplace.ledger.queries import NoTrace
from marketplace.ledger.schemas import ReceiptTrace, RefTrace, Verification
from marketplace.projects.model import Project
from marketplace.settings import Settings


def add_to(commands: Any) -> None:
    """Add this module's commands to the command line."""
    ledger = commands.add_parser("ledger", help="the books").add_subparsers(dest="act", required=True, metavar="act")
    verifying = ledger.add_parser("verify", help="look at every rule of the books again")
    verifying.add_argument("--json", action="store_true")
    verifying.set_defaults(run=verify)
    tracing = ledger.add_parser("trace", help="where the fen of a receipt or project came from and are now")
    tracing.add_argument(
        "what", metavar="RECEIPT|PROJECT", help="a number such as SJ-2026-0007 or QT-2026-0001, or an id"
    )
    tracing.add_argument("--json", action="store_true")
    tracing.set_defaults(run=trace)
    exporting = ledger.add_parser("export", help="the journal of debits and credits")
    exporting.add_argument("--format", choices=("beancount", "csv"), required=True)
    exporting.add_argument("--from", dest="start", type=date.fromisoformat, metavar="DAY")
    exporting.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DAY")
    exporting.set_defaults(run=export)


def _print_json(value: object) -> None:
    print(msgspec.json.encode(value).decode())


def verify(settings: Settings, arguments: argparse.Namespace) -> int:
    """Check the books; 1 when something is wrong."""
    with opened(settings) as installation, installation.database.read() as db:
        found = queries.verify(db)
    if arguments.json:
        _print_json(found)
    else:
        _tell(found)
    return 0 if found.ok else 1


def _tell(found: Verification) -> None:
    for check in found.checks:
        examples = f": {', '.join(check.examples)}" if check.examples else ""
        print(f"{'+' if check.ok else '!'} {check.name}{'' if check.ok else f' ({check.found} wrong{examples})'}")
    print(f"  {found.funds} funds, {found.movements} movements, {yuan_grouped(found.amount_fen)} yuan on the line")


def trace(settings: Settings, arguments: argparse.Namespace) -> int:
    """Follow a receipt forwards, or a project back to its receipts; 1 when there is no such thing."""
    with opened(settings) as installation, installation.database.read() as db:
        receipt_id, ref = _find(db, arguments.what)
        try:
            found = queries.trace_receipt(db, receipt_id) if receipt_id else queries.trace_ref(db, ref)
        except NoTrace:
            print(f"marketplace: nothing is kept for {arguments.what}", file=sys.stderr)
            return 1
        names = {row[0]: row[1] for row in db.execute(select(Fund.id, Fund.number))}
    if arguments.json:
        _print_json(found)
    elif isinstance(found, ReceiptTrace):
        for piece in found.pieces:
            place = f"{piece.place.role} {piece.place.ref or ''}".strip()
            span = f"{names.get(piece.fund_id, piece.fund_id)}[{piece.span.lo},{piece.span.hi})"
            print(f"{yuan_grouped(piece.amount_fen):>18}  {span}  {place}")
        print(f"{yuan_grouped(found.amount_fen):>18}  in all")
    else:
        _tell_ref(found, names)
    return 0


def _tell_ref(found: RefTrace, names: dict[UUID, str]) -> None:
    for part in found.held:
        for source in part.sources:
            fund = names.get(source.fund_id, source.fund_id)
            amount, role = yuan_grouped(source.amount_fen), part.place.role
            print(f"{amount:>18}  {role} from {fund} {source.value_date} {source.cause}")
    print(f"{yuan_grouped(found.amount_fen):>18}  in all")


def _find(db: Session, what: str) -> tuple[UUID | None, UUID]:
    """The receipt, or else the thing, that a number or id names."""
    receipt = db.scalar(select(Receipt.id).where(Receipt.number == what))
    project = db.scalar(select(Project.id).where(Project.number == what))
    if receipt or project:
        return receipt, project or UUID(int=0)
    try:
        given = UUID(what)
    except ValueError:
        return None, UUID(int=0)
    return db.scalar(select(Receipt.id).where(Receipt.id == given)), given


def export(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the journal to stdout."""
    days = {"start": arguments.start, "end": arguments.end}
    with opened(settings) as installation, installation.database.read() as db:
        if arguments.format == "csv":
            export_csv(db, sys.stdout, **days)
        else:
            names = {row[0]: row[1] for row in db.execute(select(Fund.id, Fund.name))}
            export_beancount(db, sys.stdout, names=names, **days)
    return 0
