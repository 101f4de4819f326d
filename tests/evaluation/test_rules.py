"""Points, ranking, ties, lots and days: pure rules, held against the handbook's figures and against themselves."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.evaluation.rules import (
    HOUSE_SIZE,
    Candidate,
    Ranked,
    Weighted,
    decide_by,
    drawn,
    points,
    price_points_bp,
    rank,
    result_period,
    steps_of,
    wrong_with,
)
from marketplace.evaluation.rules.refusals import HouseTooSmall
from marketplace.kit.clock import at_legal
from marketplace.procedures.rules import panel_demand
from marketplace.procedures.states import MethodCode
from marketplace.projects.rules import Step
from tests.procedures.reference import CALENDAR, rules_on

LAW = rules_on()
WAN = 1_000_000
AT = datetime(2026, 3, 10, tzinfo=UTC)
PLAN, TEAM = UUID(int=11), UUID(int=12)
CRITERIA = (Weighted(PLAN, 5000), Weighted(TEAM, 3000))
PRICE_WEIGHT = 2000
COMPARISON, CONSULTATION = MethodCode.BELOW_THRESHOLD_COMPARISON, MethodCode.COMPETITIVE_CONSULTATION


def a_bid(number: int, price: int, *sheets: tuple[int, int], late: int = 0) -> Candidate:
    return Candidate(
        bid_id=UUID(int=number),
        price_fen=price,
        received_at=AT + timedelta(seconds=late),
        sheets=tuple({PLAN: plan, TEAM: team} for plan, team in sheets),
    )


def order(*bids: Candidate) -> list[int]:
    return [one.bid_id.int for one in rank(bids, CRITERIA, PRICE_WEIGHT)]


def test_the_price_table_of_the_audited_consultation() -> None:
    table = {4450: "20.00", 5128: "17.36", 5660: "15.72", 6160: "14.45"}
    for price, score in table.items():
        assert points(price_points_bp(4450, price, PRICE_WEIGHT)) == score


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.integers(100, 10_000))
def test_a_price_scores_as_decimal_arithmetic_says(lowest: int, more: int, weight: int) -> None:
    exact = Decimal(lowest) * weight / Decimal(lowest + more)
    assert abs(price_points_bp(lowest, lowest + more, weight) - exact) <= Decimal("0.5")
    assert price_points_bp(lowest, lowest, weight) == weight


def test_the_mean_of_the_members_is_rounded_half_up_once() -> None:
    [one] = rank([a_bid(1, 100, (3333, 0), (3334, 0))], CRITERIA, PRICE_WEIGHT)
    assert (one.quality_bp, one.price_bp, one.total_bp) == (3334, 2000, 5334)
    [one] = rank([a_bid(1, 100, (1000, 0), (1000, 0), (1001, 0))], CRITERIA, PRICE_WEIGHT)
    assert one.quality_bp == 1000


def test_the_higher_total_goes_first() -> None:
    assert order(a_bid(1, 100, (4000, 2000)), a_bid(2, 100, (4500, 2000))) == [2, 1]


def test_of_equal_totals_the_lower_price_goes_first() -> None:
    dear, cheap = a_bid(1, 200, (5000, 2000)), a_bid(2, 100, (4000, 2000))
    assert {one.total_bp for one in rank([dear, cheap], CRITERIA, PRICE_WEIGHT)} == {8000}
    assert order(dear, cheap) == [2, 1]


def test_of_equal_prices_the_better_in_the_heaviest_criterion_goes_first() -> None:
    assert order(a_bid(1, 100, (3000, 3000)), a_bid(2, 100, (4000, 2000))) == [2, 1]


def test_of_all_alike_the_earlier_goes_first() -> None:
    assert order(a_bid(1, 100, (3000, 3000), late=1), a_bid(2, 100, (3000, 3000))) == [2, 1]


def test_of_two_criteria_alike_in_weight_the_first_in_the_document_is_the_heaviest() -> None:
    alike = (Weighted(PLAN, 4000), Weighted(TEAM, 4000))
    found = rank([a_bid(1, 100, (2000, 3000)), a_bid(2, 100, (3000, 2000))], alike, PRICE_WEIGHT)
    assert [one.bid_id.int for one in found] == [2, 1]


def test_without_quality_criteria_the_lowest_price_wins() -> None:
    bids = [
        Candidate(bid_id=UUID(int=n), price_fen=price, received_at=AT, sheets=({}, {}, {}))
        for n, price in ((1, 300), (2, 200), (3, 250))
    ]
    assert [one.bid_id.int for one in rank(bids, (), 10_000)] == [2, 3, 1]


def test_nobody_is_ranked_without_a_sheet() -> None:
    with pytest.raises(ValueError, match="sheets"):
        rank([a_bid(1, 100)], CRITERIA, PRICE_WEIGHT)
    with pytest.raises(ValueError, match="empty"):
        rank([], CRITERIA, PRICE_WEIGHT)


SHEET = st.tuples(st.sampled_from((5000, 3000, 1000, 0)), st.sampled_from((3000, 1000, 0)))


@st.composite
def fields(draw: st.DrawFn) -> list[Candidate]:
    judges = draw(st.integers(1, 7))
    count = draw(st.integers(1, 6))
    return [
        a_bid(
            number,
            draw(st.integers(1, 10**9)),
            *draw(st.lists(SHEET, min_size=judges, max_size=judges)),
            late=draw(st.integers(0, 3)),
        )
        for number in range(1, count + 1)
    ]


def naive(bid: Candidate, bids: list[Candidate]) -> Decimal:
    """The total as an accountant writes it down, by another road: plain decimals, each part to two places."""
    two = Decimal("0.01")
    lowest = min(one.price_fen for one in bids)
    price = Fraction(lowest * PRICE_WEIGHT, bid.price_fen * 100)
    exact = Decimal(price.numerator) / Decimal(price.denominator)
    mean = Decimal(sum(sum(sheet.values()) for sheet in bid.sheets)) / Decimal(100 * len(bid.sheets))
    return exact.quantize(two, ROUND_HALF_UP) + mean.quantize(two, ROUND_HALF_UP)


@given(fields())
def test_totals_are_what_decimals_add_up_to(bids: list[Candidate]) -> None:
    found = {one.bid_id: one for one in rank(bids, CRITERIA, PRICE_WEIGHT)}
    for bid in bids:
        assert Decimal(points(found[bid.bid_id].total_bp)) == naive(bid, bids)


@given(fields(), st.randoms())
def test_the_ranking_depends_on_nothing_but_the_bids(bids: list[Candidate], random: object) -> None:
    shuffled = list(bids)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = rank(bids, CRITERIA, PRICE_WEIGHT)
    assert found == rank(shuffled, CRITERIA, PRICE_WEIGHT)
    assert [one.place for one in found] == list(range(1, len(bids) + 1))
    totals = [one.total_bp for one in found]
    assert totals == sorted(totals, reverse=True)
    assert max(totals) <= 10_000


@given(fields(), st.integers(0, 5), st.integers(0, 6))
def test_better_points_never_cost_a_place(bids: list[Candidate], which: int, member: int) -> None:
    bid = bids[which % len(bids)]
    seat = member % len(bid.sheets)
    sheets = tuple({PLAN: 5000, TEAM: 3000} if n == seat else sheet for n, sheet in enumerate(bid.sheets))
    better = Candidate(bid_id=bid.bid_id, price_fen=bid.price_fen, received_at=bid.received_at, sheets=sheets)

    def place(found: tuple[Ranked, ...]) -> int:
        return next(one.place for one in found if one.bid_id == bid.bid_id)

    before = rank(bids, CRITERIA, PRICE_WEIGHT)
    after = rank([better if one is bid else one for one in bids], CRITERIA, PRICE_WEIGHT)
    assert place(after) <= place(before)


def test_points_are_written_with_two_decimals() -> None:
    assert [points(value) for value in (0, 5, 50, 1572, 10_000)] == ["0.00", "0.05", "0.50", "15.72", "100.00"]


def test_none_of_the_steps_reached_is_zero() -> None:
    assert steps_of([Step(score_bp=3000, content="四项"), Step(score_bp=1000, content="两项")]) == (3000, 1000, 0)
    assert steps_of([Step(score_bp=500, content="有"), Step(score_bp=0, content="没有")]) == (500, 0)


@given(st.sets(st.uuids(), max_size=12), st.integers(0, 15), st.binary(min_size=32, max_size=32))
def test_a_draw_can_be_repeated_and_takes_only_candidates(people: set[UUID], count: int, seed: bytes) -> None:
    found = drawn(people, count, seed)
    assert found == drawn(sorted(people, reverse=True), count, seed)
    assert len(found) == len(set(found)) == min(count, len(people))
    assert set(found) <= people
    assert found == drawn(people, len(people), seed)[:count]


def test_another_seed_draws_others() -> None:
    people = [UUID(int=n) for n in range(20)]
    assert len({drawn(people, 3, bytes([n]) * 32) for n in range(10)}) > 1


@pytest.mark.parametrize(
    ("method", "budget_wan", "members", "experts", "refusals"),
    [
        (COMPARISON, 4, 3, 0, set()),
        (COMPARISON, 4, 5, 0, {"panel_not_exact"}),
        (COMPARISON, 4, 2, 0, {"panel_not_exact"}),
        (COMPARISON, 5, 7, 0, set()),
        (COMPARISON, 5, 6, 0, {"panel_too_small"}),
        (COMPARISON, 5, 8, 0, {"panel_even"}),
        (CONSULTATION, 40, 3, 2, set()),
        (CONSULTATION, 40, 3, 1, {"too_few_experts"}),
        (CONSULTATION, 40, 4, 3, {"panel_even"}),
        (CONSULTATION, 40, 1, 1, {"panel_too_small"}),
        (MethodCode.OPEN_TENDER, 250, 5, 4, set()),
        (MethodCode.OPEN_TENDER, 250, 5, 3, {"too_few_experts"}),
        (MethodCode.OPEN_TENDER, 1200, 5, 4, {"panel_too_small"}),
    ],
)
def test_a_panel_is_composed_as_method_and_amount_ask(
    method: MethodCode, budget_wan: int, members: int, experts: int, refusals: set[str]
) -> None:
    demand = panel_demand(LAW, method, budget_wan * WAN)
    assert {one.code for one in wrong_with(demand, members=members, experts=experts)} == refusals


def test_where_no_rule_asks_for_a_panel_three_judge_all_the_same() -> None:
    assert panel_demand(LAW, MethodCode.SINGLE_SOURCE, 40 * WAN) is None
    assert wrong_with(None, members=HOUSE_SIZE, experts=0) == []
    for members in (1, 2, 4):
        [refusal] = wrong_with(None, members=members, experts=0)
        assert isinstance(refusal, HouseTooSmall)


def test_the_award_is_confirmed_within_five_working_days() -> None:
    assert decide_by(LAW, CALENDAR, date(2026, 3, 6)) == date(2026, 3, 13)


def test_below_the_threshold_the_result_is_shown_for_two_working_days() -> None:
    friday = date(2026, 3, 6)
    period = result_period(LAW, CALENDAR, COMPARISON, friday)
    assert period.notice_until == date(2026, 3, 10)
    assert period.signable_from == at_legal(date(2026, 3, 11))
    assert {rule.rule_id for rule in period.rules} == {
        "comparison_result_publicity_days",
        "comparison_contract_earliest_days",
    }
    assert all(rule.practice for rule in period.rules)


def test_below_the_threshold_a_contract_waits_three_days_even_in_a_short_week() -> None:
    monday = date(2026, 3, 9)
    period = result_period(LAW, CALENDAR, COMPARISON, monday)
    assert period.notice_until == date(2026, 3, 11)
    assert period.signable_from == at_legal(date(2026, 3, 12))


def test_a_formal_result_is_shown_for_one_working_day() -> None:
    friday = date(2026, 3, 6)
    period = result_period(LAW, CALENDAR, CONSULTATION, friday)
    assert (period.notice_until, period.signable_from) == (date(2026, 3, 9), at_legal(date(2026, 3, 10)))
    assert not any(rule.confirmed for rule in period.rules)
