"""Codes with a check digit are accepted when right, and refused with the reason when not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from marketplace.kit import codes
from tests.kit.vectors import VECTORS

USCC: dict[str, Any] = VECTORS["uscc"]
RESIDENT: dict[str, Any] = VECTORS["resident_id"]
ALPHABET = USCC["alphabet"]
BODIES = st.builds(
    "{}{}{}".format,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("case", USCC["valid"], ids=lambda case: case["code"])
def test_a_right_code_of_an_organization_is_stored_as_it_is(case: dict[str, Any]) -> None:
    assert codes.clean_uscc(case["code"]) == case["code"]
    assert codes.uscc_inner_agrees(case["code"])


@pytest.mark.parametrize("case", USCC["invalid"], ids=lambda case: case["note"])
def test_a_wrong_code_of_an_organization_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    assert codes.uscc_fault(case["code"]) == case["reason"]
    with pytest.raises(codes.BadUscc) as refusal:
        codes.clean_uscc(case["code"])
    assert case["code"] in str(refusal.value)


def test_a_wrong_inner_code_only_warns() -> None:
    for case in USCC["warning_only"]:
        assert codes.clean_uscc(case["code"]) == case["code"]
        assert not codes.uscc_inner_agrees(case["code"])


@pytest.mark.parametrize("case", USCC["normalize"], ids=lambda case: case["input"])
def test_codes_are_cleaned_before_they_are_checked(case: dict[str, Any]) -> None:
    assert codes.clean_uscc(case["input"]) == case["normalized"]


@given(BODIES)
def test_check_characters_agree_with_a_second_source(body: str) -> None:
    assert codes.uscc_check(body) == uscc.calc_check_digit(body)


@given(BODIES, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body: str, place: int, other: str) -> None:
    code = body + codes.uscc_check(body)
    changed = code[:place] + other + code[place + 1 :]
    assert (codes.uscc_fault(changed) is None) == (changed == code)


def test_the_kind_of_social_organization_stands_in_its_code() -> None:
    kinds = {case["code"][:2]: codes.social_kind(case["code"]) for case in USCC["valid"]}
    assert kinds["51"] is codes.SocialKind.SOCIAL_GROUP
    assert kinds["52"] is codes.SocialKind.SOCIAL_SERVICE_AGENCY
    assert kinds["53"] is codes.SocialKind.FOUNDATION
    assert kinds["91"] is None
    assert set(USCC["category_by_prefix"]) == set(codes.SocialKind)


@pytest.mark.parametrize("case", RESIDENT["valid"], ids=lambda case: case["number"])
def test_a_right_resident_number_is_accepted(case: dict[str, Any]) -> None:
    number = codes.clean_resident_id(case["number"])
    assert codes.birth_date(number).isoformat() == case["birth_date"]
    assert codes.is_male(number) is (case["sex"] == "male")


@pytest.mark.parametrize("case", RESIDENT["invalid"], ids=lambda case: case["note"])
def test_a_wrong_resident_number_is_refused_without_being_repeated(case: dict[str, Any]) -> None:
    assert codes.resident_id_fault(case["number"]) == case["reason"]
    with pytest.raises(codes.BadResidentId) as refusal:
        codes.clean_resident_id(case["number"])
    assert case["number"] not in str(refusal.value)


@pytest.mark.parametrize("case", RESIDENT["normalize"], ids=lambda case: case["input"])
def test_resident_numbers_are_cleaned_before_they_are_checked(case: dict[str, Any]) -> None:
    assert codes.clean_resident_id(case["input"]) == case["normalized"]


def test_every_fault_has_a_sentence() -> None:
    assert set(codes.WHY_USCC) | set(codes.WHY_RESIDENT_ID) == set(codes.Fault)


@given(st.text("0123456789", min_size=17, max_size=17))
def test_resident_check_characters_agree_with_a_second_source(body: str) -> None:
    assert codes.resident_id_check(body) == ric.calc_check_digit(body + "0")
