"""Verbs of the outbox: emit, hand over, take, finish, fail, replay, discard; the schedule's tick; and the inbox."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.db.base import claim, lock, lock_all
from marketplace.kit.errors import NotFound
from marketplace.outbox import rules
from marketplace.outbox.model import Delivery, InboxEvent, Message, ScheduledJob
from marketplace.outbox.queries import arrived, parked_job_of
from marketplace.outbox.schemas import Arrived, Envelope, Sending
from marketplace.outbox.states import DELIVERY, INBOX, DeliveryAction, DeliveryState, InboxAction, InboxState

CHANNEL = "outbox"
"""PostgreSQL channel on which the relay is woken when a message has been committed."""


def emit(db: Session, topic: str, *, now: datetime, **payload: object) -> UUID:
    """Write a message of ``topic`` (``domain.verb_in_the_past``) in this transaction and return its id.

    ``payload`` holds ids and small facts; the consumer reads the rest from the database as it then is.
    """
    plain: dict[str, object] = msgspec.to_builtins(payload, str_keys=True)
    message = Message(topic=topic, payload=plain, emitted_at=now)
    db.add(message)
    db.flush()  # deliveries refer to the message; there is no relationship that would order them
    db.add_all(Delivery(message_id=message.id, consumer=consumer, due_at=now) for consumer in rules.consumers_of(topic))
    db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    return message.id


def hand_over(db: Session, *, now: datetime, limit: int = rules.BATCH) -> list[Sending]:
    """Mark what is due as handed over and return it, oldest first; whoever commits this must then send it.

    Rows that another relay holds are passed by. What was handed over before and is not done comes again; what came
    too often without a word is parked.
    """
    rows = claim(db, Delivery, Delivery.due_at <= now, limit=limit, order=(Delivery.due_at, Delivery.n))
    sendings = []
    for row in rows:
        if rules.lost(row.sends):
            _park(db, row, None, now=now)
            continue
        action = DeliveryAction.SEND if row.state is DeliveryState.PENDING else DeliveryAction.RESEND
        row.state = DELIVERY.after(row.state, action)
        row.sends += 1
        row.sent_at, row.due_at = now, rules.resend_at(now, row.sends)
        sendings.append(Sending(row.id, row.consumer))
    return sendings


def put_back(db: Session, delivery_ids: Iterable[UUID], *, now: datetime) -> None:
    """Make deliveries due again that the broker would not accept."""
    for row in lock_all(db, Delivery, delivery_ids):
        if row.state is DeliveryState.SENT:
            row.state = DELIVERY.after(row.state, DeliveryAction.RETRY)
            row.sends -= 1
            row.due_at = now + rules.RETRY_AFTER


def resend_all(db: Session, *, now: datetime) -> int:
    """Make all that was handed over and is not done due at once, as a broker's memory was lost; return how many."""
    sent = update(Delivery).where(Delivery.state == DeliveryState.SENT, Delivery.due_at > now).values(due_at=now)
    return len(db.execute(sent.returning(Delivery.id)).all())


def take(db: Session, delivery_ids: Sequence[UUID]) -> list[Envelope]:
    """Lock deliveries and return them with their messages, oldest first, except those settled or in other hands."""
    mine = claim(
        db,
        Delivery,
        Delivery.id.in_(delivery_ids),
        Delivery.due_at.is_not(None),
        limit=len(delivery_ids),
        order=(Delivery.n,),
    )
    wanted = {delivery.message_id for delivery in mine}
    told = {row.id: row for row in db.scalars(select(Message).where(Message.id.in_(wanted)))} if wanted else {}
    return [_envelope(delivery, told[delivery.message_id]) for delivery in mine]


def _envelope(delivery: Delivery, message: Message) -> Envelope:
    return Envelope(
        delivery_id=delivery.id,
        message_id=message.id,
        consumer=delivery.consumer,
        topic=message.topic,
        payload=message.payload,
        emitted_at=message.emitted_at,
        attempts=delivery.attempts,
    )


def finish(db: Session, delivery_ids: Sequence[UUID], *, now: datetime) -> None:
    """Mark taken deliveries as done, in the transaction of their effects."""
    for delivery_id in delivery_ids:
        row = db.get_one(Delivery, delivery_id)
        row.state = DELIVERY.after(row.state, DeliveryAction.FINISH)
        row.done_at, row.due_at = now, None


