"""What the outbox tells its consumers and the people who look after it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from marketplace.outbox.states import InboxState


class Envelope(Struct, frozen=True, kw_only=True):
    """One message as one consumer gets it."""

    delivery_id: UUID
    message_id: UUID
    consumer: str
    topic: str
    payload: dict[str, Any]
    emitted_at: datetime
    attempts: int

    def id(self, name: str) -> UUID:
        """The id that the payload holds under ``name``.

        Raises:
            KeyError: the payload holds none.
        """
        return UUID(self.payload[name])


class Sending(Struct, frozen=True):
    """A delivery to be handed over: its id and the consumer it goes to."""

    delivery_id: UUID
    consumer: str


class ParkedJob(Struct, frozen=True, kw_only=True):
    """A delivery that waits for people: what it was, how often it was tried, and what went wrong."""

    delivery_id: UUID
    consumer: str
    topic: str
    payload: dict[str, Any]
    emitted_at: datetime
    parked_at: datetime
    attempts: int
    sends: int
    error_class: str
    error: str


class Backlog(Struct, frozen=True, kw_only=True):
    """How many deliveries stand where, and how many seconds the longest overdue one has waited.

    ``events`` is how many of the parked ones are about an event from outside.
    """

    pending: int
    sent: int
    parked: int
    events: int = 0
    overdue_s: int


class Arrived(Struct, frozen=True, kw_only=True):
    """An event from outside: who sent it under which id, and which object of theirs to look at."""

    id: UUID
    source: str
    event_id: str
    kind: str
    payload: dict[str, Any]
    state: InboxState
    received_at: datetime
    settled_at: datetime | None
    reason: str
