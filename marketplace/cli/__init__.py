"""The console script ``marketplace``: 0 = all well, 1 = a check failed, 2 = cannot run; messages go to stderr."""

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from marketplace.cli import books, care, covering, drawing, reconcile, reports, serving, users
from marketplace.db.embedded import CannotStart
from marketplace.settings import BadSetting, load
from marketplace.standin import process
from marketplace.web import logs

EXIT_CANNOT = 2


def parser() -> argparse.ArgumentParser:
    """The whole command line, each command with the function that runs it as ``run``."""
    top = argparse.ArgumentParser(prog="marketplace", description="The marketplace of social services.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    serving.add_to(commands)
    care.add_to(commands)
    books.add_to(commands)
    reconcile.add_to(commands)
    reports.add_to(commands)
    users.add_to(commands)
    drawing.add_to(commands)
    covering.add_to(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        settings = load()
        logs.configure(settings.log_level)
        exit_code: int = arguments.run(settings, arguments)
    except (BadSetting, CannotStart, process.CannotStart) as error:
        print(f"marketplace: {error}", file=sys.stderr)
        return EXIT_CANNOT
    except OperationalError as error:
        print(f"marketplace: the database cannot be reached: {error.orig}", file=sys.stderr)
        return EXIT_CANNOT
    except KeyboardInterrupt:
        return 130
    return exit_code
