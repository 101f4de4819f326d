"""Pure decisions about contracts and their milestones."""

from marketplace.contracts.rules.amounts import funding_amounts, in_words, milestone_amounts
from marketplace.contracts.rules.contract import (
    CLAUSE_NAMES,
    NO_ASSIGNMENT,
    Clause,
    Clauses,
    Deadline,
    Frame,
    Planned,
    Terms,
    gates,
    may_sign,
    period,
    publish_by,
    sign_by,
)

__all__ = [
    "CLAUSE_NAMES",
    "NO_ASSIGNMENT",
    "Clause",
    "Clauses",
    "Deadline",
    "Frame",
    "Planned",
    "Terms",
    "funding_amounts",
    "gates",
    "in_words",
    "may_sign",
    "milestone_amounts",
    "period",
    "publish_by",
    "sign_by",
]
