"""The doors to the database keep what they promise."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InternalError, ProgrammingError
from sqlalchemy.orm import Session

from marketplace.db import migrate
from marketplace.db.base import Database, lock, sqlstate
from marketplace.db.numbers import NumberSeries, next_number
from marketplace.kit.clock import ManualClock, legal_day
from tests.conftest import Urls
from tests.models import METADATA


def test_the_migrations_build_what_the_models_say(committing_urls: Urls) -> None:
    assert migrate.differences(committing_urls.owner, METADATA) == []


def test_a_reading_transaction_cannot_write(database: Database, clock: ManualClock) -> None:
    with pytest.raises(InternalError, match="read-only"), database.read() as db:
        next_number(db, "project", on=legal_day(clock.now()))


def test_numbers_of_a_kind_follow_each_other_within_a_year(database: Database, clock: ManualClock) -> None:
    with database.write() as db:
        today = legal_day(clock.now())
        assert [next_number(db, "project", on=today) for _ in range(3)] == [
            "QT-2026-0001",
            "QT-2026-0002",
            "QT-2026-0003",
        ]
        assert next_number(db, "contract", on=today) == "HT-2026-0001"
        assert next_number(db, "project", on=today.replace(year=2027)) == "QT-2027-0001"


def test_a_number_given_back_is_given_out_again(committing: Database, clock: ManualClock) -> None:
    today = legal_day(clock.now())

    def given_back(db: Session) -> None:
        next_number(db, "project", on=today)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        committing.run(given_back)
    with committing.write() as db:
        assert next_number(db, "project", on=today) == "QT-2026-0001"


def test_twenty_threads_get_twenty_different_numbers(committing: Database, clock: ManualClock) -> None:
    today, given = legal_day(clock.now()), []

    def ask() -> None:
        with committing.write() as db:
            given.append(next_number(db, "payment", on=today))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"FK-2026-{n:04d}" for n in range(1, 21)]


def test_a_lock_shows_the_row_as_it_is_and_not_as_it_was_read(committing: Database, clock: ManualClock) -> None:
    with committing.write() as db:
        db.add(NumberSeries(kind="fund", year=2026, last=1))
    with committing.write() as db:
        seen = db.get(NumberSeries, ("fund", 2026))
        assert seen is not None
        with committing.write() as other:
            other.execute(text("UPDATE number_series SET last = 50 WHERE kind = 'fund'"))
        locked = lock(db, NumberSeries, ("fund", 2026))  # type: ignore[arg-type] # this table has a composite key
        assert locked is not None
        assert locked.last == 50


def test_a_deadlocked_story_is_told_again(committing: Database) -> None:
    with committing.write() as db:
        db.add_all([NumberSeries(kind=kind, year=2026, last=1) for kind in ("fund", "receipt")])
    barrier, lock_held, tries = threading.Barrier(2, timeout=60), threading.Lock(), []

    def story(first: str, second: str) -> None:
        met = False

        def tell(db: object) -> None:
            nonlocal met
            with lock_held:
                tries.append(first)
            bump = text("UPDATE number_series SET last = last + 1 WHERE kind = :kind")
            db.execute(bump, {"kind": first})  # type: ignore[attr-defined]
            if not met:
                met = True
                barrier.wait()
            db.execute(bump, {"kind": second})  # type: ignore[attr-defined]

        committing.run(tell)

    threads = [threading.Thread(target=story, args=pair) for pair in (("fund", "receipt"), ("receipt", "fund"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committing.read() as db:
        assert set(db.execute(text("SELECT last FROM number_series")).scalars()) == {3}
    assert len(tries) > 2


@pytest.mark.parametrize(
    "statement", ["UPDATE journal_entry SET act = 'x'", "DELETE FROM journal_entry", "TRUNCATE journal_entry"]
)
def test_the_application_cannot_change_the_journal(committing: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError) as refused, committing.write() as db:
        db.execute(text(statement))
    assert sqlstate(refused.value) == "42501"


def test_another_failure_than_a_deadlock_is_not_tried_again(database: Database) -> None:
    tries = []

    def broken(db: object) -> None:
        tries.append(1)
        db.execute(text("SELECT 1/0"))  # type: ignore[attr-defined]

    with pytest.raises(DBAPIError):
        database.run(broken)
    assert len(tries) == 1
