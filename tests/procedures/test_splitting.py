"""Purchases of one service by one buyer are looked at together: just below a tier is silent, at its fen it warns."""

from datetime import date

import pytest

from marketplace.procedures.rules.splitting import splitting, window_start
from marketplace.procedures.states import BandCode
from tests.procedures.reference import rules_on

RULES = rules_on()


@pytest.mark.parametrize(
    ("amount_fen", "others", "together"),
    [
        (15_000_000, (), None),
        (15_000_000, (14_999_999,), None),
        (15_000_000, (15_000_000,), BandCode.GOVERNMENT),
        (15_000_000, (7_500_000, 7_500_000), BandCode.GOVERNMENT),
        (4_000_000, (999_999,), None),
        (4_000_000, (1_000_000,), BandCode.PUBLIC),
        (100_000_000, (100_000_000,), BandCode.OPEN_TENDER),
        (30_000_000, (5_000_000,), None),
    ],
)
def test_amounts_that_together_reach_a_higher_tier_are_told(
    amount_fen: int, others: tuple[int, ...], together: BandCode | None
) -> None:
    found = splitting(RULES, amount_fen, others)
    assert (found.together.code if found else None) is together
    assert found is None or (found.others, found.total_fen) == (len(others), amount_fen + sum(others))


def test_the_window_is_twelve_months() -> None:
    assert window_start(date(2026, 3, 2)) == date(2025, 3, 2)
    assert window_start(date(2028, 2, 29)) == date(2027, 2, 28)
