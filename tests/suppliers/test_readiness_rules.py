"""The readiness list as rules: what applies, what a check must say, and how an item looks on a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.suppliers.rules.readiness import (
    Check,
    CheckInFuture,
    ExpiryMissing,
    ExpiryPassed,
    Item,
    NoteMissing,
    PledgeRefused,
    ProofMissing,
    SourceMissing,
    add_months,
    applies,
    check_problems,
    is_good,
    lamp,
    next_report_due,
    usual_end,
    valid_until,
)
from marketplace.suppliers.states import LAMP_LABELS, RESULT_LABELS, Applies, CheckResult, Lamp, Nature, ProofBy

TODAY = date(2026, 3, 2)
GOOD, PLEDGED, BAD = CheckResult.PASSED, CheckResult.PLEDGED, CheckResult.FAILED


def item(code: str = "certificate", **changes: object) -> Item:
    known: dict[str, object] = {
        "code": code, "name": "证书", "applies": Applies.ALWAYS, "proof_by": ProofBy.ORGANIZATION,
        "must_expire": False, "months": 0, "pledge": False,
    }  # fmt: skip
    return Item(**{**known, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("whom", "nature", "minors", "demanded", "expected"),
    [
        (Applies.ALWAYS, Nature.ENTERPRISE, False, (), True),
        (Applies.SOCIAL, Nature.FOUNDATION, False, (), True),
        (Applies.SOCIAL, Nature.ENTERPRISE, False, (), False),
        (Applies.MINORS, Nature.SOCIAL_GROUP, True, (), True),
        (Applies.MINORS, Nature.SOCIAL_GROUP, False, (), False),
        (Applies.ON_DEMAND, Nature.SOCIAL_GROUP, True, ("certificate",), True),
        (Applies.ON_DEMAND, Nature.SOCIAL_GROUP, True, ("other",), False),
    ],
)
def test_an_item_is_asked_of_whom_it_concerns(
    whom: Applies, nature: Nature, minors: bool, demanded: tuple[str, ...], expected: bool
) -> None:
    assert applies(item(applies=whom), nature, minors=minors, demanded=demanded) is expected


@pytest.mark.parametrize(
    ("what", "check", "said", "refusals"),
    [
        (item(), Check(GOOD, TODAY, None), {}, []),
        (item(), Check(GOOD, TODAY + timedelta(1), None), {}, [CheckInFuture]),
        (item(), Check(GOOD, TODAY, None), {"source": " "}, [SourceMissing]),
        (item(), Check(GOOD, TODAY, None), {"has_proof": False}, [ProofMissing]),
        (item(), Check(BAD, TODAY, None), {"note": "证书已过期", "has_proof": False}, []),
        (item(), Check(BAD, TODAY, None), {}, [NoteMissing]),
        (item(), Check(PLEDGED, TODAY, None), {}, [PledgeRefused]),
        (item(pledge=True), Check(PLEDGED, TODAY, None), {}, []),
        (item(must_expire=True), Check(GOOD, TODAY, None), {}, [ExpiryMissing]),
        (item(must_expire=True), Check(BAD, TODAY, None), {"note": "无证书"}, []),
        (item(must_expire=True), Check(GOOD, TODAY, TODAY), {}, []),
        (item(), Check(GOOD, TODAY, TODAY - timedelta(1)), {}, [ExpiryPassed]),
        (item(), Check(PLEDGED, TODAY + timedelta(1), None), {"source": "", "has_proof": False},
         [CheckInFuture, SourceMissing, PledgeRefused, ProofMissing]),
    ],
)  # fmt: skip
def test_a_check_says_enough_to_stand_alone(
    what: Item, check: Check, said: dict[str, object], refusals: list[type]
) -> None:
    known: dict[str, object] = {"source": "原件", "note": "", "has_proof": True, "today": TODAY}
    assert [type(one) for one in check_problems(what, check, **{**known, **said})] == refusals  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (None, Lamp.GREY),
        (Check(BAD, TODAY, None), Lamp.RED),
        (Check(GOOD, TODAY, None), Lamp.GREEN),
        (Check(PLEDGED, TODAY, None), Lamp.GREEN),
        (Check(GOOD, TODAY, TODAY - timedelta(1)), Lamp.RED),
        (Check(GOOD, TODAY, TODAY), Lamp.AMBER),
        (Check(GOOD, TODAY, TODAY + timedelta(29)), Lamp.AMBER),
        (Check(GOOD, TODAY, TODAY + timedelta(30)), Lamp.GREEN),
    ],
)
def test_a_lamp_turns_amber_thirty_days_before_the_end_and_red_the_day_after(
    check: Check | None, expected: Lamp
) -> None:
    assert lamp(check, TODAY) is expected
    assert is_good(check, TODAY) is (expected in (Lamp.GREEN, Lamp.AMBER))
    assert set(LAMP_LABELS) == set(Lamp)
    assert set(RESULT_LABELS) == set(CheckResult)


@pytest.mark.parametrize(
    ("nature", "day", "due"),
    [
        (Nature.SOCIAL_SERVICE_AGENCY, date(2026, 3, 2), date(2026, 5, 31)),
        (Nature.SOCIAL_SERVICE_AGENCY, date(2026, 5, 31), date(2027, 5, 31)),
        (Nature.FOUNDATION, date(2026, 3, 2), date(2026, 3, 31)),
        (Nature.FOUNDATION, date(2026, 4, 1), date(2027, 3, 31)),
    ],
)
def test_a_yearly_report_is_the_latest_until_the_next_is_due(nature: Nature, day: date, due: date) -> None:
    assert next_report_due(nature, day) == due
    assert usual_end(item("annual_report", months=12), nature, day) == due


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 1, 31), 13, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end
    assert usual_end(item(months=months), Nature.ENTERPRISE, day) == end


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 120))
def test_months_never_reach_into_the_next(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day <= day.day


def test_a_qualification_holds_as_long_as_its_first_proof() -> None:
    items = [item("certificate"), item("scope"), item("accounting")]
    checks = {
        "certificate": Check(GOOD, TODAY, date(2028, 1, 1)),
        "accounting": Check(GOOD, TODAY, date(2027, 3, 2)),
        "scope": Check(GOOD, TODAY, None),
        "insurance": Check(GOOD, TODAY, date(2026, 4, 1)),
    }
    assert valid_until(items, checks) == date(2027, 3, 2)
    assert valid_until(items, {}) is None
    assert usual_end(item(), Nature.FOUNDATION, TODAY) is None
