"""Whatever bank and gateway do, each payment leaves once, and the books say where its money is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.model import BankStatement, PayeeAccount
from marketplace.funds.rules import Custody, RailOff
from marketplace.funds.states import ApplicationState, InstructionState, PaymentState
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.ledger.model import movement
from marketplace.outbox.queries import parked
from marketplace.settings import Settings
from marketplace.standin.control import Control
from tests.funds.desk import ACCOUNTS, PAYEE_ACCOUNT, a_roster
from tests.identity.town import SAFE
from tests.standin.conftest import standin, standin_process
from tests.workers.outside import FEN, HELD_S, Outside, an_outside
from workers.consumers import assemble
from workers.main import drain

__all__ = ["standin", "standin_process"]


@pytest.fixture
def outside(database: Database, clock: ManualClock, standin: Control) -> Iterator[Outside]:
    found = an_outside(database, clock, standin)
    yield found
    found.close()


@pytest.mark.parametrize("custody", [Custody.BANK, Custody.QUOTA])
def test_an_instruction_is_taken_its_statement_read_and_the_payment_paid(outside: Outside, custody: Custody) -> None:
    one = outside.order(custody=custody)
    assert (one.state, outside.where(one.id)) == (PaymentState.SUBMITTING, {"in_transit": 50_000})
    outside.work()
    one = outside.look(one.id)
    assert (one.state, str(one.value_date)) == (PaymentState.PAID, "2026-03-02")
    assert outside.where(one.id) == {"paid": 50_000}
    assert outside.outside_paid(one) == 1
    with outside.database.read() as db:
        assert queries.application(db, one.application_id).state is ApplicationState.SETTLED
        (file,) = queries.instructions(db)
    assert (file.state, file.count) == (InstructionState.FINISHED, 1)
    outside.sound()


def test_a_transfer_is_made_and_paid_when_its_event_has_come(outside: Outside) -> None:
    one = outside.order(custody=Custody.GATEWAY)
    outside.work()
    assert outside.look(one.id).state is PaymentState.IN_TRANSIT
    outside.webhooks()
    outside.work()
    assert outside.look(one.id).state is PaymentState.PAID
    assert outside.outside_paid(one) == 1
    outside.sound()


def test_a_second_transfer_goes_to_the_account_that_the_first_one_opened(outside: Outside) -> None:
    for _ in range(2):
        outside.order(custody=Custody.GATEWAY)
        outside.work()
    with outside.database.read() as db:
        assert db.scalar(select(func.count()).select_from(PayeeAccount)) == 1
    assert len(outside.standin.ledger()["gateway"]["accounts"]) == 1


def test_lost_webhooks_are_made_good_within_the_hour(outside: Outside) -> None:
    one = outside.order(custody=Custody.GATEWAY)
    outside.work()
    outside.later()
    assert outside.look(one.id).state is PaymentState.PAID
    assert outside.outside_paid(one) == 1


@pytest.mark.parametrize("backwards", [False, True])
def test_duplicate_late_and_reordered_events_change_nothing(outside: Outside, *, backwards: bool) -> None:
    one = outside.order(custody=Custody.GATEWAY)
    outside.work()
    for _ in range(2):
        outside.webhooks(backwards=backwards)
        outside.work()
        outside.later()
    with outside.database.read() as db:
        assert db.scalar(select(func.count()).select_from(movement).where(movement.c.key.like("paid/%"))) == 1
    assert outside.look(one.id).state is PaymentState.PAID


def test_a_refused_file_makes_its_money_payable_again_with_the_reason(outside: Outside) -> None:
    outside.standin.next("bank.file", "refuse", reason="付款账户冻结")
    one = outside.order()
    outside.work()
    one = outside.look(one.id)
    assert (one.state, one.reason) == (PaymentState.FAILED, "付款账户冻结")
    assert outside.where(one.id) == {}
    with outside.database.read() as db:
        view = queries.application(db, one.application_id)
    assert outside.payable(view.obligation_id) == 50_000
    assert outside.outside_paid(one) == 0
    outside.sound()


def test_a_refused_line_is_asked_for_again_approved_by_another_and_paid_once(outside: Outside) -> None:
    outside.standin.know_payee(PAYEE_ACCOUNT, "示例社工站", is_open=False)
    one = outside.order()
    outside.work()
    assert outside.look(one.id).reason == "收款账户已销户"
    outside.standin.know_payee(PAYEE_ACCOUNT, "示例社工站", is_open=True)
    desk, now = outside.desk, outside.clock.now()
    with outside.database.write() as db:
        commands.retry(db, desk.accountant, one.id, reason="对方已恢复账户", now=now)
        commands.approve_payment(db, desk.head, one.id, now=now)
        commands.instruct(db, desk.cashier, [one.id], now=now)
    outside.work()
    one = outside.look(one.id)
    assert (one.state, [attempt.reference for attempt in one.attempts]) == (
        PaymentState.PAID,
        [one.number, f"{one.number}R2"],
    )
    assert outside.outside_paid(one) == 1
    outside.sound()


@pytest.mark.parametrize("outcome", ["time_out_but_accept", "time_out_and_drop"])
def test_a_file_without_an_answer_is_asked_about_and_paid_once(outside: Outside, outcome: str) -> None:
    outside.standin.next("bank.file", outcome, seconds=HELD_S)
    one = outside.order()
    outside.work()
    assert outside.look(one.id).state is PaymentState.UNKNOWN
    assert outside.where(one.id) == {"in_transit": 50_000}
    outside.later()
    assert outside.look(one.id).state is PaymentState.PAID
    assert outside.outside_paid(one) == 1
    outside.sound()


@pytest.mark.parametrize("outcome", ["time_out_but_accept", "time_out_and_drop"])
def test_a_transfer_without_an_answer_is_asked_about_and_made_once(outside: Outside, outcome: str) -> None:
    outside.standin.next("transfer", outcome, seconds=HELD_S)
    one = outside.order(custody=Custody.GATEWAY)
    outside.work()
    assert outside.look(one.id).state is PaymentState.UNKNOWN
    outside.later()
    outside.later()
    assert outside.look(one.id).state is PaymentState.PAID
    assert outside.outside_paid(one) == 1
    outside.sound()


class Killed(BaseException):
    """Ends a worker as a crash would."""


@pytest.mark.parametrize("no", ["transfer.read", "account"])
def test_a_no_to_a_question_about_a_transfer_is_no_refusal_of_it(outside: Outside, no: str) -> None:
    def crash(reached: str) -> None:
        if reached == "errand.called":
            raise Killed

    one = outside.order(custody=Custody.GATEWAY)
    with pytest.raises(Killed):  # the transfer is made, and nothing of it, nor of the account, is written down
        drain(replace(outside.services, reached=crash), scheduled=False)
    outside.standin.next(no, "refuse", reason="密钥已停用")
    outside.later(timedelta(minutes=2))
    assert outside.look(one.id).state is not PaymentState.FAILED
    assert outside.payable(outside.obligation(one)) == 0
    outside.later()
    outside.later()
    assert outside.look(one.id).state is PaymentState.PAID
    assert outside.outside_paid(one) == 1
    outside.sound()


def test_a_transfer_that_the_gateway_refuses_is_payable_again(outside: Outside) -> None:
    outside.standin.next("transfer", "refuse", reason="收款账户受限")
    one = outside.order(custody=Custody.GATEWAY)
    outside.work()
    one = outside.look(one.id)
    assert (one.state, outside.where(one.id)) == (PaymentState.FAILED, {})
    assert "收款账户受限" in one.reason
    outside.sound()


def test_balances_outside_are_finite(outside: Outside) -> None:
    outside.standin.credit(ACCOUNTS[Custody.BANK], 1, "示例付款方")
    big = outside.order(FEN - 50_000)
    outside.work()
    with outside.database.write() as db:
        roster = a_roster(db, outside.desk, [20_000, 20_000], now=outside.clock.now())
        commands.approve_application(db, outside.desk.head, roster, now=outside.clock.now())
        parts = queries.application(db, roster).payments
        commands.instruct(db, outside.desk.cashier, [one.id for one in parts], now=outside.clock.now())
    outside.work()
    assert outside.look(big.id).state is PaymentState.PAID
    assert {outside.look(one.id).state for one in parts} == {PaymentState.PAID}


def test_money_that_comes_back_is_owed_again_and_the_application_open(outside: Outside) -> None:
    one = outside.order()
    outside.work()
    outside.clock.advance(timedelta(days=2))
    outside.standin.give_back(one.number, "户名不符", now=outside.clock.now())
    outside.later()
    one = outside.look(one.id)
    assert one.state is PaymentState.RETURNED
    assert "户名不符" in one.reason
    with outside.database.read() as db:
        view = queries.application(db, one.application_id)
    assert (view.state, outside.payable(view.obligation_id)) == (ApplicationState.APPROVED, 50_000)
    outside.sound()


def test_a_statement_imported_twice_changes_nothing(outside: Outside) -> None:
    one = outside.order()
    outside.work()
    assert outside.rails.bank
    content = outside.rails.bank.statement(ACCOUNTS[Custody.BANK], legal_day(outside.clock.now()))
    with outside.database.write() as db:
        before = [db.scalar(select(func.count()).select_from(table)) for table in (movement, BankStatement)]
        found = [commands.import_statement(db, outside.desk.accountant, content, now=outside.clock.now()) for _ in "12"]
        assert [one.is_again for one in found] == [True, True]
        assert [db.scalar(select(func.count()).select_from(table)) for table in (movement, BankStatement)] == before
    assert outside.look(one.id).state is PaymentState.PAID


def test_with_the_rail_off_the_order_waits_parked_and_is_not_lost(outside: Outside) -> None:
    services = assemble(outside.database, outside.clock, Settings(), safe=SAFE)
    one = outside.order()
    for _ in range(12):
        drain(services, scheduled=False, strict=False)
        outside.clock.advance(timedelta(hours=1))
    with outside.database.read() as db:
        (job,) = parked(db)
    assert (job.topic, job.error_class) == ("instruction.made", RailOff.__name__)
    assert outside.where(one.id) == {"in_transit": 50_000}
