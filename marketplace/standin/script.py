"""Scripted misbehaviour: what the next calls of a kind shall meet, and where the process shall die."""

import os
import sqlite3
from enum import StrEnum

from msgspec import Struct

from marketplace.standin.store import Store

CALLS = frozenset(
    {
        "checkout", "checkout.read", "pay", "payment.read", "account", "account.read", "transfer", "transfer.read",
        "reversal", "refund", "balance.read", "events.read", "webhook",
        "bank.file", "bank.line", "bank.read", "bank.statement",
    }
)  # fmt: skip
KILLED = 137


class Outcome(StrEnum):
    """What a call may meet."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    FAIL = "fail"
    TIME_OUT_BUT_ACCEPT = "time_out_but_accept"
    TIME_OUT_AND_DROP = "time_out_and_drop"
    CRASH_BEFORE_STORE = "crash_before_store"
    CRASH_AFTER_STORE = "crash_after_store"
    LOSE = "lose"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"


class Next(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next ``times`` calls of a kind, only those whose body holds ``match``, meet ``outcome``.

    ``seconds`` is how long a time-out is held or a webhook delayed.
    """

    call: str
    outcome: Outcome
    times: int = 1
    match: str = ""
    code: str = "scripted_refusal"
    reason: str = "演示：按脚本拒绝"
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.call not in CALLS:
            raise ValueError(f"no such call; there are {', '.join(sorted(CALLS))}")


PLAIN = Next(call="pay", outcome=Outcome.ACCEPT)


def remember(store: Store, given: Next) -> None:
    """Add to the script."""
    with store.write() as db:
        db.execute(
            "INSERT INTO scripted (call, outcome, times, match, code, reason, seconds) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (given.call, given.outcome.value, given.times, given.match, given.code, given.reason, given.seconds),
        )


def take(db: sqlite3.Connection, call: str, body: str) -> Next:
    """What this call shall meet: the oldest line of the script that fits, used up by one."""
    row = db.execute(
        "SELECT * FROM scripted WHERE call = ? AND times > 0 AND instr(?, match) > 0 ORDER BY n LIMIT 1", (call, body)
    ).fetchone()
    if row is None:
        return PLAIN
    db.execute("UPDATE scripted SET times = times - 1 WHERE n = ?", (row["n"],))
    return Next(
        call=row["call"],
        outcome=Outcome(row["outcome"]),
        match=row["match"],
        code=row["code"],
        reason=row["reason"],
        seconds=row["seconds"],
    )


def next_of(store: Store, call: str, body: str) -> Next:
    """What a call shall meet, written down as used before the call does anything: a crash does not meet it again."""
    with store.read() as db:
        if db.execute("SELECT 1 FROM scripted WHERE call = ? AND times > 0 LIMIT 1", (call,)).fetchone() is None:
            return PLAIN
    with store.write() as db:
        return take(db, call, body)


def die() -> None:
    """End this process at once, as a kill would."""
    os._exit(KILLED)
