"""Days are counted as the law counts them, and a guess is called a guess."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.days import Calendar, Unit, YearNotice
from tests.kit.vectors import VECTORS

TABLE = VECTORS["calendar_2026"]
NOTICE = YearNotice(
    2026,
    frozenset(map(date.fromisoformat, TABLE["holidays"])),
    frozenset(map(date.fromisoformat, TABLE["makeup_workdays"])),
)
CALENDAR = Calendar({2026: NOTICE})
DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 30))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("case", VECTORS["working_days"]["add"], ids=lambda case: case["note"])
def test_working_days_are_added_over_holidays_and_makeup_days(case: dict[str, Any]) -> None:
    due = CALENDAR.add_working_days(day(case["start"]), case["add_working_days"])
    assert (due.nominal, due.rolled, due.estimated) == (day(case["expected"]), day(case["expected"]), False)


@pytest.mark.parametrize("case", VECTORS["working_days"]["is_working_day"], ids=lambda case: case["date"])
def test_each_day_is_worked_or_not_as_the_notice_says(case: dict[str, Any]) -> None:
    assert CALENDAR.is_working_day(day(case["date"])) is case["is_working_day"]


@pytest.mark.parametrize("case", VECTORS["working_days"]["calendar_days"], ids=lambda case: case["note"])
def test_a_period_that_ends_on_a_rest_day_ends_on_the_next_working_day(case: dict[str, Any]) -> None:
    due = CALENDAR.add_calendar_days(day(case["start"]), case["add_calendar_days"])
    assert (due.nominal, due.rolled) == (day(case["nominal"]), day(case["rolled"]))


def test_a_year_without_a_notice_gives_an_estimate_that_says_so() -> None:
    for case in VECTORS["working_days"]["unknown_year"]:
        due = CALENDAR.add_working_days(day(case["start"]), case["add_working_days"])
        assert due.estimated
        assert due.notes == (case["message_zh"],)
    assert not CALENDAR.is_known(date(2027, 1, 4))
    assert CALENDAR.is_known(date(2026, 12, 31))


def test_a_guess_is_better_than_weekends_but_stays_a_guess() -> None:
    guess = YearNotice(2027, frozenset({date(2027, 1, 1)}))
    plain, guided = CALENDAR, Calendar({2026: NOTICE}, {2027: guess})
    assert plain.is_working_day(date(2027, 1, 1))
    assert not guided.is_working_day(date(2027, 1, 1))
    assert guided.add_working_days(date(2026, 12, 30), 5).unknown_years == (2027,)


@pytest.mark.parametrize("case", VECTORS["deadlines"]["computed"], ids=lambda case: case["rule_id"])
def test_statutory_periods_end_on_their_days(case: dict[str, Any]) -> None:
    due = CALENDAR.add(day(case["start"]), case["value"], Unit(case["unit"]))
    assert (due.nominal, due.rolled) == (day(case["nominal"]), day(case["rolled"]))


@pytest.mark.parametrize(
    ("start", "years", "nominal"),
    [
        *(
            (case["start"], case["years"], case["keep_until"])
            for case in VECTORS["deadlines"]["years"]
            if "keep_until" in case
        ),
        ("2026-03-01", 1, "2027-03-01"),
    ],
)
def test_years_end_on_the_same_day_or_the_last_of_the_month(start: str, years: int, nominal: str) -> None:
    assert CALENDAR.add(day(start), years, Unit.YEARS).nominal == day(nominal)


def test_months_end_on_the_same_day_or_the_last_of_the_month() -> None:
    assert CALENDAR.add(date(2026, 1, 31), 1, Unit.MONTHS).nominal == date(2026, 2, 28)
    assert CALENDAR.add(date(2026, 10, 15), 3, Unit.MONTHS).nominal == date(2027, 1, 15)


@given(DAYS, st.integers(0, 60), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]))
def test_the_latest_start_is_in_time_and_one_day_later_is_not(end: date, count: int, unit: Unit) -> None:
    start = CALENDAR.latest_start(end, count, unit).nominal
    assert CALENDAR.add(start, count, unit).nominal <= end
    assert CALENDAR.add(start + timedelta(days=1), count, unit).nominal > end


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_working_days_add_up(start: date, first: int, second: int) -> None:
    once = CALENDAR.add_working_days(start, first + second).nominal
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, first).nominal, second).nominal == once
    assert CALENDAR.working_days(start + timedelta(days=1), once) == first + second


@given(DAYS, st.integers(0, 400), st.sampled_from([Unit.CALENDAR_DAYS, Unit.MONTHS]))
def test_a_rolled_day_is_worked_and_never_earlier(start: date, count: int, unit: Unit) -> None:
    due = CALENDAR.add(start, count, unit)
    assert due.rolled >= due.nominal > start or count == 0
    assert CALENDAR.is_working_day(due.rolled)


def test_the_year_2026_has_its_days() -> None:
    assert {"holidays": len(NOTICE.holidays), "makeup_workdays": len(NOTICE.makeup_workdays)} == TABLE["counts"]
    assert CALENDAR.working_days(date(2026, 1, 1), date(2026, 12, 31)) == 248


@pytest.mark.parametrize("count", [-1, 40_001])
def test_a_period_without_measure_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="counts"):
        CALENDAR.add_working_days(date(2026, 1, 1), count)


def test_months_are_not_counted_backward() -> None:
    with pytest.raises(ValueError, match="backward"):
        CALENDAR.latest_start(date(2026, 1, 1), 1, Unit.MONTHS)


@pytest.mark.parametrize(
    ("holidays", "makeup", "match"),
    [
        ({date(2025, 1, 1)}, set(), "its own year"),
        ({date(2026, 1, 4)}, {date(2026, 1, 4)}, "both"),
        (set(), {date(2026, 1, 5)}, "Saturday"),
    ],
)
def test_a_notice_that_contradicts_itself_is_refused(holidays: set[date], makeup: set[date], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        YearNotice(2026, frozenset(holidays), frozenset(makeup))
