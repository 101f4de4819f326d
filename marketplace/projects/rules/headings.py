"""Headings that a template left in a text and under which nobody wrote anything."""

import re
from itertools import pairwise

_NUMBERED = (
    re.compile(r"[一二三四五六七八九十百]+[、.．]"),
    re.compile(r"[（(][一二三四五六七八九十百]+[）)]"),
    re.compile(r"\d{1,3}(?:[、．)）]|\.(?!\d))"),
    re.compile(r"[（(]\d{1,3}[）)]"),
)
"""How headings are numbered, the widest first."""
_PLAIN = len(_NUMBERED)
_WORD = re.compile(r"[^\W_]")
SHOWN_MAX = 30


def _level(line: str) -> int:
    """How deep a line stands by its number; a line without one stands deepest."""
    return next((level for level, pattern in enumerate(_NUMBERED) if pattern.match(line)), _PLAIN)


def bare_headings(text: str) -> tuple[str, ...]:
    """The headings (lines that end in a colon) under which there are no words, without their colons, in order.

    Words under a heading are a line of any kind that is no heading of the same or a wider level; dots and dashes are
    no words. A line without a number is a heading only if nothing at all comes after it.
    """
    lines = [line.strip() for line in text.splitlines() if _WORD.search(line)]
    found = []
    for line, after in pairwise([*lines, ""]):
        head = line.rstrip(" 　…。.—-_/")
        if not head.endswith((":", "：")):
            continue
        level = _level(line)
        if not after or (level < _PLAIN and _level(after) <= level):
            found.append(head[:-1].strip()[:SHOWN_MAX])
    return tuple(found)
