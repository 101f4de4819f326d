"""Pure decisions of an evaluation: the panel and its lots, what is scored, the ranking and its ties, the dates."""

from marketplace.evaluation.rules.dates import Period, decide_by, result_period
from marketplace.evaluation.rules.panel import HOUSE_SIZE, drawn, wrong_with
from marketplace.evaluation.rules.ranking import (
    TIE_RULES,
    Candidate,
    Points,
    Ranked,
    Weighted,
    points,
    price_points_bp,
    rank,
    steps_of,
)

__all__ = [
    "HOUSE_SIZE",
    "TIE_RULES",
    "Candidate",
    "Period",
    "Points",
    "Ranked",
    "Weighted",
    "decide_by",
    "drawn",
    "points",
    "price_points_bp",
    "rank",
    "result_period",
    "steps_of",
    "wrong_with",
]
