"""Two acts at once on rosters: what one of them did, the other must see, and not what it read before it waited."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.aid.commands import note_access
from marketplace.aid.model import Roster
from marketplace.aid.states import AccessPurpose, RosterState
from marketplace.db.base import Database
from marketplace.flows import aid as stories
from marketplace.kit.errors import DomainError
from marketplace.ledger.commands import lock_funds
from marketplace.ledger.queries import balances_of, verify
from tests.aid.home import RATE, VAULT, Home, a_home, a_programme, a_submitted, an_approved

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
Act = Callable[[Session], object]


def test_of_two_approvals_at_once_one_helps_the_person_and_the_other_is_told(
    committing: Database, now: datetime
) -> None:
    with committing.write() as db:
        home = a_home(db, now)
        second = a_programme(db, home.clerk, now=now, name="另一项助学")
        ids = [a_submitted(db, home, now, people=(1,)), a_submitted(db, home, now, people=(1,), programme_id=second)]
    barrier, outcomes = threading.Barrier(2, timeout=30), list[str]()

    def approve(roster_id: UUID) -> None:
        barrier.wait()
        try:
            committing.run(lambda db: stories.approve(db, home.head, roster_id, now=now))
            outcomes.append("approved")
        except DomainError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["aid_already_helped", "approved"]


def queued(database: Database, fund_id: UUID, *acts: Act) -> list[str]:
    """Let acts begin while their fund is held, so that all of them wait for it; how they ended, in words."""
    ended: list[str] = []

    def tell(act: Act) -> None:
        try:
            database.run(act)
            ended.append("done")
        except DomainError as refusal:
            ended.append(refusal.code)

    threads = [threading.Thread(target=tell, args=(act,)) for act in acts]
    with database.write() as holder, database.read() as watch:
        lock_funds(holder, [fund_id])
        for number, thread in enumerate(threads, 1):
            thread.start()
            until = time.monotonic() + 30
            while watch.scalar(WAITING) != number:
                watch.execute(text("SELECT pg_sleep(0.02), pg_stat_clear_snapshot()"))
                assert time.monotonic() < until, "nobody waits for the fund"
    for thread in threads:
        thread.join(60)
    return ended


@pytest.fixture
def home(committing: Database, now: datetime) -> Home:
    with committing.write() as db:
        return a_home(db, now)


def test_of_approving_and_sending_back_at_once_one_is_done_and_the_money_follows_it(
    committing: Database, home: Home, now: datetime
) -> None:
    with committing.write() as db:
        roster_id = a_submitted(db, home, now)
    ended = queued(
        committing,
        home.fund_id,
        lambda db: stories.approve(db, home.head, roster_id, now=now),
        lambda db: stories.return_(db, home.head, roster_id, reason="金额有误", now=now),
    )
    assert sorted(ended) == ["done", "illegal_move"]
    with committing.read() as db:
        held = {role: fen for (_, role), fen in balances_of(db, [roster_id])[roster_id].items()}
        approved = db.get_one(Roster, roster_id).state is RosterState.APPROVED
        assert verify(db).ok
    assert held == ({"payable": 2 * RATE} if approved else {})


def test_a_roster_handed_in_twice_at_once_sets_its_money_aside_once(
    committing: Database, home: Home, now: datetime
) -> None:
    with committing.write() as db:
        roster_id = a_submitted(db, home, now)
        stories.return_(db, home.head, roster_id, reason="再核对", now=now)
    again = [lambda db: stories.submit(db, home.clerk, roster_id, now=now)] * 2
    assert sorted(queued(committing, home.fund_id, *again)) == ["done", "illegal_move"]
    with committing.read() as db:
        assert {role: fen for (_, role), fen in balances_of(db, [roster_id])[roster_id].items()} == {
            "reserved": 2 * RATE
        }


def test_a_roster_is_applied_for_once_and_the_second_is_told_that_it_was(
    committing: Database, home: Home, now: datetime
) -> None:
    with committing.write() as db:
        roster_id = an_approved(db, home, now)
        reason = AccessPurpose.PAYMENT
        readings = [note_access(db, home.accountant, roster_id, reason, reason="付款", now=now) for _ in range(2)]
    later = now + timedelta(minutes=1)

    def apply(access_id: UUID) -> Act:
        return lambda db: stories.apply_for_payment(db, VAULT, home.accountant, roster_id, access_id, now=later)

    assert sorted(queued(committing, home.fund_id, *map(apply, readings))) == ["done", "nothing_payable"]
