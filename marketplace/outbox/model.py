"""Tables of the outbox: a message, and its delivery to each consumer; and the inbox of external events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, state_enum
from marketplace.outbox.states import DELIVERY, DeliveryState


class Message(Keyed):
    """Something that happened, told once; the payload holds ids and small facts, never personal data."""

    __tablename__ = "message"

    n: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    emitted_at: Mapped[datetime]


class Delivery(Keyed):
    """A message on its way to one consumer; ``done`` is written in the transaction of the consumer's effect."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "consumer"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_time"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        Index("ix_delivery_open", "state", "sent_at", postgresql_where=text("state <> 'done'")),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    consumer: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(state_enum(DeliveryState), default=DELIVERY.start)
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")


class ExternalEvent(Keyed):
    """An event from outside, stored once under the sender's own id before anything is done about it."""

    __tablename__ = "external_event"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    source: Mapped[str]
    external_id: Mapped[str]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
