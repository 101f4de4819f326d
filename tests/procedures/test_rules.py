"""What the dated rules demand of an amount, a panel, a number of suppliers and a price."""

from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.days import Unit
from marketplace.procedures.rules import (
    METHODS,
    MethodUnlawful,
    RuleMissing,
    band_of,
    bands,
    check_method,
    check_panel,
    check_price_weight,
    lawful_methods,
    min_suppliers,
    outcome_of_count,
    panel_demand,
    price_score,
    price_weight,
    snapshot,
)
from marketplace.procedures.rules.choice import (
    PanelEven,
    PanelNotExact,
    PanelTooSmall,
    PriceWeightOutside,
    TooFewExperts,
)
from marketplace.procedures.states import (
    BAND_NAMES,
    EVENT_NAMES,
    STANDING_NAMES,
    TOPIC_NAMES,
    BandCode,
    CountOutcome,
    Event,
    MethodCode,
    Standing,
    Topic,
)
from tests.kit.vectors import VECTORS
from tests.procedures.reference import ROWS, rules_on

RULES = rules_on()
WAN = 1_000_000
B, M = BandCode, MethodCode


def with_row(like: str, **changes: Any) -> list[Any]:
    """The reference rows and one more: the row ``like`` with changes."""
    row = next(row for row in ROWS if row.rule_id == like)
    return [*ROWS, msgspec.structs.replace(row, **changes)]


def test_the_reference_has_all_its_rules_each_under_a_heading() -> None:
    assert len(ROWS) == 147
    assert {row.topic for row in ROWS} == set(Topic)
    assert sum(row.confirmed for row in ROWS) == 74
    assert all(row.basis.startswith("成都") for row in ROWS if row.practice)
    assert {row.rule_id for row in ROWS if row.practice} & {row.rule_id for row in ROWS if row.confirmed} == set()


def test_every_word_shown_has_a_name() -> None:
    assert (set(TOPIC_NAMES), set(EVENT_NAMES), set(BAND_NAMES)) == (set(Topic), set(Event), set(BandCode))
    assert (set(STANDING_NAMES), set(METHODS)) == (set(Standing), set(MethodCode))


def test_every_rule_a_method_names_is_a_row_that_holds_for_it() -> None:
    rows = {row.rule_id: row for row in ROWS}
    for method in METHODS.values():
        for span in method.spans:
            assert span.model or rows[span.rule_id].holds_for(method.code) or span.rule_id.endswith("_lead_days")
            assert rows[span.rule_id].period in Unit
        for rule_id in (method.min_suppliers, method.exception_min_suppliers, method.switch_min_suppliers):
            assert not rule_id or rule_id in rows


@pytest.mark.parametrize(
    ("amount_fen", "band"),
    [
        (0, B.SELF), (999_999, B.SELF), (1_000_000, B.SMALL), (4_999_999, B.SMALL), (5_000_000, B.PUBLIC),
        (9_999_999, B.PUBLIC), (10_000_000, B.AGENCY), (29_999_999, B.AGENCY), (30_000_000, B.GOVERNMENT),
        (199_999_999, B.GOVERNMENT), (200_000_000, B.OPEN_TENDER), (10**13, B.OPEN_TENDER),
    ],
)  # fmt: skip
def test_at_a_border_the_upper_tier_wins(amount_fen: int, band: BandCode) -> None:
    found = band_of(RULES, amount_fen)
    assert found.code is band
    assert found.below_threshold is (amount_fen < 30 * WAN)
    assert found.needs_agent is (band is B.AGENCY)
    assert found.rules


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)))
def test_tiers_cover_every_amount_once_on_any_day(day: date) -> None:
    tiers = bands(rules_on(day))
    assert tiers[0].from_fen == 0
    assert tiers[-1].below_fen is None
    for lower, upper in pairwise(tiers):
        assert lower.from_fen < (lower.below_fen or 0) == upper.from_fen


