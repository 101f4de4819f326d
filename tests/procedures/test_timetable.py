"""The ruler of legal time: every bar from the notice to the archive, and what a chosen day breaks."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.days import Unit
from marketplace.procedures.rules import METHODS, Timetable, check, first_lawful_close, timetable
from marketplace.procedures.rules.timetable import LeadTooShort, OutOfOrder, TooEarly, TooLate
from marketplace.procedures.states import Comparison, Event, MethodCode
from tests.kit.vectors import VECTORS
from tests.procedures.reference import CALENDAR, rules_on

E, M = Event, MethodCode
MONDAY = date(2026, 3, 2)


def day(text: str) -> date:
    return date.fromisoformat(text)


def table(method: MethodCode, start: date = MONDAY, **options: Any) -> Timetable:
    return timetable(rules_on(start), CALENDAR, method, start, **options)


def test_a_comparison_below_the_threshold_is_laid_out_to_its_archive() -> None:
    days = table(M.BELOW_THRESHOLD_COMPARISON).days
    assert days == {
        E.PUBLISH: day("2026-03-02"),
        E.HANDOUT_END: day("2026-03-05"),
        E.CLOSE: day("2026-03-09"),
        E.OPEN: day("2026-03-09"),
        E.REPORT: day("2026-03-11"),
        E.CONFIRM: day("2026-03-18"),
        E.NOTICE: day("2026-03-20"),
        E.SHOWN: day("2026-03-24"),
        E.CHALLENGE_END: day("2026-03-31"),
        E.SIGN: day("2026-03-24"),
        E.CONTRACT_PUBLISHED: day("2026-03-26"),
        E.CONTRACT_FILED: day("2026-04-02"),
        E.PERFORMED: day("2027-03-24"),
        E.ACCEPTED: day("2027-04-14"),
        E.PAID: day("2027-05-14"),
        E.ARCHIVED: day("2027-05-14"),
        E.KEPT: day("2042-05-14"),
    }


def test_every_bar_says_its_basis_and_whether_it_is_law() -> None:
    bars = {bar.rule_id: bar for bar in table(M.BELOW_THRESHOLD_COMPARISON).bars}
    own = bars["comparison_response_days"]
    assert (own.start, own.end, own.count, own.unit) == (MONDAY, day("2026-03-09"), 5, Unit.WORKING_DAYS)
    assert (own.confirmed, own.practice, own.model) == (False, True, False)
    law = bars["contract_publication_days"]
    assert (law.basis, law.confirmed, law.model) == ("政府采购法实施条例第五十条", True, True)
    assert "invited_comparison_response_days" not in bars
    assert all(bar.name and bar.name_en and bar.basis for bar in bars.values())


def test_invited_suppliers_have_less_time() -> None:
    assert table(M.BELOW_THRESHOLD_COMPARISON, invited=True).days[E.CLOSE] == day("2026-03-05")


def test_bars_that_reach_into_a_year_without_a_notice_are_estimates() -> None:
    found = table(M.BELOW_THRESHOLD_COMPARISON)
    assert {bar.rule_id for bar in found.bars if bar.estimated} == {
        "service_contract_term_years", "acceptance_scheduling_days", "sme_payment_days", "archive_retention_years",
    }  # fmt: skip
    assert found.unknown_years == (2027, 2042)
    short = table(M.BELOW_THRESHOLD_COMPARISON, term_months=3)
    assert {bar.rule_id for bar in short.bars if bar.estimated} == {
        "service_contract_term_years",
        "archive_retention_years",
    }
    assert short.days[E.PERFORMED] == day("2026-06-24")


@pytest.mark.parametrize("case", VECTORS["deadlines"]["computed"], ids=lambda case: case["rule_id"])
def test_bars_end_where_the_law_says(case: dict[str, Any]) -> None:
    for method in METHODS.values():
        spans = [span for span in method.spans if span.rule_id == case["rule_id"] and not span.lead]
        for span in spans:
            at = {event: day(case["start"]) for event in Event}
            invited = "invited" in case["rule_id"]
            found = timetable(rules_on(), CALENDAR, method.code, at[E.PUBLISH], chosen=at, invited=invited)
            bar = next(bar for bar in found.bars if bar.rule_id == span.rule_id)
            assert (bar.nominal, bar.end) == (day(case["nominal"]), day(case["rolled"]))
            assert bar.comparison == case["comparison"]


def test_the_vectors_meet_the_methods() -> None:
    used = {span.rule_id for method in METHODS.values() for span in method.spans}
    assert len({case["rule_id"] for case in VECTORS["deadlines"]["computed"]} & used) >= 18


def test_the_notice_of_intention_is_counted_back_from_the_publication() -> None:
    found = table(M.COMPETITIVE_CONSULTATION, day("2026-03-02"))
    assert found.days[E.INTENTION] == day("2026-01-31")
    assert E.INTENTION not in table(M.COMPETITIVE_CONSULTATION, intention=False).days
    assert E.INTENTION not in table(M.BELOW_THRESHOLD_COMPARISON).days


@pytest.mark.parametrize("case", VECTORS["deadlines"]["legality_checks"], ids=str)
def test_chosen_days_are_lawful_or_not_as_audited(case: dict[str, Any]) -> None:
    if case["method"] == "any":
        start, event, chosen = day(case["notice_published"]), E.INTENTION, day(case["intention_published"])
        method = M.COMPETITIVE_CONSULTATION
    else:
        start, event, chosen = day(case["issued"]), E.CLOSE, day(case["closes"])
        method = MethodCode(case["method"])
    found = table(method, start, chosen={event: chosen})
    assert (check(found, CALENDAR) == []) is case["legal"]


@pytest.mark.parametrize("case", VECTORS["deadlines"]["clarification"], ids=str)
def test_a_late_clarification_moves_the_closing_day(case: dict[str, Any]) -> None:
    chosen = {E.CLARIFY: day(case["clarified"]), E.CLOSE: day(case["closes"])}
    errors = check(table(M.OPEN_TENDER, chosen=chosen), CALENDAR)
    if case["extend_to"] is None:
        assert errors == []
    else:
        [error] = errors
        assert isinstance(error, LeadTooShort)
        assert error.params["offered"] == case["extend_to"]
        assert case["extend_to"] in str(error)


def test_a_closing_day_too_early_names_the_next_lawful_day() -> None:
    found = table(M.OPEN_TENDER, chosen={E.CLOSE: day("2026-03-21")})
    errors = [error for error in check(found, CALENDAR) if isinstance(error, TooEarly)]
    [error] = errors
    assert (error.field, error.params["earliest"], error.params["offered"]) == ("close", "2026-03-22", "2026-03-23")
    assert "政府采购法第三十五条" in str(error)


def test_signing_waits_for_the_result_to_be_shown_and_ends_with_its_limit() -> None:
    early = check(table(M.BELOW_THRESHOLD_COMPARISON, chosen={E.SIGN: day("2026-03-21")}), CALENDAR)
    assert {type(error) for error in early} == {OutOfOrder, TooEarly}
    late = check(table(M.BELOW_THRESHOLD_COMPARISON, chosen={E.SIGN: day("2026-03-31")}), CALENDAR)
    assert [type(error) for error in late] == [TooLate]
    assert "2026-03-30" in str(late[0])


def test_a_term_beyond_a_year_is_refused() -> None:
    for case in VECTORS["deadlines"]["years"]:
        if "legal" in case:
            chosen = {E.SIGN: day(case["signed_from"]), E.PERFORMED: day(case["ends"])}
            errors = check(table(M.OPEN_TENDER, chosen=chosen), CALENDAR)
            assert any(error.field == "performed" for error in errors) is not case["legal"]


def test_the_first_lawful_closing_day_is_given_with_and_without_rolling() -> None:
    due = first_lawful_close(rules_on(), CALENDAR, M.OPEN_TENDER, MONDAY)
    assert (due.nominal, due.rolled) == (day("2026-03-22"), day("2026-03-23"))
    for case in VECTORS["deadlines"]["computed"]:
        if case["rule_id"].endswith("response_days"):
            invited, method = "invited_comparison" in case["rule_id"], MethodCode(case["method"])
            due = first_lawful_close(rules_on(), CALENDAR, method, day(case["start"]), invited=invited)
            assert (due.nominal, due.rolled) == (day(case["nominal"]), day(case["rolled"]))
    before_any_rule = timetable(rules_on(date(1999, 1, 4)), CALENDAR, M.OPEN_TENDER, date(1999, 1, 4))
    assert {bar.rule_id for bar in before_any_rule.bars} == {"intention_publication_lead_days"}
    assert first_lawful_close(rules_on(date(1999, 1, 4)), CALENDAR, M.OPEN_TENDER, date(1999, 1, 4)).rolled == date(
        1999, 1, 4
    )


@given(
    st.sampled_from(MethodCode),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 12),
)
def test_what_nobody_chose_is_never_early_and_days_follow_each_other(
    method: MethodCode, start: date, invited: bool, intention: bool, months: int
) -> None:
    found = table(method, start, invited=invited, intention=intention, term_months=months)
    assert not [error for error in check(found, CALENDAR) if not isinstance(error, TooLate)]
    for bar in found.bars:
        assert bar.start <= bar.end
        if bar.comparison is not Comparison.MAX and not bar.lead:
            assert found.days[bar.last] >= bar.nominal
    assert found.days[E.PUBLISH] <= found.days[E.CLOSE] <= found.days[E.SIGN] <= found.days[E.ARCHIVED]


@given(st.sampled_from(MethodCode), st.dates(date(2026, 1, 1), date(2026, 10, 31)))
def test_the_first_lawful_day_passes_and_the_day_before_does_not(method: MethodCode, start: date) -> None:
    first = first_lawful_close(rules_on(start), CALENDAR, method, start).nominal
    handed_out = {E.HANDOUT_END: start}

    def refused(close: date) -> bool:
        found = table(method, start, chosen={E.CLOSE: close, **handed_out}, intention=False)
        return any(error.field == "close" for error in check(found, CALENDAR))

    assert not refused(first)
    assert refused(first - timedelta(days=1))
