"""When somebody is told of what they follow."""

from datetime import datetime, timedelta

from marketplace.kit.clock import at_legal, legal_day
from marketplace.projects.states import Frequency

TELL_AT = 8
"""The hour, in China, at which the daily and the weekly word go out."""
FOLLOWED_MAX = 100
"""A person may follow so many projects and searches."""


def next_due(frequency: Frequency, now: datetime) -> datetime:
    """When the next word is due: now, the next morning at eight, or that of the next Monday."""
    if frequency is Frequency.AT_ONCE:
        return now
    day = legal_day(now)
    if at_legal(day, TELL_AT) <= now:
        day += timedelta(days=1)
    if frequency is Frequency.WEEKLY:
        day += timedelta(days=-day.weekday() % 7)
    return at_legal(day, TELL_AT)