def test_the_threshold_in_force_cuts_the_units_own_tiers() -> None:
    low = with_row(
        "guide_threshold_services_county_fen", rule_id="purchase_threshold_services_fen", value=Decimal(8 * WAN)
    )
    tiers = bands(snapshot(low, day=date(2026, 3, 2), version=1))
    assert [tier.code for tier in tiers] == [B.SELF, B.SMALL, B.PUBLIC, B.GOVERNMENT, B.OPEN_TENDER]
    assert (tiers[2].below_fen, tiers[3].from_fen) == (8 * WAN, 8 * WAN)
    before_the_guide = bands(rules_on(date(2016, 3, 14)))
    assert (before_the_guide[-1].code, before_the_guide[-1].from_fen) == (B.GOVERNMENT, 50 * WAN)


def test_below_the_threshold_the_comparison_is_usual_and_above_it_is_unlawful() -> None:
    assert lawful_methods(RULES, 126_000_00)[0].method is M.BELOW_THRESHOLD_COMPARISON
    middle = {choice.method: choice.standing for choice in lawful_methods(RULES, 40 * WAN)}
    assert middle[M.COMPETITIVE_CONSULTATION] is Standing.USUAL
    assert middle[M.OPEN_TENDER] is Standing.ALLOWED
    assert middle[M.BELOW_THRESHOLD_COMPARISON] is Standing.UNLAWFUL
    large = lawful_methods(RULES, 200 * WAN)
    assert [choice.method for choice in large if choice.standing is Standing.USUAL] == [M.OPEN_TENDER]
    assert {choice.method for choice in large} == set(MethodCode)


def test_an_unlawful_method_is_refused_with_the_lawful_ones() -> None:
    assert check_method(RULES, M.BELOW_THRESHOLD_COMPARISON, 29_999_999) == []
    [error] = check_method(RULES, M.BELOW_THRESHOLD_COMPARISON, 30 * WAN)
    assert isinstance(error, MethodUnlawful)
    assert "300,000.00" in str(error)
    assert "请改用「竞争性磋商」" in str(error)


@pytest.mark.parametrize("case", VECTORS["panel_composition"]["vectors"], ids=str)
def test_panels_are_odd_and_two_thirds_experts(case: dict[str, Any]) -> None:
    demand = panel_demand(RULES, M.COMPETITIVE_CONSULTATION, 40 * WAN)
    assert demand is not None
    errors = check_panel(demand, members=case["members"], experts=case["experts"])
    assert (not errors) is case["legal"]
    assert all(str(error) for error in errors)


@pytest.mark.parametrize(
    ("method", "amount_fen", "members", "exactly", "thirds"),
    [
        (M.BELOW_THRESHOLD_COMPARISON, 3 * WAN, 3, True, 0),
        (M.BELOW_THRESHOLD_COMPARISON, 5 * WAN, 7, False, 0),
        (M.BELOW_THRESHOLD_COMPARISON, 20 * WAN, 7, False, 0),
        (M.COMPETITIVE_NEGOTIATION, 40 * WAN, 3, False, 2),
        (M.INQUIRY, 40 * WAN, 3, False, 2),
        (M.OPEN_TENDER, 999 * WAN, 5, False, 2),
        (M.OPEN_TENDER, 1000 * WAN, 7, False, 2),
        (M.INVITED_TENDER, 1000 * WAN, 7, False, 2),
    ],
)
def test_the_size_of_a_panel_follows_method_and_amount(
    method: MethodCode, amount_fen: int, members: int, exactly: bool, thirds: int
) -> None:
    demand = panel_demand(RULES, method, amount_fen)
    assert demand is not None
    assert (demand.members, demand.exactly, demand.expert_thirds) == (members, exactly, thirds)
    assert check_panel(demand, members=members, experts=demand.experts(members)) == []
    assert check_panel(demand, members=members - 2, experts=members)
    assert bool(check_panel(demand, members=members + 2, experts=members + 2)) is exactly


def test_each_fault_of_a_panel_is_named() -> None:
    tender = panel_demand(RULES, M.OPEN_TENDER, 40 * WAN)
    small = panel_demand(RULES, M.BELOW_THRESHOLD_COMPARISON, 3 * WAN)
    assert tender is not None
    assert small is not None
    assert [type(error) for error in check_panel(tender, members=3, experts=3)] == [PanelTooSmall]
    assert [type(error) for error in check_panel(tender, members=6, experts=6)] == [PanelEven]
    assert [type(error) for error in check_panel(tender, members=5, experts=3)] == [TooFewExperts]
    assert [type(error) for error in check_panel(small, members=5, experts=0)] == [PanelNotExact]


