"""A warning when several purchases of one service by one buyer together reach a tier that none reaches alone."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from marketplace.procedures.rules.choice import Band, band_of
from marketplace.procedures.rules.ruleset import RuleSet

WINDOW_YEARS = 1


class Splitting(Struct, frozen=True):
    """What stands together: how many other purchases, all amounts in fen, the tier of this one and of the sum."""

    others: int
    total_fen: int
    alone: Band
    together: Band


def window_start(day: date) -> date:
    """The day after which purchases count together with one of ``day``: twelve months before."""
    try:
        return day.replace(year=day.year - WINDOW_YEARS)
    except ValueError:
        return day.replace(year=day.year - WINDOW_YEARS, day=28)


def splitting(rules: RuleSet, amount_fen: int, others_fen: Iterable[int]) -> Splitting | None:
    """Whether ``amount_fen`` with the other amounts reaches a higher tier than alone. It warns; a person decides.

    Source:
        政府采购法第二十八条；采购法条例第二十八条: one item under one budget is not split to evade open tender.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    others = tuple(others_fen)
    total = amount_fen + sum(others)
    alone, together = band_of(rules, amount_fen), band_of(rules, total)
    if not others or together.from_fen <= alone.from_fen:
        return None
    return Splitting(len(others), total, alone, together)
