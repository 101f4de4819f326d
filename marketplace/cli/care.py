"""Commands that set up and look after an installation: migrate, seed, doctor, reset."""

import argparse
import shutil
import sys
from contextlib import ExitStack
from typing import Any

import msgspec

from marketplace.app import opened, standins, upgrade
from marketplace.cli import demo
from marketplace.cli.doctor import examine, report
from marketplace.settings import Settings


def add_to(commands: Any) -> None:
    """Add this module's commands to the command line."""
    migrating = commands.add_parser("migrate", help="bring the database to the present shape")
    migrating.set_defaults(run=migrate)
    seeding = commands.add_parser("seed", help="load stories (reference, demo)")
    seeding.add_argument("story", nargs="*", default=["reference"])
    seeding.set_defaults(run=seed)
    examining = commands.add_parser("doctor", help="what is configured, reachable, behind, and which guard is off")
    examining.add_argument("--json", action="store_true")
    examining.set_defaults(run=doctor)
    forgetting = commands.add_parser(
        "reset", help="remove the embedded or the demo's database, and the data folder's files"
    )
    forgetting.add_argument("--yes", action="store_true", required=True)
    forgetting.set_defaults(run=reset)


def migrate(settings: Settings, _: argparse.Namespace) -> int:
    """Run the migrations that are missing."""
    with opened(settings) as installation:
        upgrade(installation)
    return 0


def seed(settings: Settings, arguments: argparse.Namespace) -> int:
    """Load the named stories in order; a story that is there already is left alone."""
    from seed.stories import STORIES, tell

    unknown = [story for story in arguments.story if story not in STORIES]
    if unknown:
        print(f"marketplace: no story {', '.join(unknown)}; there are {', '.join(STORIES)}", file=sys.stderr)
        return 2
    is_story = bool(set(arguments.story) - {"reference"})
    with ExitStack() as held:
        if is_story:
            settings = held.enter_context(standins(settings))
        installation = held.enter_context(opened(settings))
        upgrade(installation)
        if is_story and not demo.claim(installation.settings.owner_url):
            print(demo.NOT_OURS, file=sys.stderr)
            return 2
        tell(installation, arguments.story, say=lambda line: print(line, file=sys.stderr))
    return 0


def doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    """Examine the installation and say what was found."""
    with opened(settings) as installation:
        findings = examine(installation, settings)
    if arguments.json:
        print(msgspec.json.encode(findings).decode())
    else:
        report(findings, print)
    return 0 if all(finding.is_well is not False for finding in findings) else 1


def reset(settings: Settings, _: argparse.Namespace) -> int:
    """Forget everything: what the data folder keeps, and what a demo put into a configured database."""
    if settings.database_url and not demo.empty(settings):
        print(demo.KEPT, file=sys.stderr)
        return 2
    for name in ("postgres", "documents", "run", "standin"):
        shutil.rmtree(settings.home / name, ignore_errors=True)
    for name in ("postgres.json", "secret.key", "seed.json", "postgres.log", "standin.json"):
        (settings.home / name).unlink(missing_ok=True)
    return 0
