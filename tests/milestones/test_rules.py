"""The pure decisions of delivery: what is missing, what a part comes to, what is late, what the public may see."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.contracts.rules import delivery
from marketplace.contracts.rules.delivery import (
    CountMissing,
    EvidenceMissing,
    MendByFar,
    MendByPassed,
    NoFiles,
    NoSuchItem,
    PlanNotWhole,
    ReasonMissing,
    ReportMissing,
    SatisfiedBeyondAsked,
    acceptance_problems,
    accepted_fen,
    action_of,
    all_decided,
    check_items,
    check_mend_by,
    check_plan,
    is_soon,
    late_days,
    public_count,
    public_opinion,
    report_problems,
    waits_until,
)
from marketplace.contracts.schemas import Report
from marketplace.contracts.states import MilestoneAction, MilestoneState
from marketplace.kit.money import FEN_MAX, split
from marketplace.kit.text import Hidden

TODAY = date(2026, 8, 1)
S = MilestoneState


@pytest.mark.parametrize(
    ("amount_fen", "share_bp", "fen"),
    [
        (1_333_333, 10_000, 1_333_333), (1_333_333, 0, 0), (1_333_333, 5_000, 666_667), (1_333_333, 3_333, 444_400),
        (100, 9_999, 100), (100, 50, 1), (100, 49, 0), (1, 5_000, 1), (1, 4_999, 0), (0, 5_000, 0),
    ],
)  # fmt: skip
def test_a_part_is_the_percentage_of_the_milestone_half_up_to_the_fen(amount_fen: int, share_bp: int, fen: int) -> None:
    assert accepted_fen(amount_fen, share_bp) == fen


@given(st.integers(0, FEN_MAX), st.integers(0, 10_000))
def test_a_part_is_within_half_a_fen_of_its_percentage_and_never_more_than_there_is(amount: int, bp: int) -> None:
    part = accepted_fen(amount, bp)
    assert 0 <= part <= amount
    assert abs(part - Decimal(amount) * bp / 10_000) <= Decimal("0.5")
    assert accepted_fen(amount, 10_000) == amount
    assert part <= accepted_fen(amount, min(bp + 1, 10_000))


@given(st.integers(1, FEN_MAX), st.lists(st.integers(1, 5_000), min_size=1, max_size=8), st.data())
def test_what_is_accepted_of_all_milestones_fits_into_the_price(
    price: int, raw: list[int], data: st.DataObject
) -> None:
    shares = [one * 10_000 // sum(raw) for one in raw]
    shares[-1] += 10_000 - sum(shares)
    amounts = split(price, shares)
    check_plan(shares, amounts, price)
    parts = [accepted_fen(amount, data.draw(st.integers(0, 10_000))) for amount in amounts]
    assert sum(parts) <= price


def test_milestones_that_do_not_make_the_price_are_refused() -> None:
    check_plan([4_000, 6_000], [40, 60], 100)
    for shares, amounts in (([4_000, 5_999], [40, 60]), ([4_000, 6_000], [40, 59]), ([], [])):
        with pytest.raises(PlanNotWhole):
            check_plan(shares, amounts, 100)


def test_what_a_report_lacks_is_told_all_at_once_each_at_its_field() -> None:
    found = list(report_problems(["照片", "签到表"], "  短 ", None, [], []))
    assert [(type(one), one.field) for one in found] == [
        (ReportMissing, "content"), (CountMissing, "people_served"), (EvidenceMissing, "ticked-0"),
        (EvidenceMissing, "ticked-1"), (NoFiles, "files"),
    ]  # fmt: skip
    assert "签到表" in str(found[3])
    text = "两个托管点已经开班满员"
    assert not list(report_problems(["照片", "签到表"], text, 0, [1], [0, None]))
    assert [type(one) for one in report_problems(["照片"], text, 3, [], [None])] == [EvidenceMissing]


def test_a_tick_names_an_item_of_the_contract() -> None:
    check_items([0, 1], 2)
    for wrong in ([2], [-1], [0, 9]):
        with pytest.raises(NoSuchItem):
            check_items(wrong, 2)


def test_what_is_to_be_mended_needs_a_day_to_come() -> None:
    check_mend_by(TODAY + timedelta(days=1), TODAY)
    for day in (TODAY, TODAY - timedelta(days=1)):
        with pytest.raises(MendByPassed):
            check_mend_by(day, TODAY)
    with pytest.raises(MendByFar):
        check_mend_by(TODAY + timedelta(days=366), TODAY)


@pytest.mark.parametrize(
    ("share_bp", "action"),
    [
        (10_000, MilestoneAction.ACCEPT), (9_999, MilestoneAction.ACCEPT_PARTLY), (1, MilestoneAction.ACCEPT_PARTLY),
        (0, MilestoneAction.REJECT),
    ],
)  # fmt: skip
def test_a_share_says_which_decision_it_is(share_bp: int, action: MilestoneAction) -> None:
    assert action_of(share_bp) is action


def test_less_than_all_needs_a_reason_and_nobody_is_satisfied_unasked() -> None:
    assert not list(acceptance_problems(10_000, 5, 5, ""))
    assert [type(one) for one in acceptance_problems(9_999, 5, 6, " ")] == [ReasonMissing, SatisfiedBeyondAsked]
    assert not list(acceptance_problems(0, 0, 0, "没有开班"))


@pytest.mark.parametrize(
    ("state", "due_on", "mend_by", "until", "late"),
    [
        (S.SCHEDULED, date(2026, 7, 31), None, date(2026, 7, 31), 1),
        (S.SCHEDULED, date(2026, 8, 1), None, date(2026, 8, 1), 0),
        (S.SCHEDULED, None, None, None, 0),
        (S.RETURNED, date(2026, 7, 1), date(2026, 7, 22), date(2026, 7, 22), 10),
        (S.RETURNED, date(2026, 7, 1), date(2026, 8, 9), date(2026, 8, 9), 0),
        (S.REPORTED, date(2026, 7, 1), None, None, 0),
        (S.VERIFIED, date(2026, 7, 1), None, None, 0),
        (S.ACCEPTED, date(2026, 7, 1), None, None, 0),
    ],
)
def test_late_is_who_has_not_reported_by_the_day(
    state: MilestoneState, due_on: date | None, mend_by: date | None, until: date | None, late: int
) -> None:
    assert waits_until(state, due_on, mend_by) == until
    assert late_days(state, due_on, mend_by, TODAY) == late


def test_what_is_due_within_fourteen_days_is_soon() -> None:
    assert is_soon(TODAY + timedelta(days=14), TODAY)
    assert not is_soon(TODAY + timedelta(days=15), TODAY)
    assert is_soon(TODAY - timedelta(days=1), TODAY)
    assert not is_soon(None, TODAY)


@pytest.mark.parametrize(
    ("count", "shown"), [(None, None), (0, 0), (1, Hidden.SMALL), (4, Hidden.SMALL), (5, 5), (60, 60)]
)
def test_a_group_under_five_is_never_shown(count: int | None, shown: int | Hidden | None) -> None:
    assert public_count(count) == shown


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_no_small_group_of_opinions_can_be_worked_out(asked: int, satisfied: int) -> None:
    satisfied = min(asked, satisfied)
    first, second = public_opinion(asked, satisfied)
    for shown in (first, second):
        assert not isinstance(shown, int) or shown == 0 or shown >= 5
    if isinstance(first, int) and isinstance(second, int):
        assert first - second == 0 or first - second >= 5


def test_a_contract_is_done_when_every_milestone_is_decided() -> None:
    assert all_decided([S.ACCEPTED, S.PARTLY_ACCEPTED, S.REJECTED])
    for state in (S.SCHEDULED, S.REPORTED, S.RETURNED, S.VERIFIED):
        assert not all_decided([S.ACCEPTED, state])


def test_hours_are_stored_in_hundredths_and_nothing_finer() -> None:
    assert Report(attempt=1, hours=Decimal("72.25")).hours_hundredths == 7_225
    assert Report(attempt=1).hours_hundredths is None
    for wrong in ("0.001", "-1", "NaN", "1000001"):
        with pytest.raises(ValueError, match="hours"):
            Report(attempt=1, hours=Decimal(wrong))


def test_every_refusal_has_a_code_of_its_own() -> None:
    kinds = [one for one in vars(delivery).values() if isinstance(one, type) and hasattr(one, "code")]
    codes = [one.code for one in kinds if one.__module__ == delivery.__name__]
    assert len(codes) == len(set(codes))
