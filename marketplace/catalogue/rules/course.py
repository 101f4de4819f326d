"""How a draft becomes an edition in force: how long opinions are heard, how many experts, who counts as agreeing."""

from collections.abc import Sequence
from datetime import date, timedelta

from marketplace.catalogue.rules.refusals import (
    ConsultPast,
    ConsultShort,
    ExpertsAgainst,
    MinutesMissing,
    TooFewExperts,
)
from marketplace.catalogue.states import Conclusion
from marketplace.kit.errors import DomainError

CONSULT_DAYS_MIN = 7
"""Opinions are heard at least so many days, both ends counted: practice of this platform, no law says it."""
CONSULT_DAYS_USUAL = 30
EXPERTS_MIN = 3
"""So many experts at least: practice of this platform, the law says only that experts are heard."""
OPINIONS_PER_HOUR = 200
"""More on one draft within an hour, from people who are not signed in, is no consultation."""


def check_consultation(first: date, last: date, *, today: date) -> list[DomainError]:
    """What is wrong with a time for opinions from ``first`` to ``last``, both counted (legal days)."""
    found: list[DomainError] = []
    if first < today:
        found.append(ConsultPast(field="first", day=today.isoformat()))
    earliest = max(first, today) + timedelta(days=CONSULT_DAYS_MIN - 1)
    if last < earliest:
        found.append(ConsultShort(field="last", least=CONSULT_DAYS_MIN, day=earliest.isoformat()))
    return found


def check_review(conclusions: Sequence[Conclusion], *, has_minutes: bool) -> list[DomainError]:
    """What is missing before a draft that experts discussed may be submitted."""
    found: list[DomainError] = []
    count, against = len(conclusions), sum(one is Conclusion.DISAGREE for one in conclusions)
    if count < EXPERTS_MIN:
        found.append(TooFewExperts(count=count, least=EXPERTS_MIN))
    elif 2 * (count - against) <= count:
        found.append(ExpertsAgainst(count=count, against=against))
    if not has_minutes:
        found.append(MinutesMissing(field="file"))
    return found