def test_where_nobody_judges_no_panel_is_asked() -> None:
    assert panel_demand(RULES, M.BELOW_THRESHOLD_COMPARISON, 5000_00) is None
    assert panel_demand(RULES, M.SINGLE_SOURCE, 40 * WAN) is None


@pytest.mark.parametrize(
    ("method", "count", "rounds", "outcome"),
    [
        (M.BELOW_THRESHOLD_COMPARISON, 3, 1, CountOutcome.ENOUGH),
        (M.BELOW_THRESHOLD_COMPARISON, 2, 1, CountOutcome.REPEAT),
        (M.BELOW_THRESHOLD_COMPARISON, 2, 2, CountOutcome.MAY_NEGOTIATE),
        (M.BELOW_THRESHOLD_COMPARISON, 0, 2, CountOutcome.UNSUCCESSFUL),
        (M.COMPETITIVE_CONSULTATION, 3, 1, CountOutcome.ENOUGH),
        (M.COMPETITIVE_CONSULTATION, 2, 1, CountOutcome.ENOUGH_BY_EXCEPTION),
        (M.COMPETITIVE_CONSULTATION, 1, 1, CountOutcome.UNSUCCESSFUL),
        (M.OPEN_TENDER, 2, 1, CountOutcome.MAY_SWITCH),
        (M.OPEN_TENDER, 1, 1, CountOutcome.UNSUCCESSFUL),
        (M.INVITED_TENDER, 2, 1, CountOutcome.UNSUCCESSFUL),
        (M.FRAMEWORK, 2, 1, CountOutcome.ENOUGH),
        (M.SINGLE_SOURCE, 1, 1, CountOutcome.ENOUGH),
        (M.SINGLE_SOURCE, 0, 1, CountOutcome.UNSUCCESSFUL),
    ],
)
def test_too_few_suppliers_end_it_by_the_rule_of_the_method(
    method: MethodCode, count: int, rounds: int, outcome: CountOutcome
) -> None:
    assert outcome_of_count(RULES, method, count, rounds=rounds) is outcome


def test_one_supplier_suffices_only_where_no_rule_says_more() -> None:
    needed = min_suppliers(RULES, M.BELOW_THRESHOLD_COMPARISON)
    assert needed is not None
    assert (needed.number, needed.basis) == (3, "政府采购法第三十六条")
    assert min_suppliers(RULES, M.SINGLE_SOURCE) is None


@pytest.mark.parametrize("case", VECTORS["price_score"]["cases"], ids=lambda case: case["case"])
def test_the_price_score_is_rounded_half_up_once(case: dict[str, Any]) -> None:
    fen = {quote["quote"]: int(Decimal(quote["quote"]) * 100) for quote in case["quotes"]}
    lowest = int(Decimal(case["lowest_valid"]) * 100)
    for quote in case["quotes"]:
        score = price_score(lowest, fen[quote["quote"]], Decimal(case["weight_points"]))
        assert str(score) == quote["score"]


@given(st.integers(1, 10**13), st.integers(0, 10**13), st.integers(1, 100))
def test_no_price_scores_above_the_weight_or_the_lowest(lowest: int, more: int, weight: int) -> None:
    assert 0 <= price_score(lowest, lowest + more, Decimal(weight)) <= weight
    assert price_score(lowest, lowest, Decimal(weight)) == weight


@pytest.mark.parametrize(("lowest", "price"), [(0, 1), (2, 1)])
def test_a_price_below_the_lowest_has_no_score(lowest: int, price: int) -> None:
    with pytest.raises(ValueError, match="lowest"):
        price_score(lowest, price, Decimal(10))


