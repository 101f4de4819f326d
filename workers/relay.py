"""The relay: takes what is due out of the outbox and hands it to the broker, for ever."""

import threading
from collections.abc import Callable

import psycopg
import structlog

from marketplace.db.base import plain_url
from marketplace.outbox.commands import CHANNEL, hand_over, put_back, resend_all
from marketplace.outbox.rules import BATCH
from marketplace.outbox.schemas import Sending
from workers.broker import Post
from workers.services import Services, chunks, deliver

POLL_S = 1.0
"""Without a notification the relay looks by itself so often."""

log = structlog.get_logger("workers.relay")


def relay(services: Services, post: Post, *, limit: int = BATCH) -> int:
    """Mark up to ``limit`` due deliveries as handed over, commit, and hand them over; return how many.

    Committed first, so that no consumer meets a row that the relay still holds; a crash in between is made good by the
    resend rule. What the broker refuses is put back.
    """
    with services.database.write() as db:
        sendings = hand_over(db, now=services.clock.now(), limit=limit)
        db.flush()
        services.reached("relay.claimed")
    services.reached("relay.marked")
    waiting = chunks(services, sendings)
    while waiting:
        chunk = waiting[0]
        if chunk[0].consumer not in services.consumers:
            deliver(services, [sending.delivery_id for sending in chunk])  # counts the failure, and holds up nobody
        else:
            try:
                post.send(chunk)
            except Exception as error:  # noqa: BLE001 - a broker fails in many ways, all of them meaning "not now"
                return len(sendings) - _not_now(services, waiting, error)
            services.reached("relay.sent")
        waiting.pop(0)
    return len(sendings)


def _not_now(services: Services, waiting: list[list[Sending]], error: Exception) -> int:
    """Put back what the broker did not take and return how much that is."""
    late = [sending.delivery_id for chunk in waiting for sending in chunk]
    log.warning("broker refused", error_class=type(error).__name__, put_back=len(late))
    with services.database.write() as db:
        put_back(db, late, now=services.clock.now())
    return len(late)


class Bell:
    """Rings when something was committed to the outbox; without a connection it is a plain wait."""

    def __init__(self, url: str, stopping: threading.Event) -> None:
        self._url, self._stopping = url, stopping
        self._connection: psycopg.Connection | None = None

    def wait(self, timeout_s: float) -> None:
        """Return at a notification, or after ``timeout_s``."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True)
                self._connection.execute(f"LISTEN {CHANNEL}")
                return  # whatever was committed before we listened is found by looking once more
            for _ in self._connection.notifies(timeout=timeout_s, stop_after=1):
                pass
        except psycopg.Error:
            self.close()
            self._stopping.wait(timeout_s)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Relay(threading.Thread):
    """Relays until it is stopped; survives the database and the broker going away."""

    def __init__(self, services: Services, post: Post, *, forgetful: bool, held: Callable[[], bool]) -> None:
        """``forgetful`` says that the broker lost its memory when the process began; ``held`` when to rest."""
        super().__init__(name="relay", daemon=True)
        self._services, self._post, self._forgetful, self._held = services, post, forgetful, held
        self._stopping = threading.Event()
        url = services.database.engine.url.render_as_string(hide_password=False)
        self._bell = Bell(plain_url(url), self._stopping)

    def run(self) -> None:
        """Relay batch after batch, resting while there is nothing to do."""
        while not self._stopping.is_set():
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - the relay outlives whatever happens to one turn
                log.warning("relay rests", error_class=type(error).__name__)
                self._stopping.wait(POLL_S)
        self._bell.close()

    def _turn(self) -> None:
        if self._held():
            self._stopping.wait(POLL_S)
            return
        if self._forgetful:
            with self._services.database.write() as db:
                resent = resend_all(db, now=self._services.clock.now())
            self._forgetful = False
            log.info("relay began", resent=resent)
        if not self._post.wait_for_room(POLL_S):
            return
        if relay(self._services, self._post) < BATCH:
            self._bell.wait(POLL_S)

    def stop(self) -> None:
        """Ask it to end and wait until it has."""
        self._stopping.set()
        self.join()
