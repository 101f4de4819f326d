"""The stand-in bank takes a file once, pays what it can, says why not, and its statements add up."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from marketplace.kit.clock import legal_day
from marketplace.payments.bank import Bank, read_statement, write_instructions
from marketplace.payments.schemas import (
    Batch,
    Instruction,
    InstructionState,
    InstructionStatus,
    KeyMismatch,
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from marketplace.standin.control import Control, Unwilling
from tests.standin.conftest import HELD_S

ACCOUNT, QUOTA = "5100000000000000001", "5199000000000000002"
PAYEE = "6222000000000000017"
NAME = "安和社会工作服务中心"
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def accounts(standin: Control) -> None:
    standin.clock(MONDAY)
    standin.open_account(ACCOUNT, "区群团服务中心", fen=100_000)
    standin.open_account(QUOTA, "区总工会额度", fen=50_000, kind="quota")


def order(number: str, *fen: int, account: str = ACCOUNT, first: int = 1, **more: Any) -> bytes:
    facts: dict[str, Any] = {"payee_name": NAME, "payee_account": PAYEE, "payee_bank": "示例银行", "purpose": "=首付"}
    lines = tuple(
        Instruction(number=f"FK-{place}", amount_fen=amount, **{**facts, **more})
        for place, amount in enumerate(fen, first)
    )
    return write_instructions(Batch(number=number, account=account, day=legal_day(MONDAY), lines=lines))


def results(bank: Bank, number: str) -> list[InstructionStatus]:
    found = bank.results(number)
    assert found is not None
    return found


def balance(standin: Control, account: str = ACCOUNT) -> int:
    return next(int(one["fen"]) for one in standin.ledger()["bank"]["accounts"] if one["number"] == account)


def test_a_file_is_paid_line_by_line_until_the_money_is_gone(standin: Control, bank: Bank) -> None:
    taken = bank.submit(order("F-1", 60_000, 50_000, 40_000), "F-1")
    assert (taken.count, taken.total_fen, taken.is_again) == (3, 150_000, False)
    assert [(one.number, one.state.value, one.code) for one in results(bank, "F-1")] == [
        ("FK-1", "paid", ""),
        ("FK-2", "refused", "insufficient_funds"),
        ("FK-3", "paid", ""),
    ]
    assert balance(standin) == 0
    paid = bank.status("FK-1")
    assert paid is not None
    assert (paid.booked_on, paid.amount_fen) == (date(2026, 3, 2), 60_000)


def test_the_same_file_twice_is_paid_once(standin: Control, bank: Bank) -> None:
    content = order("F-1", 600)
    assert not bank.submit(content, "F-1").is_again
    assert bank.submit(content, "F-1").is_again
    assert balance(standin) == 99_400
    assert len(standin.ledger()["bank"]["entries"]) == 1


def test_ten_threads_with_the_same_file_are_paid_once(standin: Control, bank: Bank) -> None:
    content = order("F-1", 600)
    threads = [threading.Thread(target=bank.submit, args=(content, "F-1")) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert balance(standin) == 99_400


def test_another_file_under_the_same_number_is_a_mismatch(standin: Control, bank: Bank) -> None:
    bank.submit(order("F-1", 600), "F-1")
    with pytest.raises(KeyMismatch):
        bank.submit(order("F-1", 601), "F-1")
    assert balance(standin) == 99_400


def test_a_line_that_was_paid_in_another_file_is_not_paid_again(standin: Control, bank: Bank) -> None:
    bank.submit(order("F-1", 600), "F-1")
    bank.submit(order("F-2", 600), "F-2")
    assert [one.code for one in results(bank, "F-2")] == ["number_used"]
    status = bank.status("FK-1")
    assert status is not None
    assert status.state is InstructionState.PAID
    assert balance(standin) == 99_400


@pytest.mark.parametrize(
    ("payee", "code"), [({"name": NAME, "is_open": False}, "account_closed"), ({"name": "别家"}, "name_mismatch")]
)
def test_a_payee_the_bank_knows_better_is_refused(standin: Control, bank: Bank, payee: Any, code: str) -> None:
    standin.know_payee(PAYEE, **payee)
    bank.submit(order("F-1", 600), "F-1")
    (line,) = results(bank, "F-1")
    assert (line.state, line.code, line.booked_on, line.reference) == (InstructionState.REFUSED, code, None, "")
    assert line.reason
    assert balance(standin) == 100_000


def test_a_refused_line_may_be_ordered_again_under_its_own_new_number(standin: Control, bank: Bank) -> None:
    standin.next("bank.line", "refuse", code="account_closed", reason="收款账户已销户", match="FK-1")
    bank.submit(order("F-1", 600), "F-1")
    bank.submit(order("F-2", 600, first=2), "F-2")
    assert [one.state.value for one in (*results(bank, "F-1"), *results(bank, "F-2"))] == ["refused", "paid"]
    assert balance(standin) == 99_400


def test_the_quota_is_an_account_like_any_other(standin: Control, bank: Bank) -> None:
    bank.submit(order("F-1", 50_001, account=QUOTA), "F-1")
    (line,) = results(bank, "F-1")
    assert (line.code, line.reason) == ("insufficient_funds", "授权支付额度不足")
    bank.submit(order("F-2", 50_000, account=QUOTA, first=2), "F-2")
    assert balance(standin, QUOTA) == 0


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"", "F-1"),
        (b"\xff", "F-1"),
        (order("F-1", 600), "F-2"),
        (order("F-1", 600, account="5100000000000000009"), "F-1"),
        (order("F-1", 600).replace(b",600,6.00", b",600,6.01"), "F-1"),
        (order("F-1", 600).replace(b",1,600,6.00", b",2,600,6.00"), "F-1"),
        (order("F-1", 600, 700).replace(b"FK-2", b"FK-1"), "F-1"),
        (order("F-1", 600).replace(b"CNY", b"USD"), "F-1"),
    ],
)
def test_a_file_that_does_not_agree_with_itself_is_refused_whole(
    standin: Control, bank: Bank, content: bytes, number: str
) -> None:
    with pytest.raises(Refused):
        bank.submit(content, number)
    assert bank.results(number) is None
    assert balance(standin) == 100_000


def test_a_statement_shows_each_booking_with_its_reference(standin: Control, bank: Bank) -> None:
    standin.credit(ACCOUNT, 5_000, "示例爱心企业", purpose="捐赠")
    bank.submit(order("F-1", 600, 600), "F-1")
    found = read_statement(bank.statement(ACCOUNT, date(2026, 3, 2)))
    assert (found.account, found.account_name) == (ACCOUNT, "区群团服务中心")
    assert (found.opening_fen, found.closing_fen) == (100_000, 103_800)
    assert [(line.amount_fen, line.instruction) for line in found.lines] == [(5000, ""), (-600, "FK-1"), (-600, "FK-2")]
    assert len({line.reference for line in found.lines}) == 3
    assert (found.lines[1].purpose, found.lines[1].counter_account) == ("=首付", PAYEE)
    assert found.lines[1].reference == results(bank, "F-1")[0].reference
    assert bank.statement(ACCOUNT, date(2026, 3, 2)) == bank.statement(ACCOUNT, date(2026, 3, 2))


def test_a_payment_that_comes_back_is_credited_under_its_number(standin: Control, bank: Bank) -> None:
    bank.submit(order("F-1", 600), "F-1")
    standin.clock(MONDAY + timedelta(days=1))
    standin.give_back("FK-1", "收款账户已销户")
    status = bank.status("FK-1")
    assert status is not None
    assert (status.state, status.reason) == (InstructionState.RETURNED, "收款账户已销户")
    (line,) = read_statement(bank.statement(ACCOUNT, date(2026, 3, 3))).lines
    assert (line.amount_fen, line.instruction) == (600, "FK-1")
    with pytest.raises(Unwilling):
        standin.give_back("FK-1", "再退一次")


def test_days_without_bookings_keep_the_balance_and_days_follow_each_other(standin: Control, bank: Bank) -> None:
    bank.submit(order("F-1", 600), "F-1")
    standin.clock(MONDAY + timedelta(days=2))
    bank.submit(order("F-2", 400, first=2), "F-2")
    days = [read_statement(bank.statement(ACCOUNT, date(2026, 3, day))) for day in (1, 2, 3, 4, 5)]
    assert [(day.opening_fen, day.closing_fen) for day in days] == [
        (100_000, 100_000), (100_000, 99_400), (99_400, 99_400), (99_400, 99_000), (99_000, 99_000),
    ]  # fmt: skip


def test_what_the_bank_never_had_is_none(bank: Bank) -> None:
    assert bank.status("FK-9") is None
    assert bank.results("F-9") is None
    with pytest.raises(Refused):
        bank.statement("5100000000000000009", date(2026, 3, 2))


def test_a_time_out_may_hide_a_taken_file_or_none(standin: Control, bank: Bank) -> None:
    content = order("F-1", 600)
    standin.next("bank.file", "time_out_and_drop", seconds=HELD_S)
    with pytest.raises(OutcomeUnknown):
        bank.submit(content, "F-1")
    assert bank.results("F-1") is None
    standin.next("bank.file", "time_out_but_accept", seconds=HELD_S)
    with pytest.raises(OutcomeUnknown):
        bank.submit(content, "F-1")
    assert [one.state.value for one in results(bank, "F-1")] == ["paid"]
    assert bank.submit(content, "F-1").is_again
    assert balance(standin) == 99_400


def test_a_scripted_refusal_of_a_file_leaves_nothing(standin: Control, bank: Bank) -> None:
    standin.next("bank.file", "refuse", code="outside_hours", reason="已过当日受理时间")
    with pytest.raises(Refused) as refused:
        bank.submit(order("F-1", 600), "F-1")
    assert (refused.value.code, refused.value.reason) == ("outside_hours", "已过当日受理时间")
    assert bank.results("F-1") is None


def test_a_failing_bank_is_unknown_or_unreachable(standin: Control, bank: Bank) -> None:
    standin.next("bank.file", "fail")
    standin.next("bank.read", "fail")
    with pytest.raises(OutcomeUnknown):
        bank.submit(order("F-1", 600), "F-1")
    with pytest.raises(Unreachable):
        bank.results("F-1")


def test_a_story_tells_its_own_time(standin: Control) -> None:
    then = datetime(2016, 5, 2, 17, 0, tzinfo=UTC)
    teller = Bank(standin.bank_url, told=lambda: then)
    teller.submit(order("F-1", 600), "F-1")
    (line,) = results(teller, "F-1")
    assert line.booked_on == date(2016, 5, 3)
    teller.close()
