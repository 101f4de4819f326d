"""Money is exact to the fen, however it is typed, written or shared out."""

from decimal import Decimal
from typing import Any

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit import money
from marketplace.kit.errors import DomainError
from tests.kit.vectors import VECTORS

FEN = st.integers(0, money.FEN_MAX)
CAPITALS: list[dict[str, Any]] = VECTORS["rmb_capital"]["vectors"]
SPLITS: list[dict[str, Any]] = VECTORS["milestone_split"]["vectors"]


@pytest.mark.parametrize("case", CAPITALS, ids=lambda case: case["yuan"])
def test_capitals_are_written_and_read_as_custom_has_them(case: dict[str, Any]) -> None:
    assert money.capital(case["fen"]) == case["capital"]
    assert money.parse_yuan(case["yuan"]) == case["fen"]
    assert money.yuan(case["fen"]) == case["yuan"]
    for written in [case["capital"], *case["also_accept_on_input"]]:
        assert money.parse_capital(written) == case["fen"]


@pytest.mark.parametrize(
    ("fen", "written"),
    [
        (88080000283584, "捌仟捌佰零捌亿零贰仟捌佰叁拾伍元捌角肆分"),
        (100_010_000_000_000, "壹万亿零壹亿元整"),
        (10**15, "壹拾万亿元整"),
        (-1050, "负壹拾元伍角整"),
        (50000, "伍佰元整"),
    ],
)
def test_capitals_of_large_and_negative_amounts(fen: int, written: str) -> None:
    assert money.capital(fen) == written


@given(FEN)
def test_capitals_read_back_to_the_same_fen(fen: int) -> None:
    assert money.parse_capital(money.capital(fen)) == fen


@given(st.integers(1, 10**14))
def test_capitals_agree_with_another_writer_but_for_its_lost_zero(fen: int) -> None:
    other = cn2an.an2cn(Decimal(fen) / 100, "rmb")
    assert money.capital(fen).replace("零", "").rstrip("整") == other.replace("零", "").rstrip("整")


@pytest.mark.parametrize(
    "given_text",
    [
        "",
        "壹佰",
        "壹佰伍元整",
        "伍拾壹佰元整",
        "壹元整整",
        "叁拾玖万柒仟元",
        "壹百元整",
        "壹分整",
        "角",
        "壹元伍角元整",
    ],
)
def test_what_is_not_a_proper_capital_is_refused(given_text: str) -> None:
    with pytest.raises(money.BadCapital):
        money.parse_capital(given_text)


@pytest.mark.parametrize("case", VECTORS["rmb_capital"]["display"], ids=lambda case: case["yuan"])
def test_amounts_are_shown_in_yuan_and_wan(case: dict[str, Any]) -> None:
    assert money.yuan_grouped(case["fen"]) == case["yuan"]
    assert money.wan(case["fen"]) == case["wan"]
    assert money.parse_yuan(case["yuan"]) == money.parse_wan(case["wan"]) == case["fen"]


def test_negative_amounts_keep_their_sign() -> None:
    assert (money.yuan(-5), money.yuan_grouped(-123456), money.wan(-39700000)) == ("-0.05", "-1,234.56", "-39.7")


@given(FEN)
def test_every_amount_survives_being_written_and_read(fen: int) -> None:
    assert money.parse_yuan(money.yuan(fen)) == fen
    assert money.parse_yuan(money.yuan_grouped(fen)) == fen
    assert money.parse_wan(money.wan(fen)) == fen


@pytest.mark.parametrize(("typed", "fen"), [("１２，０００．５", 1200050), (" ¥ 3 ", 300), ("￥0.01", 1), ("007", 700)])
def test_full_width_figures_and_the_sign_of_yuan_are_understood(typed: str, fen: int) -> None:
    assert money.parse_yuan(typed) == fen


@pytest.mark.parametrize(
    ("read", "typed", "error"),
    [
        (money.parse_yuan, "1.005", money.TooFine),
        (money.parse_yuan, "1.500", money.TooFine),
        (money.parse_wan, "0.0000001", money.TooFine),
        (money.parse_yuan, "", money.BadAmount),
        (money.parse_yuan, "-1", money.BadAmount),
        (money.parse_yuan, "1,00", money.BadAmount),
        (money.parse_yuan, "1e3", money.BadAmount),
        (money.parse_yuan, ".5", money.BadAmount),
        (money.parse_yuan, "一百", money.BadAmount),
        (money.parse_wan, "100000000000", money.TooLarge),
        (money.parse_percent, "100.01", money.BadPercent),
        (money.parse_percent, "33.333", money.BadPercent),
        (money.parse_percent, "-1", money.BadPercent),
        (money.parse_percent, "", money.BadPercent),
    ],
)
def test_what_is_not_an_exact_amount_is_refused_with_a_sentence(
    read: Any, typed: str, error: type[DomainError]
) -> None:
    with pytest.raises(error) as refusal:
        read(typed)
    assert typed in str(refusal.value)


@pytest.mark.parametrize("case", SPLITS, ids=lambda case: str(case["total_fen"]))
def test_shares_are_rounded_half_up_and_the_last_takes_the_rest(case: dict[str, Any]) -> None:
    assert (
        money.split(case["total_fen"], [money.parse_percent(text) for text in case["percent"]]) == case["expected_fen"]
    )


def test_shares_that_are_not_exactly_the_whole_are_refused() -> None:
    for case in VECTORS["milestone_split"]["invalid"]:
        with pytest.raises(money.SharesNotWhole) as refusal:
            money.split(100, [money.parse_percent(text) for text in case["percent"]])
        assert "99.99" in str(refusal.value)


@given(FEN, st.lists(st.integers(0, 3000), max_size=8))
def test_shares_always_add_up_and_none_is_negative(total: int, shares: list[int]) -> None:
    while sum(shares) > money.WHOLE_BP:
        shares.pop()
    parts = money.split(total, [*shares, money.WHOLE_BP - sum(shares)])
    assert sum(parts) == total
    assert min(parts) >= 0


@given(FEN, st.lists(st.integers(0, 10**12), min_size=1, max_size=8).filter(any))
def test_apportioned_parts_add_up_and_are_off_by_less_than_a_fen(total: int, weights: list[int]) -> None:
    parts = money.apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_of_equal_remainders_the_first_comes_first() -> None:
    assert money.apportion(100, [1, 1, 1]) == [34, 33, 33]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_nothing_to_weigh_by_is_a_mistake_of_the_caller(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.apportion(100, weights)


def test_percentages_are_written_with_two_decimals() -> None:
    assert [money.percent(bp) for bp in (0, 5, 3333, 10000)] == ["0.00", "0.05", "33.33", "100.00"]
    assert money.parse_percent("４０％") == 4000
