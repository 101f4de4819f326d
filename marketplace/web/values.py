"""One typed text becomes one value: money in yuan, percentages, dates and figures as people write them in China."""

import re
import types
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import Meta

from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.errors import BadValue
from marketplace.kit.i18n import N_
from marketplace.kit.money import parse_percent, parse_yuan, percent, yuan
from marketplace.kit.text import clean_line, clean_paragraphs, half_width
from marketplace.web.i18n import say

NOT_WHOLE = N_("请填写整数，例如 12。")
NOT_NUMBER = N_("请填写数字，例如 12.5。")
NOT_DATE = N_("请填写日期，例如 2026-03-05。")
NOT_INSTANT = N_("请填写日期和时间，例如 2026-03-05 17:00。")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*分?(?:[:]\d{2})?")
_WHOLE = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)")
_YES = frozenset({"true", "on", "yes", "1"})
_NO = frozenset({"false", "off", "no", "0"})


class Shape(msgspec.Struct, frozen=True):
    """What a field's type asks for: the bare type, its pattern if any, and whether it may be left out."""

    bare: Any
    pattern: str
    optional: bool


def shape(kind: Any) -> Shape:
    """Look through ``Annotated`` and ``| None``."""
    pattern, optional = "", False
    while True:
        if get_origin(kind) is Annotated:
            inner, *metas = get_args(kind)
            pattern = next((m.pattern for m in metas if isinstance(m, Meta) and m.pattern), pattern)
            kind = inner
            continue
        if get_origin(kind) in (Union, types.UnionType):
            left = [one for one in get_args(kind) if one is not type(None)]
            if len(left) == 1:
                kind, optional = left[0], True
                continue
        return Shape(kind, pattern, optional)


def is_secret(name: str) -> bool:
    """Whether a field holds what is never shown again nor changed: a password, a passphrase."""
    return name.endswith(("password", "passphrase"))


def is_chosen(bare: Any) -> bool:
    """Whether the value is picked, not typed: the sentence for an empty one is another."""
    return bare in (bool, UUID) or (isinstance(bare, type) and issubclass(bare, Enum))


def parse(name: str, wanted: Shape, given: str) -> object:
    """The value that was typed as ``given`` into the field ``name``, not yet held against the limits of its type.

    Fields named ``…_fen`` are typed in yuan and ``…_bp`` in percent; instants in the time of China.

    Raises:
        DomainError: it cannot be read as that; the sentence says what is expected.
    """
    if is_secret(name):
        return given
    if wanted.bare is int and name.endswith("_fen"):
        return parse_yuan(given)
    if wanted.bare is int and name.endswith("_bp"):
        return parse_percent(given)
    reader = _READERS.get(wanted.bare)
    if reader is not None:
        return reader(clean_line(half_width(given)))
    if wanted.bare is str:
        return _text(wanted, given)
    return clean_line(given)


def _text(wanted: Shape, given: str) -> str:
    if wanted.pattern and wanted.pattern != r"\S":
        code = "".join(clean_line(half_width(given)).split())
        return code if re.search(wanted.pattern, code) else code.upper()
    return clean_paragraphs(given) if "\n" in given or "\r" in given else clean_line(given)


def _whole(given: str) -> int:
    if not _WHOLE.fullmatch(given):
        raise BadValue(problem=say(NOT_WHOLE))
    return int(given.replace(",", ""))


def _decimal(given: str) -> Decimal:
    try:
        found = Decimal(given.replace(",", ""))
    except InvalidOperation:
        raise BadValue(problem=say(NOT_NUMBER)) from None
    if not found.is_finite():
        raise BadValue(problem=say(NOT_NUMBER))
    return found


def _day_of(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (part for part in found.groups() if part is not None)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _date(given: str) -> date:
    found = _day_of(given)
    if found is None:
        raise BadValue(problem=say(NOT_DATE))
    return found


def _instant(given: str) -> datetime:
    text = given.replace("T", " ")
    day_text, _, time_text = text.partition(" ")
    day, clock = _day_of(day_text), _TIME.fullmatch(time_text.strip())
    if day is None or clock is None or int(clock[1]) > 23 or int(clock[2] or 0) > 59:  # noqa: PLR2004 - a day's end
        raise BadValue(problem=say(NOT_INSTANT))
    local = datetime(day.year, day.month, day.day, int(clock[1]), int(clock[2] or 0), tzinfo=LEGAL_ZONE)
    return local.astimezone(UTC)


def _bool(given: str) -> bool | str:
    word = given.lower()
    return word in _YES if word in _YES | _NO else given


_READERS: dict[Any, Callable[[str], object]] = {
    int: _whole,
    Decimal: _decimal,
    date: _date,
    datetime: _instant,
    bool: _bool,
}


def write(name: str, value: object) -> str:  # noqa: PLR0911 - one way for each type
    """The text a field shows for a value that is known: what :func:`parse` would read as it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, int) and name.endswith("_fen"):
        return yuan(value)
    if isinstance(value, int) and name.endswith("_bp"):
        return percent(value)
    if isinstance(value, datetime):
        return value.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")
    return str(value)


def is_many(bare: Any) -> bool:
    """Whether a type is a list of something."""
    return get_origin(bare) in (list, tuple, set, frozenset)


def is_struct(bare: Any) -> bool:
    """Whether a type is a struct."""
    return isinstance(bare, type) and issubclass(bare, msgspec.Struct)


def member(bare: Any) -> Any:
    """The type of a list's members."""
    return get_args(bare)[0]


def any_text(values: Iterable[str]) -> bool:
    """Whether anything was typed at all."""
    return any(value.strip() for value in values)
