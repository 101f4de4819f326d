"""What belongs together, what may explain a difference, and the moves of matches and notes, written out by hand."""

from datetime import date, timedelta

import pytest

from marketplace.funds.rules.reconciling import Item as RuleItem
from marketplace.funds.rules.reconciling import (
    NothingToMatch,
    OwnerNeeded,
    SumsDiffer,
    WrongCategory,
    categories,
    match_refusals,
    note_refusals,
    suggest,
)
from marketplace.funds.states.reconciling import (
    CATEGORY_LABELS,
    MATCH,
    NOTE,
    SIDE_LABELS,
    Category,
    MatchAction,
    MatchState,
    NoteAction,
    NoteState,
    Side,
)
from marketplace.kit.errors import DomainError, IllegalMove

MONDAY = date(2026, 3, 2)


def bank(key: str, fen: int, name: str = "", days: int = 0) -> RuleItem:
    return RuleItem(key, Side.BANK, fen, MONDAY + timedelta(days=days), name)


def ours(key: str, fen: int, name: str = "", days: int = 0) -> RuleItem:
    return RuleItem(key, Side.OURS, fen, MONDAY + timedelta(days=days), name)


def pairs(theirs: list[RuleItem], mine: list[RuleItem]) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    return [(one.theirs, one.ours, one.is_named) for one in suggest(theirs, mine)]


def test_a_match_and_a_note_move_as_their_tables_say() -> None:
    assert dict(MATCH.moves) == {("standing", "undo"): "undone"}
    assert dict(NOTE.moves) == {("standing", "withdraw"): "withdrawn", ("standing", "settle"): "settled"}
    for state in (NoteState.WITHDRAWN, NoteState.SETTLED):
        for action in NoteAction:
            with pytest.raises(IllegalMove):
                NOTE.after(state, action)
    with pytest.raises(IllegalMove):
        MATCH.after(MatchState.UNDONE, MatchAction.UNDO)
    assert set(CATEGORY_LABELS) == set(Category)
    assert set(SIDE_LABELS) == set(Side)


def test_the_same_amount_and_name_belong_together_before_the_same_amount_alone() -> None:
    theirs = [bank("b1", 500), bank("b2", 500, "示例总工会")]
    mine = [ours("o1", 500, "示例总工会", 1), ours("o2", 500, "另一付款方")]
    assert pairs(theirs, mine) == [(("b2",), ("o1",), True), (("b1",), ("o2",), False)]


def test_the_nearest_in_time_is_suggested_and_none_that_is_far() -> None:
    mine = [ours("far", 500, days=11), ours("near", 500, days=2), ours("nearer", 500, days=-1)]
    assert pairs([bank("b", 500)], mine) == [(("b",), ("nearer",), False)]
    assert pairs([bank("b", 500)], mine[:1]) == []


def test_one_booking_may_stand_for_several_receipts_of_one_payer_and_day() -> None:
    mine = [ours("o1", 300, "财政局"), ours("o2", 200, "财政局"), ours("o3", 200, "别人")]
    assert pairs([bank("b", 500, "示例财政局")], mine) == [(("b",), ("o1", "o2"), True)]
    late = [ours("o1", 300, days=20), ours("o2", 200, days=20)]
    assert pairs([bank("b", 500)], late) == []


def test_a_debit_and_its_return_cancel_out() -> None:
    theirs = [bank("out", -700, "示例社工站"), bank("back", 700, "示例社工站", 1), bank("more", 700)]
    assert pairs(theirs, []) == [(("out", "back"), (), True)]
    assert pairs([bank("back", 700), bank("out", -700, days=1)], []) == []


