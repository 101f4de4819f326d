"""Many threads on one fund: exactly what fits goes through, nobody waits for ever, nothing is lost between funds."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.ledger import commands as ledger
from marketplace.ledger.queries import balance, totals, verify
from marketplace.ledger.schemas import Item
from tests.ledger.books import AVAILABLE, FACTS, NOW, a_fund, move

RESERVED = ("reserved", UUID(int=9))


def together(database: Database, count: int, story: Callable[[Session, int], Any]) -> list[Any]:
    """Tell ``story`` in ``count`` threads that begin at once, each in a transaction of its own; what came of each."""
    begin = Barrier(count)

    def tell(number: int) -> Any:
        begin.wait(30)
        try:
            with database.write() as db:
                return story(db, number)
        except ledger.NotEnough as error:
            return type(error)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(tell, range(count)))


def sound(database: Database) -> None:
    with database.read() as db:
        found = verify(db)
    assert found.ok, found


@pytest.mark.parametrize(("threads", "amount_fen"), [(10, 130), (50, 60)])
def test_exactly_what_fits_is_reserved_and_to_the_fen(committing: Database, threads: int, amount_fen: int) -> None:
    with committing.write() as db:
        fund = a_fund(db, 400, 600)
    found = together(committing, threads, lambda db, _: move(db, fund, AVAILABLE, RESERVED, amount_fen))
    fits = 1000 // amount_fen
    assert Counter(one is ledger.NotEnough for one in found) == {False: fits, True: threads - fits}
    with committing.read() as db:
        assert totals(db, [fund])[fund] == {
            "available": 1000 - fits * amount_fen, "reserved": fits * amount_fen,
        }  # fmt: skip
        assert balance(db, fund, RESERVED) == fits * amount_fen
    sound(committing)


def test_one_key_from_many_threads_is_one_movement(committing: Database) -> None:
    with committing.write() as db:
        fund = a_fund(db, 1000)
    found = together(committing, 16, lambda db, _: move(db, fund, AVAILABLE, RESERVED, 100, key="same"))
    assert len(set(found)) == 1
    with committing.read() as db:
        assert balance(db, fund, RESERVED) == 100
    sound(committing)


def test_one_receipt_told_by_many_threads_is_one_receipt(committing: Database) -> None:
    with committing.write() as db:
        fund = a_fund(db)
    call: dict[str, Any] = FACTS | {"key": "r", "receipt_id": uuid4(), "fund_id": fund, "amount_fen": 5}
    assert len(set(together(committing, 12, lambda db, _: ledger.receive(db, **call)))) == 1
    with committing.read() as db:
        assert balance(db, fund, AVAILABLE) == 5


def test_a_new_account_and_a_movement_do_not_wait_for_each_other(committing: Database) -> None:
    with committing.write() as db:
        fund = a_fund(db, 10**6)

    def story(db: Session, number: int) -> None:
        for turn in range(20):
            if (number + turn) % 2:
                place = ("reserved", uuid4())
                ledger.account_of(db, fund, place)
                move(db, fund, AVAILABLE, place, 10)
            else:
                move(db, fund, AVAILABLE, RESERVED, 10)
                ledger.account_of(db, fund, ("reserved", uuid4()))

    together(committing, 8, story)
    with committing.read() as db:
        assert balance(db, fund, AVAILABLE) == 10**6 - 8 * 20 * 10
    sound(committing)


def test_the_same_new_account_from_many_threads_is_one_account(committing: Database) -> None:
    with committing.write() as db:
        fund = a_fund(db)
    assert len(set(together(committing, 16, lambda db, _: ledger.account_of(db, fund, RESERVED)))) == 1


def test_transfers_both_ways_and_stories_over_two_funds_never_deadlock(committing: Database) -> None:
    with committing.write() as db:
        one, other = a_fund(db, 5000), a_fund(db, 5000)

    def story(db: Session, number: int) -> None:
        there, back = (one, other) if number % 2 else (other, one)
        if number % 3 == 0:
            ledger.lock_funds(db, [there, back])
            move(db, back, AVAILABLE, RESERVED, 7)
            move(db, there, AVAILABLE, RESERVED, 7)
        else:
            ledger.transfer(
                db, key=f"t{number}", receipt_id=uuid4(), fund_id=there, target_fund_id=back, amount_fen=11, **FACTS
            )

    together(committing, 24, story)
    with committing.read() as db:
        both = totals(db, [one, other])
        assert sum(both[fund]["available"] + both[fund]["reserved"] for fund in both) == 10_000
    sound(committing)


def test_a_payment_told_as_paid_by_many_threads_is_paid_once(committing: Database) -> None:
    payment = uuid4()
    transit, paid = ("in_transit", payment), ("paid", payment)
    with committing.write() as db:
        fund = a_fund(db, 100)
        way = [AVAILABLE, RESERVED, ("committed", payment), ("payable", payment), transit]
        for source, target in pairwise(way):
            move(db, fund, source, target, 40)
        ledger.order_attempt(
            db, attempt_id=payment, fund_id=fund, source=transit, outcome="paid", amount_fen=40, actor_id=None, now=NOW
        )

    def confirm(db: Session, number: int) -> int | str:
        try:
            with db.begin_nested():
                return move(db, fund, transit, paid, 40, attempt_id=payment, key=f"p{number % 2}")
        except ledger.NoAttempt as error:
            return error.code

    found = together(committing, 12, confirm)
    assert len({one for one in found if one != "no_attempt"}) == 1
    with committing.read() as db:
        assert balance(db, fund, paid) == 40
    sound(committing)


def test_batches_and_single_movements_share_a_fund(committing: Database) -> None:
    with committing.write() as db:
        fund = a_fund(db, 30_000)

    def story(db: Session, number: int) -> None:
        if number % 2:
            items = [
                Item(key=f"{number}/{at}", source=AVAILABLE, target=("reserved", uuid4()), amount_fen=10)
                for at in range(100)
            ]
            ledger.move_many(db, fund_id=fund, items=items, **FACTS)
        else:
            for _ in range(20):
                move(db, fund, AVAILABLE, RESERVED, 50)

    together(committing, 8, story)
    with committing.read() as db:
        assert totals(db, [fund])[fund] == {"available": 22_000, "reserved": 8_000}
    sound(committing)


def test_a_deadlock_over_locks_out_of_order_is_told_again(committing: Database) -> None:
    with committing.write() as db:
        one, other = sorted([a_fund(db, 100), a_fund(db, 100)])
    begin, tries = Barrier(2), Counter[int]()

    def story(number: int) -> None:
        def tell(db: Session) -> None:
            first, second = (one, other) if number else (other, one)
            tries[number] += 1
            move(db, first, AVAILABLE, RESERVED, 1)
            if tries[number] == 1:
                begin.wait(30)
            move(db, second, AVAILABLE, RESERVED, 1)

        committing.run(tell)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(story, range(2)))
    assert sum(tries.values()) == 3, "one of the two was told again"
    with committing.read() as db:
        assert [balance(db, fund, RESERVED) for fund in (one, other)] == [2, 2]
