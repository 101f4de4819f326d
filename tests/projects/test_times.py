"""The timetable: proposed in working days, checked by the rules, and the clock above every stored state."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.clock import LEGAL_ZONE, at_legal, legal_day
from marketplace.procedures.states import MethodCode
from marketplace.projects.rules import TimeField, Times, bases, check_times, earliest_close, propose, table_of
from marketplace.projects.rules import refusals as no
from tests.procedures.reference import CALENDAR, rules_on

RULES = rules_on()
COMPARISON = MethodCode.BELOW_THRESHOLD_COMPARISON


def local(value: datetime | None) -> str:
    assert value
    return value.astimezone(LEGAL_ZONE).strftime("%m-%d %H:%M")


def test_a_comparison_published_on_a_monday_closes_five_working_days_later() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    assert times.documents_until == date(2026, 3, 5), "three working days"
    assert local(times.questions_due_at) == "03-05 17:00"
    assert local(times.answers_due_at) == "03-06 17:00"
    assert local(times.bids_due_at) == "03-09 17:00", "five working days, the day itself not counted"
    assert local(times.opening_at) == "03-09 17:30"
    assert times.result_on == date(2026, 3, 12)


def test_the_national_holiday_is_counted_around() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 9, 29))
    assert local(times.bids_due_at) == "10-12 17:00", "the days off of October and the make-up day on the tenth"


def test_a_consultation_gives_ten_calendar_days_and_answers_five_days_before() -> None:
    times = propose(RULES, CALENDAR, MethodCode.COMPETITIVE_CONSULTATION, date(2026, 3, 2))
    assert local(times.bids_due_at) == "03-12 17:00"
    assert local(times.answers_due_at) == "03-06 17:00", (
        "five days before is a Saturday; the last working day before it"
    )
    assert check_times(RULES, CALENDAR, MethodCode.COMPETITIVE_CONSULTATION, times) == []


@pytest.mark.parametrize("method", list(MethodCode))
@given(offset=st.integers(0, 360))
def test_what_is_proposed_is_always_lawful(method: MethodCode, offset: int) -> None:
    first = CALENDAR.on_or_after(date(2026, 1, 1) + timedelta(days=offset))
    times = propose(RULES, CALENDAR, method, first)
    assert check_times(RULES, CALENDAR, method, times) == []


def test_a_contract_squeezed_by_a_long_holiday_does_not_stop_the_notice() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 2, 4))
    assert check_times(RULES, CALENDAR, COMPARISON, times) == []


def test_a_day_too_early_is_refused_with_the_day_to_take() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    early = msgspec.structs.replace(
        times,
        answers_due_at=at_legal(date(2026, 3, 6), 12),
        bids_due_at=at_legal(date(2026, 3, 6), 17),
        opening_at=at_legal(date(2026, 3, 6), 18),
    )
    (found,) = check_times(RULES, CALENDAR, COMPARISON, early)
    assert (found.code, found.field, found.params["offered"]) == ("too_early", "bids_due_at", "2026-03-09")


def test_publishing_a_day_later_than_planned_makes_the_same_deadline_unlawful() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    late = check_times(RULES, CALENDAR, COMPARISON, times, start=date(2026, 3, 3))
    assert {one.field for one in late} == {"bids_due_at", "documents_until"}


def test_a_result_planned_too_late_is_refused() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    late = msgspec.structs.replace(times, result_on=date(2026, 4, 30))
    assert [one.field for one in check_times(RULES, CALENDAR, COMPARISON, late)] == ["result_on"]


def _swapped(times: Times, **given: Any) -> Times:
    return msgspec.structs.replace(times, **given)


@pytest.mark.parametrize("name", list(TimeField))
def test_every_time_is_demanded(name: TimeField) -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    found = check_times(RULES, CALENDAR, COMPARISON, _swapped(times, **{name.value: None}))
    assert [(type(one), one.field) for one in found] == [(no.Lacking, name.value)]


def test_each_time_shows_the_rule_behind_it() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    found = bases(table_of(RULES, CALENDAR, COMPARISON, times))
    assert "bids_due_at" in found
    assert "documents_until" in found
    with pytest.raises(ValueError, match="first day"):
        table_of(RULES, CALENDAR, COMPARISON, Times())


@pytest.mark.parametrize(
    ("method", "changed", "closes"),
    [
        (COMPARISON, date(2026, 3, 6), date(2026, 3, 9)),
        (MethodCode.COMPETITIVE_CONSULTATION, date(2026, 3, 6), date(2026, 3, 11)),
        (MethodCode.OPEN_TENDER, date(2026, 3, 6), date(2026, 3, 21)),
        (MethodCode.INQUIRY, date(2026, 3, 6), date(2026, 3, 11)),
    ],
)
def test_after_a_change_suppliers_get_the_time_the_rules_give(method: MethodCode, changed: date, closes: date) -> None:
    assert earliest_close(RULES, CALENDAR, method, changed).nominal == closes


def test_days_are_days_in_china() -> None:
    times = propose(RULES, CALENDAR, COMPARISON, date(2026, 3, 2))
    assert times.bids_due_at
    midnight = _swapped(times, bids_due_at=at_legal(date(2026, 3, 9), 0, 30), answers_due_at=at_legal(date(2026, 3, 6)))
    assert legal_day(midnight.bids_due_at or times.bids_due_at) == date(2026, 3, 9)
    assert check_times(RULES, CALENDAR, COMPARISON, midnight) == []
