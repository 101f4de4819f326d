"""What a worker works with, in one frozen struct; and how an effect happens exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.clock import Clock
from marketplace.outbox.commands import fail, finish, take
from marketplace.outbox.rules import safe_text
from marketplace.outbox.schemas import Envelope
from marketplace.outbox.states import DeliveryState
from marketplace.settings import Settings

Consumer = Callable[[Session, Envelope, datetime], None]
"""Writes the effect of a message in the given transaction; called again from the start after any failure."""

log = structlog.get_logger("workers")


def _pass_by(_: str) -> None:
    """Reach a point at which a crash test may end the process."""


@dataclass(frozen=True, slots=True)
class Services:
    """The database, the time and the consumers by name; ``reached`` is told each step, for crash tests."""

    database: Database
    clock: Clock
    settings: Settings
    consumers: Mapping[str, Consumer]
    reached: Callable[[str], None] = _pass_by


class UnknownConsumer(LookupError):
    """A message goes to a consumer that does not run in this installation."""


class Outcome(Enum):
    """What became of one hand-over of a delivery."""

    DONE = auto()
    PASSED_BY = auto()
    LATER = auto()
    PARKED = auto()


def deliver(services: Services, delivery_id: UUID) -> Outcome:
    """Write the effect of a delivery and mark it done, in one transaction; or count the failure.

    A second call with the same id, at the same time or later, finds it taken or done and passes by.
    """

    def story(db: Session) -> Envelope | None:
        envelope = take(db, delivery_id)
        if envelope is None:
            return None
        services.reached("effect.taken")
        now = services.clock.now()
        consumer = services.consumers.get(envelope.consumer)
        if consumer is None:
            raise UnknownConsumer
        consumer(db, envelope, now)
        services.reached("effect.written")
        finish(db, delivery_id, now=now)
        db.flush()
        services.reached("effect.marked")
        return envelope

    try:
        envelope = services.database.run(story)
    except Exception as error:  # noqa: BLE001 - whatever it was is counted, kept and shown to staff
        return _count_failure(services, delivery_id, error)
    services.reached("effect.committed")
    if envelope is None:
        return Outcome.PASSED_BY
    log.debug("delivered", delivery=str(delivery_id), consumer=envelope.consumer, topic=envelope.topic)
    return Outcome.DONE


def _count_failure(services: Services, delivery_id: UUID, error: Exception) -> Outcome:
    """Keep what went wrong; if even that fails, the delivery is handed over again in its time."""
    facts = {"delivery": str(delivery_id), "error_class": type(error).__name__, "error": safe_text(error)}
    try:
        with services.database.write() as db:
            state = fail(db, delivery_id, error, now=services.clock.now())
    except Exception as second:  # noqa: BLE001 - the database itself is away
        log.warning("failure not recorded", **facts, second_class=type(second).__name__)
        return Outcome.LATER
    if state is DeliveryState.PARKED:
        log.error("parked", **facts)
        return Outcome.PARKED
    log.warning("failed", **facts)
    return Outcome.LATER
