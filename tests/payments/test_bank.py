"""The bank's adapter tells apart what was refused, what surely happened, and what nobody knows."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
import respx

from marketplace.payments.bank import Bank
from marketplace.payments.schemas import (
    InstructionState,
    KeyMismatch,
    OutcomeUnknown,
    Refused,
    Unreachable,
)

URL = "https://bank.invalid/bank"


@pytest.fixture
def bank() -> Iterator[Bank]:
    found = Bank(URL, timeout_s=1)
    yield found
    found.close()


@respx.mock
def test_a_file_is_handed_over_under_its_number(bank: Bank) -> None:
    answer = {"number": "F-1", "count": 2, "total_fen": 300, "is_again": False}
    route = respx.put(f"{URL}/files/F-1").mock(httpx.Response(201, json=answer))
    taken = bank.submit(b"the file", "F-1")
    assert (taken.count, taken.total_fen, taken.is_again) == (2, 300, False)
    assert route.calls.last.request.content == b"the file"


@respx.mock
def test_a_file_the_bank_does_not_take_is_refused(bank: Bank) -> None:
    respx.put(f"{URL}/files/F-1").mock(httpx.Response(422, json={"code": "bad_file", "reason": "合计不符"}))
    with pytest.raises(Refused) as refused:
        bank.submit(b"the file", "F-1")
    assert (refused.value.code, refused.value.reason) == ("bad_file", "合计不符")


@respx.mock
def test_another_file_under_a_used_number_is_unknown_never_refused(bank: Bank) -> None:
    respx.put(f"{URL}/files/F-1").mock(httpx.Response(409, json={"code": "other_file", "reason": "文件号已用"}))
    with pytest.raises(KeyMismatch):
        bank.submit(b"the file", "F-1")


@respx.mock
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500), httpx.Response(503, text="later"), httpx.Response(429), httpx.Response(302),
        httpx.Response(409, json={"code": "busy", "reason": ""}), httpx.Response(422, text="<html>"),
        httpx.Response(201, json={"number": "F-1"}), httpx.ReadTimeout("late"), httpx.ConnectError("away"),
    ],
)  # fmt: skip
def test_a_file_without_a_plain_answer_is_unknown(bank: Bank, answer: httpx.Response | Exception) -> None:
    respx.put(f"{URL}/files/F-1").mock(side_effect=[answer])
    with pytest.raises(OutcomeUnknown):
        bank.submit(b"the file", "F-1")


@respx.mock
def test_the_bank_says_what_became_of_a_file_and_of_a_line(bank: Bank) -> None:
    line = {
        "number": "P-1", "state": "refused", "amount_fen": 100, "code": "account_closed", "reason": "账户已销户",
        "booked_on": None, "reference": "",
    }  # fmt: skip
    respx.get(f"{URL}/files/F-1").mock(httpx.Response(200, json=[line]))
    respx.get(f"{URL}/instructions/P-1").mock(httpx.Response(200, json=line))
    found = bank.status("P-1")
    assert found is not None
    assert found.state is InstructionState.REFUSED
    assert bank.results("F-1") == [found]


@respx.mock
def test_what_the_bank_never_took_is_none(bank: Bank) -> None:
    missing = httpx.Response(404, json={"code": "not_found", "reason": "没有"})
    respx.get(f"{URL}/files/F-2").mock(missing)
    respx.get(f"{URL}/instructions/P-2").mock(missing)
    respx.get(f"{URL}/statements/1234567/2026-03-02").mock(missing)
    assert bank.status("P-2") is None
    assert bank.results("F-2") is None
    with pytest.raises(Refused):
        bank.statement("1234567", date(2026, 3, 2))


@respx.mock
def test_a_question_without_an_answer_may_be_asked_again(bank: Bank) -> None:
    respx.get(f"{URL}/instructions/P-1").mock(side_effect=httpx.ReadTimeout("late"))
    with pytest.raises(Unreachable) as unreachable:
        bank.status("P-1")
    assert not isinstance(unreachable.value, OutcomeUnknown)