def fail(db: Session, delivery_id: UUID, error: BaseException, *, now: datetime) -> DeliveryState | None:
    """Count a failed effect and return the new state: due again later, or parked; None if it was settled meanwhile."""
    row = lock(db, Delivery, delivery_id)
    if row is None or row.due_at is None:
        return None
    row.attempts += 1
    row.error_class, row.error = type(error).__name__, rules.safe_text(error)
    if rules.exhausted(row.attempts):
        _park(db, row, error, now=now)
    else:
        row.state = DELIVERY.after(row.state, DeliveryAction.RETRY)
        row.due_at = rules.retry_at(now, row.attempts)
    return row.state


def _park(db: Session, row: Delivery, error: BaseException | None, *, now: datetime) -> None:
    """Leave a delivery to people, and with it the event from outside that it is about; no error: it never came back."""
    row.state = DELIVERY.after(row.state, DeliveryAction.PARK)
    row.parked_at, row.due_at = now, None
    row.error_class = type(error).__name__ if error else rules.LOST
    row.error = rules.safe_text(error) if error else ""
    event = _event_of(db, row)
    if event is not None and event.state is InboxState.RECEIVED:
        reason = rules.plain_reason(row.error_class, error)
        settle_event(db, event.id, InboxAction.PARK, now=now, reason=reason)


def _event_of(db: Session, row: Delivery) -> InboxEvent | None:
    """The event from outside that a delivery is about, locked after it."""
    message = db.get_one(Message, row.message_id)
    return lock(db, InboxEvent, UUID(message.payload["event_id"])) if message.topic == rules.INBOX_RECEIVED else None


def replay(db: Session, delivery_id: UUID, *, reason: str, now: datetime) -> Delivery:
    """Let a parked delivery be tried again from the start.

    Raises:
        NotFound: no such delivery.
        IllegalMove: it is not parked.
        ReasonNeeded: no reason was given.
    """
    row = _decide(db, delivery_id, DeliveryAction.REPLAY, reason)
    row.due_at, row.parked_at = now, None
    row.attempts = row.sends = 0
    event = _event_of(db, row)
    if event is not None and event.state is InboxState.PARKED:
        _look_again(event)
    db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    return row


def _look_again(event: InboxEvent) -> None:
    event.state = INBOX.after(event.state, InboxAction.REPLAY)
    event.settled_at, event.reason = None, ""


def replay_event(db: Session, row_id: UUID, *, reason: str, now: datetime) -> Arrived:
    """Let a worker look again at an event from outside that was parked.

    Raises:
        NotFound: no such event.
        IllegalMove: it is not parked.
        ReasonNeeded: no reason was given.
    """
    job_id = parked_job_of(db, row_id)
    job = lock(db, Delivery, job_id) if job_id else None
    event = lock(db, InboxEvent, row_id)
    if event is None:
        raise NotFound
    INBOX.after(event.state, InboxAction.REPLAY)
    if job is not None and job.state is DeliveryState.PARKED:
        replay(db, job.id, reason=reason, now=now)
    elif not reason.strip():
        raise rules.ReasonNeeded(field="reason")
    else:
        _look_again(event)
        emit(db, rules.INBOX_RECEIVED, now=now, event_id=event.id)
    return arrived(event)


def ignore_event(db: Session, row_id: UUID, *, reason: str, now: datetime) -> Arrived:
    """Settle a parked event from outside as none of ours, with its job.

    Raises:
        NotFound: no such event.
        IllegalMove: it is settled already.
        ReasonNeeded: no reason was given.
    """
    job_id = parked_job_of(db, row_id)
    job = lock(db, Delivery, job_id) if job_id else None
    settle_event(db, row_id, InboxAction.IGNORE, now=now, reason=reason)
    if job is not None and job.state is DeliveryState.PARKED:
        job.state = DELIVERY.after(job.state, DeliveryAction.DISCARD)
    return arrived(db.get_one(InboxEvent, row_id))


def discard(db: Session, delivery_id: UUID, *, reason: str, now: datetime) -> Delivery:
    """Settle a parked delivery without its effect; it stays in the table with its error.

    Raises:
        NotFound: no such delivery.
        IllegalMove: it is not parked.
        ReasonNeeded: no reason was given.
    """
    row = _decide(db, delivery_id, DeliveryAction.DISCARD, reason)
    event = _event_of(db, row)
    if event is not None and event.state is InboxState.PARKED:
        settle_event(db, event.id, InboxAction.IGNORE, now=now, reason=reason)
    return row


