"""Pure rules: an amount shared out always adds up; spans keep their fen; a replayed line knows who holds what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.ledger.rules import Line, Span, across, back_across, fen_of, meet, split_by_left, united, without

spans = st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda at: Span(at[0], at[0] + at[1]))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.lists(st.integers(0, 10**13), max_size=5))
def test_parts_add_up_stay_within_their_lines_and_empty_them_at_last(left: list[int], amounts: list[int]) -> None:
    for amount_fen in [*amounts, sum(left)]:
        wanted = min(amount_fen, sum(left))
        parts = split_by_left(wanted, left)
        assert sum(parts) == wanted
        assert all(0 <= part <= line for part, line in zip(parts, left, strict=True))
        assert all(
            abs(part * sum(left) - wanted * line) < max(sum(left), 1) for part, line in zip(parts, left, strict=True)
        )
        left = [line - part for line, part in zip(left, parts, strict=True)]
    assert split_by_left(sum(left), left) == left, "the last amount empties every line"


def test_the_earlier_line_has_the_odd_fen() -> None:
    assert split_by_left(100, [500, 500, 500]) == [34, 33, 33]
    assert split_by_left(0, [5, 0]) == [0, 0]
    with pytest.raises(ValueError, match="cannot come out"):
        split_by_left(11, [5, 5])
    with pytest.raises(ValueError, match="cannot come out"):
        split_by_left(-1, [5, 5])


@given(st.lists(spans, max_size=8), st.lists(spans, max_size=8))
def test_what_is_united_or_taken_away_is_the_same_as_with_sets(one: list[Span], other: list[Span]) -> None:
    def fen(some: object) -> set[int]:
        return {at for span in some for at in range(span.lo, span.hi)}  # type: ignore[attr-defined] # spans

    assert fen(united(one)) == fen(one)
    assert fen_of(united(one)) == len(fen(one))
    assert fen(without(one, other)) == fen(one) - fen(other)
    assert all(a.hi < b.lo for a, b in zip(united(one), united(one)[1:], strict=False))
    for a in one:
        for b in other:
            both = meet(a, b)
            assert fen([both] if both else []) == fen([a]) & fen([b])


@pytest.mark.parametrize("bad", [Span(3, 3), Span(-1, 4), Span(5, 2)])
def test_an_empty_or_negative_stretch_is_no_span(bad: Span) -> None:
    with pytest.raises(ValueError, match="not a span"):
        united([bad])


@given(st.lists(spans, min_size=1, max_size=6), st.integers(0, 100), spans)
def test_the_way_across_a_transfer_leads_back(some: list[Span], arrived_lo: int, wanted: Span) -> None:
    gone = list(united(some))
    there = across(gone, arrived_lo, wanted)
    home = [back for span in there for back in back_across(gone, arrived_lo, span)]
    assert home == [part for span in gone if (part := meet(span, wanted))]


def test_a_line_is_replayed_from_its_movements() -> None:
    line = Line()
    assert line.enter(1, Span(0, 10))
    assert line.carry(1, 2, Span(2, 5))
    assert line.carry(1, 2, Span(7, 10))
    assert line.enter(1, Span(10, 12))
    assert line.holdings() == [
        (1, Span(0, 2)), (2, Span(2, 5)), (1, Span(5, 7)), (2, Span(7, 10)), (1, Span(10, 12)),
    ]  # fmt: skip
    assert line.carry(2, 1, Span(3, 4))
    assert not line.carry(2, 3, Span(2, 4)), "fen 3 is not there any more"
    assert not line.carry(1, 3, Span(11, 13)), "the line is not that long"
    assert not line.enter(1, Span(13, 14)), "no serial number is left out"
    assert line.carry(1, 2, Span(3, 4))
    assert line.holdings()[1] == (2, Span(2, 5))
