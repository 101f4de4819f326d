"""What is wrong with a row of a roster's sheet before its values are looked at."""

from marketplace.aid.rules.refusals import FiguresLost
from marketplace.aid.rules.sheet import CODES, LOST, NEEDED, cell_refusals


def test_a_long_number_kept_as_a_figure_is_refused_because_its_last_places_are_gone() -> None:
    field = min(CODES)
    row = dict.fromkeys(NEEDED, "有") | {field: LOST}
    (refusal,) = cell_refusals(row)
    assert isinstance(refusal, FiguresLost)
    assert refusal.field == field
