"""What a worker works with, in one frozen struct; and how an effect happens exactly once."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.clock import Clock
from marketplace.kit.steps import Reached, pass_by
from marketplace.outbox.commands import fail, finish, take
from marketplace.outbox.rules import TOGETHER, safe_text
from marketplace.outbox.schemas import Envelope, Sending
from marketplace.outbox.states import DeliveryState
from marketplace.settings import Settings


@dataclass(frozen=True, slots=True)
class Errand:
    """A call to the outside that a message asks for, once the intent of it is committed.

    ``call`` is made with no transaction open and returns what was answered; it is told of each step inside.
    ``conclude`` writes the answer in a transaction of its own, with which the message is done. After a crash in
    between the consumer is asked for the errand anew, so the call must bear being made twice.
    """

    call: Callable[[Reached], Any]
    conclude: Callable[[Session, Any, datetime], None]


Consumer = Callable[[Session, Envelope, datetime], Errand | None]
"""Writes the effect of a message in the given transaction, or its intent, and then returns the errand to be run.

It is called again from the start after any failure.
"""

log = structlog.get_logger("workers")


@dataclass(frozen=True, slots=True)
class Services:
    """The database, the time and the consumers by name.

    ``together`` says of how many deliveries a consumer may write the effects in one transaction; ``reached`` is told
    each step, for crash tests.
    """

    database: Database
    clock: Clock
    settings: Settings
    consumers: Mapping[str, Consumer]
    together: Mapping[str, int] = field(default_factory=lambda: TOGETHER)
    reached: Reached = pass_by


class UnknownConsumer(LookupError):
    """A message goes to a consumer that does not run in this installation."""


class Outcome(Enum):
    """What became of one hand-over of a delivery."""

    DONE = auto()
    PASSED_BY = auto()
    LATER = auto()
    PARKED = auto()


def deliver(services: Services, delivery_ids: Sequence[UUID]) -> Counter[Outcome]:
    """Write the effects of deliveries and mark them done, in one transaction; return how many fared how.

    A second call with the same ids, at the same time or later, finds them taken or done and passes by. If one of
    several fails, nothing of the transaction stays and each is delivered by itself; if a single one fails, that is
    counted, and it waits for its later time or is parked.
    """
    try:
        done, errands = services.database.run(lambda db: _write_effects(services, db, delivery_ids))
        for envelope, errand in errands:
            done += _run(services, envelope, errand)
    except Exception as error:  # noqa: BLE001 - whatever it was is counted, kept and shown to staff
        if len(delivery_ids) == 1:
            return Counter([_count_failure(services, delivery_ids[0], error)])
        return sum((deliver(services, [delivery_id]) for delivery_id in delivery_ids), Counter[Outcome]())
    services.reached("effect.committed")
    for envelope in done:
        log.debug("delivered", delivery=str(envelope.delivery_id), consumer=envelope.consumer, topic=envelope.topic)
    return Counter({Outcome.DONE: len(done), Outcome.PASSED_BY: len(delivery_ids) - len(done)})


Errands = list[tuple[Envelope, Errand]]


def _write_effects(services: Services, db: Session, delivery_ids: Sequence[UUID]) -> tuple[list[Envelope], Errands]:
    """The deliveries whose effects are written, and those that ask for a call to the outside."""
    envelopes = take(db, delivery_ids)
    services.reached("effect.taken")
    now = services.clock.now()
    done, errands = [], []
    for envelope in envelopes:
        consumer = services.consumers.get(envelope.consumer)
        if consumer is None:
            raise UnknownConsumer
        errand = consumer(db, envelope, now)
        if errand is None:
            services.reached("effect.written")
            done.append(envelope)
        else:
            services.reached("errand.intended")
            errands.append((envelope, errand))
    finish(db, [envelope.delivery_id for envelope in done], now=now)
    db.flush()
    services.reached("effect.marked")
    return done, errands


def _run(services: Services, envelope: Envelope, errand: Errand) -> list[Envelope]:
    """Call the outside, its intent being committed, and write the answer; nothing if another worker did meanwhile."""
    services.reached("errand.saved")
    answer = errand.call(services.reached)
    services.reached("errand.called")

    def conclude(db: Session) -> list[Envelope]:
        mine = take(db, [envelope.delivery_id])
        if mine:
            now = services.clock.now()
            errand.conclude(db, answer, now)
            services.reached("errand.concluded")
            finish(db, [envelope.delivery_id], now=now)
            db.flush()
            services.reached("errand.marked")
        return mine

    return services.database.run(conclude)


def chunks(services: Services, sendings: Sequence[Sending]) -> list[list[Sending]]:
    """What is delivered together: deliveries to one consumer, as many as it may have in one transaction, in order."""
    found: list[list[Sending]] = []
    for sending in sendings:
        room = services.together.get(sending.consumer, 1)
        if found and found[-1][0].consumer == sending.consumer and len(found[-1]) < room:
            found[-1].append(sending)
        else:
            found.append([sending])
    return found


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
