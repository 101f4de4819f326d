"""Answers the gateway's calls: key, idempotency, act, and what the script has in store for them."""

import hashlib
import hmac
import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from marketplace.standin import script
from marketplace.standin.gateway import collecting, looking, paying
from marketplace.standin.gateway.desk import Call
from marketplace.standin.gateway.forms import read_form
from marketplace.standin.gateway.objects import Json
from marketplace.standin.gateway.refusals import Refusal, invalid, mismatch, missing, scripted, unauthorized
from marketplace.standin.identity import Identity
from marketplace.standin.script import Outcome
from marketplace.standin.store import Store
from marketplace.standin.times import now_for

_ID = "/([A-Za-z0-9_]+)"
Act = Callable[..., Json]
_TABLE: tuple[tuple[str, str, str, Act], ...] = (
    ("POST", "/checkout/sessions", "checkout", collecting.create_session),
    ("GET", "/checkout/sessions", "checkout.read", collecting.list_sessions),
    ("GET", f"/checkout/sessions{_ID}", "checkout.read", collecting.read_session),
    ("POST", f"/checkout/sessions{_ID}/expire", "checkout", collecting.expire_session),
    ("GET", "/payment_intents", "payment.read", collecting.list_intents),
    ("GET", f"/payment_intents{_ID}", "payment.read", collecting.read_intent),
    ("GET", "/charges", "payment.read", collecting.list_charges),
    ("GET", f"/charges{_ID}", "payment.read", collecting.read_charge),
    ("POST", "/refunds", "refund", collecting.create_refund),
    ("GET", "/refunds", "payment.read", collecting.list_refunds),
    ("GET", f"/refunds{_ID}", "payment.read", collecting.read_refund),
    ("POST", "/accounts", "account", paying.create_account),
    ("GET", "/accounts", "account.read", paying.list_accounts),
    ("GET", f"/accounts{_ID}", "account.read", paying.read_account),
    ("POST", "/transfers", "transfer", paying.create_transfer),
    ("GET", "/transfers", "transfer.read", paying.list_transfers),
    ("GET", f"/transfers{_ID}", "transfer.read", paying.read_transfer),
    ("POST", f"/transfers{_ID}/reversals", "reversal", paying.create_reversal),
    ("GET", "/balance", "balance.read", looking.read_balance),
    ("GET", "/balance_transactions", "balance.read", looking.list_entries),
    ("GET", f"/balance_transactions{_ID}", "balance.read", looking.read_entry),
    ("GET", "/events", "events.read", looking.list_events),
    ("GET", f"/events{_ID}", "events.read", looking.read_event),
)
ROUTES = tuple((method, re.compile(pattern), call, act) for method, pattern, call, act in _TABLE)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, in plain words; ``told`` is the time the caller tells."""

    method: str
    path: str
    query: str
    body: str
    authorization: str
    key: str
    told: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; ``hold_s`` keeps it back so long."""

    status: int
    body: str
    replayed: bool = False
    hold_s: float = 0.0


def answer(store: Store, identity: Identity, request: Request) -> Answer:
    """Carry out one call."""
    try:
        if not _is_authorized(request.authorization, identity.key):
            raise unauthorized()
        call, act, ids = _find(request)
        given = script.next_of(store, call, request.query + request.body)
        return _meet(given, lambda: _carry_out(store, identity, request, act, ids))
    except Refusal as refusal:
        return Answer(refusal.status, json.dumps(refusal.body(), ensure_ascii=False))


def _is_authorized(header: str, key: str) -> bool:
    return hmac.compare_digest(header.encode(), f"Bearer {key}".encode())


def _find(request: Request) -> tuple[str, Act, tuple[str, ...]]:
    for method, pattern, call, act in ROUTES:
        found = pattern.fullmatch(request.path)
        if found and method == request.method:
            return call, act, found.groups()
    raise missing("route", f"{request.method} {request.path}")


def _meet(given: script.Next, act: Callable[[], Answer]) -> Answer:
    """What the script has in store for this call."""
    match given.outcome:
        case Outcome.REFUSE:
            raise scripted(given.code, given.reason)
        case Outcome.FAIL:
            return Answer(500, json.dumps({"error": {"type": "api_error", "message": given.reason}}))
        case Outcome.TIME_OUT_AND_DROP:
            return Answer(504, "", hold_s=given.seconds)
        case Outcome.TIME_OUT_BUT_ACCEPT:
            act()
            return Answer(504, "", hold_s=given.seconds)
        case Outcome.CRASH_BEFORE_STORE:
            script.die()
        case Outcome.CRASH_AFTER_STORE:
            act()
            script.die()
        case _:
            pass
    return act()


def _carry_out(store: Store, identity: Identity, request: Request, act: Act, ids: tuple[str, ...]) -> Answer:
    """One act in one transaction, together with the answer that its idempotency key will get again."""
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n{request.body}".encode()).hexdigest()
    key = request.key if request.method == "POST" else ""
    with store.write() as db:
        before = _answered(db, key, fingerprint)
        if before is not None:
            return before
        form = read_form(request.body if request.method == "POST" else request.query)
        try:
            now = int(now_for(db, request.told).timestamp())
        except ValueError as error:
            raise invalid(str(error)) from None
        call = Call(db, now, form, key or None, identity.site)
        db.execute("SAVEPOINT act")
        try:
            made = Answer(200, json.dumps(act(call, *ids), ensure_ascii=False))
        except Refusal as refusal:
            db.execute("ROLLBACK TO act")
            made = Answer(refusal.status, json.dumps(refusal.body(), ensure_ascii=False))
            if not refusal.kept:
                return made
        if key:
            db.execute("INSERT INTO answered VALUES (?, ?, ?, ?)", (key, fingerprint, made.status, made.body))
    return made


def _answered(db: sqlite3.Connection, key: str, fingerprint: str) -> Answer | None:
    if not key:
        return None
    row = db.execute("SELECT * FROM answered WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["request"] != fingerprint:
        raise mismatch(key)
    return Answer(row["status"], row["body"], replayed=True)
