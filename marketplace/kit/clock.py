"""The one source of time: web, workers and stand-ins are handed a clock; seeds and tests advance theirs."""

from datetime import UTC, date, datetime, timedelta, timezone
from threading import Lock
from typing import Protocol, runtime_checkable

LEGAL_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Legal days are days in China; it has had one offset and no summer time since 1991."""


@runtime_checkable
class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is advanced; safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward by ``by`` and return the new instant."""
        with self._lock:
            self._now += by
            return self._now

    def set(self, to: datetime) -> datetime:
        """Move to ``to``, which may not lie in the past of this clock.

        Raises:
            ValueError: ``to`` lies before the present instant of this clock.
        """
        with self._lock:
            if to < self._now:
                raise ValueError(f"a clock does not run backwards: {to} < {self._now}")
            self._now = to.astimezone(UTC)
            return self._now


def legal_day(instant: datetime) -> date:
    """The day in China on which ``instant`` falls."""
    return instant.astimezone(LEGAL_ZONE).date()


def at_legal(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant of ``hour:minute`` on a legal day, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LEGAL_ZONE).astimezone(UTC)
