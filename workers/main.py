"""Runs background work: for ever beside or without the web, or once to the end for tests and seeds."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dramatiq
import structlog

from marketplace.outbox.commands import hand_over, tick
from workers.broker import Actors, Memory, open_broker
from workers.relay import Relay
from workers.schedule import Scheduler
from workers.services import Outcome, Services, chunks, deliver

THREADS = 4
WAKE_MS = 200
"""Idle threads of the worker look so often whether they should stop."""
ROUNDS_MAX = 100_000

log = structlog.get_logger("workers")


def never() -> bool:
    """Nothing holds the work up."""
    return False


@contextmanager
def running(
    services: Services, *, threads: int = THREADS, prefix: str = "", held: Callable[[], bool] = never
) -> Iterator[None]:
    """Relay, consumers and scheduler run for the length of the block; what is under way is finished before it ends.

    While ``held`` answers yes, nothing is begun: somebody else works the outbox off by another clock.
    """
    broker = open_broker(services.settings)
    actors = Actors(broker, services, prefix=prefix)
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=WAKE_MS)
    relay = Relay(services, actors, forgetful=isinstance(broker, Memory), held=held)
    scheduler = Scheduler(services, held=held)
    worker.start()
    relay.start()
    scheduler.start()
    log.info("worker began", consumers=sorted(services.consumers), broker=type(broker).__name__, threads=threads)
    try:
        yield
    finally:
        scheduler.stop()
        relay.stop()
        worker.stop()
        broker.close()
        log.info("worker ended")


def run(services: Services, stopping: threading.Event) -> None:
    """Do background work until ``stopping`` is set."""
    with running(services):
        stopping.wait()


class Stuck(RuntimeError):
    """Something failed while everything pending was to be worked off."""


def drain(services: Services, *, scheduled: bool = True, strict: bool = True) -> int:
    """Work off whatever is due by the services' clock, in this thread and in order; return the number of effects.

    Periodic jobs that are due run once (unless not ``scheduled``). What fails waits for its later time as always, or,
    when ``strict``, is told at once.

    Raises:
        Stuck: an effect failed and ``strict`` is set; the text names the failures' number, their log lines say more.
    """
    outcomes: Counter[Outcome] = Counter()
    if scheduled:
        with services.database.write() as db:
            tick(db, now=services.clock.now())
    for _ in range(ROUNDS_MAX):
        with services.database.write() as db:
            sendings = hand_over(db, now=services.clock.now())
        if not sendings:
            break
        for chunk in chunks(services, sendings):
            outcomes += deliver(services, [sending.delivery_id for sending in chunk])
        failed = outcomes[Outcome.LATER] + outcomes[Outcome.PARKED]
        if strict and failed:
            raise Stuck(f"{failed} effects failed")
    return outcomes[Outcome.DONE]
