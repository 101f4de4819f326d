"""Stories of a gift at the gateway, in three steps each: intent, the call with no transaction open, result.

The web tells them while a donor waits, the worker whenever the gateway hints at something, or nobody did for an hour.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketplace.db.base import Database
from marketplace.funds.commands import giving
from marketplace.funds.queries.gifts import gift_of_session, intent_of
from marketplace.funds.rules.gifts import CHECKOUT_LEAST, GatewayOff
from marketplace.funds.schemas.gifts import Intent, Seen, Wish
from marketplace.funds.states.gifts import UNDER_WAY, GiftState
from marketplace.identity.credentials import Safe
from marketplace.kit.steps import Reached, pass_by
from marketplace.payments.schemas import Checkout, CheckoutState, GatewayPayment, OutcomeUnknown, Refused

OURS = "gift_payment"
"""The name under which a checkout's metadata carries our id."""
_STATES = {
    CheckoutState.OPEN: GiftState.OPEN,
    CheckoutState.COMPLETE: GiftState.PROCESSING,
    CheckoutState.EXPIRED: GiftState.LAPSED,
}


class Checkouts(Protocol):
    """The part of the gateway that gifts need."""

    def create_checkout(
        self, *, amount_fen: int, title: str, success_url: str, cancel_url: str, expires_at: datetime, key: str,
        metadata: dict[str, str],
    ) -> Checkout:  # fmt: skip
        """Open a hosted page on which one amount is paid once."""

    def checkout(self, checkout_id: str) -> Checkout:
        """A hosted payment as it is now."""

    def payment(self, payment_id: str) -> GatewayPayment:
        """Money that came in, with its fee once the gateway has booked it."""


def begin(
    database: Database, gateway: Checkouts | None, token: str, wish: Wish, *, base_url: str, now: datetime,
    reached: Reached = pass_by,
) -> UUID:  # fmt: skip
    """A donor goes to pay: save the attempt, ask the gateway for a checkout, save what it said. Returns the attempt.

    Whatever the gateway answers, or if it does not, the attempt says so: see its state.

    Raises:
        GatewayOff: this installation has no gateway.
        NotFound, GiftsOff, AlreadyGiven, InvitationRevoked, InvitationOver, NotForGifts, NotOpenForGifts,
        GiftOutOfBounds, GiftUnderWay: as for :func:`~marketplace.funds.commands.giving.intend`.
    """
    if gateway is None:
        raise GatewayOff
    with database.write() as db:
        intent = giving.intend(db, token, wish, now=now)
    reached("gift.intended")
    _open(database, gateway, intent, base_url=base_url, now=now, reached=reached)
    return intent.payment_id


def _open(
    database: Database, gateway: Checkouts, intent: Intent, *, base_url: str, now: datetime,
    reached: Reached,
) -> None:  # fmt: skip
    """Ask for the checkout of an attempt, always in the same words: if it was made before, the same comes back."""
    if intent.session_id or intent.state not in {GiftState.INTENDED, GiftState.UNKNOWN}:
        return
    if now > intent.ends_at - CHECKOUT_LEAST:
        with database.write() as db:
            giving.given_up(db, intent.payment_id, now=now)
        return
    back = f"{base_url}/gifts/back/{intent.payment_id}"
    try:
        found = gateway.create_checkout(
            amount_fen=intent.amount_fen,
            title=intent.title,
            success_url=back,
            cancel_url=back,
            expires_at=intent.ends_at,
            key=intent.key,
            metadata={OURS: str(intent.payment_id)},
        )
    except Refused as refusal:
        with database.write() as db:
            giving.refused(db, intent.payment_id, reason=refusal.code, now=now)
        return
    except OutcomeUnknown:
        with database.write() as db:
            giving.lost(db, intent.payment_id, now=now)
        return
    reached("gift.answered")
    with database.write() as db:
        giving.opened(db, intent.payment_id, session_id=found.id, url=found.url, now=now)
    reached("gift.opened")


def ask(
    database: Database, gateway: Checkouts, safe: Safe, payment_id: UUID, *, base_url: str, now: datetime,
    reached: Reached = pass_by,
) -> UUID | None:  # fmt: skip
    """Ask the gateway what became of an attempt and write it down; returns the receipt once it is paid.

    Raises:
        NotFound: no such attempt.
        Refused, Unreachable: the gateway knows nothing of the checkout, or did not answer.
        GiftDiffers, FeeUnknown: as for :func:`~marketplace.funds.commands.giving.settle`.
    """
    with database.read() as db:
        intent = intent_of(db, payment_id)
    if intent.state not in UNDER_WAY:
        return None
    if not intent.session_id:
        _open(database, gateway, intent, base_url=base_url, now=now, reached=reached)
        return None
    return _look(database, gateway, safe, payment_id, gateway.checkout(intent.session_id), now, reached)


def look(
    database: Database, gateway: Checkouts, safe: Safe, session_id: str, *, now: datetime,
    reached: Reached = pass_by,
) -> bool:  # fmt: skip
    """The gateway hinted that something happened to a checkout: look at it as it is now. False if it is none of ours.

    Raises:
        Refused, Unreachable: the gateway knows nothing of it, or did not answer.
        GiftDiffers, FeeUnknown, NotFound: as for :func:`~marketplace.funds.commands.giving.settle`.
    """
    checkout = gateway.checkout(session_id)
    with database.read() as db:
        payment_id = gift_of_session(db, session_id)
    if payment_id is None and OURS in checkout.metadata:
        payment_id = UUID(checkout.metadata[OURS])
    if payment_id is None:
        return False
    _look(database, gateway, safe, payment_id, checkout, now, reached)
    return True


def _look(
    database: Database, gateway: Checkouts, safe: Safe, payment_id: UUID, checkout: Checkout, now: datetime,
    reached: Reached,
) -> UUID | None:  # fmt: skip
    seen = _seen(gateway, checkout)
    reached("gift.looked")
    with database.write() as db:
        receipt_id = giving.settle(db, safe, payment_id, seen, now=now)
    reached("gift.settled")
    return receipt_id


def _seen(gateway: Checkouts, checkout: Checkout) -> Seen:
    if not checkout.is_paid:
        return Seen(session_id=checkout.id, state=_STATES[checkout.state], amount_fen=checkout.amount_fen)
    payment = gateway.payment(checkout.payment_id)
    return Seen(
        session_id=checkout.id,
        state=GiftState.PAID,
        amount_fen=payment.amount_fen,
        charge_id=payment.charge_id,
        fee_fen=payment.fee_fen,
        paid_at=payment.paid_at,
    )
