"""Verbs of the schedule: have a worker ask about what is open, fetch statements, and catch up on lost events."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.funds.model import CustodyAccount, Fund, Payment, PaymentAttempt, PaymentInstruction
from marketplace.funds.queries.gifts import gifts_to_ask
from marketplace.funds.rules import Custody
from marketplace.funds.states import InstructionState, PaymentState
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit

LOOK_AFTER = timedelta(minutes=30)
"""A transfer that was made and of which no event came is looked at after this time."""
READ_DAYS = 3
"""Statements of so many days are fetched each time: a bank books late, and money comes back late."""
READ_DAYS_MAX = 60
ACTIVE_DAYS = 120
"""Accounts that nothing was ordered from for so long are left alone."""


def ask(db: Session, *, now: datetime) -> int:
    """Have a worker ask about each instruction file and transfer whose end is open; return how many."""
    files = select(PaymentInstruction.id).where(
        (PaymentInstruction.state == InstructionState.UNKNOWN) | (PaymentInstruction.state == InstructionState.ACCEPTED)
    )
    asked = 0
    for instruction_id in db.scalars(files.order_by(PaymentInstruction.number)):
        emit(db, "instruction.asked", now=now, instruction_id=instruction_id)
        asked += 1
    transfers = (
        select(PaymentAttempt.id, Payment.state)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(PaymentAttempt.outcome.is_(None), Payment.rail == Custody.GATEWAY)
        .where(
            (Payment.state == PaymentState.UNKNOWN)
            | ((Payment.state == PaymentState.IN_TRANSIT) & (PaymentAttempt.ordered_at <= now - LOOK_AFTER))
        )
    )
    for attempt_id, state in db.execute(transfers.order_by(PaymentAttempt.reference)):
        if state is PaymentState.UNKNOWN:
            emit(db, "transfer.asked", now=now, attempt_id=attempt_id)
        else:
            emit(db, "transfer.wanted", now=now, attempt_id=attempt_id)
        asked += 1
    return asked


def ask_instruction(db: Session, actor: Actor, instruction_id: UUID, *, now: datetime) -> None:
    """Have a worker ask the bank about one instruction file now.

    Raises:
        NotFound: no such file of the actor's office.
        Forbidden: the actor may not execute payments.
    """
    row = db.get(PaymentInstruction, instruction_id)
    if row is None:
        raise NotFound
    account = db.get_one(CustodyAccount, row.account_id)
    require(actor, Right.EXECUTE_PAYMENT, {Relation.FINANCE: account.holder_id})
    emit(db, "instruction.asked", now=now, instruction_id=row.id)


def want_statements(db: Session, *, now: datetime) -> int:
    """Have a worker fetch the latest statements of every account that something was ordered from; return how many."""
    since = legal_day(now) - timedelta(days=ACTIVE_DAYS)
    active = select(PaymentInstruction.account_id).where(PaymentInstruction.day >= since).distinct()
    wanted = 0
    for account_id in db.scalars(active.order_by(PaymentInstruction.account_id)):
        emit(db, "statement.wanted", now=now, account_id=account_id)
        wanted += 1
    return wanted


def days_to_read(db: Session, account_id: UUID, *, now: datetime) -> list[date]:
    """The days whose statements are fetched: the last few, and all since the oldest payment that is still open."""
    today = legal_day(now)
    oldest = db.scalar(
        select(func.min(PaymentInstruction.day)).where(
            PaymentInstruction.account_id == account_id,
            PaymentInstruction.state.in_((InstructionState.MADE, InstructionState.UNKNOWN, InstructionState.ACCEPTED)),
        )
    )
    first = max(min(oldest or today, today - timedelta(days=READ_DAYS - 1)), today - timedelta(days=READ_DAYS_MAX - 1))
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def catch_up(db: Session, *, now: datetime) -> int:
    """Have a worker ask the gateway what happened, for what its webhooks lost; nothing where no money lies there."""
    if db.scalar(select(Fund.id).where(Fund.custody == Custody.GATEWAY).limit(1)) is None:
        return 0
    emit(db, "gateway.asked", now=now)
    return 1


def want_bookings(db: Session, *, now: datetime) -> int:
    """Have a worker fetch the gateway's own account of our balance; nothing where no money lies there."""
    if db.scalar(select(Fund.id).where(Fund.custody == Custody.GATEWAY).limit(1)) is None:
        return 0
    emit(db, "bookings.wanted", now=now)
    return 1


def ask_gifts(db: Session, *, now: datetime) -> int:
    """Have a worker ask what became of each gift under way of which nobody told us; return how many."""
    waiting = gifts_to_ask(db, now=now)
    for payment_id in waiting:
        emit(db, "gift.wanted", now=now, payment_id=payment_id)
    return len(waiting)
