"""Verbs of a gift on its way: what a donor intends, what the gateway answers, and the money in the fund."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.funds.commands.gifts import FOLLOW, issue_link, standing_basis
from marketplace.funds.commands.income import book
from marketplace.funds.model import Fund, GiftInvitation, GiftLink, GiftPayment
from marketplace.funds.queries.gifts import intent_of
from marketplace.funds.rules.gifts import (
    CHECKOUT_LIFE,
    FeeUnknown,
    GiftDiffers,
    GiftUnderWay,
    amount_refusals,
    fund_refusals,
    invitation_refusals,
)
from marketplace.funds.rules.terms import ReceiptKind
from marketplace.funds.schemas.gifts import Intent, Seen, Wish
from marketplace.funds.schemas.terms import NewReceipt
from marketplace.funds.states.gifts import (
    GIFT,
    INVITATION,
    UNDER_WAY,
    GiftAction,
    GiftState,
    InvitationAction,
    InvitationState,
)
from marketplace.identity.credentials import Safe, tokens
from marketplace.identity.model import Organization
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.kit.money import yuan_grouped
from marketplace.kit.text import clean_line
from marketplace.ledger import commands as ledger
from marketplace.outbox.commands import emit

_STEPS = {GiftState.OPEN: GiftAction.OPEN, GiftState.PROCESSING: GiftAction.PROCESS, GiftState.LAPSED: GiftAction.LAPSE}
"""What a checkout seen in a state means for the attempt; paid is more than a step."""


def intend(db: Session, token: str, wish: Wish, *, now: datetime) -> Intent:
    """A donor decides on amount and name; the attempt is saved with its key before the gateway is asked.

    The same wish again finds the same attempt: a page sent twice asks the gateway for one checkout.

    Raises:
        NotFound: no invitation has this secret.
        GiftsOff: the holder's legal basis is no longer recorded.
        AlreadyGiven, InvitationRevoked, InvitationOver: the invitation cannot be used any more.
        NotForGifts, NotOpenForGifts: the fund takes no gift.
        GiftOutOfBounds: the amount.
        GiftUnderWay: another attempt may still bring money.
    """
    invitation_id = db.scalar(
        select(GiftLink.invitation_id).where(GiftLink.token_digest == tokens.digest(token), GiftLink.ended_at.is_(None))
    )
    invitation = lock(db, GiftInvitation, invitation_id) if invitation_id else None
    if invitation is None:
        raise NotFound
    fund = db.get_one(Fund, invitation.fund_id)
    holder = db.get_one(Organization, fund.holder_id)
    raise_all(invitation_refusals(invitation.state, invitation.expires_on, holder.name, now=now))
    standing_basis(db, fund.holder_id)
    raise_all(
        [
            *fund_refusals(fund.name, fund.source, fund.custody, fund.state, fund.expires_on, now=now),
            *amount_refusals(wish.amount_fen),
        ]
    )
    donor = clean_line(wish.donor)
    begun = _under_way(db, invitation.id)
    if begun is not None:
        same = (begun.amount_fen, begun.donor, begun.disclose) == (wish.amount_fen, donor, not wish.anonymous)
        if not same:
            raise GiftUnderWay(amount=yuan_grouped(begun.amount_fen))
        return intent_of(db, begun.id)
    payment_id = uuid4()
    payment = GiftPayment(
        id=payment_id,
        invitation_id=invitation.id,
        fund_id=fund.id,
        amount_fen=wish.amount_fen,
        donor=donor,
        disclose=not wish.anonymous,
        message=clean_line(wish.message),
        idempotency_key=f"gift/{payment_id}",
        intended_at=now,
        ends_at=now + CHECKOUT_LIFE,
    )
    db.add(payment)
    db.flush()
    giver = Actor(person_id=invitation.person_id, organization_id=None)
    record(
        db, giver, "gift.intended", "gift_payment", payment.id,
        now=now, invitation_id=invitation.id, amount_fen=payment.amount_fen,
    )  # fmt: skip
    return intent_of(db, payment.id)


def _under_way(db: Session, invitation_id: UUID) -> GiftPayment | None:
    return db.scalar(
        select(GiftPayment).where(GiftPayment.invitation_id == invitation_id, GiftPayment.state.in_(UNDER_WAY))
    )


def opened(db: Session, payment_id: UUID, *, session_id: str, url: str, now: datetime) -> None:
    """The gateway opened a checkout for an attempt; told twice, it stays as it is.

    Raises:
        NotFound: no such attempt.
        GiftDiffers: the attempt has another checkout already.
    """
    row = _locked(db, payment_id)
    if row.session_id and row.session_id != session_id:
        raise GiftDiffers
    row.session_id, row.asked_at = session_id, now
    row.session_url = row.session_url or url
    if row.state in {GiftState.INTENDED, GiftState.UNKNOWN}:
        row.state = GIFT.after(row.state, GiftAction.OPEN)
        record(db, SYSTEM, "gift.checkout_opened", "gift_payment", row.id, now=now, session_id=session_id)


def lost(db: Session, payment_id: UUID, *, now: datetime) -> None:
    """The gateway did not answer: whether it opened a checkout is unknown until it is asked again under the same key.

    Raises:
        NotFound: no such attempt.
    """
    row = _locked(db, payment_id)
    if row.state in {GiftState.INTENDED, GiftState.UNKNOWN}:
        row.state = GIFT.after(row.state, GiftAction.LOSE)
        row.asked_at = now


def refused(db: Session, payment_id: UUID, *, reason: str, now: datetime) -> None:
    """The gateway said no to opening a checkout: no money was asked for.

    Raises:
        NotFound: no such attempt.
    """
    row = _locked(db, payment_id)
    if row.state in {GiftState.INTENDED, GiftState.UNKNOWN}:
        row.state = GIFT.after(row.state, GiftAction.REFUSE)
        row.refusal, row.asked_at = reason, now
        record(db, SYSTEM, "gift.checkout_refused", "gift_payment", row.id, now=now, reason=reason)


def given_up(db: Session, payment_id: UUID, *, now: datetime) -> None:
    """An attempt of which no checkout was ever seen is closed: its donor was never led anywhere to pay.

    Raises:
        NotFound: no such attempt.
    """
    row = _locked(db, payment_id)
    if row.state in {GiftState.INTENDED, GiftState.UNKNOWN}:
        row.state = GIFT.after(row.state, GiftAction.LAPSE)
        row.asked_at = now


def _locked(db: Session, payment_id: UUID) -> GiftPayment:
    row = lock(db, GiftPayment, payment_id)
    if row is None:
        raise NotFound
    return row


def settle(db: Session, safe: Safe, payment_id: UUID, seen: Seen, *, now: datetime) -> UUID | None:
    """Write what the gateway has of a checkout now; when it was paid, the money enters the fund. Returns the receipt.

    However often and in whatever order this is told, one receipt is written: the gross amount, of which the gateway's
    fee moves on to ``fee`` out of the receipt's own fen.

    Raises:
        NotFound: no such attempt.
        GiftDiffers: amount or checkout are not those agreed.
        FeeUnknown: it is paid, but the gateway's part is not known yet.

    Source:
        慈善法第三十八条: a receipt for each gift; 第五十四条: registered by itself.
    """
    known = db.get(GiftPayment, payment_id)
    if known is None:
        raise NotFound
    ledger.lock_funds(db, [known.fund_id])
    invitation = lock(db, GiftInvitation, known.invitation_id)
    row = _locked(db, payment_id)
    if invitation is None:
        raise NotFound
    if row.state is GiftState.PAID:
        return row.receipt_id
    if (seen.amount_fen, seen.session_id) != (row.amount_fen, row.session_id or seen.session_id):
        raise GiftDiffers
    row.asked_at, row.session_id = now, seen.session_id
    if row.state in {GiftState.INTENDED, GiftState.UNKNOWN}:
        row.state = GIFT.after(row.state, GiftAction.OPEN)
    if seen.state is GiftState.PAID:
        return _book(db, safe, row, invitation, seen, now)
    step = _STEPS.get(seen.state)
    if step is not None and step in GIFT.actions(row.state):
        row.state = GIFT.after(row.state, step)
    return None


def _book(db: Session, safe: Safe, row: GiftPayment, invitation: GiftInvitation, seen: Seen, now: datetime) -> UUID:
    fee_fen, paid_at = seen.fee_fen, seen.paid_at or now
    if fee_fen is None:
        raise FeeUnknown
    if not 0 <= fee_fen < row.amount_fen:
        raise GiftDiffers
    fund = db.get_one(Fund, row.fund_id)
    value_date = min(legal_day(paid_at), legal_day(now))
    new = NewReceipt(
        fund_id=fund.id,
        kind=ReceiptKind.GIFT,
        amount_fen=row.amount_fen,
        value_date=value_date,
        document_no=seen.charge_id or seen.session_id,
        payer=row.donor,
        disclose_payer=row.disclose,
        note=row.message,
    )
    receipt = book(db, SYSTEM, fund, new, now=now)
    if fee_fen:
        ledger.move(
            db,
            key=f"gift-fee/{row.id}",
            fund_id=fund.id,
            source=("available", None),
            target=("fee", None),
            amount_fen=fee_fen,
            cause=f"{receipt.number} 支付平台手续费",
            actor_id=None,
            value_date=value_date,
            now=now,
            receipt_id=receipt.id,
        )
    row.state = GIFT.after(row.state, GiftAction.PAY)
    row.receipt_id, row.charge_id, row.paid_at = receipt.id, seen.charge_id, paid_at
    row.fee_fen, row.net_fen = fee_fen, row.amount_fen - fee_fen
    if invitation.state is not InvitationState.GIVEN:
        invitation.state = INVITATION.after(invitation.state, InvitationAction.GIVE)
        invitation.given_at = now
    db.flush()
    record(
        db, SYSTEM, "gift.received", "gift_payment", row.id,
        now=now, effective_at=paid_at, number=receipt.number, amount_fen=row.amount_fen, fee_fen=fee_fen,
    )  # fmt: skip
    link_id, _ = issue_link(db, safe, invitation.id, FOLLOW, now=now)
    emit(db, "gift.received", now=now, payment_id=row.id)
    emit(db, "gift.thanked", now=now, payment_id=row.id, invitation_id=invitation.id, link_id=link_id)
    return receipt.id
