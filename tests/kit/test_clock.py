"""Time comes from a clock that is handed over, and legal days are days in China."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.kit.clock import LEGAL_ZONE, Clock, ManualClock, SystemClock, at_legal, legal_day

START = datetime(2026, 3, 2, 9, tzinfo=LEGAL_ZONE)


def test_a_clock_that_stands_still_moves_only_when_told() -> None:
    clock = ManualClock(START)
    assert clock.now() == clock.now() == START
    assert clock.advance(timedelta(hours=2)) == START + timedelta(hours=2)
    clock.set(START + timedelta(days=1))
    assert clock.now().tzinfo is UTC


def test_a_clock_does_not_run_backwards() -> None:
    clock = ManualClock(START)
    with pytest.raises(ValueError, match="backwards"):
        clock.set(START - timedelta(seconds=1))


def test_the_machines_clock_tells_aware_instants() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert isinstance(clock, Clock)


def test_the_legal_day_is_the_day_in_china() -> None:
    assert legal_day(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert legal_day(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert at_legal(date(2026, 3, 2), 9) == START
    assert legal_day(at_legal(date(2026, 3, 2), 23, 59)) == date(2026, 3, 2)
