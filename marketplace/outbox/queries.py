"""Reads of the outbox: what is parked, and how much waits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from marketplace.kit.errors import NotFound
from marketplace.outbox.model import Delivery, Message
from marketplace.outbox.schemas import Backlog, ParkedJob
from marketplace.outbox.states import DeliveryState

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
    """Parked deliveries, longest parked first; ``after`` is the last one of the page before."""
    query = _parked().order_by(Delivery.parked_at, Delivery.id).limit(limit)
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
    count = {state: number for state, number, _ in rows}
    due = [first for _, _, first in rows if first is not None]
    overdue = max(0, int((now - min(due)).total_seconds())) if due else 0
    return Backlog(
        pending=count.get(DeliveryState.PENDING, 0),
        sent=count.get(DeliveryState.SENT, 0),
        parked=count.get(DeliveryState.PARKED, 0),
        overdue_s=overdue,
    )
