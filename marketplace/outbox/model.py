"""Tables of the outbox: a message, its delivery to each consumer, the schedule; and the inbox of external events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.outbox.states import DELIVERY, INBOX, DeliveryState, InboxState


class Message(Keyed):
    """Something that happened, told once; the payload holds ids and small facts, never personal data."""

    __tablename__ = "message"

    n: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    emitted_at: Mapped[datetime]


class Delivery(Keyed):
    """A message on its way to one consumer; ``done`` is written in the transaction of the consumer's effect.

    ``due_at`` is when the relay hands it over (again); nothing is due of what is done, parked or discarded.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "consumer"),
        CheckConstraint("(state IN ('pending', 'sent')) = (due_at IS NOT NULL)", name="open_is_due"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_time"),
        CheckConstraint("state <> 'parked' OR (parked_at IS NOT NULL AND error_class <> '')", name="parked_has_error"),
        CheckConstraint("state <> 'sent' OR (sent_at IS NOT NULL AND sends > 0)", name="sent_has_time"),
        CheckConstraint("attempts >= 0 AND sends >= 0", name="counted"),
        Index("ix_delivery_due", "due_at", "n", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_delivery_parked", "parked_at", "id", postgresql_where=text("state = 'parked'")),
        Index("ix_delivery_done", "done_at", postgresql_where=text("done_at IS NOT NULL")),
    )

    n: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    consumer: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(state_enum(DeliveryState), default=DELIVERY.start)
    due_at: Mapped[datetime | None]
    sends: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    error_class: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")


class ScheduledJob(Row):
    """A periodic job and when it is next due; claimed by moving ``due_at`` on."""

    __tablename__ = "schedule"

    job: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    last_at: Mapped[datetime | None]


class InboxEvent(Keyed):
    """An event from outside, stored once under the sender's own id before anything is done about it.

    The payload says which object of the sender to look at; what is true of it is asked there, never read from here.
    """

    __tablename__ = "inbox_event"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        CheckConstraint("source <> '' AND event_id <> '' AND kind <> ''", name="named"),
        CheckConstraint("jsonb_typeof(payload) = 'object'", name="payload_object"),
        CheckConstraint("(state = 'received') = (settled_at IS NULL)", name="settled_has_time"),
        CheckConstraint("state NOT IN ('ignored', 'parked') OR reason <> ''", name="set_aside_has_reason"),
        Index("ix_inbox_event_parked", "received_at", "id", postgresql_where=text("state = 'parked'")),
    )

    source: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[InboxState] = mapped_column(state_enum(InboxState), default=INBOX.start)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
