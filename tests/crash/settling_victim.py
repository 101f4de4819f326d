"""Worker processes for the crash tests of settlement, forked from one that has everything imported already.

usage: settling_victim.py DATABASE_URL BANK_URL GATEWAY_URL KEY SECRET
Reads one JSON order a line: {"now", "step", "nth", "payment"}; forks a worker that kills itself the ``nth`` time that
``step`` is reached, or works until nothing is left; answers with its exit status, one JSON number a line. With a
payment, the process is a web server's: it orders that payment as its cashier, and may be killed at ``web.…``.
"""

import json
import logging
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from marketplace.db.base import Database, connect
from marketplace.funds import commands
from marketplace.funds.model import Payment
from marketplace.funds.rules import Custody
from marketplace.identity.model import Account
from marketplace.identity.queries import actor_of, memberships_of
from marketplace.kit.actor import Role
from marketplace.kit.clock import ManualClock
from marketplace.outbox.queries import backlog
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.bank import Bank
from marketplace.payments.gateway import Gateway
from marketplace.settings import Settings
from tests.identity.town import SAFE
from workers.consumers import assemble
from workers.main import running
from workers.services import Services
from workers.settlement import Rails, settlement

LONGEST_S = 60
TIMEOUT_S = 0.5
WEB = "web."


def killer(step: str, nth: int) -> Callable[[str], None]:
    """Kill this process the ``nth`` time that ``step`` is reached."""
    seen: Counter[str] = Counter()
    guard = threading.Lock()

    def reached(name: str) -> None:
        with guard:
            seen[name] += 1
            if name == step and seen[name] == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def order(database: Database, payment_id: UUID, now: datetime, reached: Callable[[str], None]) -> None:
    """Order a payment as a web server would for its cashier."""
    with database.write() as db:
        one = db.get_one(Payment, payment_id)
        cashiers = [
            actor_of(db, person_id, place.organization_id)
            for person_id in db.scalars(select(Account.person_id))
            for place in memberships_of(db, person_id)
            if Role.CASHIER in place.roles
        ]
        act = commands.release_transfers if one.rail is Custody.GATEWAY else commands.instruct
        act(db, cashiers[0], [payment_id], now=now)
        db.flush()
        reached("web.ordered")
    reached("web.committed")


def work(services: Services) -> int:
    """Work until nothing is left."""
    with running(services, threads=2):
        for _ in range(LONGEST_S * 20):
            with services.database.read() as db:
                left = backlog(db, now=services.clock.now())
            if not left.pending and not left.sent:
                return 0
            threading.Event().wait(0.05)
    return 1


def one(urls: list[str], asked: dict[str, str]) -> int:
    """A process's whole life."""
    database, now = connect(urls[0], pool_size=8), datetime.fromisoformat(asked["now"])
    clock, reached = ManualClock(now), killer(asked["step"], int(asked["nth"]))
    if asked["payment"]:
        order(database, UUID(asked["payment"]), now, reached)
        return 0
    bank = Bank(urls[1], timeout_s=TIMEOUT_S, told=clock.now)
    gateway = Gateway(urls[2], urls[3], urls[4], timeout_s=TIMEOUT_S, told=clock.now)
    rails = Rails(database, clock, SAFE, Settings(), bank, gateway)
    plain = assemble(database, clock, Settings(), safe=SAFE, more={SETTLEMENT: settlement(rails)})
    return work(Services(database, clock, plain.settings, plain.consumers, reached=reached))


def main(urls: list[str]) -> None:
    """Fork one process an order."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for line in sys.stdin:
        child = os.fork()
        if not child:
            status = 1
            try:
                status = one(urls, json.loads(line))
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
