"""Codes with a check digit: the 统一社会信用代码 of organizations and the number on a resident's identity card."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_code

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_INNER_CHECKS = "0X987654321"
_ID_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_ID_CHECKS = "10X98765432"
LENGTH = 18
"""Both codes have eighteen characters."""


class Fault(StrEnum):
    """What is wrong with a code."""

    LENGTH = "length"
    ALPHABET = "alphabet"
    REGION = "region"
    BIRTH_DATE = "birth_date"
    CHECK_DIGIT = "check_digit"


class SocialKind(StrEnum):
    """The three kinds of social organization, by the first two characters of their code."""

    SOCIAL_GROUP = "51"
    SOCIAL_SERVICE_AGENCY = "52"
    FOUNDATION = "53"


class BadUscc(DomainError):
    """A 统一社会信用代码 does not pass its own check."""

    kind, code = Kind.INVALID, "bad_uscc"
    text = N_("统一社会信用代码「{given}」有误：{why}请对照登记证书重填。")


class BadResidentId(DomainError):
    """A resident ID number does not pass its own check. The number itself is never repeated."""

    kind, code = Kind.INVALID, "bad_resident_id"
    text = N_("身份证号码有误：{why}请对照证件重填。")


WHY_USCC = {
    Fault.LENGTH: N_("应为 18 位。"),
    Fault.ALPHABET: N_("含有不使用的字符（不含 I、O、S、V、Z）。"),
    Fault.REGION: N_("第 3 至 8 位应为六位行政区划数字。"),
    Fault.CHECK_DIGIT: N_("最后一位校验码不符。"),
}
WHY_RESIDENT_ID = {
    Fault.LENGTH: N_("应为现行 18 位号码。"),
    Fault.ALPHABET: N_("前 17 位应为数字，末位为数字或 X。"),
    Fault.BIRTH_DATE: N_("出生日期不存在。"),
    Fault.CHECK_DIGIT: N_("最后一位校验码不符。"),
}


def _weighed(values: Sequence[int], weights: Sequence[int]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=True))


def uscc_check(body: str) -> str:
    """The eighteenth character that belongs to the first seventeen.

    Source:
        GB 32100-2015: 31 less the weighed sum modulo 31, weights 3^(i-1) mod 31.
    """
    return _ALPHABET[-_weighed([_ALPHABET.index(sign) for sign in body], _WEIGHTS) % 31]


def uscc_fault(code: str) -> Fault | None:
    """What is wrong with a cleaned code, or None."""
    if len(code) != LENGTH:
        return Fault.LENGTH
    if not set(code) <= set(_ALPHABET):
        return Fault.ALPHABET
    if not code[2:8].isdigit():
        return Fault.REGION
    return None if code[-1] == uscc_check(code[:-1]) else Fault.CHECK_DIGIT


def uscc_inner_agrees(code: str) -> bool:
    """Whether the old nine-character code inside a valid one passes its own check; if not, warn, never refuse."""
    values = [_INNER_ALPHABET.index(sign) for sign in code[8:16]]
    return _INNER_CHECKS[_weighed(values, _INNER_WEIGHTS) % 11] == code[16]


def clean_uscc(given: str) -> str:
    """A 统一社会信用代码 as it is stored.

    Raises:
        BadUscc: wrong length, characters, region or check digit.
    """
    code = clean_code(given)
    fault = uscc_fault(code)
    if fault is not None:
        raise BadUscc(given=given, why=WHY_USCC[fault])
    return code


def social_kind(code: str) -> SocialKind | None:
    """Which kind of social organization a valid code names, or None for any other body."""
    return SocialKind(code[:2]) if code[:2] in set(SocialKind) else None


def resident_id_check(body: str) -> str:
    """The eighteenth character that belongs to the first seventeen figures.

    Source:
        GB 11643-1999, ISO 7064 MOD 11-2.
    """
    return _ID_CHECKS[_weighed([int(sign) for sign in body], _ID_WEIGHTS) % 11]


def resident_id_fault(number: str) -> Fault | None:
    """What is wrong with a cleaned number, or None. Its division is not checked: divisions come and go."""
    if len(number) != LENGTH:
        return Fault.LENGTH
    if not (number.isascii() and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")):
        return Fault.ALPHABET
    try:
        birth_date(number)
    except ValueError:
        return Fault.BIRTH_DATE
    return None if number[-1] == resident_id_check(number[:17]) else Fault.CHECK_DIGIT


def clean_resident_id(given: str) -> str:
    """A resident ID number as it is stored.

    Raises:
        BadResidentId: wrong length (also the old one of 15), characters, birth date or check digit.
    """
    number = clean_code(given)
    fault = resident_id_fault(number)
    if fault is not None:
        raise BadResidentId(why=WHY_RESIDENT_ID[fault])
    return number


def birth_date(number: str) -> date:
    """The birth date inside a resident ID number.

    Raises:
        ValueError: there is no such day.
    """
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def is_male(number: str) -> bool:
    """Whether the seventeenth figure is odd."""
    return int(number[16]) % 2 == 1
