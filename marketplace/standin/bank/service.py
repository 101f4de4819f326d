"""Answers the bank's calls, and what the script has in store for them."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketplace.standin import script
from marketplace.standin.bank import acts
from marketplace.standin.script import Outcome
from marketplace.standin.store import Store
from marketplace.standin.times import now_for


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; ``hold_s`` keeps it back so long."""

    status: int
    body: bytes
    kind: str = "application/json"
    hold_s: float = 0.0


Act = Callable[[sqlite3.Connection, datetime], Answer]


def _json(status: int, value: Any) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def submit(store: Store, number: str, content: bytes, told: str) -> Answer:
    """An instruction file comes in."""
    return _answer(store, "bank.file", number, told, lambda db, now: _json(*acts.take_file(db, number, content, now)))


def results(store: Store, number: str, told: str) -> Answer:
    """What became of a file?"""
    return _answer(store, "bank.read", number, told, lambda db, _: _json(200, acts.results(db, number)))


def status(store: Store, number: str, told: str) -> Answer:
    """What became of a line?"""
    return _answer(store, "bank.read", number, told, lambda db, _: _json(200, acts.status(db, number)))


def statement(store: Store, account: str, day: date, told: str) -> Answer:
    """A statement is fetched."""
    return _answer(
        store,
        "bank.statement",
        f"{account} {day}",
        told,
        lambda db, _: Answer(200, acts.statement(db, account, day), "text/csv; charset=utf-8"),
    )


def _answer(store: Store, call: str, body: str, told: str, act: Act) -> Answer:
    given = script.next_of(store, call, body)
    hold = given.seconds
    match given.outcome:
        case Outcome.REFUSE:
            return _json(422, {"code": given.code, "reason": given.reason})
        case Outcome.FAIL:
            return _json(500, {"code": "failed", "reason": given.reason})
        case Outcome.TIME_OUT_AND_DROP:
            return Answer(504, b"", hold_s=hold)
        case Outcome.TIME_OUT_BUT_ACCEPT:
            _carry_out(store, told, act)
            return Answer(504, b"", hold_s=hold)
        case Outcome.CRASH_BEFORE_STORE:
            script.die()
        case Outcome.CRASH_AFTER_STORE:
            _carry_out(store, told, act)
            script.die()
        case _:
            pass
    return _carry_out(store, told, act)


def _carry_out(store: Store, told: str, act: Act) -> Answer:
    try:
        with store.write() as db:
            return act(db, now_for(db, told))
    except acts.No as no:
        return _json(no.status, {"code": no.code, "reason": no.reason})
    except ValueError:
        return _json(400, {"code": "bad_time", "reason": "时间格式不对"})
