"""The broker between relay and consumers: RabbitMQ where one is configured, else this process's own memory."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, TimeLimit

from marketplace.outbox.rules import BATCH
from marketplace.outbox.schemas import Sending
from marketplace.settings import Settings
from workers.services import Services, deliver

IN_FLIGHT_MAX = 500
"""Messages that wait in this process's memory at most; the rest waits in the database."""
TIME_LIMIT_MS = 600_000


class Post(Protocol):
    """Where the relay hands deliveries over."""

    def send(self, sendings: Sequence[Sending]) -> None:
        """Hand over deliveries to one consumer that go together; returns when the broker has them."""

    def wait_for_room(self, timeout_s: float) -> bool:
        """Whether a whole batch may be handed over, waiting up to ``timeout_s`` for it."""


class _Room(Middleware):
    """Tells who waits whenever a message has been worked off."""

    def __init__(self) -> None:
        self.changed = threading.Condition()

    def after_ack(self, broker: Any, message: Any) -> None:  # noqa: ARG002 - dramatiq calls it so
        """Wake the relay."""
        with self.changed:
            self.changed.notify_all()


class Memory(StubBroker):
    """Dramatiq's in-process broker, bounded; what it holds when the process ends is handed over again at the start."""

    def __init__(self) -> None:
        self._room = _Room()
        super().__init__(middleware=[TimeLimit(time_limit=TIME_LIMIT_MS), self._room])

    def in_flight(self) -> int:
        """Messages put in and not yet worked off."""
        return sum(queue.unfinished_tasks for queue in self.queues.values())

    def wait_for_room(self, timeout_s: float) -> bool:
        """Whether a whole batch fits under ``IN_FLIGHT_MAX``, waiting up to ``timeout_s`` for it."""
        with self._room.changed:
            return self._room.changed.wait_for(lambda: self.in_flight() <= IN_FLIGHT_MAX - BATCH, timeout_s)


def open_broker(settings: Settings) -> dramatiq.Broker:
    """The configured broker; RabbitMQ confirms each message, so that none is thought sent that is not."""
    if not settings.broker_url:
        return Memory()
    return RabbitmqBroker(
        url=settings.broker_url, confirm_delivery=True, middleware=[TimeLimit(time_limit=TIME_LIMIT_MS)]
    )


class Actors:
    """One actor per consumer, each on a queue of its name; they get ids only."""

    def __init__(self, broker: dramatiq.Broker, services: Services, *, prefix: str = "") -> None:
        """``prefix`` keeps apart the queues of installations that share a RabbitMQ."""
        self._broker = broker
        act = _act(services)
        self._actors = {
            consumer: dramatiq.actor(broker=broker, actor_name=consumer, queue_name=prefix + consumer)(act)
            for consumer in services.consumers
        }

    def send(self, sendings: Sequence[Sending]) -> None:
        """Hand over deliveries to one consumer that go together.

        Raises:
            dramatiq.ConnectionClosed: the broker is away or did not confirm.
        """
        self._actors[sendings[0].consumer].send([str(sending.delivery_id) for sending in sendings])

    def wait_for_room(self, timeout_s: float) -> bool:
        """Whether a whole batch may be handed over; RabbitMQ always has room."""
        return not isinstance(self._broker, Memory) or self._broker.wait_for_room(timeout_s)


def _act(services: Services) -> Callable[[list[str]], None]:
    def act(delivery_ids: list[str]) -> None:
        deliver(services, [UUID(text) for text in delivery_ids])

    return act
