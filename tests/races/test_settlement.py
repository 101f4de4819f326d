"""Fifty at once on one obligation: it is asked for, approved, ordered and paid exactly once, to the fen."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.commands import Finding, Verdict
from marketplace.funds.model import PaymentApplication, PaymentAttempt
from marketplace.funds.rules import Custody, MoreThanCommitted, MoreThanPayable, NothingPayable
from marketplace.funds.states import ApplicationState
from marketplace.kit.actor import SYSTEM
from marketplace.kit.errors import DomainError, IllegalMove
from marketplace.ledger import commands as ledger
from marketplace.ledger.queries import balances_of, totals, verify
from tests.funds.desk import Desk, a_desk, a_form, a_payee, an_obligation, applied, approved, owed
from tests.funds.purse import DAY

THREADS, FEN = 50, 10_000


def together(database: Database, story: Callable[[Session, int], Any], count: int = THREADS) -> Counter[Any]:
    """Tell ``story`` in many threads that begin at once; how many ended how: a refusal's class, or None."""
    begin = Barrier(count)

    def tell(number: int) -> Any:
        begin.wait(30)
        try:
            database.run(lambda db: story(db, number))
        except DomainError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(tell, range(count)))


@pytest.fixture
def desk(committing: Database, now: datetime) -> Desk:
    with committing.write() as db:
        return a_desk(db, now=now)


def sound(database: Database) -> None:
    with database.read() as db:
        found = verify(db)
    assert found.ok, found


def test_one_obligation_is_asked_for_once(committing: Database, desk: Desk, now: datetime) -> None:
    with committing.write() as db:
        one = owed(db, desk.funds[Custody.BANK], FEN, now=now)

    def apply(db: Session, _: int) -> None:
        form, obligation = a_form(desk, one, FEN), an_obligation(desk, one)
        commands.apply_payment(db, desk.accountant, form, obligation, a_payee(desk.supplier_id), now=now)

    found = together(committing, apply)
    assert found == {None: 1, NothingPayable: THREADS - 1}


def test_parts_of_one_obligation_are_asked_for_as_far_as_they_fit(
    committing: Database, desk: Desk, now: datetime
) -> None:
    with committing.write() as db:
        one = owed(db, desk.funds[Custody.BANK], FEN, now=now)

    def apply(db: Session, _: int) -> None:
        form, obligation = a_form(desk, one, 3_000), an_obligation(desk, one)
        commands.apply_payment(db, desk.accountant, form, obligation, a_payee(desk.supplier_id), now=now)

    assert together(committing, apply) == {None: 3, MoreThanPayable: THREADS - 3}
    with committing.read() as db:
        assert db.scalar(select(func.sum(PaymentApplication.amount_fen))) == 9_000


def test_one_application_is_approved_once_and_one_payment_ordered_once(
    committing: Database, desk: Desk, now: datetime
) -> None:
    with committing.write() as db:
        one = applied(db, desk, FEN, now=now)
    heads = (desk.head, desk.buyer_head, desk.centre_head)
    found = together(committing, lambda db, number: commands.approve_application(db, heads[number % 3], one, now=now))
    assert found == {None: 1, IllegalMove: THREADS - 1}
    with committing.read() as db:
        (payment,) = queries.application(db, one).payments
    found = together(committing, lambda db, _: commands.instruct(db, desk.cashier, [payment.id], now=now))
    assert found == {None: 1, IllegalMove: THREADS - 1}
    with committing.read() as db:
        assert db.scalar(select(func.count()).select_from(PaymentAttempt)) == 1
        assert balances_of(db, [payment.id])[payment.id] == {(desk.funds[Custody.BANK], "in_transit"): FEN}
    sound(committing)


def test_one_payment_is_confirmed_once_from_whichever_side(committing: Database, desk: Desk, now: datetime) -> None:
    with committing.write() as db:
        one = approved(db, desk, FEN, now=now)
        (payment,) = queries.application(db, one).payments
        commands.instruct(db, desk.cashier, [payment.id], now=now)
    with committing.read() as db:
        attempt_id = db.scalars(select(PaymentAttempt.id)).one()
    verdicts = (Verdict.TAKEN, Verdict.PAID, Verdict.NO_ANSWER)

    def hear(db: Session, number: int) -> None:
        finding = Finding(attempt_id, verdicts[number % 3], "", DAY)
        commands.settle(db, [finding], now=now)

    assert together(committing, hear) == {None: THREADS}
    with committing.read() as db:
        assert queries.application(db, one).state is ApplicationState.SETTLED
        assert balances_of(db, [payment.id])[payment.id] == {(desk.funds[Custody.BANK], "paid"): FEN}
        assert totals(db, [desk.funds[Custody.BANK]])[desk.funds[Custody.BANK]]["paid"] == FEN
    sound(committing)


def test_paid_and_refused_at_once_is_one_or_the_other(committing: Database, desk: Desk, now: datetime) -> None:
    with committing.write() as db:
        one = approved(db, desk, FEN, now=now)
        (payment,) = queries.application(db, one).payments
        commands.instruct(db, desk.cashier, [payment.id], now=now)
    with committing.read() as db:
        attempt_id = db.scalars(select(PaymentAttempt.id)).one()

    def hear(db: Session, number: int) -> None:
        verdict = Verdict.PAID if number % 2 else Verdict.REFUSED
        commands.settle(db, [Finding(attempt_id, verdict, "拒付", DAY)], now=now)

    together(committing, hear, 20)
    with committing.read() as db:
        (role,) = {role for _, role in balances_of(db, [payment.id])[payment.id]} or {"payable"}
        assert (role, queries.payment(db, payment.id).state.value) in {("paid", "paid"), ("payable", "failed")}
    sound(committing)


def test_no_more_becomes_payable_than_a_contract_has(committing: Database, desk: Desk, now: datetime) -> None:
    contract, fund = uuid4(), desk.funds[Custody.BANK]
    with committing.write() as db:
        for source, target in (
            (("available", None), ("reserved", contract)),
            (("reserved", contract), ("committed", contract)),
        ):
            ledger.move(
                db, key=f"test/{uuid4()}", fund_id=fund, source=source, target=target, amount_fen=FEN, cause="试",
                actor_id=None, value_date=DAY, now=now,
            )  # fmt: skip

    def accept(db: Session, _: int) -> None:
        ledger.lock_funds(db, [fund])
        commands.make_payable(db, SYSTEM, contract, UUID(int=_ + 1), 3_000, now=now)

    assert together(committing, accept) == {None: 3, MoreThanCommitted: THREADS - 3}
    sound(committing)
