"""How many public events a second commit with a numbered place, and how fast a reader catches up; fails by no clock."""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.projects import queries
from marketplace.projects.commands.notices import in_feed
from marketplace.projects.states import PublicKind
from tests.projects.village import a_village, an_open

WRITERS, EACH, ROUNDS = 20, 100, 3


def write(database: Database, project_id: UUID, now: datetime) -> None:
    for _ in range(EACH):
        with database.write() as db:
            in_feed(db, PublicKind.OPENING, project_id, now=now)


@pytest.mark.bench
def test_feed_under_twenty_writers(committing: Database, clock: ManualClock) -> None:
    now = clock.now()
    with committing.write() as db:
        village = a_village(db, now)
        projects = [an_open(db, village, now, title=f"并发项目 {n:02}") for n in range(WRITERS)]
    with committing.read() as db:
        at = queries.feed_end(db)
    alone, together, reading, seen = [], [], [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        write(committing, projects[0], now)
        alone.append(EACH / (time.perf_counter() - began))
        began = time.perf_counter()
        with ThreadPoolExecutor(WRITERS) as pool:
            for done in [pool.submit(write, committing, one, now) for one in projects]:
                done.result()
        together.append(WRITERS * EACH / (time.perf_counter() - began))
        began, count, more = time.perf_counter(), 0, True
        while more:
            with committing.read() as db:
                part = queries.events_after(db, at, limit=500)
            count, at, more = count + len(part.items), part.after, part.more
        reading.append(count / (time.perf_counter() - began))
        seen += count
    lines = [f"\npublic events, one a transaction, median of {ROUNDS} rounds (spread {max(alone) / min(alone):.2f})"]
    lines += [f"  one writer        {statistics.median(alone):>8.0f}/s"]
    lines += [f"  {WRITERS} writers        {statistics.median(together):>8.0f}/s"]
    lines += [f"  a reader, parts of 500 {statistics.median(reading):>8.0f}/s"]
    sys.stdout.write("\n".join(lines) + "\n")
    assert seen == ROUNDS * EACH * (WRITERS + 1)
