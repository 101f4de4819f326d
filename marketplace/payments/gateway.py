"""The gateway rail: a Stripe-compatible endpoint through the official SDK."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from marketplace.payments.schemas import (
    Checkout,
    GatewayAccount,
    GatewayEntry,
    GatewayEvent,
    GatewayPayment,
    Refund,
    Transfer,
)

TIMEOUT_S = 10.0


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
        """Open a hosted page on which ``amount_fen`` is paid once; people are sent to its ``url``."""
        raise NotImplementedError

    def checkout(self, checkout_id: str) -> Checkout:
        """A hosted payment as it is now."""
        raise NotImplementedError

    def payment(self, payment_id: str) -> GatewayPayment:
        """Money that came in, with its fee once the gateway has booked it."""
        raise NotImplementedError

    def refund(self, *, payment_id: str, amount_fen: int, key: str, metadata: Mapping[str, str]) -> Refund:
        """Give money back to whoever paid it in."""
        raise NotImplementedError

    def create_account(self, *, name: str, key: str, metadata: Mapping[str, str]) -> GatewayAccount:
        """Open a payee's account."""
        raise NotImplementedError

    def account(self, account_id: str) -> GatewayAccount:
        """A payee's account as it is now."""
        raise NotImplementedError

    def create_transfer(self, *, amount_fen: int, account: str, key: str, metadata: Mapping[str, str]) -> Transfer:
        """Move money from our balance to a payee's account; ``key`` also becomes its group, by which it is found."""
        raise NotImplementedError

    def transfer(self, transfer_id: str) -> Transfer:
        """A transfer as it is now."""
        raise NotImplementedError

    def find_transfer(self, key: str) -> Transfer | None:
        """The transfer ordered with ``key``, or None if the gateway never made one: resolves an unknown outcome."""
        raise NotImplementedError

    def available_fen(self) -> int:
        """What we could transfer now."""
        raise NotImplementedError

    def balance_transactions(self, *, since: datetime, until: datetime) -> Iterator[GatewayEntry]:
        """The gateway's own account of our balance from ``since`` up to, not including, ``until``; newest first."""
        raise NotImplementedError

    def events(self, *, since: datetime) -> Iterator[GatewayEvent]:
        """What happened since then, newest first: for what a webhook lost."""
        raise NotImplementedError

    def event(self, payload: bytes, signature: str, *, now: datetime) -> GatewayEvent:
        """Verify a webhook's body against its ``Stripe-Signature`` header and return the hint.

        Raises:
            NotGenuine: the signature is wrong, or more than five minutes from ``now``.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Give up the connections."""
