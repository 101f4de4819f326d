"""The bank's files: instructions written, statements read; amounts are whole fen, never a float."""

import csv
import io
import re
import unicodedata
from collections import Counter
from datetime import date

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import FEN_MAX, TooFine, parse_yuan, yuan
from marketplace.payments.schemas import Batch, Instruction, Statement, StatementLine

VERSION = "1"
INSTRUCTIONS, STATEMENT = "付款指令", "对账单"
CURRENCY = "CNY"
INSTRUCTION_TITLES = ("序号", "指令号", "收款人", "收款账号", "开户行", "金额(分)", "金额(元)", "用途")
STATEMENT_TITLES = ("流水号", "记账日期", "收支", "金额(元)", "余额(元)", "对方户名", "对方账号", "指令号", "摘要")
CREDIT, DEBIT = "收", "支"
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_ACCOUNT = re.compile(r"[0-9][0-9-]{5,39}")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'")
_FIGURES_MAX = 11
"""Longer rows of figures lose their last ones in a spreadsheet unless they are marked as text."""


class BadStatementLine(DomainError):
    """A line of a statement does not have the agreed form."""

    kind, code = Kind.INVALID, "bad_statement_line"
    text = N_("对账单第 {line} 行的「{what}」无法读取。请确认文件是银行给出的原件，没有改动过。")


class StatementTooFine(DomainError):
    """A statement speaks of less than a fen."""

    kind, code = Kind.INVALID, "statement_too_fine"
    text = N_("对账单第 {line} 行的金额「{given}」超过两位小数。请向银行核对后重新下载。")


class RepeatedReference(DomainError):
    """A bank reference stands twice in one statement."""

    kind, code = Kind.INVALID, "repeated_reference"
    text = N_("对账单里流水号「{reference}」出现了不止一次。请向银行核对后重新下载。")


class StatementDoesNotAdd(DomainError):
    """Opening balance and bookings do not make the closing balance, or lines are missing."""

    kind, code = Kind.INVALID, "statement_does_not_add"
    text = N_(
        "对账单不平：按逐笔相加，余额应为 {expected} 元、共 {count} 笔，文件写的是 {stated} 元。请重新下载完整的文件。"
    )


def write_instructions(batch: Batch) -> bytes:
    """The instruction file of a batch: a head with count and sums, titles, one line per payment; UTF-8, CRLF.

    Amounts stand twice, as whole fen and as yuan. Text that a spreadsheet would take for a formula, or figures whose
    end it would cut off, begin with an apostrophe, which the reader takes away.

    Raises:
        ValueError: no line, a number that stands twice or has odd characters, an amount that is none.
    """
    _check(batch)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    total = batch.total_fen
    head = (
        batch.number,
        batch.account,
        batch.day.isoformat(),
        CURRENCY,
        str(len(batch.lines)),
        str(total),
        yuan(total),
    )
    rows.writerow([INSTRUCTIONS, VERSION, *(_guarded(cell) for cell in head)])
    rows.writerow(INSTRUCTION_TITLES)
    for place, line in enumerate(batch.lines, 1):
        amounts = (str(line.amount_fen), yuan(line.amount_fen))
        names = (line.number, line.payee_name, line.payee_account, line.payee_bank)
        rows.writerow([place, *map(_guarded, names), *amounts, _guarded(line.purpose)])
    return out.getvalue().encode("utf-8-sig")


def _check(batch: Batch) -> None:
    twice = [number for number, times in Counter(line.number for line in batch.lines).items() if times > 1]
    if not batch.lines or twice:
        raise ValueError(f"a file has at least one line, and each number once: {twice}")
    if not _NUMBER.fullmatch(batch.number) or not _ACCOUNT.fullmatch(batch.account):
        raise ValueError("a file has a plain number and an account")
    for line in batch.lines:
        _check_line(line)


def _check_line(line: Instruction) -> None:
    if not _NUMBER.fullmatch(line.number) or not 0 < line.amount_fen <= FEN_MAX:
        raise ValueError(f"{line.number}: a line has a plain number and an amount")
    if not _ACCOUNT.fullmatch(line.payee_account) or not line.payee_name.strip():
        raise ValueError(f"{line.number}: a line has a payee and an account of figures")


