"""The scheduler: claims the periodic jobs that are due; what they do is a message like any other."""

import threading
from collections.abc import Callable

import structlog

from marketplace.outbox.commands import tick
from workers.services import Services

STEP_S = 1.0

log = structlog.get_logger("workers.schedule")


class Scheduler(threading.Thread):
    """Ticks until it is stopped; any number of them may run at once."""

    def __init__(self, services: Services, *, held: Callable[[], bool]) -> None:
        """``held`` says when to rest."""
        super().__init__(name="scheduler", daemon=True)
        self._services, self._held = services, held
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look at the schedule once a second."""
        while not self._stopping.is_set():
            try:
                if not self._held():
                    with self._services.database.write() as db:
                        tick(db, now=self._services.clock.now())
            except Exception as error:  # noqa: BLE001 - the schedule goes on when the database is back
                log.warning("scheduler rests", error_class=type(error).__name__)
            self._stopping.wait(STEP_S)

    def stop(self) -> None:
        """Ask it to end and wait until it has."""
        self._stopping.set()
        self.join()
