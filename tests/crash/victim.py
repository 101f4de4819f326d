"""A worker process for crash tests: writes one row per message, and kills itself where it is told to.

usage: victim.py DATABASE_URL BROKER_URL QUEUE_PREFIX KILL_AT NTH   (KILL_AT may be "" for: work until nothing is left)
"""

import logging
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.db.base import connect
from marketplace.kit.clock import SystemClock
from marketplace.outbox.queries import backlog
from marketplace.outbox.rules import DEADLINES, NOTICES
from marketplace.outbox.schemas import Envelope
from marketplace.settings import Settings
from workers.main import running
from workers.services import Services

LONGEST_S = 150


def effect(db: Session, message: Envelope, now: datetime) -> None:
    """One row per effect; the table has no unique key, so a second effect would be seen."""
    db.execute(
        text("INSERT INTO effect (message_id, at) VALUES (:message, :at)"), {"message": message.message_id, "at": now}
    )


def killer(step: str, nth: int) -> Callable[[str], None]:
    """Kill this process the ``nth`` time that ``step`` is reached."""
    seen: Counter[str] = Counter()
    guard = threading.Lock()

    def reached(name: str) -> None:
        with guard:
            seen[name] += 1
            if name == step and seen[name] == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def main(url: str, broker: str, prefix: str, step: str, nth: str) -> int:
    """Work until killed, or until nothing is left."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    database, clock = connect(url, pool_size=8), SystemClock()
    services = Services(
        database,
        clock,
        Settings(broker_url=broker),
        {NOTICES: effect, DEADLINES: lambda *_: None},
        together={NOTICES: 3},
        reached=killer(step, int(nth)),
    )
    with running(services, threads=2, prefix=prefix):
        for _ in range(LONGEST_S * 20):
            with database.read() as db:
                left = backlog(db, now=clock.now())
            if not left.pending and not left.sent:
                break
            threading.Event().wait(0.05)
    database.dispose()
    return 0 if not (left.pending or left.sent) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
