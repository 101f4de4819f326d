"""A story's events in their order, each on its own day; after each one the real workers work off what it caused."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.identity.credentials import Safe
from marketplace.kit.clock import ManualClock, at_legal, legal_day
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.rails import bank_of, gateway_of
from marketplace.standin.control import Control
from seed.market import Stage
from seed.stories import Teller
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services
from workers.settlement import Rails, settlement

Event = Callable[[Session, datetime], None]
Way = Callable[[datetime], None]
"""Something that opens transactions of its own, such as a way to the gateway and back."""
EVENING = 21
LATER = timedelta(minutes=1)


@dataclass
class Play:
    """The events still to come, by their instants; events may add later ones."""

    teller: Teller
    today: datetime
    moved: timedelta
    stage: Stage
    safe: Safe
    director: Control
    queue: list[tuple[datetime, int, str, Way]] = field(default_factory=list)
    counter: "itertools.count[int]" = field(default_factory=itertools.count)
    told: int = 0

    def at(self, when: datetime, text: str, event: Event) -> None:
        """Let something happen at an instant, in one transaction; what would lie after the present day does not."""

        def act(now: datetime) -> None:
            with self.teller.installation.database.write() as db:
                event(db, now)

        self.go(when, text, act)

    def go(self, when: datetime, text: str, way: Way) -> None:
        """Let something happen that opens its own transactions."""
        if when <= self.today:
            heapq.heappush(self.queue, (when, next(self.counter), text, way))

    def run(self, clock: ManualClock) -> None:
        """Let everything happen in its order; after each event the workers work off what it caused.

        Periodic jobs run with the first event of a day and once in its evening, and a last time on the present day.
        """
        installation = self.teller.installation
        settings, database = installation.settings, installation.database
        bank, gateway = bank_of(settings, clock), gateway_of(settings, clock)
        rails = Rails(database, clock, self.safe, settings, bank, gateway)
        try:
            self._play(clock, assemble(database, clock, settings, more={SETTLEMENT: settlement(rails)}))
        finally:
            for rail in (bank, gateway):
                if rail is not None:
                    rail.close()

    def _play(self, clock: ManualClock, services: Services) -> None:
        before = legal_day(clock.now())
        while self.queue:
            when, _, text, way = heapq.heappop(self.queue)
            if legal_day(when) > before:
                clock.set(max(at_legal(before, EVENING), clock.now()))
                drain(services)
            now = clock.set(max(when, clock.now()))
            way(now)
            drain(services, scheduled=legal_day(now) != before)
            before = legal_day(now)
            self.told += 1
            self.teller.step(self.told, self.told + len(self.queue) + 1, f"{legal_day(now)} {text}")
        clock.set(max(self.today, clock.now()))
        drain(services)
