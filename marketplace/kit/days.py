"""Working days and periods as the law counts them, from yearly notices of rest days and make-up days."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from marketplace.kit.i18n import N_

ESTIMATE_NOTE = N_("{year}年放假安排未录入，截止日为估算")
"""Said wherever a day rests on a year without a notice."""
COUNT_MAX = 40_000
"""No period is longer: about a hundred years of days."""
_SATURDAY = 5
_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What a period counts."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    YEARS = "years"


UNIT_NAMES = {
    Unit.WORKING_DAYS: N_("个工作日"),
    Unit.CALENDAR_DAYS: N_("日"),
    Unit.MONTHS: N_("个月"),
    Unit.YEARS: N_("年"),
}


@dataclass(frozen=True, slots=True)
class YearNotice:
    """One year's days off and the weekend days worked instead of them."""

    year: int
    holidays: frozenset[date]
    makeup_workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        named = self.holidays | self.makeup_workdays
        if any(day.year != self.year for day in named):
            raise ValueError("a notice names days of its own year only")
        if self.holidays & self.makeup_workdays:
            raise ValueError("a day cannot be both off and worked")
        if any(day.weekday() < _SATURDAY for day in self.makeup_workdays):
            raise ValueError("a make-up day is a Saturday or a Sunday")


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a period.

    ``nominal`` satisfies a minimum; ``rolled`` is the last day one may still act when the period is a maximum, and the
    day to offer in both cases. ``unknown_years`` are those whose notice is missing: with any, the day is an estimate.
    """

    nominal: date
    rolled: date
    unknown_years: tuple[int, ...] = ()

    @property
    def estimated(self) -> bool:
        """Whether a year without a notice was counted through."""
        return bool(self.unknown_years)

    @property
    def notes(self) -> tuple[str, ...]:
        """One Chinese sentence per missing year."""
        return tuple(ESTIMATE_NOTE.format(year=year) for year in self.unknown_years)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. For a year without a notice, ``guesses`` or else plain weekends serve as an estimate."""

    notices: Mapping[int, YearNotice]
    guesses: Mapping[int, YearNotice] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on ``day``, as far as is known."""
        notice = self.notices.get(day.year) or self.guesses.get(day.year)
        if notice is None:
            return day.weekday() < _SATURDAY
        return day in notice.makeup_workdays or (day.weekday() < _SATURDAY and day not in notice.holidays)

    def is_known(self, day: date) -> bool:
        """Whether the notice of the day's year is entered."""
        return day.year in self.notices

    def on_or_after(self, day: date) -> date:
        """The first working day from ``day`` on."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def add_working_days(self, start: date, count: int) -> Due:
        """The ``count``-th working day after ``start``, which itself is not counted.

        Raises:
            ValueError: a count below zero or beyond ``COUNT_MAX``.
        """
        _bounded(count)
        day = start
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return Due(day, day, self._unknown(start + _DAY, day))

    def add_calendar_days(self, start: date, count: int) -> Due:
        """``count`` days after ``start``, not counting that day; a last day of rest moves to the next working day.

        Source:
            民法典第二百零一条、第二百零三条.

        Raises:
            ValueError: a count below zero or beyond ``COUNT_MAX``.
        """
        _bounded(count)
        return self._roll(start + timedelta(days=count))

    def add_months(self, start: date, count: int) -> Due:
        """The same day ``count`` months later, or that month's last day; a day of rest moves on.

        Source:
            民法典第二百零二条、第二百零三条.

        Raises:
            ValueError: a count below zero or beyond ``COUNT_MAX``.
        """
        _bounded(count)
        year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
        last = monthrange(year, month + 1)[1]
        return self._roll(date(year, month + 1, min(start.day, last)))

    def add(self, start: date, count: int, unit: Unit) -> Due:
        """The end of ``count`` units after ``start``.

        Raises:
            ValueError: a count below zero or beyond ``COUNT_MAX``.
        """
        if unit is Unit.WORKING_DAYS:
            return self.add_working_days(start, count)
        if unit is Unit.CALENDAR_DAYS:
            return self.add_calendar_days(start, count)
        return self.add_months(start, count * (12 if unit is Unit.YEARS else 1))

    def latest_start(self, end: date, count: int, unit: Unit) -> Due:
        """The last day from which ``count`` units end not after ``end``: how long before something one must have acted.

        Raises:
            ValueError: a count below zero or beyond ``COUNT_MAX``, or months or years, which law counts forward only.
        """
        _bounded(count)
        if unit is Unit.CALENDAR_DAYS:
            day = end - timedelta(days=count)
            return Due(day, day)
        if unit is not Unit.WORKING_DAYS:
            raise ValueError("only days are counted backward")
        day = end
        for _ in range(count):
            while not self.is_working_day(day):
                day -= _DAY
            day -= _DAY
        return Due(day, day, self._unknown(day + _DAY, end))

    def working_days(self, first: date, last: date) -> int:
        """How many days of ``first`` … ``last``, both included, are worked."""
        return sum(self.is_working_day(day) for day in _each_day(first, last))

    def between(self, first: date, last: date, unit: Unit) -> int:
        """How many working days, or else days, lie after ``first`` up to ``last``."""
        if unit is Unit.WORKING_DAYS:
            return self.working_days(first, last) - self.is_working_day(first)
        return (last - first).days

    def _roll(self, nominal: date) -> Due:
        rolled = self.on_or_after(nominal)
        return Due(nominal, rolled, self._unknown(nominal, rolled))

    def _unknown(self, first: date, last: date) -> tuple[int, ...]:
        return tuple(year for year in range(first.year, last.year + 1) if year not in self.notices)


def _bounded(count: int) -> None:
    if not 0 <= count <= COUNT_MAX:
        raise ValueError(f"a period counts 0 to {COUNT_MAX}, not {count}")


def _each_day(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + offset * _DAY