def test_the_weight_of_the_price_has_bounds() -> None:
    bounds = price_weight(RULES, M.COMPETITIVE_CONSULTATION)
    assert bounds is not None
    assert (bounds.least, bounds.most, bounds.model) == (Decimal(10), Decimal(30), False)
    assert check_price_weight(bounds, Decimal(10)) == check_price_weight(bounds, Decimal(30)) == []
    [error] = check_price_weight(bounds, Decimal("30.01"))
    assert isinstance(error, PriceWeightOutside)
    assert "30.01%" in str(error)
    tender = price_weight(RULES, M.OPEN_TENDER)
    assert tender is not None
    assert (tender.least, tender.most) == (Decimal(10), Decimal(100))
    below = price_weight(RULES, M.BELOW_THRESHOLD_COMPARISON)
    assert below is not None
    assert below.model
    assert price_weight(RULES, M.INQUIRY) is None


def test_a_rule_is_in_force_from_its_first_day_to_its_last() -> None:
    rows = with_row(
        "tender_response_days", rule_id="trial_days", valid_from=date(2026, 2, 1), valid_to=date(2026, 2, 10)
    )
    known = {day: snapshot(rows, day=date(2026, 2, day), version=1).find("trial_days") for day in (1, 10, 11)}
    assert known[1] == known[10] != known[11]
    assert snapshot(rows, day=date(2026, 1, 31), version=1).find("trial_days") is None
    with pytest.raises(RuleMissing, match="abnormal_price_vs_mean_percent"):
        rules_on(date(2026, 1, 31)).get("abnormal_price_vs_mean_percent")
    assert rules_on(date(2026, 2, 1)).number("abnormal_price_vs_mean_percent") == 50


def test_a_correction_replaces_a_row_but_not_for_those_who_keep_the_earlier_edition() -> None:
    rows = with_row("tender_response_days", value=Decimal(25), version=2)
    day = date(2026, 3, 2)
    assert snapshot(rows, day=day, version=1).number("tender_response_days") == 20
    assert snapshot(rows, day=day, version=2).number("tender_response_days") == 25
    assert snapshot(rows[::-1], day=day, version=2).number("tender_response_days") == 25


def test_a_newer_law_goes_before_an_older_one_from_its_first_day() -> None:
    rows = with_row("tender_response_days", value=Decimal(15), version=2, valid_from=date(2026, 7, 1))
    numbers = [
        snapshot(rows, day=day, version=2).number("tender_response_days")
        for day in (date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert numbers == [20, 15]


def test_a_units_own_rule_goes_before_its_districts_and_that_before_the_countrys() -> None:
    unit, day = uuid4(), date(2026, 3, 2)
    base = next(row for row in ROWS if row.rule_id == "comparison_response_days")
    rows = [
        msgspec.structs.replace(base, value=Decimal(9), unit_id=unit),
        msgspec.structs.replace(base, value=Decimal(8), region="511602"),
        msgspec.structs.replace(base, value=Decimal(7), region="51"),
        base,
    ]

    def days(**place: Any) -> int:
        return snapshot(rows, day=day, version=1, **place).number("comparison_response_days")

    assert (days(), days(region="511603"), days(region="511602")) == (5, 7, 8)
    assert days(region="511602", unit_id=unit) == 9
    assert days(region="511602", unit_id=uuid4()) == 8


def test_a_number_with_a_fraction_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(ValueError, match="whole"):
        RULES.number("late_payment_daily_rate_percent")
    assert RULES.get("late_payment_daily_rate_percent").value == Decimal("0.05")


def test_only_days_months_and_years_are_periods() -> None:
    periods = {
        rule_id: RULES.get(rule_id).period for rule_id in ("archive_retention_years", "network_log_retention_months")
    }
    assert periods == {"archive_retention_years": Unit.YEARS, "network_log_retention_months": Unit.MONTHS}
    with pytest.raises(ValueError, match="period"):
        RULES.get("bid_bond_percent").period  # noqa: B018
    with pytest.raises(ValueError, match="period"):
        RULES.get("tender_min_suppliers").period  # noqa: B018


@pytest.mark.parametrize("missing", ["comparison_upper_limit_fen", "tender_min_suppliers"])
def test_a_rule_that_is_missing_is_named(missing: str) -> None:
    rules = snapshot([row for row in ROWS if row.rule_id != missing], day=date(2026, 3, 2), version=1)
    ask = partial(outcome_of_count, rules, M.OPEN_TENDER, 3) if "tender" in missing else partial(band_of, rules, 1)
    with pytest.raises(RuleMissing, match=missing):
        ask()
