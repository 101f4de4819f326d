"""The gateway's own account of our balance comes in by itself every hour, each line once, whoever dies meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.db.base import Database
from marketplace.funds.commands import asking
from marketplace.funds.model import GatewayBooking, PaymentAttempt
from marketplace.funds.queries.reconciling import bookings_to_ask, books, closings, page
from marketplace.funds.rules import Custody
from marketplace.funds.schemas.reconciling import GATEWAY_BOOK, Closing
from marketplace.kit.clock import ManualClock
from marketplace.outbox.rules import SCHEDULE
from marketplace.standin.control import Control
from tests.standin.conftest import standin, standin_process
from tests.workers.outside import FEN, HELD_S, Outside, an_outside
from workers.consumers import JOBS
from workers.main import drain

__all__ = ["standin", "standin_process"]


@pytest.fixture
def outside(database: Database, clock: ManualClock, standin: Control) -> Iterator[Outside]:
    found = an_outside(database, clock, standin)
    yield found
    found.close()


def known(outside: Outside) -> tuple[int, int]:
    """How many bookings are on file, and their sum in fen."""
    with outside.database.read() as db:
        count, fen = db.execute(select(func.count(), func.coalesce(func.sum(GatewayBooking.net_fen), 0))).one()
    return count, int(fen)


def the_book(outside: Outside) -> Closing:
    with outside.database.read() as db:
        (found,) = [one for one in closings(db, now=outside.clock.now()) if one.book.key == GATEWAY_BOOK]
    return found


def test_the_job_runs_every_hour() -> None:
    assert SCHEDULE["settlement.bookings"] == timedelta(hours=1)
    assert "settlement.bookings" in JOBS


def test_bookings_come_in_once_and_say_what_the_gateway_says(outside: Outside) -> None:
    outside.later()
    assert known(outside) == (1, FEN)
    outside.order(custody=Custody.GATEWAY)
    outside.work()
    outside.later()
    outside.later()
    assert outside.rails.gateway
    assert known(outside) == (2, outside.rails.gateway.available_fen())
    book = the_book(outside)
    assert (book.ledger_fen, book.theirs_fen) == (FEN - 50_000, FEN - 50_000)
    assert book.gap_fen == 0
    assert book.untold_items == 2, "the transfer is known by its number; the top-up and its receipt wait for a person"


def test_a_transfer_that_the_gateway_books_twice_is_an_open_item(outside: Outside) -> None:
    outside.later()
    one = outside.order(custody=Custody.GATEWAY)
    outside.work()
    with outside.database.read() as db:
        transfer_id = db.scalars(select(PaymentAttempt.transfer_id).where(PaymentAttempt.payment_id == one.id)).one()
    outside.standin.clock(outside.clock.now())
    assert transfer_id
    outside.standin.book_again(transfer_id)
    outside.later()
    book = the_book(outside)
    assert (book.untold_items, book.gap_fen) == (3, 0), "beside the top-up and its receipt only the double is open"
    assert (book.theirs_fen or 0) - book.ledger_fen == -50_000
    with outside.database.read() as db:
        known = next(one for one in books(db) if one.key == GATEWAY_BOOK)
        assert [view.amount_fen for view in page(db, known, now=outside.clock.now()).theirs if view.is_doubled] == [
            -50_000
        ]
    assert outside.outside_paid(one) == 1


def test_it_is_asked_a_little_further_back_than_the_newest_known(outside: Outside) -> None:
    outside.later()
    now = outside.clock.now()
    with outside.database.read() as db:
        since, until = bookings_to_ask(db, now=now)
        newest = db.scalar(select(func.max(GatewayBooking.made_at)))
    assert newest is not None
    assert since < newest < now < until


@pytest.mark.parametrize("outcome", ["fail", "time_out_and_drop"])
def test_a_gateway_that_is_away_is_asked_again_in_an_hour(outside: Outside, outcome: str) -> None:
    outside.standin.next("balance.read", outcome, seconds=HELD_S)
    outside.later()
    assert known(outside) == (0, 0)
    outside.later()
    assert known(outside) == (1, FEN)


class Killed(BaseException):
    """Ends a worker as a crash would."""


@pytest.mark.parametrize(
    "point",
    ["errand.intended", "errand.saved", "settlement.fetched", "errand.called", "errand.concluded", "errand.marked"],
)
def test_a_worker_that_dies_while_fetching_leaves_it_to_the_next(outside: Outside, point: str) -> None:
    def crash(reached: str) -> None:
        if reached == point:
            raise Killed

    with outside.database.write() as db:
        assert asking.want_bookings(db, now=outside.clock.now()) == 1
    with pytest.raises(Killed):
        drain(replace(outside.services, reached=crash), scheduled=False)
    assert known(outside) == (0, 0)
    outside.later(timedelta(minutes=2))
    assert known(outside) == (1, FEN)


def test_where_no_money_lies_at_the_gateway_nobody_is_asked(database: Database, clock: ManualClock) -> None:
    with database.write() as db:
        assert asking.want_bookings(db, now=clock.now()) == 0
