"""A worker killed with -9 inside any of its steps loses nothing and does nothing twice."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text, update

from marketplace.db.base import Database, plain_url
from marketplace.kit.clock import SystemClock
from marketplace.outbox.commands import emit
from marketplace.outbox.model import Delivery
from marketplace.outbox.states import DeliveryState

VICTIM = Path(__file__).with_name("victim.py")
STEPS = (
    "relay.claimed",
    "relay.marked",
    "relay.sent",
    "effect.taken",
    "effect.written",
    "effect.marked",
    "effect.committed",
)
MESSAGES = 60


@pytest.fixture
def effects(owner_url: str, committing: Database) -> Database:
    """A database with a table in which an effect done twice can be seen."""
    with psycopg.connect(plain_url(owner_url), autocommit=True) as owner:
        owner.execute("CREATE TABLE effect (message_id uuid NOT NULL, at timestamptz NOT NULL)")
    return committing


def emit_many(database: Database, count: int) -> None:
    clock = SystemClock()
    with database.write() as db:
        for n in range(count):
            emit(db, "test.happened", now=clock.now(), n=n)


def work(url: str, step: str = "", nth: int = 0, *, broker: str = "", prefix: str = "") -> int:
    command = [sys.executable, str(VICTIM), url, broker, prefix, step, str(nth)]
    return subprocess.run(command, check=False, timeout=200).returncode


def assert_each_once(database: Database, count: int) -> None:
    with database.read() as db:
        done = db.execute(text("SELECT count(*), count(DISTINCT message_id) FROM effect")).one()
        states = db.execute(
            text("SELECT state, count(*) FROM delivery WHERE consumer = 'notices' GROUP BY state")
        ).all()
    assert tuple(done) == (count, count)
    assert [tuple(row) for row in states] == [("done", count)]


def test_a_worker_killed_inside_each_step_does_each_effect_once(effects: Database, app_url: str) -> None:
    emit_many(effects, MESSAGES)
    for step in STEPS:
        nth = 1 if step in {"relay.claimed", "relay.marked"} else 5
        assert (step, work(app_url, step, nth)) == (step, -signal.SIGKILL)
    assert work(app_url) == 0
    assert_each_once(effects, MESSAGES)


@pytest.mark.soak
def test_many_workers_killed_at_random_do_each_effect_once(effects: Database, app_url: str) -> None:
    emit_many(effects, 500)
    draw = random.Random(7)
    kills = 0
    while kills < 20:
        step = draw.choice(STEPS)
        kills += work(app_url, step, 1 if step in {"relay.claimed", "relay.marked"} else draw.randint(1, 15)) < 0
    assert work(app_url) == 0
    assert_each_once(effects, 500)


def broker_url() -> str:
    url = os.environ.get("MARKETPLACE_BROKER_URL", "")
    if not url:
        if os.environ.get("CI"):
            pytest.fail("MARKETPLACE_BROKER_URL must name a RabbitMQ where CI is set")
        pytest.skip("MARKETPLACE_BROKER_URL names no RabbitMQ")
    return url


def overdue(database: Database) -> None:
    """Let the time after which unconfirmed deliveries are sent again have passed."""
    with database.write() as db:
        db.execute(update(Delivery).where(Delivery.state == DeliveryState.SENT).values(due_at=Delivery.sent_at))


@pytest.mark.broker
@pytest.mark.parametrize(
    ("messages", "kills"), [(100, 4), pytest.param(500, 20, marks=pytest.mark.soak)], ids=["sample", "whole"]
)
def test_behind_rabbitmq_killed_workers_do_each_effect_once(
    effects: Database, app_url: str, messages: int, kills: int
) -> None:
    url, prefix, draw = broker_url(), f"test-{uuid4().hex[:8]}-", random.Random(11)
    emit_many(effects, messages)
    killed = 0
    while killed < kills:
        step = STEPS[killed % len(STEPS)] if killed < len(STEPS) else draw.choice(STEPS)
        nth = 1 if step in {"relay.claimed", "relay.marked"} else draw.randint(1, 5)
        assert work(app_url, step, nth, broker=url, prefix=prefix) == -signal.SIGKILL
        killed += 1
        overdue(effects)
    assert work(app_url, broker=url, prefix=prefix) == 0
    assert_each_once(effects, messages)
