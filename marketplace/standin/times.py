"""What time it is for the stand-ins: what the caller tells, else what the script set, else the machine's clock."""

import sqlite3
from datetime import datetime

from marketplace.kit.clock import SystemClock
from marketplace.standin.store import set_setting, setting

TIME_HEADER = "x-standin-now"
_CLOCK = "clock"
_SYSTEM = SystemClock()


def own_now(db: sqlite3.Connection) -> datetime:
    """The time by which webhooks are signed and sent."""
    fixed = setting(db, _CLOCK)
    return datetime.fromisoformat(fixed) if fixed else _SYSTEM.now()


def now_for(db: sqlite3.Connection, told: str) -> datetime:
    """The time at which a call happens; ``told`` is the header's text.

    Raises:
        ValueError: the header is no instant with an offset.
    """
    if not told:
        return own_now(db)
    instant = datetime.fromisoformat(told)
    if instant.tzinfo is None:
        raise ValueError("an instant has an offset")
    return instant


def set_clock(db: sqlite3.Connection, text: str) -> None:
    """Stand still at an instant, or (empty) follow the machine's clock again.

    Raises:
        ValueError: not an instant with an offset.
    """
    if text and datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("an instant has an offset")
    set_setting(db, _CLOCK, text)


def real_seconds() -> float:
    """The machine's own time, for delays between real processes."""
    return _SYSTEM.now().timestamp()
