"""Reports: what came of the work, computed from the books."""

import argparse
import sys
from typing import Any

import msgspec

from marketplace.aid import queries
from marketplace.aid.schemas import AidReport
from marketplace.app import opened
from marketplace.kit.money import wan
from marketplace.settings import Settings


def add_to(commands: Any) -> None:
    """Add this module's commands to the command line."""
    reports = commands.add_parser("report", help="what came of the work").add_subparsers(
        dest="about", required=True, metavar="about"
    )
    aiding = reports.add_parser("aid", help="what reached people, by programme, from movements that reached paid")
    aiding.add_argument("--story", metavar="NAME", help="only the programmes of a seeded story, such as guangan-2016")
    aiding.add_argument("--json", action="store_true")
    aiding.set_defaults(run=report_aid)


def report_aid(settings: Settings, arguments: argparse.Namespace) -> int:
    """Say what reached people; 1 when a story is named and nothing of it did."""
    with opened(settings) as installation, installation.database.read() as db:
        found = queries.report(db, arguments.story)
    if arguments.json:
        print(msgspec.json.encode(found).decode())
    else:
        print(written(found))
    if arguments.story and not found.heads:
        print(f"marketplace: nobody was paid in the story {arguments.story}", file=sys.stderr)
        return 1
    return 0


def written(found: AidReport) -> str:
    """The report as lines of text."""
    lines = [f"{line.name}  {line.heads} 人  {wan(line.total_fen)} 万元" for line in found.programmes]
    return "\n".join([*lines, f"合计  {found.heads} 人  {wan(found.total_fen)} 万元"])
