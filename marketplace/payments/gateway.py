"""The gateway rail: a Stripe-compatible endpoint through the official SDK."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

import httpx
import msgspec
import stripe

from marketplace.payments import wire
from marketplace.payments.http import client_for
from marketplace.payments.schemas import (
    Checkout,
    GatewayAccount,
    GatewayEntry,
    GatewayEvent,
    GatewayPayment,
    KeyMismatch,
    NotGenuine,
    OutcomeUnknown,
    Refund,
    Refused,
    Transfer,
    Unreachable,
)

TIMEOUT_S = 10.0
TOLERANCE_S = 300
"""A webhook signed longer ago than this, or this far in the future, is not believed."""
CURRENCY = "cny"
PAGE = 100
_BAD_REQUEST, _SERVER_ERROR = 400, 500
_UNSURE = frozenset({408, 409, 429})
"""Timed out on the way, under way elsewhere, or too many: none of them says that nothing happened."""

W = TypeVar("W")


@runtime_checkable
class _Object(Protocol):
    """What the SDK answers with."""

    def to_dict(self) -> dict[str, Any]: ...


class _Sdk(stripe.HTTPXClient):
    """The SDK's HTTP client over a client of ours; sends bodies the way httpx wants them sent."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(timeout=None)
        self._client = client

    def _get_request_args_kwargs(self, method: str, url: str, headers: Mapping[str, str], post_data: Any) -> list[Any]:
        return [(method, url), {"headers": headers, "content": post_data or b""}]


class Gateway:
    """One installation's account at a Stripe-compatible gateway; CNY only; safe to share between threads.

    Every write takes an idempotency ``key`` that the caller saved before: the same key and arguments do it once.
    Writes raise ``Refused`` (nothing happened) or ``OutcomeUnknown`` (ask); reads ``Refused`` or ``Unreachable``.
    """

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        *,
        timeout_s: float = TIMEOUT_S,
        told: Callable[[], datetime] | None = None,
    ) -> None:
        """``url`` without ``/v1``; ``secret`` signs webhooks; ``told`` tells a stand-in the time of a story."""
        self._secret = secret
        self._http = client_for(url, timeout_s, told)
        self._api = stripe.StripeClient(
            key,
            http_client=_Sdk(self._http),
            base_addresses={"api": url.rstrip("/")},
            max_network_retries=0,
        ).v1

    def create_checkout(
        self,
        *,
        amount_fen: int,
        title: str,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        key: str,
        metadata: Mapping[str, str],
    ) -> Checkout:
        """Open a hosted page on which ``amount_fen`` is paid once; people are sent to its ``url``.

        ``expires_at`` lies between half an hour and a day ahead. The metadata also goes to the payment.

        Raises:
            Refused: the gateway will not; nothing was opened.
            OutcomeUnknown: no usable answer.
        """
        price: Any = {"currency": CURRENCY, "unit_amount": amount_fen, "product_data": {"name": title}}
        params: Any = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": int(expires_at.timestamp()),
            "metadata": dict(metadata),
            "payment_intent_data": {"metadata": dict(metadata)},
        }
        create = self._api.checkout.sessions.create
        return _done(wire.Session, lambda: create(params, {"idempotency_key": key})).plain()

    def checkout(self, checkout_id: str) -> Checkout:
        """A hosted payment as it is now.

        Raises:
            Refused: the gateway knows none of this id.
            Unreachable: no usable answer.
        """
        return _seen(wire.Session, lambda: self._api.checkout.sessions.retrieve(checkout_id)).plain()

    def payment(self, payment_id: str) -> GatewayPayment:
        """Money that came in, with its fee once the gateway has booked it.

        Raises:
            Refused: the gateway knows none of this id.
            Unreachable: no usable answer.
        """
        params: Any = {"expand": ["latest_charge.balance_transaction"]}
        return _seen(wire.Intent, lambda: self._api.payment_intents.retrieve(payment_id, params)).plain()

    def refund(self, *, payment_id: str, amount_fen: int, key: str, metadata: Mapping[str, str]) -> Refund:
        """Give money back to whoever paid it in.

        Raises:
            Refused: more than is left of the payment or of our balance; nothing was given back.
            OutcomeUnknown: no usable answer.
        """
        params: Any = {"payment_intent": payment_id, "amount": amount_fen, "metadata": dict(metadata)}
        return _done(wire.GivenBack, lambda: self._api.refunds.create(params, {"idempotency_key": key})).plain()

    def create_account(self, *, name: str, key: str, metadata: Mapping[str, str]) -> GatewayAccount:
        """Open a payee's account.

        Raises:
            Refused: the gateway will not; nothing was opened.
            OutcomeUnknown: no usable answer.
        """
        params: Any = {
            "type": "custom",
            "country": "CN",
            "business_type": "company",
            "business_profile": {"name": name},
            "capabilities": {"transfers": {"requested": True}},
            "metadata": dict(metadata),
        }
        return _done(wire.Account, lambda: self._api.accounts.create(params, {"idempotency_key": key})).plain()

    def account(self, account_id: str) -> GatewayAccount:
        """A payee's account as it is now.

        Raises:
            Refused: the gateway knows none of this id.
            Unreachable: no usable answer.
        """
        return _seen(wire.Account, lambda: self._api.accounts.retrieve(account_id)).plain()

    def create_transfer(self, *, amount_fen: int, account: str, key: str, metadata: Mapping[str, str]) -> Transfer:
        """Move money from our balance to a payee's account; ``key`` also becomes its group, by which it is found.

        Raises:
            Refused: too little available, or an account that may not receive; nothing was moved.
            OutcomeUnknown: no usable answer; ``find_transfer`` tells.
        """
        params: Any = {
            "amount": amount_fen,
            "currency": CURRENCY,
            "destination": account,
            "transfer_group": key,
            "metadata": dict(metadata),
        }
        return _done(wire.Moved, lambda: self._api.transfers.create(params, {"idempotency_key": key})).plain()

    def transfer(self, transfer_id: str) -> Transfer:
        """A transfer as it is now.

        Raises:
            Refused: the gateway knows none of this id.
            Unreachable: no usable answer.
        """
        return _seen(wire.Moved, lambda: self._api.transfers.retrieve(transfer_id)).plain()

    def find_transfer(self, key: str) -> Transfer | None:
        """The transfer ordered with ``key``, or None if the gateway never made one: resolves an unknown outcome.

        Raises:
            Refused: the gateway will not say; whether there is one stays unknown.
            Unreachable: no usable answer.
        """
        pages = self._pages(wire.Moved, self._api.transfers.list, {"transfer_group": key, "limit": 1})
        return next((found.plain() for found in pages if found.transfer_group == key), None)

    def available_fen(self) -> int:
        """What we could transfer now.

        Raises:
            Unreachable: no usable answer.
        """
        balance = _seen(wire.Balance, self._api.balance.retrieve)
        return sum(part.amount for part in balance.available if part.currency == CURRENCY)

    def balance_transactions(self, *, since: datetime, until: datetime) -> Iterator[GatewayEntry]:
        """The gateway's own account of our balance from ``since`` up to, not including, ``until``; newest first.

        Raises:
            Unreachable: no usable answer to one of the pages.
        """
        asked = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": PAGE}
        for found in self._pages(wire.Entry, self._api.balance_transactions.list, asked):
            yield found.plain()

    def events(self, *, since: datetime) -> Iterator[GatewayEvent]:
        """What happened since then, newest first: for what a webhook lost.

        Raises:
            Unreachable: no usable answer to one of the pages.
        """
        asked = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
        for found in self._pages(wire.Event, self._api.events.list, asked):
            yield found.plain()

    def _pages(self, kind: type[W], ask: Callable[[Any], Any], params: dict[str, Any]) -> Iterator[W]:
        """Each object of a list, page after page."""
        while True:
            page = _seen(wire.Page, partial(ask, params))
            yield from (_understood(kind, item, Unreachable) for item in page.data)
            if not page.has_more or not page.data:
                return
            params = {**params, "starting_after": page.data[-1].get("id")}

    def event(self, payload: bytes, signature: str, *, now: datetime) -> GatewayEvent:
        """Verify a webhook's body against its ``Stripe-Signature`` header and return the hint.

        Raises:
            NotGenuine: the signature is wrong, or more than five minutes from ``now``, or the body is no event.
        """
        try:
            stripe.WebhookSignature.verify_header(payload, signature, self._secret)
            stamp = int(dict(part.split("=", 1) for part in signature.split(","))["t"])
            if abs(now.timestamp() - stamp) > TOLERANCE_S:
                raise NotGenuine("signed at another time")
            return msgspec.json.decode(payload, type=wire.Event).plain()
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise NotGenuine(type(error).__name__) from None

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()


