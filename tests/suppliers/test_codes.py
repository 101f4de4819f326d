"""Codes, natures and names: which character is wrong, who may supply, who could be taken for whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.codes import uscc_check
from marketplace.suppliers.rules.codes import (
    AtTheCounter,
    LookAlike,
    MayNotSupply,
    Misread,
    NatureNotFitting,
    RegionSign,
    Swapped,
    WrongCheck,
    WrongLength,
    WrongSign,
    bank_problems,
    kind_of,
    nature_problem,
    natures_of,
    uscc_problem,
)
from marketplace.suppliers.rules.hints import alike
from marketplace.suppliers.rules.refusals import BadAccount, PayeeDiffers
from marketplace.suppliers.states import NATURE_LABELS, REGISTRABLE, TYPE_LABELS, TYPE_OF, Nature, SupplierType

GOOD = "52511602MJX000018K"


@pytest.mark.parametrize(
    "given",
    [
        GOOD,
        " 52511602mjx000018k ",
        "５２５１１６０２ＭＪＸ００００１８Ｋ",
        "5251 1602 MJX0 0001 8K",
        "52511602MJX000018K\u200b",
    ],
)
def test_full_width_lower_case_and_spaced_codes_are_understood(given: str) -> None:
    assert uscc_problem(given) is None


@pytest.mark.parametrize(
    ("given", "kind", "params"),
    [
        ("52511602MJX00001K", WrongLength, {"count": 17}),
        ("52511602MJX000018KK", WrongLength, {"count": 19}),
        ("", WrongLength, {"count": 0}),
        ("5251160ZMJX000018K", LookAlike, {"place": 8, "sign": "Z", "meant": "2"}),
        ("525116O2MJX000018K", LookAlike, {"place": 7, "sign": "O", "meant": "0"}),
        ("52511602MJX0000I8K", LookAlike, {"place": 16, "sign": "I", "meant": "1"}),
        ("5251160民MJX000018K", WrongSign, {"place": 8, "sign": "民"}),
        ("52511602MJX-00018K", WrongSign, {"place": 12, "sign": "-"}),
        ("5251A602MJX000018K", RegionSign, {"place": 5, "sign": "A"}),
        ("52511602JMX000018K", Swapped, {"place": 9, "sign": "J", "after": "M"}),
        ("52511602MJX0000B8K", WrongCheck, {}),
        ("52511602MJX000D18K", Misread, {"place": 15, "sign": "D", "meant": "0"}),
    ],
)
def test_a_wrong_code_is_told_down_to_the_character(given: str, kind: type, params: dict[str, object]) -> None:
    problem = uscc_problem(given)
    assert problem is not None
    assert type(problem) is kind
    assert problem.params == params
    assert problem.field == "uscc"
    assert str(problem).endswith("。")


@given(st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_every_single_slip_is_noticed(place: int, sign: str) -> None:
    slipped = GOOD[:place] + sign + GOOD[place + 1 :]
    assert (uscc_problem(slipped) is None) is (slipped == GOOD)


def code(prefix: str) -> str:
    body = f"{prefix}511602MJX000018"
    return body + uscc_check(body)


@pytest.mark.parametrize(
    ("prefix", "nature", "refusal"),
    [
        ("51", Nature.SOCIAL_GROUP, None),
        ("52", Nature.SOCIAL_SERVICE_AGENCY, None),
        ("53", Nature.FOUNDATION, None),
        ("91", Nature.ENTERPRISE, None),
        ("12", Nature.INSTITUTION_CLASS_TWO, None),
        ("12", Nature.INSTITUTION_BUSINESS, None),
        ("54", Nature.GRASSROOTS, None),
        ("N2", Nature.RURAL_COLLECTIVE, None),
        ("93", Nature.RURAL_COLLECTIVE, None),
        ("12", Nature.INSTITUTION_CLASS_ONE, MayNotSupply),
        ("13", Nature.MASS_ORGANIZATION, MayNotSupply),
        ("51", Nature.MASS_ORGANIZATION, MayNotSupply),
        ("13", Nature.SOCIAL_GROUP, MayNotSupply),
        ("11", Nature.ENTERPRISE, MayNotSupply),
        ("11", Nature.GOVERNMENT, MayNotSupply),
        ("52", Nature.INDIVIDUAL, AtTheCounter),
        ("52", Nature.FOUNDATION, NatureNotFitting),
        ("91", Nature.SOCIAL_SERVICE_AGENCY, NatureNotFitting),
        ("N2", Nature.SOCIAL_GROUP, NatureNotFitting),
    ],
)
def test_who_may_supply_is_read_from_nature_and_code(prefix: str, nature: Nature, refusal: type | None) -> None:
    problem = nature_problem(nature, code(prefix))
    assert (problem and type(problem)) is refusal


def test_the_six_types_of_the_law_each_have_a_nature_and_two_natures_never_supply() -> None:
    assert set(TYPE_OF.values()) == set(SupplierType) == set(TYPE_LABELS)
    assert set(Nature) - set(TYPE_OF) == {Nature.INSTITUTION_CLASS_ONE, Nature.MASS_ORGANIZATION, Nature.GOVERNMENT}
    assert set(NATURE_LABELS) == set(Nature)
    assert all(nature_problem(nature, "") is None for nature in REGISTRABLE)
    assert {kind_of(nature) for nature in REGISTRABLE}
    assert natures_of("A1")


@pytest.mark.parametrize(
    ("holder", "number", "refusals"),
    [
        ("示例（广安）中心", "6222000000001234", []),
        ("示例(广安) 中心", "６２２２ ０００００００ ０１２３４", []),
        ("李四", "6222000000001234", [PayeeDiffers]),
        ("示例（广安）中心", "62220000A", [BadAccount]),
        ("示例中心", "1234", [PayeeDiffers, BadAccount]),
    ],
)
def test_money_goes_only_to_the_organizations_own_account(holder: str, number: str, refusals: list[type]) -> None:
    assert [type(one) for one in bank_problems(holder, number, "示例（广安）中心")] == refusals


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("广安市广安区晨光青少年服务中心", "广安区晨光青少年社会工作服务中心", True),
        ("广安区晨光青少年服务中心", "广安区晨曦老年服务中心", False),
        ("幸福社区服务中心", "阳光社区服务中心", False),
        ("示例（广安）助残协会", "示例(广安)助残协会", True),
    ],
)
def test_names_that_could_be_confused_are_found(one: str, other: str, expected: bool) -> None:
    assert alike(one, other) is expected
