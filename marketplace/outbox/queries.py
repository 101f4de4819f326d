"""Reads of the outbox: what is parked, and how much waits; and of the inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from marketplace.kit.errors import NotFound
from marketplace.outbox.model import Delivery, InboxEvent, Message
from marketplace.outbox.rules import INBOX_RECEIVED
from marketplace.outbox.schemas import Arrived, Backlog, ParkedJob
from marketplace.outbox.states import DeliveryState, InboxState

PAGE = 50


def _parked() -> Select[Any]:
    return (
        select(
            Delivery.id.label("delivery_id"),
            Delivery.consumer,
            Message.topic,
            Message.payload,
            Message.emitted_at,
            Delivery.parked_at,
            Delivery.attempts,
            Delivery.sends,
            Delivery.error_class,
            Delivery.error,
        )
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.state == DeliveryState.PARKED)
    )


def parked(db: Session, *, after: UUID | None = None, limit: int = PAGE) -> list[ParkedJob]:
    """Parked deliveries, longest parked first; ``after`` is the last one of the page before.

    Those about an event from outside are shown as the event that they are about: see :func:`parked_events`.
    """
    query = _parked().where(Message.topic != INBOX_RECEIVED).order_by(Delivery.parked_at, Delivery.id).limit(limit)
    last = db.get(Delivery, after) if after else None
    if last is not None:
        query = query.where(tuple_(Delivery.parked_at, Delivery.id) > (last.parked_at, last.id))
    return [ParkedJob(**row) for row in db.execute(query).mappings()]


def parked_one(db: Session, delivery_id: UUID) -> ParkedJob:
    """One parked delivery.

    Raises:
        NotFound: there is none with this id, or it is not parked any more.
    """
    row = db.execute(_parked().where(Delivery.id == delivery_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return ParkedJob(**row)


def backlog(db: Session, *, now: datetime) -> Backlog:
    """Counts of open and parked deliveries, and the delay of the longest overdue one, for metrics and the desk."""
    rows = db.execute(
        select(Delivery.state, func.count(), func.min(Delivery.due_at))
        .where(Delivery.due_at.is_not(None) | (Delivery.state == DeliveryState.PARKED))
        .group_by(Delivery.state)
    ).all()
    about = select(func.count()).select_from(Delivery).join(Message, Message.id == Delivery.message_id)
    events = about.where(Delivery.state == DeliveryState.PARKED, Message.topic == INBOX_RECEIVED)
    count = {state: number for state, number, _ in rows}
    due = [first for _, _, first in rows if first is not None]
    overdue = max(0, int((now - min(due)).total_seconds())) if due else 0
    return Backlog(
        pending=count.get(DeliveryState.PENDING, 0),
        sent=count.get(DeliveryState.SENT, 0),
        parked=count.get(DeliveryState.PARKED, 0),
        events=int(db.scalar(events) or 0),
        overdue_s=overdue,
    )


def arrived(row: InboxEvent) -> Arrived:
    """An event's row as plain facts."""
    return Arrived(
        id=row.id,
        source=row.source,
        event_id=row.event_id,
        kind=row.kind,
        payload=row.payload,
        state=row.state,
        received_at=row.received_at,
        settled_at=row.settled_at,
        reason=row.reason,
    )


def event(db: Session, row_id: UUID) -> Arrived:
    """One event from outside.

    Raises:
        NotFound: there is none with this id.
    """
    row = db.get(InboxEvent, row_id)
    if row is None:
        raise NotFound
    return arrived(row)


def parked_events(db: Session, *, limit: int = PAGE) -> list[Arrived]:
    """Events from outside that wait for a person, longest waiting first."""
    query = (
        select(InboxEvent)
        .where(InboxEvent.state == InboxState.PARKED)
        .order_by(InboxEvent.received_at, InboxEvent.id)
        .limit(limit)
    )
    return [arrived(row) for row in db.scalars(query)]


def parked_event(db: Session, row_id: UUID) -> Arrived:
    """One event from outside that waits for a person.

    Raises:
        NotFound: there is none with this id, or it does not wait any more.
    """
    found = event(db, row_id)
    if found.state is not InboxState.PARKED:
        raise NotFound
    return found


def parked_job_of(db: Session, row_id: UUID) -> UUID | None:
    """The parked delivery by which a worker was to process an event from outside, if there is one."""
    about = Message.payload["event_id"].astext == str(row_id)
    query = select(Delivery.id).join(Message, Message.id == Delivery.message_id)
    return db.scalar(
        query.where(Delivery.state == DeliveryState.PARKED, Message.topic == INBOX_RECEIVED, about).limit(1)
    )
