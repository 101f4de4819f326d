"""Twenty real writers and a reader who follows: no public event is passed by, whoever commits first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import text

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.schemas import Amendment
from tests.projects.village import Village, a_village, an_open

WRITERS, EACH = 20, 10


@pytest.fixture
def place(committing: Database, clock: ManualClock) -> tuple[Village, list[UUID]]:
    """A village with a project for each writer."""
    now = clock.now()
    with committing.write() as db:
        village = a_village(db, now)
    projects = []
    for n in range(WRITERS):
        with committing.write() as db:
            projects.append(an_open(db, village, now, title=f"并发项目 {n:02}"))
    return village, projects


def correct(committing: Database, village: Village, project_id: UUID, now: datetime) -> None:
    for n in range(EACH):
        with committing.write() as db:
            commands.amend(
                db, village.centre_head, project_id, Amendment(reason=f"第 {n} 次澄清：接送由家长负责"), now=now
            )


def test_a_reader_who_follows_passes_no_event_by(
    committing: Database, clock: ManualClock, place: tuple[Village, list[UUID]]
) -> None:
    village, projects = place
    seen: list[tuple[int, UUID]] = []
    written = Event()

    def follow() -> None:
        at = 0
        while True:
            is_last = written.is_set()
            with committing.read() as db:
                part = queries.events_after(db, at, limit=7)
            seen.extend((one.n, one.project_id) for one in part.items)
            at = part.after
            if is_last and not part.items:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(correct, committing, village, one, clock.now()) for one in projects]:
            done.result()
    written.set()
    reader.join()
    assert [n for n, _ in seen] == list(range(1, WRITERS * (EACH + 1) + 1))
    assert all(sum(1 for _, one in seen if one == project_id) == EACH + 1 for project_id in projects)


def test_what_commits_late_comes_late_and_is_seen(
    committing: Database, clock: ManualClock, place: tuple[Village, list[UUID]]
) -> None:
    """A writer that wrote first and commits last gets the later place: the reader who went on still meets it."""
    village, (slow, quick, *_) = place
    now = clock.now()
    with committing.read() as db:
        at = queries.feed_end(db)
    with committing.write() as late:
        commands.amend(late, village.centre_head, slow, Amendment(reason="先写后提交的一次澄清说明"), now=now)
        with committing.write() as db:
            commands.amend(db, village.centre_head, quick, Amendment(reason="后写先提交的一次澄清说明"), now=now)
        with committing.read() as db:
            first = queries.events_after(db, at)
        assert [one.project_id for one in first.items] == [quick]
    with committing.read() as db:
        then = queries.events_after(db, first.after)
    assert [one.project_id for one in then.items] == [slow]


def _written_and_lost(committing: Database, village: Village, project_id: UUID, now: datetime) -> None:
    with committing.write() as db:
        commands.amend(db, village.centre_head, project_id, Amendment(reason="写了又撤回的一次澄清"), now=now)
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        raise ZeroDivisionError


def test_what_is_rolled_back_leaves_no_gap(
    committing: Database, clock: ManualClock, place: tuple[Village, list[UUID]]
) -> None:
    village, (one, *_) = place
    with pytest.raises(ZeroDivisionError):
        _written_and_lost(committing, village, one, clock.now())
    with committing.write() as db:
        commands.amend(db, village.centre_head, one, Amendment(reason="留下来的一次澄清说明"), now=clock.now())
        assert db.get(Project, one)
    with committing.read() as db:
        assert [event.n for event in queries.events_after(db, 0).items] == list(range(1, WRITERS + 2))
