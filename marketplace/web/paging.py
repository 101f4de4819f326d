"""Pages of a long list by key, never by number: the cursor holds the last row's sort values and an id."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

PAGE_SIZE = 20
COUNT_MAX = 1000
"""Beyond this many, a list says 1000+ instead of counting."""
_CURSOR_MAX = 2000


class BadCursor(DomainError):
    """The place in a list that an address names is none."""

    kind, code = Kind.INVALID, "bad_cursor"
    text = N_("网址里的分页位置无效。请从列表开头重新浏览。")


class Paging(Struct, frozen=True):
    """Where the reader is: addresses of the beginning and of what follows, empty where there is none, and the total."""

    previous: str = ""
    next: str = ""
    total: str = ""


def cursor(keys: Sequence[str | int]) -> str:
    """The place after a row with these sort values."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(keys))).decode("ascii").rstrip("=")


def keys(given: str, count: int) -> list[str | int]:
    """The ``count`` sort values in a cursor.

    Raises:
        BadCursor: it is not one of ours.
    """
    try:
        found = msgspec.json.decode(
            base64.urlsafe_b64decode(given[:_CURSOR_MAX] + "=" * (-len(given) % 4)), type=list[str | int]
        )
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        raise BadCursor from None
    if len(found) != count:
        raise BadCursor
    return found


def total_words(count: int) -> str:
    """A count as it is shown: exact up to a thousand, then ``1000+``."""
    return f"{COUNT_MAX}+" if count > COUNT_MAX else str(count)


def paging(
    path: str, asked: dict[str, str], last: Sequence[str | int] | None, *, after: str = "", total: int | None = None
) -> Paging:
    """The pager of a list at ``path``; ``asked`` are the filters, ``last`` the last row's keys if more follow."""
    filters = {name: value for name, value in asked.items() if value}
    first = f"{path}?{urlencode(filters)}" if filters else path
    onward = f"{path}?{urlencode({**filters, 'after': cursor(last)})}" if last is not None else ""
    return Paging(previous=first if after else "", next=onward, total="" if total is None else total_words(total))