def _decide(db: Session, delivery_id: UUID, action: DeliveryAction, reason: str) -> Delivery:
    row = lock(db, Delivery, delivery_id)
    if row is None:
        raise NotFound
    after = DELIVERY.after(row.state, action)
    if not reason.strip():
        raise rules.ReasonNeeded(field="reason")
    row.state = after
    return row


def tick(db: Session, *, now: datetime) -> list[str]:
    """Claim the periodic jobs that are due, emit a message for each, and return their names.

    The claim is one UPDATE: of two schedulers at the same moment, the second finds the job no longer due.
    """
    known = {row.job: row.due_at for row in db.execute(select(ScheduledJob.job, ScheduledJob.due_at))}
    missing = [{"job": job, "due_at": now} for job in rules.SCHEDULE if job not in known]
    if missing:
        db.execute(insert(ScheduledJob).values(missing).on_conflict_do_nothing())
        known |= dict.fromkeys((str(row["job"]) for row in missing), now)
    claimed = []
    for job, every in rules.SCHEDULE.items():
        due_at = known[job]
        if due_at > now:
            continue
        moved = (
            update(ScheduledJob)
            .where(ScheduledJob.job == job, ScheduledJob.due_at <= now)
            .values(due_at=rules.next_run(due_at, every, now), last_at=now)
            .returning(ScheduledJob.job)
        )
        if db.execute(moved).first():
            emit(db, rules.SCHEDULED + job, now=now)
            claimed.append(job)
    return claimed


def sweep(db: Session, *, now: datetime) -> int:
    """Remove deliveries done longer than ``KEPT_AFTER_DONE`` ago, and messages none of whose deliveries is left."""
    old = delete(Delivery).where(Delivery.done_at < now - rules.KEPT_AFTER_DONE).returning(Delivery.message_id)
    touched = set(db.scalars(old))
    left = exists().where(Delivery.message_id == Message.id)
    db.execute(delete(Message).where(Message.id.in_(touched), ~left))
    return len(touched)


def take_in(
    db: Session, source: str, event_id: str, kind: str, payload: Mapping[str, object], *, now: datetime
) -> UUID | None:
    """Store an event from outside once; return its row's id, or None if the sender told it before.

    ``source`` is ``gateway`` or ``bank``, ``event_id`` the sender's own id. Emits ``inbox.received`` with the row's id
    as ``event_id``, so that a worker processes it. Two at once store one: the second waits for the first.
    """
    values = {
        "id": uuid4(),
        "source": source,
        "event_id": event_id,
        "kind": kind,
        "payload": msgspec.to_builtins(dict(payload), str_keys=True),
        "state": INBOX.start,
        "received_at": now,
        "reason": "",
    }
    stored = insert(InboxEvent).values(values).on_conflict_do_nothing(index_elements=["source", "event_id"])
    row_id = db.scalar(stored.returning(InboxEvent.id))
    if row_id is not None:
        emit(db, rules.INBOX_RECEIVED, now=now, event_id=row_id)
    return row_id


def open_event(db: Session, row_id: UUID) -> Arrived | None:
    """Lock an event from outside and return it, or None if it is processed or ignored already.

    Raises:
        NotFound: no such event.
    """
    row = lock(db, InboxEvent, row_id)
    if row is None:
        raise NotFound
    return None if row.state in {InboxState.PROCESSED, InboxState.IGNORED} else arrived(row)


def settle_event(db: Session, row_id: UUID, action: InboxAction, *, now: datetime, reason: str = "") -> None:
    """Write down what became of an event from outside, in the transaction of its effect.

    Raises:
        NotFound: no such event.
        IllegalMove: it is settled already.
        ReasonNeeded: it is set aside without a reason.
    """
    row = lock(db, InboxEvent, row_id)
    if row is None:
        raise NotFound
    after = INBOX.after(row.state, action)
    if after is not InboxState.PROCESSED and not reason.strip():
        raise rules.ReasonNeeded(field="reason")
    row.state, row.settled_at, row.reason = after, now, reason.strip()
