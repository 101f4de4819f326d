"""What is written for the bank and what it writes for us is exact to the fen and safe to open."""

import csv
import io
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.payments.files import (
    STATEMENT_TITLES,
    BadStatementLine,
    RepeatedReference,
    StatementDoesNotAdd,
    StatementTooFine,
    read_statement,
    write_instructions,
)
from marketplace.payments.schemas import Batch, Instruction

DAY = date(2026, 3, 2)


def line(number: str = "FK-2026-0001-1", **more: Any) -> Instruction:
    facts: dict[str, Any] = {
        "payee_name": "安和社会工作服务中心",
        "payee_account": "6222000000000000017",
        "payee_bank": "示例银行广安支行",
        "amount_fen": 123456,
        "purpose": "首付",
    }
    return Instruction(number=number, **{**facts, **more})


def batch(*lines: Instruction) -> Batch:
    return Batch(number="ZL-2026-0001", account="5100000000000000001", day=DAY, lines=lines)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_file_says_its_count_and_its_sum_in_fen_and_yuan() -> None:
    head, _, first, second = rows_of(write_instructions(batch(line(), line("FK-2026-0002-1", amount_fen=1))))
    assert head == [
        "付款指令", "1", "ZL-2026-0001", "'5100000000000000001", "2026-03-02", "CNY", "2", "123457", "1234.57",
    ]  # fmt: skip
    assert first[5:7] == ["123456", "1234.56"]
    assert second[5:7] == ["1", "0.01"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "'=1", "6222000000000000017"])
def test_text_that_a_spreadsheet_would_misread_is_marked(text: str) -> None:
    _, _, row = rows_of(write_instructions(batch(line(payee_name=text, purpose=text))))
    assert row[2] == row[7] == "'" + text.strip()


def test_text_stays_on_its_line() -> None:
    _, _, row = rows_of(write_instructions(batch(line(purpose="第一行\r\n第二行\x00尾"))))
    assert row[7] == "第一行 第二行 尾"


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (line(), line()),
        (line(amount_fen=0),),
        (line(amount_fen=-1),),
        (line("a b"),),
        (line(payee_account="=1+1"),),
        (line(payee_name=" "),),
    ],
)
def test_a_file_nobody_could_execute_is_not_written(lines: tuple[Instruction, ...]) -> None:
    with pytest.raises(ValueError, match=r"line|number"):
        write_instructions(batch(*lines))


def test_a_file_without_a_plain_number_or_account_is_not_written() -> None:
    for broken in ({"number": "=1"}, {"account": "x"}):
        with pytest.raises(ValueError, match="number"):
            write_instructions(msgspec.structs.replace(batch(line()), **broken))


def statement(*lines: list[str], opening: str = "1000.00", closing: str = "1000.00", count: int | None = None) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    number = str(len(lines) if count is None else count)
    rows.writerow(["对账单", "1", "'5100000000000000001", "群团中心", "2026-03-02", "CNY", number, opening, closing])
    rows.writerow(STATEMENT_TITLES)
    rows.writerows(lines)
    return out.getvalue().encode()


def booking(reference: str, sign: str = "支", amount: str = "10.00", balance: str = "990.00") -> list[str]:
    return [reference, "2026-03-02", sign, amount, balance, "某某", "'6222000000000000017", "FK-1-1", "首付"]


def test_a_statement_is_read_to_the_fen() -> None:
    found = read_statement(
        statement(booking("B1"), booking("B2", "收", "0.05", "990.05"), closing="990.05", opening="1,000.00")
    )
    assert (found.account, found.opening_fen, found.closing_fen) == ("5100000000000000001", 100000, 99005)
    assert [(item.reference, item.amount_fen) for item in found.lines] == [("B1", -1000), ("B2", 5)]
    assert (found.lines[0].instruction, found.lines[0].counter_account) == ("FK-1-1", "6222000000000000017")


def test_a_statement_in_the_encoding_of_chinese_banks_is_read() -> None:
    content = statement(booking("B1"), closing="990.00").decode().encode("gb18030")
    assert read_statement(content).lines[0].purpose == "首付"


def test_two_bookings_alike_are_two_as_their_references_differ() -> None:
    found = read_statement(statement(booking("B1"), booking("B2", balance="980.00"), closing="980.00"))
    assert [item.amount_fen for item in found.lines] == [-1000, -1000]


def test_a_reference_that_stands_twice_is_refused() -> None:
    with pytest.raises(RepeatedReference):
        read_statement(statement(booking("B1"), booking("B1", balance="980.00"), closing="980.00"))


@pytest.mark.parametrize("amount", ["10.001", "0.005", "10.000"])
def test_a_third_decimal_is_refused(amount: str) -> None:
    with pytest.raises(StatementTooFine) as refused:
        read_statement(statement(booking("B1", amount=amount)))
    assert refused.value.params == {"line": 3, "given": amount}


def test_balances_that_do_not_agree_or_missing_lines_are_refused() -> None:
    for content in (
        statement(booking("B1"), closing="990.01"),
        statement(booking("B1", balance="991.00"), closing="990.00"),
        statement(booking("B1"), closing="990.00", count=2),
    ):
        with pytest.raises(StatementDoesNotAdd):
            read_statement(content)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe\x00", b"a,b\r\nc,d\r\n", statement()[:20],
        statement(booking("")), statement(booking("B1", sign="出")), statement(booking("B1", amount="x")),
        statement(booking("B1", amount="0.00")), statement(booking("B1", amount="-5")), statement(["B1", "x"]),
        statement(["B1", "3 月 2 日", *booking("B1")[2:]]), statement(booking("B1", balance="")),
        statement(booking("B" + "1" * 200_000)),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused_with_its_line(content: bytes) -> None:
    with pytest.raises(BadStatementLine):
        read_statement(content)


@given(st.lists(st.integers(-(10**13), 10**13).filter(bool), max_size=20))
def test_any_day_adds_up(amounts: list[int]) -> None:
    balance, rows = 10**15, []
    for n, fen in enumerate(amounts):
        balance += fen
        whole = f"{abs(fen) // 100}.{abs(fen) % 100:02d}"
        rows.append(booking(f"B{n}", "收" if fen > 0 else "支", whole, f"{balance // 100}.{balance % 100:02d}"))
    closing = f"{balance // 100}.{balance % 100:02d}"
    if balance > 10**15:
        return
    try:
        found = read_statement(statement(*rows, opening="10000000000000.00", closing=closing))
    except BadStatementLine:
        assert any(sum(amounts[: n + 1], 10**15) > 10**15 for n in range(len(amounts)))
        return
    assert [item.amount_fen for item in found.lines] == amounts
