"""Reads of evaluations and awards."""

from marketplace.evaluation.queries.award import award_of
from marketplace.evaluation.queries.desk import desk_list, evaluation, may_read_bids, visible
from marketplace.evaluation.queries.people import representatives
from marketplace.evaluation.queries.results import own_result, public_result
from marketplace.evaluation.queries.todos import todos

__all__ = [
    "award_of",
    "desk_list",
    "evaluation",
    "may_read_bids",
    "own_result",
    "public_result",
    "representatives",
    "todos",
    "visible",
]
