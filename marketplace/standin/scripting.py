"""The doors for whoever directs the play: scripts, time, accounts, and what really happened."""

import hmac
from typing import Any

from litestar import Response, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from marketplace.standin import ledger, script, times
from marketplace.standin.bank import acts as bank
from marketplace.standin.gateway import collecting, objects, paying
from marketplace.standin.gateway.desk import WEBHOOK_URL, Call, book, booked_for, put, tell
from marketplace.standin.gateway.refusals import Refusal
from marketplace.standin.identity import Identity
from marketplace.standin.store import Store, set_setting

Json = dict[str, Any]


class Reset(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to say."""


class Clock(Struct, frozen=True, forbid_unknown_fields=True):
    """An instant to stand still at, or empty for the machine's clock."""

    now: str


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """Where events are announced; empty: nowhere."""

    url: str


class Payment(Struct, frozen=True, forbid_unknown_fields=True):
    """A payer pays a session."""

    session: str
    now: str = ""


class TopUp(Struct, frozen=True, forbid_unknown_fields=True):
    """Money comes in without a session; no fee is taken."""

    amount_fen: int
    now: str = ""


class Doubled(Struct, frozen=True, forbid_unknown_fields=True):
    """What was booked for a charge or transfer is listed once more."""

    source: str


class Receiving(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether an account at the gateway may receive."""

    account: str
    may_receive: bool


class BankAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """An account for us at the bank; ``kind`` is bank or quota."""

    number: str
    name: str
    kind: str
    fen: int


class Payee(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose an account elsewhere is."""

    number: str
    name: str
    is_open: bool = True


class Credit(Struct, frozen=True, forbid_unknown_fields=True):
    """Money comes in at the bank."""

    account: str
    amount_fen: int
    payer: str
    payer_account: str = ""
    purpose: str = ""
    now: str = ""


class GivenBack(Struct, frozen=True, forbid_unknown_fields=True):
    """A paid line comes back."""

    number: str
    reason: str
    now: str = ""


def director_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Only who has the key directs.

    Raises:
        NotAuthorizedException: no key, or another.
    """
    identity: Identity = connection.app.state.identity
    given = connection.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {identity.key}".encode()):
        raise NotAuthorizedException


@post("/script/reset", guards=[director_only], status_code=200, sync_to_thread=False)
def reset(store: NamedDependency[Store]) -> Json:
    """Forget everything."""
    store.forget()
    return {}


@post("/script/next", guards=[director_only], status_code=200, sync_to_thread=False)
def add_next(data: JSONBody[list[script.Next]], store: NamedDependency[Store]) -> Json:
    """What the next calls of a kind meet."""
    for given in data:
        script.remember(store, given)
    return {}


@post("/script/clock", guards=[director_only], status_code=200, sync_to_thread=False)
def set_clock(data: JSONBody[Clock], store: NamedDependency[Store]) -> Json:
    """Set the time."""
    with store.write() as db:
        times.set_clock(db, data.now)
    return {}


@post("/script/webhook", guards=[director_only], status_code=200, sync_to_thread=False)
def set_webhook(data: JSONBody[Webhook], store: NamedDependency[Store]) -> Json:
    """Set where events are announced."""
    with store.write() as db:
        set_setting(db, WEBHOOK_URL, data.url)
    return {}


@post("/script/gateway/pay", guards=[director_only], status_code=200, sync_to_thread=False)
def pay(data: JSONBody[Payment], store: NamedDependency[Store], identity: NamedDependency[Identity]) -> Json:
    """A payer pays a session, as on its page."""
    with store.write() as db:
        now = int(times.now_for(db, data.now).timestamp())
        return collecting.pay_session(Call(db, now, {}, None, identity.site), data.session)


@post("/script/gateway/decline", guards=[director_only], status_code=200, sync_to_thread=False)
def decline(data: JSONBody[Payment], store: NamedDependency[Store], identity: NamedDependency[Identity]) -> Json:
    """A payer's card is refused."""
    with store.write() as db:
        now = int(times.now_for(db, data.now).timestamp())
        return collecting.decline(Call(db, now, {}, None, identity.site), data.session)


@post("/script/gateway/top-up", guards=[director_only], status_code=200, sync_to_thread=False)
def top_up(data: JSONBody[TopUp], store: NamedDependency[Store], identity: NamedDependency[Identity]) -> Json:
    """Money comes in without a session."""
    with store.write() as db:
        now = int(times.now_for(db, data.now).timestamp())
        call = Call(db, now, {}, None, identity.site)
        intent = objects.intent(amount=data.amount_fen, created=now, metadata={})
        charge = objects.charge(amount=data.amount_fen, created=now, intent_id=intent["id"], metadata={})
        charge["balance_transaction"] = book(call, "charge", data.amount_fen, charge["id"])["id"]
        intent["latest_charge"] = put(call, charge, topic=intent["id"])["id"]
        tell(call, "charge.succeeded", charge)
        return objects.shown(put(call, intent))


@post("/script/gateway/book-again", guards=[director_only], status_code=200, sync_to_thread=False)
def book_again(data: JSONBody[Doubled], store: NamedDependency[Store], identity: NamedDependency[Identity]) -> Json:
    """List a booking twice."""
    with store.write() as db:
        call = Call(db, int(times.own_now(db).timestamp()), {}, None, identity.site)
        known = booked_for(call, data.source)
        return book(call, known["reporting_category"], known["amount"], data.source, fee=known["fee"])


@post("/script/gateway/account", guards=[director_only], status_code=200, sync_to_thread=False)
def set_receiving(
    data: JSONBody[Receiving], store: NamedDependency[Store], identity: NamedDependency[Identity]
) -> Json:
    """Let an account receive, or stop it."""
    with store.write() as db:
        call = Call(db, int(times.own_now(db).timestamp()), {}, None, identity.site)
        return paying.set_receiving(call, data.account, may_receive=data.may_receive)


@post("/script/bank/accounts", guards=[director_only], status_code=200, sync_to_thread=False)
def open_account(data: JSONBody[BankAccount], store: NamedDependency[Store]) -> Json:
    """Open an account for us."""
    with store.write() as db:
        bank.open_account(db, data.number, data.name, data.kind, data.fen)
    return {}


@post("/script/bank/payees", guards=[director_only], status_code=200, sync_to_thread=False)
def know_payee(data: JSONBody[Payee], store: NamedDependency[Store]) -> Json:
    """Know whose an account elsewhere is."""
    with store.write() as db:
        bank.know_payee(db, data.number, data.name, is_open=data.is_open)
    return {}


@post("/script/bank/credits", guards=[director_only], status_code=200, sync_to_thread=False)
def credit(data: JSONBody[Credit], store: NamedDependency[Store]) -> Json:
    """Money comes in at the bank."""
    counter = (data.payer, data.payer_account)
    with store.write() as db:
        now = times.now_for(db, data.now)
        return {
            "reference": bank.book(db, data.account, data.amount_fen, now, counter=counter, number="", why=data.purpose)
        }


@post("/script/bank/returns", guards=[director_only], status_code=200, sync_to_thread=False)
def give_back(data: JSONBody[GivenBack], store: NamedDependency[Store]) -> Json:
    """A paid line comes back."""
    with store.write() as db:
        return {"reference": bank.give_back(db, data.number, data.reason, times.now_for(db, data.now))}


@get("/script/ledger", guards=[director_only], sync_to_thread=False)
def show_ledger(store: NamedDependency[Store]) -> Json:
    """What really happened."""
    with store.read() as db:
        return ledger.ledger(db)


@get("/script/postings", guards=[director_only], sync_to_thread=False)
def show_postings(store: NamedDependency[Store]) -> list[Json]:
    """What became of each announcement."""
    with store.read() as db:
        return ledger.postings(db)


def refuse(_: Any, error: Refusal | bank.No | ValueError) -> Response[Json]:
    """A director is told what was wrong."""
    if isinstance(error, Refusal):
        return Response({"code": error.code, "reason": error.message}, status_code=error.status)
    if isinstance(error, bank.No):
        return Response({"code": error.code, "reason": error.reason}, status_code=error.status)
    return Response({"code": "bad_value", "reason": str(error)}, status_code=400)


ROUTES = [
    reset, add_next, set_clock, set_webhook, pay, decline, top_up, book_again, set_receiving, open_account, know_payee,
    credit, give_back, show_ledger, show_postings,
]  # fmt: skip
