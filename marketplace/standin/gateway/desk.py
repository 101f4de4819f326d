"""What every act of the gateway does: keep and find objects, book on balances, tell of events."""

import json
import sqlite3
from dataclasses import dataclass

from marketplace.standin import script
from marketplace.standin.gateway import objects
from marketplace.standin.gateway.forms import number_of
from marketplace.standin.gateway.objects import Json
from marketplace.standin.gateway.refusals import invalid, missing
from marketplace.standin.store import setting
from marketplace.standin.times import own_now, real_seconds

OURS = "ours"
"""The purse of whoever owns the key; each connected account has one under its id."""
WEBHOOK_URL = "webhook_url"
ANNOUNCED_WITHIN_S = 300
"""Events of a story told at another time are not announced: nobody would believe their signature."""
PAGE, PAGE_MAX = 10, 100
_BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its transaction, its time in seconds, its form, its idempotency key, and where people find us."""

    db: sqlite3.Connection
    now: int
    form: Json
    key: str | None
    site: str


def put(call: Call, thing: Json, *, topic: str = "") -> Json:
    """Keep a new object; ``topic`` is what it may be listed by."""
    call.db.execute(
        "INSERT INTO thing (id, kind, topic, created, data) VALUES (?, ?, ?, ?, ?)",
        (thing["id"], thing["object"], topic, thing["created"], json.dumps(thing, ensure_ascii=False)),
    )
    return thing


def save(call: Call, thing: Json) -> Json:
    """Keep an object that changed."""
    call.db.execute("UPDATE thing SET data = ? WHERE id = ?", (json.dumps(thing, ensure_ascii=False), thing["id"]))
    return thing


def find(call: Call, kind: str, thing_id: str) -> Json:
    """An object by its id.

    Raises:
        Refusal: there is none.
    """
    row = call.db.execute("SELECT data FROM thing WHERE id = ? AND kind = ?", (thing_id, kind)).fetchone()
    if row is None:
        raise missing(kind, thing_id)
    found: Json = json.loads(row["data"])
    return found


def page(call: Call, kind: str, url: str, *, topic: str | None = None) -> Json:
    """One page of the objects of a kind, newest first, with the usual limits and filters.

    Raises:
        Refusal: a limit or filter that cannot be used.
    """
    limit = number_of(call.form, "limit", default=PAGE)
    if not 1 <= limit <= PAGE_MAX:
        raise invalid(f"Limit must be between 1 and {PAGE_MAX}", param="limit")
    terms, values = ["kind = ?"], [kind]
    if topic is not None:
        terms.append("topic = ?")
        values.append(topic)
    created = call.form.get("created", {})
    bounds = created.items() if isinstance(created, dict) else [("gte", created), ("lte", created)]
    for name, value in bounds:
        if name not in _BOUNDS:
            raise invalid("Unknown filter", param=f"created[{name}]")
        terms.append(f"created {_BOUNDS[name]} ?")
        values.append(value)
    order = "DESC"
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in call.form:
            found = call.db.execute("SELECT n FROM thing WHERE id = ?", (call.form[name],)).fetchone()
            if found is None:
                raise missing(kind, str(call.form[name]))
            terms.append(f"n {sign} ?")
            values.append(found["n"])
            order = "DESC" if sign == "<" else "ASC"
    query = f"SELECT data FROM thing WHERE {' AND '.join(terms)} ORDER BY n {order} LIMIT {limit + 1}"
    rows = call.db.execute(query, values).fetchall()
    data = [objects.shown(json.loads(row["data"])) for row in rows[:limit]]
    return objects.listed(data if order == "DESC" else data[::-1], url, has_more=len(rows) > limit)


def expanded(call: Call, thing: Json) -> Json:
    """The object as shown, with the ids that ``expand`` names replaced by what they name."""
    answer = objects.shown(thing)
    asked = call.form.get("expand") or {}
    for path in asked.values() if isinstance(asked, dict) else []:
        _expand(call, answer, str(path).split("."))
    return answer


def _expand(call: Call, thing: Json, path: list[str]) -> None:
    value = thing.get(path[0])
    if isinstance(value, str):
        row = call.db.execute("SELECT data FROM thing WHERE id = ?", (value,)).fetchone()
        value = thing[path[0]] = objects.shown(json.loads(row["data"])) if row else value
    if isinstance(value, dict) and len(path) > 1:
        _expand(call, value, path[1:])


def purse(db: sqlite3.Connection, owner: str) -> int:
    """What is in a purse, in fen."""
    row = db.execute("SELECT fen FROM purse WHERE owner = ?", (owner,)).fetchone()
    return 0 if row is None else int(row["fen"])


def change_purse(call: Call, owner: str, by: int) -> None:
    """Put into a purse or take out of it.

    Raises:
        Refusal: there is not so much in it.
    """
    has = purse(call.db, owner)
    if has + by < 0:
        raise invalid("网关可用余额不足", code="balance_insufficient", kept=True)
    call.db.execute(
        "INSERT INTO purse VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET fen = excluded.fen", (owner, has + by)
    )


def book(call: Call, kind: str, amount: int, source: str, *, fee: int = 0) -> Json:
    """Book on our balance; ``amount`` is negative for what leaves it.

    Raises:
        Refusal: there is not so much in it.
    """
    change_purse(call, OURS, amount - fee)
    made = objects.entry(kind=kind, amount=amount, fee=fee, source=source, created=call.now)
    return put(call, made, topic=kind)


def booked_for(call: Call, source: str) -> Json:
    """What was booked first for a charge or transfer.

    Raises:
        Refusal: nothing was.
    """
    query = "SELECT data FROM thing WHERE kind = 'balance_transaction' ORDER BY created"
    for row in call.db.execute(query):
        found: Json = json.loads(row["data"])
        if found["source"] == source:
            return found
    raise missing("balance_transaction", source)


def tell(call: Call, kind: str, about: Json) -> None:
    """Keep an event and announce it to our webhook, unless the script or its time forbids."""
    made = put(call, objects.event(kind=kind, about=about, created=call.now, key=call.key), topic=kind)
    is_now = abs(call.now - own_now(call.db).timestamp()) <= ANNOUNCED_WITHIN_S
    if setting(call.db, WEBHOOK_URL) and is_now:
        _announce(call.db, made["id"], script.take(call.db, "webhook", kind))


def _announce(db: sqlite3.Connection, event_id: str, given: script.Next) -> None:
    due, state, copies = real_seconds(), "waiting", 1
    match given.outcome:
        case script.Outcome.LOSE:
            state = "lost"
        case script.Outcome.DUPLICATE:
            copies = 2
        case script.Outcome.DELAY:
            due += given.seconds
        case script.Outcome.REORDER:
            state = "held"
        case _:
            pass
    rows = [(event_id, due, state)] * copies
    db.executemany("INSERT INTO posting (event_id, due, tries, state) VALUES (?, ?, 0, ?)", rows)
