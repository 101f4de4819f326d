"""Text as people type it made clean, and personal data made unreadable for lists and public pages."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff")
_VILLAGE = re.compile(r".*?(?:村|社区)")
_DISTRICT = re.compile(r"(?P<kept>(?:.*?省)?(?:.*?市)?(?:.*?[区县])?).*")
_TOWN = re.compile(r".*?(?:镇|乡|街道)")
_LANDLINE = re.compile(r"(0\d{2,3}-)\d{4}(\d{3,4})")
SMALL_GROUP = 5
"""Groups of fewer people are never shown with their number."""


class Hidden(StrEnum):
    """What stands in place of a number that is not shown."""

    SMALL = "<5"
    WITHHELD = "withheld"


def half_width(text: str) -> str:
    """Full-width letters, figures, marks and spaces as their ordinary ones."""
    return text.translate(_HALF_WIDTH)


def clean_line(text: str) -> str:
    """One line as it was meant: no control or invisible characters, single spaces, none at the ends."""
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or (sign not in _INVISIBLE and unicodedata.category(sign) != "Cc")
    )
    return " ".join(kept.split())


def clean_paragraphs(text: str) -> str:
    """Several lines, each cleaned; at most one empty line between two, none at the ends."""
    lines = "\n".join(clean_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def clean_code(text: str) -> str:
    """A code as it is stored: half-width, upper case, without any space."""
    return "".join(clean_line(half_width(text)).split()).upper()


def mask_name(name: str) -> str:
    """A person's name with its first and last character, or only the first of two, or nothing of one."""
    return mask_middle(name, 1, 1) if len(name) > 2 else mask_middle(name, 1, 0)  # noqa: PLR2004 - has a middle


def mask_middle(text: str, head: int, tail: int) -> str:
    """``text`` with all but its first ``head`` and last ``tail`` characters starred; all of it if it is too short."""
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def mask_resident_id(number: str) -> str:
    """A resident ID number with its first six and last four characters."""
    return mask_middle(number, 6, 4)


def mask_but_last_four(number: str) -> str:
    """A bank account or resident ID number with only its last four characters."""
    return mask_middle(number, 0, 4)


def mask_phone(number: str) -> str:
    """A mobile number as ``138****0000``; of a landline, the area code and the last figures stay."""
    landline = _LANDLINE.fullmatch(number)
    if landline:
        return f"{landline[1]}****{landline[2]}"
    return mask_middle(number, 3, 4)


def mask_email(address: str) -> str:
    """An e-mail address with the first letter of its name and its whole domain."""
    name, at, domain = address.partition("@")
    return mask_middle(name, 1, 0) + at + domain


def mask_address(address: str) -> str:
    """An address down to its village or community, else its township, else its district; else nothing of it."""
    town = _TOWN.match(address)
    start = town.end() if town else 0
    village = _VILLAGE.match(address, start)
    if village:
        return address[: village.end()]
    return address[:start] or _DISTRICT.sub(r"\g<kept>", address) or "*"


def hide_small_groups(groups: Mapping[str, int], *, threshold: int = SMALL_GROUP) -> dict[str, int | Hidden]:
    """Counts of people per group as they may be published beside their total.

    A group of one to ``threshold - 1`` people is hidden. If only one is, it could be found by subtraction, so the next
    smallest is withheld too. Zero is nobody, and is shown. With a single group that is hidden, hide the total as well.
    """
    shown: dict[str, int | Hidden] = {
        name: Hidden.SMALL if 0 < count < threshold else count for name, count in groups.items()
    }
    rest = sorted((count, name) for name, count in groups.items() if count >= threshold)
    if sum(value is Hidden.SMALL for value in shown.values()) == 1 and rest:
        shown[rest[0][1]] = Hidden.WITHHELD
    return shown
