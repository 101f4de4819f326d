"""Web servers for the crash tests of settlement, forked from a process that has everything imported already.

usage: serving_victim.py DIRECTIONS, a file with {"now", "step"} that may change while a server runs: the server's clock
stands at ``now``, and it kills itself when it reaches ``step``.
Reads one JSON order a line, the settings of a server; forks ``marketplace serve`` under them and answers with its pid,
and once it has ended with its exit status, one JSON number a line.
"""

import argparse
import json
import logging
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from marketplace.cli.serving import serve
from marketplace.settings import load

QUIET = Path(os.devnull)


class Told:
    """What the test says at the moment: the server's time, and where it dies."""

    def __init__(self, directions: Path) -> None:
        self._directions = directions

    def _read(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self._directions.read_text("utf-8"))
        return told

    def now(self) -> datetime:
        """The time that the test is at."""
        return datetime.fromisoformat(self._read()["now"])

    def reached(self, step: str) -> None:
        """Die here, if told to."""
        if step == self._read()["step"]:
            os.kill(os.getpid(), signal.SIGKILL)


def one(told: Told, given: dict[str, Any]) -> int:
    """A server's whole life."""
    with QUIET.open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    settings = load({f"MARKETPLACE_{name.upper()}": str(value) for name, value in given.items()})
    return serve(settings, argparse.Namespace(demo=False, with_worker=False), clock=told, reached=told.reached)


def main(directions: str) -> None:
    """Fork one server an order."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    told = Told(Path(directions))
    for line in sys.stdin:
        child = os.fork()
        if not child:
            status = 1
            try:
                status = one(told, json.loads(line))
            finally:
                os._exit(status)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
