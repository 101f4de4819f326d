"""What is in time, what is complete, and what a passphrase must be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bids import rules
from marketplace.bids.rules import Facts, Part, PartState
from marketplace.bids.states import BID, OPENING, BidAction, BidState, OpeningAction, OpeningState
from marketplace.kit.errors import IllegalMove

DUE = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def test_the_deadline_itself_is_in_time_and_a_millisecond_later_is_not() -> None:
    rules.check_in_time(DUE, DUE)
    with pytest.raises(rules.TooLate):
        rules.check_in_time(DUE + timedelta(milliseconds=1), DUE)
    with pytest.raises(rules.BiddingNotOpen):
        rules.check_in_time(DUE, None)


def test_a_submission_has_thirty_seconds_and_opening_waits_as_long() -> None:
    rules.check_committed_in_time(DUE, DUE + timedelta(seconds=30))
    with pytest.raises(rules.NotCommittedInTime):
        rules.check_committed_in_time(DUE, DUE + timedelta(seconds=30, milliseconds=1))
    assert rules.opens_at(DUE) == DUE + timedelta(seconds=30)


@pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaa", "        ab1", "ababababababab"])
def test_an_easy_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(rules.WeakPassphrase):
        rules.check_passphrase(weak)


def test_a_sentence_is_a_good_passphrase() -> None:
    rules.check_passphrase("春天里我们去看油菜花")


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_cost_line_is_rounded_half_up_to_the_fen(quantity_hundredths: int, unit_price_fen: int) -> None:
    amount = rules.line_amount_fen(quantity_hundredths, unit_price_fen)
    assert -50 < 100 * amount - quantity_hundredths * unit_price_fen <= 50


def facts(**changes: int | bool) -> Facts:
    full: dict[str, int | bool] = {
        "price_fen": 100, "ceiling_fen": 100, "plan_sections": 4, "plan_complete": True, "staff": 1,
        "criteria_answered": 2, "criteria": 2, "conditions_met": 1, "conditions": 1, "files": 1,
        "contact": True, "declared": True,
    }  # fmt: skip
    return Facts(**(full | changes))  # type: ignore[arg-type] # the table above has each its type


def test_a_complete_bid_lacks_nothing() -> None:
    assert list(rules.missing(facts())) == []
    assert set(rules.progress(facts()).values()) == {PartState.DONE}


@pytest.mark.parametrize(
    ("change", "error", "state"),
    [
        ({"price_fen": 0}, rules.PriceMissing, PartState.EMPTY),
        ({"price_fen": 101}, rules.AboveCeiling, PartState.BEGUN),
        ({"plan_complete": False}, rules.PlanMissing, PartState.BEGUN),
        ({"plan_complete": False, "plan_sections": 0}, rules.PlanMissing, PartState.EMPTY),
        ({"staff": 0}, rules.StaffMissing, PartState.EMPTY),
        ({"criteria_answered": 1}, rules.CriteriaMissing, PartState.BEGUN),
        ({"conditions_met": 0}, rules.ConditionsMissing, PartState.EMPTY),
        ({"declared": False}, rules.ConfirmationMissing, PartState.BEGUN),
        ({"contact": False, "declared": False}, rules.ConfirmationMissing, PartState.EMPTY),
    ],
)
def test_each_gap_is_named_at_its_task(
    change: dict[str, int | bool], error: type[rules.NotComplete], state: PartState
) -> None:
    (found,) = rules.missing(facts(**change))
    assert type(found) is error
    assert rules.progress(facts(**change))[Part(found.field)] is state


def test_files_are_asked_for_by_no_rule_of_ours() -> None:
    assert list(rules.missing(facts(files=0))) == []
    assert rules.progress(facts(files=0))[Part.FILES] is PartState.EMPTY


def test_all_gaps_are_named_at_once() -> None:
    assert len(list(rules.missing(facts(price_fen=0, staff=0, declared=False)))) == 3


S, A = BidState, BidAction
HANDBOOK = {
    (S.DRAFT, A.SUBMIT): S.SEALED,
    (S.SEALED, A.REPLACE): S.SEALED,
    (S.SEALED, A.CONFIRM): S.SEALED,
    (S.SEALED, A.WITHDRAW): S.WITHDRAWN,
    (S.WITHDRAWN, A.SUBMIT): S.SEALED,
    (S.SEALED, A.OPEN): S.OPENED,
    (S.SEALED, A.REPORT_UNREADABLE): S.UNREADABLE,
    (S.SEALED, A.LEAVE_SEALED): S.UNCONFIRMED,
    (S.OPENED, A.ADMIT): S.VALID,
    (S.OPENED, A.DISQUALIFY): S.DISQUALIFIED,
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
def test_a_bid_moves_as_the_handbook_says_and_not_otherwise(state: BidState, action: BidAction) -> None:
    if (state, action) in HANDBOOK:
        assert BID.after(state, action) is HANDBOOK[state, action]
    else:
        with pytest.raises(IllegalMove):
            BID.after(state, action)


def test_a_box_is_opened_in_two_steps_and_once() -> None:
    half = OPENING.after(OPENING.start, OpeningAction.CONTRIBUTE)
    assert OPENING.after(half, OpeningAction.OPEN_ALL) is OpeningState.OPEN
    for state, action in (
        (OpeningState.SEALED, OpeningAction.OPEN_ALL),
        (OpeningState.HALF_OPEN, OpeningAction.CONTRIBUTE),
        (OpeningState.OPEN, OpeningAction.CONTRIBUTE),
        (OpeningState.OPEN, OpeningAction.OPEN_ALL),
    ):
        with pytest.raises(IllegalMove):
            OPENING.after(state, action)