def _guarded(text: str) -> str:
    """The text on one line, without control characters, marked where a spreadsheet would misread it."""
    plain = "".join(sign if unicodedata.category(sign) != "Cc" else " " for sign in text)
    plain = " ".join(plain.split())
    is_long = plain.isdigit() and len(plain) > _FIGURES_MAX
    return f"'{plain}" if plain.startswith(_DANGEROUS) or is_long else plain


def _bare(cell: str) -> str:
    """A cell as it was before it was marked."""
    return cell.strip().removeprefix("'")


def read_statement(content: bytes) -> Statement:
    """A statement from the bank's file (UTF-8 or GB 18030).

    Two lines that are alike in everything but the bank's reference are two bookings.

    Raises:
        BadStatementLine: a line does not have the agreed form; names line and column.
        StatementTooFine: an amount has more than two decimals.
        RepeatedReference: one reference stands twice.
        StatementDoesNotAdd: the balances and the lines do not agree, or lines are missing.
    """
    rows = _rows(content)
    if len(rows) < 2 or len(rows[0]) != 9 or tuple(_bare(cell) for cell in rows[1]) != STATEMENT_TITLES:  # noqa: PLR2004
        raise BadStatementLine(line=1, what=STATEMENT)
    title, version, account, name, day, currency, count, opening, closing = (_bare(cell) for cell in rows[0])
    if (title, version, currency) != (STATEMENT, VERSION, CURRENCY):
        raise BadStatementLine(line=1, what=STATEMENT)
    lines = tuple(_line(row, number) for number, row in enumerate(rows[2:], 3))
    statement = Statement(
        account=account,
        account_name=name,
        day=_day(day, 1),
        opening_fen=_fen(opening, 1),
        closing_fen=_fen(closing, 1),
        lines=lines,
    )
    _check_sums(statement, count)
    return statement


def _rows(content: bytes) -> list[list[str]]:
    reading = csv.reader(io.StringIO(_decoded(content), newline=""))
    try:
        return [row for row in reading if any(cell.strip() for cell in row)]
    except csv.Error:
        raise BadStatementLine(line=reading.line_num, what=STATEMENT) from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadStatementLine(line=1, what=STATEMENT)


def _line(row: list[str], number: int) -> StatementLine:
    if len(row) != len(STATEMENT_TITLES):
        raise BadStatementLine(line=number, what=STATEMENT_TITLES[0])
    reference, day, sign, amount, balance, counter, account, instruction, purpose = (_bare(cell) for cell in row)
    if not reference:
        raise BadStatementLine(line=number, what=STATEMENT_TITLES[0])
    if sign not in {CREDIT, DEBIT}:
        raise BadStatementLine(line=number, what=STATEMENT_TITLES[2])
    fen = _fen(amount, number)
    if fen <= 0:
        raise BadStatementLine(line=number, what=STATEMENT_TITLES[3])
    return StatementLine(
        reference=reference,
        booked_on=_day(day, number),
        amount_fen=fen if sign == CREDIT else -fen,
        balance_fen=_fen(balance, number),
        counter_name=counter,
        counter_account=account,
        instruction=instruction,
        purpose=purpose,
    )


def _fen(given: str, line: int) -> int:
    sign, plain = (-1, given[1:]) if given.startswith("-") else (1, given)
    try:
        return sign * parse_yuan(plain)
    except TooFine:
        raise StatementTooFine(line=line, given=given) from None
    except DomainError:
        raise BadStatementLine(line=line, what=given or STATEMENT_TITLES[3]) from None


def _day(given: str, line: int) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadStatementLine(line=line, what=given or STATEMENT_TITLES[1]) from None


def _check_sums(statement: Statement, count: str) -> None:
    seen: set[str] = set()
    balance = statement.opening_fen
    for line in statement.lines:
        if line.reference in seen:
            raise RepeatedReference(reference=line.reference)
        seen.add(line.reference)
        balance += line.amount_fen
        if line.balance_fen != balance:
            raise StatementDoesNotAdd(expected=yuan(balance), count=len(statement.lines), stated=yuan(line.balance_fen))
    if balance != statement.closing_fen or count != str(len(statement.lines)):
        raise StatementDoesNotAdd(
            expected=yuan(balance), count=len(statement.lines), stated=yuan(statement.closing_fen)
        )
