"""Text is cleaned as it comes in, and people are unrecognizable as it goes out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit import text
from tests.kit.vectors import VECTORS

MASKING: dict[str, Any] = VECTORS["masking"]


@pytest.mark.parametrize("case", MASKING["name"], ids=lambda case: case["input"])
def test_names_keep_their_first_and_last_character(case: dict[str, Any]) -> None:
    assert text.mask_name(case["input"]) == case["masked"]


@pytest.mark.parametrize(
    ("kind", "mask"),
    [
        ("resident_id", text.mask_resident_id),
        ("mobile", text.mask_phone),
        ("landline", text.mask_phone),
        ("bank_account", text.mask_but_last_four),
        ("email", text.mask_email),
        ("address", text.mask_address),
    ],
)
def test_personal_data_is_masked_as_agreed(kind: str, mask: Any) -> None:
    for case in MASKING[kind]:
        assert mask(case["input"]) == case["masked"]


def test_the_last_four_figures_may_stand_alone() -> None:
    for case in MASKING["resident_id"]:
        assert text.mask_but_last_four(case["input"]) == case["last4_only"]


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("四川省广安市广安区浓洄街道某路8号", "四川省广安市广安区浓洄街道"),
        ("浓洄街道平安社区3栋", "浓洄街道平安社区"),
        ("平安村3组", "平安村"),
        ("广安市广安区某路8号", "广安市广安区"),
        ("某路8号", "*"),
    ],
)
def test_addresses_stop_at_the_smallest_place_of_many(address: str, masked: str) -> None:
    assert text.mask_address(address) == masked


def test_what_is_too_short_to_mask_is_hidden_whole() -> None:
    assert (text.mask_but_last_four("123"), text.mask_name(""), text.mask_email("a@b.cn")) == ("***", "", "*@b.cn")


@pytest.mark.parametrize("case", MASKING["small_cells"], ids=lambda case: str(case["groups"]))
def test_small_groups_are_not_shown_nor_found_by_subtraction(case: dict[str, Any]) -> None:
    assert text.hide_small_groups(case["groups"], threshold=case["threshold"]) == case["published"]


@given(st.dictionaries(st.text("甲乙丙丁戊", min_size=1, max_size=3), st.integers(0, 30), max_size=8))
def test_a_hidden_group_never_stands_alone_among_shown_ones(groups: dict[str, int]) -> None:
    shown = text.hide_small_groups(groups)
    assert all(value == groups[name] or isinstance(value, text.Hidden) for name, value in shown.items())
    assert not any(0 < value < text.SMALL_GROUP for value in shown.values() if isinstance(value, int))
    hidden = [name for name, value in shown.items() if isinstance(value, text.Hidden)]
    if len(hidden) == 1:
        assert all(count == 0 for name, count in groups.items() if name not in hidden)


def test_lines_are_cleaned_of_what_nobody_sees() -> None:
    assert text.clean_line(" 留守\u200b儿童\t \x00托管　服务 ") == "留守儿童 托管 服务"
    assert text.clean_paragraphs("\r\n一 \r\n\r\n\r\n\n二\r三\n") == "一\n\n二\n三"
    assert text.clean_code(" ｃ０５０ 10200\u200b") == "C05010200"
    assert text.half_width("Ａ（１）～￥") == "A(1)~¥"


@given(st.text())
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    for clean in (text.clean_line, text.clean_paragraphs, text.half_width):
        assert clean(clean(raw)) == clean(raw)
