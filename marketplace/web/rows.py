"""Repeated rows of a form: their numbers, and the buttons that add and remove one."""

import re
from collections.abc import Mapping, Sequence

ROWS = "_rows"
"""The name of the buttons that add or remove a row; their value is ``add:lines`` or ``remove:lines:2``."""
ROWS_MAX = 500


def indexes(texts: Mapping[str, Sequence[str]], base: str) -> list[int]:
    """The numbers of the rows under ``base``, ascending."""
    found = (re.match(re.escape(base) + r"-(\d{1,6})-", name) for name in texts)
    return sorted({int(one[1]) for one in found if one})


def _rename(texts: dict[str, list[str]], old: str, new: str) -> None:
    for name in [one for one in texts if one.startswith(old)]:
        texts[new + name.removeprefix(old)] = texts.pop(name)


def close_up(texts: dict[str, list[str]], base: str) -> int:
    """Number the rows under ``base`` from 0 without gaps; returns how many there are."""
    numbers = indexes(texts, base)
    for new, old in enumerate(numbers):
        if new != old:
            _rename(texts, f"{base}-{old}-", f"{base}-{new}-")
    return len(numbers)


def rearrange(texts: dict[str, list[str]], order: str) -> str:
    """Add or remove a row; returns the prefix of the new row, or the base of the removed one."""
    texts.pop(ROWS, None)
    verb, _, rest = order.partition(":")
    base, _, index = rest.rpartition(":") if verb == "remove" else (rest, "", "")
    if verb == "remove" and index.isdecimal():
        for name in [one for one in texts if one.startswith(f"{base}-{index}-")]:
            del texts[name]
        close_up(texts, base)
        return base
    count = max(1, close_up(texts, base))
    if verb == "add" and count < ROWS_MAX:
        for row in range(count + 1):
            texts.setdefault(f"{base}-{row}-", [""])
    return f"{base}-{count}-"
