"""How fast a message goes from its commit to its effect, as ratios to the same effect written without an outbox."""

import logging
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import psycopg
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.db.base import Database, plain_url
from marketplace.kit.clock import SystemClock
from marketplace.outbox.commands import emit
from marketplace.outbox.queries import backlog
from marketplace.outbox.rules import DEADLINES, NOTICES
from marketplace.outbox.schemas import Envelope
from marketplace.settings import Settings
from workers.main import drain, running
from workers.services import Services

MESSAGES, ROUNDS = 1_000, 5
VOID_ABOVE = 1.3


def effect(db: Session, message: Envelope, now: datetime) -> None:
    """One row per message."""
    db.execute(text("INSERT INTO effect VALUES (:message, :at)"), {"message": message.message_id, "at": now})


def emit_all(database: Database) -> None:
    now = SystemClock().now()
    with database.write() as db:
        for n in range(MESSAGES):
            emit(db, "bench.happened", now=now, n=n)


def per_second(work: Callable[[], float | None]) -> float:
    """Messages a second, by the work's own count of seconds where it has one (without starting and stopping)."""
    began = time.perf_counter()
    seconds = work()
    return MESSAGES / (seconds or time.perf_counter() - began)


def plain(database: Database) -> None:
    """The reference: each effect in a transaction of its own, in one thread, without any message."""
    now = SystemClock().now()
    for _ in range(MESSAGES):
        with database.write() as db:
            db.execute(text("INSERT INTO effect VALUES (:message, :at)"), {"message": uuid4(), "at": now})


def worker(services: Services, prefix: str = "") -> float:
    """Relay, broker and consumers until nothing is left; returns the seconds it took, without the start and the end."""
    resting = threading.Event()
    with running(services, prefix=prefix):
        began = time.perf_counter()
        while True:
            with services.database.read() as db:
                left = backlog(db, now=services.clock.now())
            if not left.pending and not left.sent:
                return time.perf_counter() - began
            resting.wait(0.01)


@pytest.mark.bench
def test_outbox_to_effect(committing: Database, owner_url: str) -> None:
    with psycopg.connect(plain_url(owner_url), autocommit=True) as owner:
        owner.execute("CREATE TABLE effect (message_id uuid NOT NULL, at timestamptz NOT NULL)")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    consumers = {NOTICES: effect, DEADLINES: lambda *_: None}
    memory = Services(committing, SystemClock(), Settings(), consumers)
    url = os.environ.get("MARKETPLACE_BROKER_URL", "")
    rabbit = Services(committing, SystemClock(), Settings(broker_url=url), consumers)
    contenders: dict[str, Callable[[], float | None]] = {
        "in this thread (drain)": lambda: drain(memory) and None,
        "in process": lambda: worker(memory),
    }
    if url:
        contenders["RabbitMQ"] = lambda: worker(rabbit, f"bench-{uuid4().hex[:8]}-")
    found: dict[str, list[float]] = {name: [] for name in ("plain", *contenders)}
    for _ in range(ROUNDS):
        found["plain"].append(per_second(lambda: plain(committing)))
        for name, work in contenders.items():
            emit_all(committing)
            found[name].append(per_second(work))
    reference = statistics.median(found["plain"])
    spread = max(found["plain"]) / min(found["plain"])
    lines = [f"\noutbox → effect, {MESSAGES} messages, median of {ROUNDS} rounds (aim ≥ 2,000/s with RabbitMQ)"]
    lines += [f"  {'effect alone, one thread':<26}{reference:>8.0f}/s  1.00   spread {spread:.2f}"]
    for name in contenders:
        median = statistics.median(found[name])
        lines += [f"  {name:<26}{median:>8.0f}/s  {median / reference:.2f}"]
    if spread > VOID_ABOVE:
        lines += ["  void: the reference varied too much"]
    sys.stdout.write("\n".join(lines) + "\n")
