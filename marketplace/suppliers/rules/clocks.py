"""When the end of a proof is told of: 30 and 7 days before its last day, and once that day is over."""

from collections.abc import Collection
from datetime import date, timedelta

STAGES = (30, 7, 0)
"""Days before the last valid day on which somebody is told; 0 stands for the day after it."""
ENDING_DAYS = 30


def stage_on(valid_to: date, today: date) -> int | None:
    """The stage that a proof has come to on a day; None while its end is further away."""
    left = (valid_to - today).days
    if left < 0:
        return 0
    return next((stage for stage in reversed(STAGES) if stage and left <= stage), None)


def to_tell(valid_to: date, today: date, told: Collection[int]) -> int | None:
    """The stage to tell of now, if it has not been told; a stage that was missed is not told afterwards."""
    stage = stage_on(valid_to, today)
    return None if stage is None or any(earlier <= stage for earlier in told) else stage


def told_until(today: date) -> date:
    """The latest last day of a proof that anybody is told of on a day."""
    return today + timedelta(days=max(STAGES))