def _plain(answer: _Object) -> dict[str, Any]:
    if not isinstance(answer, _Object):
        raise TypeError("not an object")
    return answer.to_dict()


def _done(kind: type[W], call: Callable[[], _Object]) -> W:
    """The answer to a write."""
    return _understood(kind, _ask(lambda: _plain(call()), OutcomeUnknown), OutcomeUnknown)


def _seen(kind: type[W], call: Callable[[], _Object]) -> W:
    """The answer to a read."""
    return _understood(kind, _ask(lambda: _plain(call()), Unreachable), Unreachable)


def _understood(kind: type[W], answer: dict[str, Any], unsure: type[Unreachable]) -> W:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise unsure(f"not understood: {error}") from None


def _ask(call: Callable[[], dict[str, Any]], unsure: type[Unreachable]) -> dict[str, Any]:
    """Call, and sort what goes wrong into what surely did not happen and what may have."""
    try:
        return call()
    except stripe.IdempotencyError as error:
        raise KeyMismatch(str(error.user_message or "")) from None
    except stripe.StripeError as error:
        status = error.http_status or 0
        is_its_own = isinstance(error.json_body, dict)  # and not that of something on the way
        if is_its_own and _BAD_REQUEST <= status < _SERVER_ERROR and status not in _UNSURE:
            raise Refused(error.code or f"http_{status}", error.user_message or type(error).__name__) from None
        raise unsure(type(error).__name__) from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # an answer the SDK stumbled over
        raise unsure(type(error).__name__) from None
