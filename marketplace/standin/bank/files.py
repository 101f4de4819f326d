"""Reads instruction files and writes statements, in the bank's own hand: it shares no code with those who send them."""

import csv
import io
import re
from datetime import date

from msgspec import Struct

INSTRUCTIONS, STATEMENT, VERSION, CURRENCY = "付款指令", "对账单", "1", "CNY"
TITLES = ("流水号", "记账日期", "收支", "金额(元)", "余额(元)", "对方户名", "对方账号", "指令号", "摘要")
HEAD_CELLS, LINE_CELLS = 9, 8
_YUAN = re.compile(r"(\d+)\.(\d\d)")


class BadFile(ValueError):
    """A file that the bank does not take; the text says why."""


class Line(Struct, frozen=True):
    """One payment as the file orders it."""

    number: str
    payee_name: str
    payee_account: str
    payee_bank: str
    amount_fen: int
    purpose: str


class Order(Struct, frozen=True):
    """An instruction file."""

    number: str
    account: str
    lines: tuple[Line, ...]
    total_fen: int


def read_order(content: bytes) -> Order:
    """The order that a file holds.

    Raises:
        BadFile: it is not in the agreed form, or does not agree with itself.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) if row]
    except (UnicodeDecodeError, csv.Error):
        raise BadFile("文件无法读取") from None
    if len(rows) < 3 or len(rows[0]) != HEAD_CELLS:  # noqa: PLR2004 - head, titles, one line
        raise BadFile("文件头不完整或没有明细")
    title, version, number, account, day, currency, count, fen, yuan = (_bare(cell) for cell in rows[0])
    if (title, version, currency) != (INSTRUCTIONS, VERSION, CURRENCY):
        raise BadFile("不是付款指令文件，或币种不是人民币")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise BadFile("文件头的日期无法读取") from None
    lines = tuple(_line(row, place) for place, row in enumerate(rows[2:], 1))
    total = sum(line.amount_fen for line in lines)
    if count != str(len(lines)) or _fen(fen, yuan) != total:
        raise BadFile("笔数或合计与明细不符")
    if len({line.number for line in lines}) != len(lines):
        raise BadFile("指令号在文件内重复")
    return Order(number, account, lines, total)


def _bare(cell: str) -> str:
    return cell.strip().removeprefix("'")


def _line(row: list[str], place: int) -> Line:
    if len(row) != LINE_CELLS or row[0] != str(place):
        raise BadFile(f"第 {place} 笔格式不对")
    _, number, name, account, bank, fen, yuan, purpose = (_bare(cell) for cell in row)
    amount = _fen(fen, yuan)
    if not number or not name or not account or amount < 1:
        raise BadFile(f"第 {place} 笔缺少内容")
    return Line(number, name, account, bank, amount, purpose)


def _fen(fen: str, yuan: str) -> int:
    """The amount, if both ways of writing it agree."""
    found = _YUAN.fullmatch(yuan)
    if not fen.isascii() or not fen.isdigit() or found is None or int(found[1] + found[2]) != int(fen):
        raise BadFile(f"金额「{fen}」与「{yuan}」不一致")
    return int(fen)


class Booking(Struct, frozen=True):
    """One booking; a debit's amount is negative."""

    reference: str
    day: str
    amount_fen: int
    balance_fen: int
    counter_name: str
    counter_account: str
    instruction: str
    purpose: str


def write_statement(account: str, name: str, day: date, opening_fen: int, bookings: list[Booking]) -> bytes:
    """The statement of an account for a day."""
    closing = bookings[-1].balance_fen if bookings else opening_fen
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    count = str(len(bookings))
    head = [account, name, day.isoformat(), CURRENCY, count, _yuan(opening_fen), _yuan(closing)]
    rows.writerow([STATEMENT, VERSION, *map(_marked, head)])
    rows.writerow(TITLES)
    for one in bookings:
        sign = "收" if one.amount_fen > 0 else "支"
        amounts = [_yuan(abs(one.amount_fen)), _yuan(one.balance_fen)]
        texts = [one.counter_name, one.counter_account, one.instruction, one.purpose]
        rows.writerow([one.reference, one.day, sign, *amounts, *map(_marked, texts)])
    return out.getvalue().encode("utf-8-sig")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _marked(text: str) -> str:
    is_long = text.isdigit() and len(text) > 11  # noqa: PLR2004 - a spreadsheet cuts longer figures
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "'")) or is_long else text
