"""Verbs of the outbox that domains use: emit a message with the change that caused it."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.outbox.model import Delivery, Message
from marketplace.outbox.rules import consumers_of

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
    db.add_all(Delivery(message_id=message.id, consumer=consumer) for consumer in consumers_of(topic))
    db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    return message.id
