"""The stand-ins, killed at any moment, keep what they had answered, and nothing half."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from marketplace.payments.bank import Bank, write_instructions
from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import Batch, Instruction, OutcomeUnknown, PaymentError
from marketplace.standin import process
from marketplace.standin.control import Control
from marketplace.standin.script import KILLED

ACCOUNT = "5100000000000000001"


class Mortal:
    """Stand-ins that die and come back over the same store, at the same address."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.child, self.control = process.start(home)
        identity = self.control.identity
        self.gateway = Gateway(self.control.gateway_url, identity.key, identity.secret, timeout_s=5)
        self.bank = Bank(self.control.bank_url, timeout_s=5)

    def died(self) -> int:
        return self.child.wait(10)

    def come_back(self) -> Control:
        process.stop(self.child)
        before = self.control.identity
        self.child, self.control = process.start(self.home, before.port)
        assert self.control.identity == before
        return self.control

    def close(self) -> None:
        self.gateway.close()
        self.bank.close()
        process.stop(self.child)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Mortal]:
    found = Mortal(tmp_path)
    yield found
    found.close()


def groups(control: Control) -> list[str]:
    return sorted(one["group"] for one in control.ledger()["gateway"]["transfers"])


@pytest.mark.parametrize(("point", "kept"), [("crash_before_store", False), ("crash_after_store", True)])
def test_a_gateway_that_dies_inside_a_transfer_made_it_or_not(mortal: Mortal, point: str, kept: bool) -> None:
    mortal.control.top_up(1_000)
    account = mortal.gateway.create_account(name="安和", key="a", metadata={}).id
    mortal.control.next("transfer", point)
    with pytest.raises(OutcomeUnknown):
        mortal.gateway.create_transfer(amount_fen=100, account=account, key="pay-1", metadata={})
    assert mortal.died() == KILLED
    with pytest.raises(PaymentError):
        mortal.gateway.find_transfer("pay-1")
    control = mortal.come_back()
    assert (mortal.gateway.find_transfer("pay-1") is not None) == kept
    made = mortal.gateway.create_transfer(amount_fen=100, account=account, key="pay-1", metadata={})
    assert groups(control) == ["pay-1"]
    assert mortal.gateway.find_transfer("pay-1") == made
    assert mortal.gateway.available_fen() == 900


@pytest.mark.parametrize(("point", "kept"), [("crash_before_store", False), ("crash_after_store", True)])
def test_a_bank_that_dies_inside_a_file_took_it_whole_or_not(mortal: Mortal, point: str, kept: bool) -> None:
    mortal.control.open_account(ACCOUNT, "区群团服务中心", fen=1_000)
    lines = tuple(
        Instruction(
            number=f"FK-{n}", payee_name="安和", payee_account="6222000000000000017", payee_bank="", amount_fen=100,
            purpose="",
        )
        for n in range(3)
    )  # fmt: skip
    content = write_instructions(Batch(number="F-1", account=ACCOUNT, day=date(2026, 3, 2), lines=lines))
    mortal.control.next("bank.file", point)
    with pytest.raises(OutcomeUnknown):
        mortal.bank.submit(content, "F-1")
    assert mortal.died() == KILLED
    control = mortal.come_back()
    assert (mortal.bank.results("F-1") is not None) == kept
    assert mortal.bank.submit(content, "F-1").is_again == kept
    assert [one["amount_fen"] for one in control.ledger()["bank"]["entries"]] == [-100] * 3


def test_a_kill_in_the_middle_of_many_transfers_loses_none_that_was_answered(mortal: Mortal) -> None:
    mortal.control.top_up(1_000_000)
    account = mortal.gateway.create_account(name="安和", key="a", metadata={}).id
    answered: list[str] = []
    enough = threading.Event()

    def pay(lane: int) -> None:
        for n in range(1_000):
            key = f"pay-{lane}-{n}"
            try:
                mortal.gateway.create_transfer(amount_fen=1, account=account, key=key, metadata={})
            except OutcomeUnknown:
                return
            answered.append(key)
            if len(answered) >= 60:
                enough.set()

    threads = [threading.Thread(target=pay, args=(lane,)) for lane in range(3)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    mortal.child.kill()
    for thread in threads:
        thread.join()
    control = mortal.come_back()
    made = groups(control)
    assert set(answered) <= set(made)
    assert len(made) == len(set(made)) <= len(answered) + len(threads)
    assert mortal.gateway.available_fen() == 1_000_000 - len(made)


def test_the_stand_ins_end_when_whoever_started_them_is_gone(mortal: Mortal) -> None:
    assert mortal.child.stdin is not None
    mortal.child.stdin.close()
    assert mortal.child.wait(10) is not None
    assert not mortal.control.is_up()


def test_running_stand_ins_are_used_and_left_running(mortal: Mortal) -> None:
    with process.running(mortal.home) as control:
        assert control.identity == mortal.control.identity
    assert mortal.control.is_up()


def test_a_port_that_is_taken_is_told(mortal: Mortal, tmp_path: Path) -> None:
    with pytest.raises(process.CannotStart):
        process.start(tmp_path / "other", mortal.control.identity.port)
