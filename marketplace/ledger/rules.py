"""Spans of fen: shared out over funds, carried across a transfer, and a whole line replayed from its movements."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from marketplace.kit.money import apportion


class Span(NamedTuple):
    """The fen with serial numbers from ``lo`` up to, not including, ``hi``."""

    lo: int
    hi: int

    @property
    def fen(self) -> int:
        """How many they are."""
        return self.hi - self.lo


def fen_of(spans: Iterable[Span]) -> int:
    """How many fen ``spans`` hold together."""
    return sum(span.hi - span.lo for span in spans)


def meet(left: Span, right: Span) -> Span | None:
    """The fen that both hold, if any."""
    lo, hi = max(left.lo, right.lo), min(left.hi, right.hi)
    return Span(lo, hi) if lo < hi else None


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same fen in as few spans as can be, ascending.

    Raises:
        ValueError: a span is empty or begins below zero.
    """
    found: list[Span] = []
    for span in sorted(spans):
        if not 0 <= span.lo < span.hi:
            raise ValueError(f"{span} is not a span of fen")
        if found and span.lo <= found[-1].hi:
            found[-1] = Span(found[-1].lo, max(found[-1].hi, span.hi))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """The fen of ``spans`` that are not in ``taken``, ascending."""
    found: list[Span] = []
    gone = united(taken)
    next_gone = 0
    for span in united(spans):
        lo = span.lo
        while next_gone < len(gone) and gone[next_gone].hi <= lo:
            next_gone += 1
        at = next_gone
        while at < len(gone) and gone[at].lo < span.hi:
            if lo < gone[at].lo:
                found.append(Span(lo, gone[at].lo))
            lo = gone[at].hi
            at += 1
        if lo < span.hi:
            found.append(Span(lo, span.hi))
    return tuple(found)


def split_by_left(amount_fen: int, left_fen: Sequence[int]) -> list[int]:
    """Share an amount out over funding lines in proportion to what each has left, by largest remainder.

    The order of the lines is the order of the caller, always the same; of equal remainders the earlier line comes
    first. No part is more than its line has left, and the last amount empties every line exactly.

    Raises:
        ValueError: the amount is negative, or more than all lines have left.
    """
    if not 0 <= amount_fen <= sum(left_fen):
        raise ValueError(f"{amount_fen} fen cannot come out of {sum(left_fen)}")
    return apportion(amount_fen, left_fen) if amount_fen else [0] * len(left_fen)


def across(gone: Sequence[Span], arrived_lo: int, wanted: Span) -> list[Span]:
    """Where ``wanted`` went when ``gone`` left one fund and entered another in order, from ``arrived_lo`` on."""
    found, at = [], arrived_lo
    for span in gone:
        part = meet(span, wanted)
        if part:
            found.append(Span(at + part.lo - span.lo, at + part.hi - span.lo))
        at += span.fen
    return found


def back_across(gone: Sequence[Span], arrived_lo: int, wanted: Span) -> list[Span]:
    """Where the fen of ``wanted`` came from: the reverse of :func:`across`."""
    found, at = [], arrived_lo
    for span in gone:
        part = meet(Span(at, at + span.fen), wanted)
        if part:
            found.append(Span(span.lo + part.lo - at, span.lo + part.hi - at))
        at += span.fen
    return found


class Line:
    """One fund's line of fen, replayed movement by movement: which account holds each stretch."""

    def __init__(self) -> None:
        self.tail = 0
        self._edges: list[int] = []
        self._holders: dict[int, int] = {}

    def enter(self, account: int, span: Span) -> bool:
        """New fen; false when they do not begin where the line ends."""
        if span.lo != self.tail:
            return False
        self.tail = span.hi
        insort(self._edges, span.lo)
        self._holders[span.lo] = account
        return True

    def carry(self, source: int, target: int, span: Span) -> bool:
        """Give a stretch to another account; false when the source did not hold all of it."""
        if not 0 <= span.lo < span.hi <= self.tail:
            return False
        self._cut(span.lo)
        self._cut(span.hi)
        first, last = bisect_left(self._edges, span.lo), bisect_left(self._edges, span.hi)
        if any(self._holders[edge] != source for edge in self._edges[first:last]):
            return False
        for edge in self._edges[first + 1 : last]:
            del self._holders[edge]
        del self._edges[first + 1 : last]
        self._holders[span.lo] = target
        return True

    def holdings(self) -> list[tuple[int, Span]]:
        """Which account holds what, ascending; neighbours of one account are one stretch."""
        found: list[tuple[int, Span]] = []
        for edge, end in pairwise([*self._edges, self.tail]):
            holder = self._holders[edge]
            if found and found[-1][0] == holder:
                found[-1] = (holder, Span(found[-1][1].lo, end))
            else:
                found.append((holder, Span(edge, end)))
        return found

    def _cut(self, at: int) -> None:
        if at < self.tail and at not in self._holders:
            before = self._edges[bisect_right(self._edges, at) - 1]
            self._holders[at] = self._holders[before]
            insort(self._edges, at)
