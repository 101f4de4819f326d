"""Commands of the books: verify, trace, export."""

import argparse
import sys
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.app import opened
from marketplace.contracts.model import Contract
from marketplace.funds.model import Fund, Payment, PaymentApplication, Receipt
from marketplace.kit.money import yuan_grouped
from marketplace.ledger import queries
from marketplace.ledger.export import export_beancount, export_csv
from marketplace.ledger.queries import NoTrace
from marketplace.ledger.schemas import ReceiptTrace, RefTrace, Verification
from marketplace.projects.model import Project
from marketplace.settings import Settings
from marketplace.web.funds.naming import Thing, name_refs


def add_to(commands: Any) -> None:
    """Add this module's commands to the command line."""
    ledger = commands.add_parser("ledger", help="the books").add_subparsers(dest="act", required=True, metavar="act")
    verifying = ledger.add_parser("verify", help="look at every rule of the books again")
    verifying.add_argument("--json", action="store_true")
    verifying.set_defaults(run=verify)
    tracing = ledger.add_parser("trace", help="where the fen of a receipt or payment came from and are now")
    tracing.add_argument(
        "what",
        metavar="RECEIPT|PAYMENT",
        help="a number such as SJ-2026-0007 or FK-2026-0001 (also of a contract or project), or an id",
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
    """Follow a receipt forwards, or a payment or project back to its receipts; 1 when there is no such thing."""
    with opened(settings) as installation, installation.database.read() as db:
        try:
            receipt_id, refs = _find(db, arguments.what)
            if receipt_id:
                found: ReceiptTrace | RefTrace | Several = queries.trace_receipt(db, receipt_id)
            else:
                parts = tuple(queries.trace_ref(db, ref) for ref in refs)
                found = parts[0] if len(parts) == 1 else Several(sum(part.amount_fen for part in parts), parts)
        except NoTrace:
            print(f"marketplace: nothing is kept for {arguments.what}", file=sys.stderr)
            return 1
        names = {row[0]: row[1] for row in db.execute(select(Fund.id, Fund.number))}
        things = _named(db, found) if isinstance(found, ReceiptTrace) else {}
    if arguments.json:
        _print_json(found)
    elif isinstance(found, ReceiptTrace):
        _tell_receipt(found, names, things)
    else:
        for part in found.payments if isinstance(found, Several) else (found,):
            _tell_part(part, names)
        print(f"{yuan_grouped(found.amount_fen):>18}  in all")
    return 0


class Several(Struct, frozen=True):
    """The payments of one application, each traced to its receipts."""

    amount_fen: int
    payments: tuple[RefTrace, ...]


def _named(db: Session, found: ReceiptTrace) -> dict[tuple[str, UUID], Thing]:
    places = {(str(piece.place.role), piece.place.ref) for piece in found.pieces}
    return name_refs(db, [(role, ref) for role, ref in places if ref is not None], public=False)


def _tell_receipt(found: ReceiptTrace, names: dict[UUID, str], things: dict[tuple[str, UUID], Thing]) -> None:
    for piece in found.pieces:
        place = f"{piece.place.role} {piece.place.ref or ''}".strip()
        span = f"{names.get(piece.fund_id, piece.fund_id)}[{piece.span.lo},{piece.span.hi})"
        thing = things.get((str(piece.place.role), piece.place.ref)) if piece.place.ref else None
        said = " / ".join(text for text in (thing.project, thing.milestone, thing.payee) if text) if thing else ""
        print(f"{yuan_grouped(piece.amount_fen):>18}  {span}  {place}{f'  {said}' if said else ''}")
    print(f"{yuan_grouped(found.amount_fen):>18}  in all")


def _tell_part(found: RefTrace, names: dict[UUID, str]) -> None:
    for part in found.held:
        for source in part.sources:
            fund = names.get(source.fund_id, source.fund_id)
            amount, role = yuan_grouped(source.amount_fen), part.place.role
            print(f"{amount:>18}  {role} from {fund} {source.value_date} {source.cause}")


def _find(db: Session, what: str) -> tuple[UUID | None, list[UUID]]:
    """The receipt, or else the things, that a number or id names: the payments of an application are several.

    Raises:
        NoTrace: nothing has this number.
    """
    receipt = db.scalar(select(Receipt.id).where(Receipt.number == what))
    if receipt is not None:
        return receipt, []
    application = select(PaymentApplication.id).where(PaymentApplication.number == what).scalar_subquery()
    for query in (
        select(Payment.id).where(Payment.number == what),
        select(Payment.id).where(Payment.application_id == application).order_by(Payment.place),
        select(Contract.id).where(Contract.number == what),
        select(Project.id).where(Project.number == what),
    ):
        found = list(db.scalars(query))
        if found:
            return None, found
    try:
        given = UUID(what)
    except ValueError:
        raise NoTrace from None
    return db.scalar(select(Receipt.id).where(Receipt.id == given)), [given]


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
