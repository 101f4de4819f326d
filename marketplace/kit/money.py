"""Money is a whole number of fen: read from yuan and 万元, written as both and in capitals, and shared out exactly."""

import re
from collections.abc import Sequence
from fractions import Fraction

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.text import half_width

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
WHOLE_BP = 10_000
"""One hundred percent in basis points."""
FEN_MAX = 10**15
"""No single amount is larger: ten thousand billion yuan."""

_AMOUNT = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?")
_PERCENT = re.compile(r"(?P<whole>\d{1,3})(?:\.(?P<part>\d{1,2}))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_GROUP = 10_000


class BadAmount(DomainError):
    """What was typed is not an amount of money."""

    kind, code = Kind.INVALID, "bad_amount"
    text = N_("「{given}」不是金额。请填写数字，例如 12000 或 12,000.50。")


class TooFine(DomainError):
    """An amount has parts smaller than one fen, which are never rounded away."""

    kind, code = Kind.INVALID, "amount_too_fine"
    text = N_("「{given}」的小数超过 {places} 位，不足一分的金额不能录入。请核对后重填。")


class TooLarge(DomainError):
    """An amount is beyond what one entry may hold."""

    kind, code = Kind.INVALID, "amount_too_large"
    text = N_("「{given}」超过单笔金额上限。请核对单位是元还是万元。")


class BadPercent(DomainError):
    """What was typed is not a percentage of at most two decimals from 0 to 100."""

    kind, code = Kind.INVALID, "bad_percent"
    text = N_("「{given}」不是百分比。请填写 0 到 100 之间的数字，最多两位小数，例如 40 或 33.33。")


class SharesNotWhole(DomainError):
    """Shares do not add up to exactly one hundred percent."""

    kind, code = Kind.INVALID, "shares_not_whole"
    text = N_("各项比例合计为 {total}%，必须正好等于 100.00%。请调整后再提交。")


class BadCapital(DomainError):
    """What was typed is not an amount in capitals."""

    kind, code = Kind.INVALID, "bad_capital"
    text = N_("「{given}」不是规范的大写金额。请按「叁拾玖万柒仟元整」的写法填写。")


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up, as accountants round."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _parse(given: str, places: int) -> int:
    text = half_width(given).strip().removeprefix("¥").strip()
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise BadAmount(given=given)
    part = found["part"] or ""
    if len(part) > places:
        raise TooFine(given=given, places=places)
    fen = int(found["whole"].replace(",", "") + part.ljust(places, "0"))
    if fen > FEN_MAX:
        raise TooLarge(given=given)
    return fen


def parse_yuan(given: str) -> int:
    """Fen of an amount typed in yuan: ``12,000.5`` is 1200050. Full-width figures and ``¥`` are understood.

    Raises:
        BadAmount: not a number, or a negative one.
        TooFine: more than two decimals.
        TooLarge: more than ``FEN_MAX``.
    """
    return _parse(given, 2)


def parse_wan(given: str) -> int:
    """Fen of an amount typed in 万元, with up to six decimals: ``39.7`` is 39700000.

    Raises:
        BadAmount: not a number, or a negative one.
        TooFine: more than six decimals.
        TooLarge: more than ``FEN_MAX``.
    """
    return _parse(given, 6)


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals and no grouping, for files: ``397000.00``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // FEN_PER_YUAN}.{fen % FEN_PER_YUAN:02d}"


def yuan_grouped(fen: int) -> str:
    """Fen as yuan with two decimals and grouped thousands, for pages: ``397,000.00``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // FEN_PER_YUAN:,}.{fen % FEN_PER_YUAN:02d}"


def wan(fen: int) -> str:
    """Fen as 万元 without trailing zeros, exact to the fen: ``39.7``, ``0.000001``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    part = f"{fen % FEN_PER_WAN:06d}".rstrip("0")
    return f"{sign}{fen // FEN_PER_WAN}{'.' if part else ''}{part}"


def _group_capital(group: int) -> str:
    out, zero = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            out += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = bool(out)
    return out


def _yuan_capital(whole: int) -> str:
    groups = []
    while whole:
        whole, group = divmod(whole, _GROUP)
        groups.append(group)
    out, zero = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            zero = True
            continue
        gap = bool(out) and (zero or group < _GROUP // 10)
        out += ("零" if gap else "") + _group_capital(group) + _GROUPS[index]
        zero = False
    return out


def capital(fen: int) -> str:
    """Fen in the capitals of cheques and contracts (人民币大写): ``叁拾玖万柒仟元整``.

    整 follows 元 and 角, never 分.
    """
    if fen < 0:
        return "负" + capital(-fen)
    whole, cents = divmod(fen, FEN_PER_YUAN)
    jiao, rest = divmod(cents, 10)
    out = f"{_yuan_capital(whole)}元" if whole else ""
    if jiao:
        out += f"{_DIGITS[jiao]}角"
    elif rest and whole:
        out += "零"
    if rest:
        return f"{out}{_DIGITS[rest]}分"
    return f"{out or '零元'}整"


def parse_capital(given: str) -> int:
    """Fen of an amount written in capitals; where custom allows a second way with 零 or without 整, both are read.

    Raises:
        BadCapital: not such an amount, or one that lacks a 零 it needs.
    """
    text = given.strip()
    section = whole = fen = digit = 0
    for sign in text.rstrip("整"):
        if sign in _DIGITS:
            digit = _DIGITS.index(sign)
        elif sign in _PLACES[1:]:
            section, digit = section + digit * 10 ** _PLACES.index(sign), 0
        elif sign == "万":
            section, digit = (section + digit) * _GROUP, 0
        elif sign == "亿":
            whole, section, digit = whole + (section + digit) * _GROUP**2, 0, 0
        elif sign == "元":
            fen, whole, section, digit = (whole + section + digit) * FEN_PER_YUAN, 0, 0, 0
        elif sign in "角分":
            fen, digit = fen + digit * (10 if sign == "角" else 1), 0
        else:
            raise BadCapital(given=given)
    if not _same_capital(text, capital(fen)):
        raise BadCapital(given=given)
    return fen


def _same_capital(text: str, proper: str) -> bool:
    """Whether ``text`` is ``proper``, perhaps with one more 零 after a unit or without the last 整 after 角."""
    body = proper.removesuffix("整")
    pattern = "".join(
        f"{sign}零?" if sign not in _DIGITS and after in _DIGITS[1:] else sign
        for sign, after in zip(body, [*body[1:], "分"], strict=True)
    )
    return re.fullmatch(pattern + {"元": "整", "角": "整?", "分": ""}[body[-1]], text) is not None


def parse_percent(given: str) -> int:
    """Basis points of a percentage with at most two decimals: ``33.33`` is 3333.

    Raises:
        BadPercent: not a number from 0 to 100 with at most two decimals.
    """
    found = _PERCENT.fullmatch(half_width(given).strip().removesuffix("%").strip())
    bp = int(found["whole"] + (found["part"] or "").ljust(2, "0")) if found else WHOLE_BP + 1
    if bp > WHOLE_BP:
        raise BadPercent(given=given)
    return bp


def percent(bp: int) -> str:
    """Basis points as a percentage with two decimals and no sign: ``33.33``."""
    return f"{bp // 100}.{bp % 100:02d}"


def share(total_fen: int, bp: int) -> int:
    """``bp`` basis points of an amount, rounded half up to the fen."""
    return half_up(Fraction(total_fen * bp, WHOLE_BP))


def split(total_fen: int, shares_bp: Sequence[int]) -> list[int]:
    """An amount in shares: each but the last rounded half up, the last is what remains; none is negative.

    Raises:
        SharesNotWhole: the shares do not add up to exactly 100.00 %.
    """
    if sum(shares_bp) != WHOLE_BP:
        raise SharesNotWhole(total=percent(sum(shares_bp)))
    left, parts = total_fen, []
    for bp in shares_bp[:-1]:
        part = min(share(total_fen, bp), left)
        parts.append(part)
        left -= part
    return [*parts, left]


def apportion(total_fen: int, weights: Sequence[int]) -> list[int]:
    """An amount in proportion to ``weights`` by largest remainder; of equal remainders the earlier comes first.

    Raises:
        ValueError: no weight, a negative one, or all of them zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be zero or more, and not all zero")
    parts = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i))
    for index in by_remainder[: total_fen - sum(parts)]:
        parts[index] += 1
    return parts
