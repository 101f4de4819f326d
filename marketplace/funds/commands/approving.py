"""Verbs of whoever decides: approve, send back or cancel an application; approve anew or give up a payment."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.db.base import lock, lock_all
from marketplace.funds.commands.applying import refusals_of, uses_of
from marketplace.funds.model import Payment, PaymentApplication, PaymentAttempt
from marketplace.funds.queries.payable import UNDER_WAY, parties_of
from marketplace.funds.rules import UnderWay
from marketplace.funds.schemas import NewPayee
from marketplace.funds.states import (
    APPLICATION,
    PAYMENT,
    ApplicationAction,
    ApplicationState,
    PaymentAction,
    PaymentState,
)
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import IllegalMove, NotFound, raise_all
from marketplace.ledger import commands as ledger
from marketplace.outbox.commands import emit


def approve_application(db: Session, actor: Actor, application_id: UUID, *, now: datetime) -> None:
    """Approve a payment application; it now waits for the cashier. Whether its funds may pay is asked again.

    Raises:
        NotFound: no such application, or none that concerns the actor's organization.
        Forbidden: the actor may not approve payments.
        DutiesClash: the actor prepared it.
        IllegalMove: it does not wait for approval.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: a fund may not pay this.

    Source:
        会计法第二十五条 (申请、审批、支付分开).
    """
    row, payments = _held(db, application_id)
    require(actor, Right.APPROVE_PAYMENT, parties_of(row))
    apart(actor, Duty.APPROVE_PAYMENT, {Duty.PREPARE_PAYMENT: preparers(row, payments)})
    after = APPLICATION.after(row.state, ApplicationAction.APPROVE)
    raise_all(refusals_of(db, sorted({one.fund_id for one in payments}), uses_of(row, legal_day(now))))
    row.state, row.approved_by, row.approved_at, row.reason = after, actor.person_id, now, ""
    for one in payments:
        one.state = PAYMENT.after(one.state, PaymentAction.APPROVE)
        one.approved_by = actor.person_id
    db.flush()
    _tell(db, actor, row, "application.approved", now)
    emit(db, "application.approved", now=now, application_id=row.id)


def return_application(db: Session, actor: Actor, application_id: UUID, *, reason: str, now: datetime) -> None:
    """Send an application back to its accountant, with the reason; its payments stay drafts.

    Raises:
        NotFound: no such application, or none that concerns the actor's organization.
        Forbidden: the actor may not approve payments.
        DutiesClash: the actor prepared it.
        IllegalMove: it does not wait for approval.
    """
    row, payments = _held(db, application_id)
    require(actor, Right.APPROVE_PAYMENT, parties_of(row))
    apart(actor, Duty.APPROVE_PAYMENT, {Duty.PREPARE_PAYMENT: preparers(row, payments)})
    row.state = APPLICATION.after(row.state, ApplicationAction.RETURN)
    row.reason = reason
    _tell(db, actor, row, "application.returned", now)
    emit(db, "application.returned", now=now, application_id=row.id)


def cancel_application(db: Session, actor: Actor, application_id: UUID, *, reason: str, now: datetime) -> None:
    """Withdraw an application of which nothing was sent; its money is payable and may be asked for anew.

    Raises:
        NotFound: no such application of the actor's office.
        Forbidden: the actor may not prepare payments.
        UnderWay: some of its money was sent, or paid.
        IllegalMove: it is settled or cancelled.
    """
    row, payments = _held(db, application_id)
    require(actor, Right.PREPARE_PAYMENT, parties_of(row))
    if any(one.state in (*UNDER_WAY, PaymentState.PAID) for one in payments):
        raise UnderWay(number=row.number)
    row.state = APPLICATION.after(row.state, ApplicationAction.CANCEL)
    row.reason = reason
    for one in payments:
        if one.state is not PaymentState.CANCELLED:
            one.state = PAYMENT.after(one.state, PaymentAction.CANCEL)
    db.flush()
    _tell(db, actor, row, "application.cancelled", now)
    emit(db, "application.cancelled", now=now, application_id=row.id)


def retry(
    db: Session, actor: Actor, payment_id: UUID, payee: NewPayee | None = None, *, reason: str, now: datetime
) -> None:
    """Ask again for a payment that failed or came back, once its reason is mended; another person approves it anew.

    ``payee`` is where to pay now; without it the account stays as it was.

    Raises:
        NotFound: no such payment of the actor's office.
        Forbidden: the actor may not prepare payments.
        DutiesClash: the actor approved or executed it.
        IllegalMove: it did not fail.
    """
    row, one = _held_payment(db, payment_id)
    require(actor, Right.PREPARE_PAYMENT, parties_of(row))
    done = {Duty.APPROVE_PAYMENT: _people(row.approved_by, one.approved_by), Duty.EXECUTE_PAYMENT: executors(db, [one])}
    apart(actor, Duty.PREPARE_PAYMENT, done)
    one.state = PAYMENT.after(one.state, PaymentAction.RETRY)
    one.prepared_by, one.approved_by, one.executed_by = actor.person_id, None, None
    one.reason = reason
    if payee is not None and payee.organization_id == one.payee_id:
        one.payee_name, one.bank_name = payee.name, payee.bank_name
        one.account_sealed, one.account_place = payee.account_sealed, payee.account_place
        one.account_last4 = payee.account_last4
    db.flush()
    record(db, actor, "payment.retried", "payment", one.id, now=now, reason=reason, number=one.number)
    emit(db, "payment.retried", now=now, application_id=row.id, payment_id=one.id)


def approve_payment(db: Session, actor: Actor, payment_id: UUID, *, now: datetime) -> None:
    """Approve a payment that is asked for again.

    Raises:
        NotFound: no such payment, or none that concerns the actor's organization.
        Forbidden: the actor may not approve payments.
        DutiesClash: the actor prepared or executed it.
        IllegalMove: it does not wait for approval by itself.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: its fund may not pay this.
    """
    row, one = _held_payment(db, payment_id)
    require(actor, Right.APPROVE_PAYMENT, parties_of(row))
    done = {Duty.PREPARE_PAYMENT: preparers(row, [one]), Duty.EXECUTE_PAYMENT: executors(db, [one])}
    apart(actor, Duty.APPROVE_PAYMENT, done)
    if row.state is not ApplicationState.APPROVED:
        label = APPLICATION.label
        raise IllegalMove(state=label(row.state), action=PAYMENT.label(PaymentAction.APPROVE))
    after = PAYMENT.after(one.state, PaymentAction.APPROVE)
    raise_all(refusals_of(db, [one.fund_id], uses_of(row, legal_day(now))))
    one.state, one.approved_by, one.reason = after, actor.person_id, ""
    record(db, actor, "payment.approved", "payment", one.id, now=now, number=one.number, amount_fen=one.amount_fen)
    emit(db, "application.approved", now=now, application_id=row.id)


def cancel_payment(db: Session, actor: Actor, payment_id: UUID, *, reason: str, now: datetime) -> None:
    """Give up one payment that failed, came back or was not sent; its money stays payable.

    Raises:
        NotFound: no such payment of the actor's office.
        Forbidden: the actor may not prepare payments.
        IllegalMove: it is under way, paid or cancelled, or its application was never approved.
    """
    row, one = _held_payment(db, payment_id)
    require(actor, Right.PREPARE_PAYMENT, parties_of(row))
    if row.state is not ApplicationState.APPROVED:
        raise IllegalMove(state=APPLICATION.label(row.state), action=PAYMENT.label(PaymentAction.CANCEL))
    one.state = PAYMENT.after(one.state, PaymentAction.CANCEL)
    one.reason = reason
    db.flush()
    record(db, actor, "payment.cancelled", "payment", one.id, now=now, reason=reason, number=one.number)
    close(db, actor, [row], now=now)


def close(db: Session, actor: Actor, rows: Iterable[PaymentApplication], *, now: datetime) -> list[UUID]:
    """Settle the applications of which nothing is left to pay, cancel those of which nothing was paid; return settled.

    The caller holds the applications' locks.
    """
    by_id = {row.id: row for row in rows if row.state is ApplicationState.APPROVED}
    ended = (PaymentState.PAID, PaymentState.CANCELLED)
    counts = (
        select(
            Payment.application_id,
            func.count().filter(Payment.state.not_in(ended)),
            func.count().filter(Payment.state == PaymentState.PAID),
        )
        .where(Payment.application_id.in_(by_id))
        .group_by(Payment.application_id)
    )
    settled = []
    for application_id, left, paid in db.execute(counts).all() if by_id else ():
        row = by_id[application_id]
        if left:
            continue
        if paid:
            row.state, row.settled_at = APPLICATION.after(row.state, ApplicationAction.SETTLE), now
            settled.append(row.id)
        else:
            row.state = APPLICATION.after(row.state, ApplicationAction.CANCEL)
            row.reason = row.reason or "全部付款已取消"
            _tell(db, actor, row, "application.cancelled", now)
            emit(db, "application.cancelled", now=now, application_id=row.id)
    db.flush()
    return settled


def preparers(row: PaymentApplication, payments: Iterable[Payment]) -> list[UUID]:
    """Everybody who asked for the application or one of these payments of it."""
    return _people(row.prepared_by, *(one.prepared_by for one in payments))


def approvers(row: PaymentApplication, payments: Iterable[Payment]) -> list[UUID]:
    """Everybody who approved the application or one of these payments of it."""
    return _people(row.approved_by, *(one.approved_by for one in payments))


def executors(db: Session, payments: Iterable[Payment]) -> list[UUID]:
    """Everybody who ordered an attempt at one of these payments."""
    query = select(PaymentAttempt.ordered_by).where(PaymentAttempt.payment_id.in_([one.id for one in payments]))
    return _people(*db.scalars(query.distinct()))


def _people(*person_ids: UUID | None) -> list[UUID]:
    return sorted({person_id for person_id in person_ids if person_id})


def _held(db: Session, application_id: UUID) -> tuple[PaymentApplication, list[Payment]]:
    """An application and its payments, their funds locked first."""
    mine = select(Payment.fund_id, Payment.id).where(Payment.application_id == application_id)
    known = db.execute(mine).all()
    ledger.lock_funds(db, [fund_id for fund_id, _ in known])
    row = lock(db, PaymentApplication, application_id)
    if row is None:
        raise NotFound
    payments = lock_all(db, Payment, db.scalars(select(Payment.id).where(Payment.application_id == application_id)))
    return row, sorted(payments, key=lambda one: one.place)


def _held_payment(db: Session, payment_id: UUID) -> tuple[PaymentApplication, Payment]:
    known = db.get(Payment, payment_id)
    if known is None:
        raise NotFound
    ledger.lock_funds(db, [known.fund_id])
    row = lock(db, PaymentApplication, known.application_id)
    one = lock(db, Payment, payment_id)
    if row is None or one is None:
        raise NotFound
    return row, one


def _tell(db: Session, actor: Actor, row: PaymentApplication, act: str, now: datetime) -> None:
    record(
        db, actor, act, "application", row.id, now=now, reason=row.reason, number=row.number, amount_fen=row.amount_fen
    )