def test_what_adds_up_may_be_matched() -> None:
    assert match_refusals([bank("b", 500), ours("o1", 300), ours("o2", 200)]) == []
    assert match_refusals([bank("out", -5), bank("back", 5)]) == []
    assert match_refusals([ours("in", 5), ours("void", -5)]) == []


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ([], NothingToMatch),
        ([bank("b", 5)], NothingToMatch),
        ([bank(f"b{n}", 5) for n in range(51)], NothingToMatch),
        ([bank("b", 500), ours("o", 499)], SumsDiffer),
    ],
)
def test_what_does_not_add_up_may_not(items: list[RuleItem], kind: type[DomainError]) -> None:
    (refusal,) = match_refusals(items)
    assert type(refusal) is kind
    assert "请" in str(refusal)


def test_the_difference_is_told_in_yuan() -> None:
    (refusal,) = match_refusals([bank("b", 50_000), ours("o", 49_900)])
    assert "对方 500.00 元" in str(refusal)
    assert "相差 1.00 元" in str(refusal)


BY_HAND: dict[tuple[Side, bool], set[Category]] = {
    (Side.BANK, True): {Category.RETURNED, Category.UNIDENTIFIED, Category.PAYOUT, Category.OPEN},
    (Side.BANK, False): {Category.FEE, Category.IN_TRANSIT, Category.RETURNED, Category.OPEN},
    (Side.GATEWAY, True): {Category.RETURNED, Category.UNIDENTIFIED, Category.PAYOUT, Category.OPEN},
    (Side.GATEWAY, False): {Category.FEE, Category.IN_TRANSIT, Category.RETURNED, Category.PAYOUT, Category.OPEN},
    (Side.OURS, True): {Category.IN_TRANSIT, Category.RETURNED, Category.OPEN},
    (Side.OURS, False): {Category.IN_TRANSIT, Category.RETURNED, Category.OPEN},
}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("came", [True, False])
@pytest.mark.parametrize("category", list(Category))
def test_a_category_explains_only_what_it_can(side: Side, came: bool, category: Category) -> None:
    item = RuleItem("i", side, 5 if came else -5, MONDAY)
    fits = category in BY_HAND[side, came]
    assert (category in categories(item)) is fits
    is_open = category is Category.OPEN
    found = note_refusals(item, category, is_opening=False, has_owner=is_open, has_day=is_open)
    assert [type(one) for one in found] == ([] if fits else [WrongCategory])


def test_what_an_account_held_before_is_explained_as_such() -> None:
    item = bank("statement", 900)
    assert categories(item, is_opening=True) == (Category.OPENING, Category.OPEN)
    assert note_refusals(item, Category.OPENING, is_opening=True, has_owner=False, has_day=False) == []


@pytest.mark.parametrize(
    ("category", "has_owner", "has_day", "field"),
    [
        (Category.OPEN, False, True, "owner_id"),
        (Category.OPEN, True, False, "due_on"),
        (Category.OPEN, False, False, "owner_id"),
        (Category.FEE, True, True, "owner_id"),
        (Category.FEE, False, True, "due_on"),
    ],
)
def test_an_open_item_has_an_owner_and_a_day_and_nothing_else_has(
    category: Category, has_owner: bool, has_day: bool, field: str
) -> None:
    (refusal,) = note_refusals(bank("b", -5), category, is_opening=False, has_owner=has_owner, has_day=has_day)
    assert type(refusal) is OwnerNeeded
    assert refusal.field == field


def test_what_the_gateway_listed_twice_is_only_looked_into() -> None:
    twice = RuleItem("b", Side.GATEWAY, -5, MONDAY, is_doubled=True)
    assert categories(twice) == (Category.OPEN,)
    (refusal,) = note_refusals(twice, Category.FEE, is_opening=False, has_owner=False, has_day=False)
    assert type(refusal) is WrongCategory
    assert suggest([twice], [ours("o", -5)]) == [], "it is not taken for another payment of the same amount"
    sums = [ours("o", -2), ours("p", -3)]
    assert suggest([twice], sums) == []
    back = RuleItem("c", Side.GATEWAY, 5, MONDAY)
    assert [likely.theirs for likely in suggest([twice, back], [])] == [("b", "c")], "until it is taken back"
