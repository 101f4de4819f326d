"""What an edition of the catalogue must be, how it becomes one, and what differs between two."""

from marketplace.catalogue.rules.course import (
    CONSULT_DAYS_MIN,
    CONSULT_DAYS_USUAL,
    EXPERTS_MIN,
    OPINIONS_PER_HOUR,
    check_consultation,
    check_review,
)
from marketplace.catalogue.rules.difference import FIELDS, Changed, Difference, Text, difference
from marketplace.catalogue.rules.entries import (
    LEVEL_LENGTHS,
    CodeTwice,
    CostWithoutUnit,
    Entry,
    MatchWithoutCode,
    NoParent,
    UnknownProcurementCode,
    WrongPlace,
    check_entries,
    level_of,
)

__all__ = [
    "CONSULT_DAYS_MIN",
    "CONSULT_DAYS_USUAL",
    "EXPERTS_MIN",
    "FIELDS",
    "LEVEL_LENGTHS",
    "OPINIONS_PER_HOUR",
    "Changed",
    "CodeTwice",
    "CostWithoutUnit",
    "Difference",
    "Entry",
    "MatchWithoutCode",
    "NoParent",
    "Text",
    "UnknownProcurementCode",
    "WrongPlace",
    "check_consultation",
    "check_entries",
    "check_review",
    "difference",
    "level_of",
]
