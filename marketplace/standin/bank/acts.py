"""What the bank does: takes files, pays or refuses each line, books, and says what became of it."""

import hashlib
import sqlite3
from datetime import date, datetime
from typing import Any

from marketplace.kit.clock import legal_day
from marketplace.standin import script
from marketplace.standin.bank.files import BadFile, Booking, Line, Order, read_order, write_statement
from marketplace.standin.script import Outcome

Json = dict[str, Any]


class No(Exception):
    """The bank says no: a status, a stable code and a reason for people."""

    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.code, self.reason = status, code, reason


def reference_of(n: int) -> str:
    """The bank's own number of a booking."""
    return f"LS{n:012d}"


def open_account(db: sqlite3.Connection, number: str, name: str, kind: str, fen: int) -> None:
    """Open an account for us with a balance, or change its name; the balance of one that is there stays."""
    db.execute(
        "INSERT INTO bank_account VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET name = excluded.name",
        (number, name, kind, fen),
    )


def know_payee(db: sqlite3.Connection, number: str, name: str, *, is_open: bool) -> None:
    """Know whose an account elsewhere is, and whether it is open; of others any name is believed."""
    db.execute(
        "INSERT INTO bank_payee VALUES (?, ?, ?)"
        " ON CONFLICT (number) DO UPDATE SET name = excluded.name, is_open = excluded.is_open",
        (number, name, int(is_open)),
    )


def book(
    db: sqlite3.Connection,
    account: str,
    amount_fen: int,
    now: datetime,
    *,
    counter: tuple[str, str],
    number: str,
    why: str,
) -> str:
    """Book on an account of ours and return the reference; a debit is negative.

    Raises:
        No: there is no such account, or not so much on it.
    """
    row = db.execute("SELECT fen FROM bank_account WHERE number = ?", (account,)).fetchone()
    if row is None:
        raise No(404, "unknown_account", "付款账户不存在")
    balance = row["fen"] + amount_fen
    if balance < 0:
        raise No(422, "insufficient_funds", "账户余额不足")
    db.execute("UPDATE bank_account SET fen = ? WHERE number = ?", (balance, account))
    made = db.execute(
        "INSERT INTO bank_entry (account, day, amount_fen, counter_name, counter_account, instruction, purpose)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, legal_day(now).isoformat(), amount_fen, *counter, number, why),
    )
    return reference_of(made.lastrowid or 0)


def take_file(db: sqlite3.Connection, number: str, content: bytes, now: datetime) -> tuple[int, Json]:
    """Take an instruction file and carry out each of its lines; the same file again changes nothing.

    Raises:
        No: the file cannot be read, names another number or account, or another one had its number.
    """
    digest = hashlib.sha256(content).hexdigest()
    row = db.execute("SELECT * FROM bank_file WHERE number = ?", (number,)).fetchone()
    if row is not None:
        if row["digest"] != digest:
            raise No(409, "other_file", "这个文件号已经用于另一份文件")
        return 200, {"number": number, "count": row["lines"], "total_fen": row["total_fen"], "is_again": True}
    try:
        order = read_order(content)
    except BadFile as error:
        raise No(422, "bad_file", str(error)) from None
    if order.number != number:
        raise No(422, "bad_file", "文件号与文件内容不一致")
    account = db.execute("SELECT kind FROM bank_account WHERE number = ?", (order.account,)).fetchone()
    if account is None:
        raise No(422, "unknown_account", "付款账户不存在")
    db.execute(
        "INSERT INTO bank_file VALUES (?, ?, ?, ?, ?, ?)",
        (number, order.account, digest, len(order.lines), order.total_fen, now.isoformat()),
    )
    for line in order.lines:
        _carry_out(db, order, line, now, is_quota=account["kind"] == "quota")
    return 201, {"number": number, "count": len(order.lines), "total_fen": order.total_fen, "is_again": False}


def _carry_out(db: sqlite3.Connection, order: Order, line: Line, now: datetime, *, is_quota: bool) -> None:
    """Pay one line, or write down why not."""
    state, reference, booked = "paid", "", legal_day(now).isoformat()
    code, reason = _objection(db, line)
    if not code:
        try:
            counter = (line.payee_name, line.payee_account)
            reference = book(
                db, order.account, -line.amount_fen, now, counter=counter, number=line.number, why=line.purpose
            )
        except No as no:
            code, reason = no.code, "授权支付额度不足" if is_quota else no.reason
    if code:
        state, booked = "refused", ""
    db.execute(
        "INSERT INTO bank_line (number, file, account, payee_name, payee_account, payee_bank, purpose, amount_fen,"
        " state, code, reason, booked_on, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line.number, order.number, order.account, line.payee_name, line.payee_account, line.payee_bank,
            line.purpose, line.amount_fen, state, code, reason, booked or None, reference,
        ),
    )  # fmt: skip


def _objection(db: sqlite3.Connection, line: Line) -> tuple[str, str]:
    """Why a line is not paid, or two empty texts."""
    before = db.execute(
        "SELECT 1 FROM bank_line WHERE number = ? AND state IN ('paid', 'returned')", (line.number,)
    ).fetchone()
    if before is not None:
        return "number_used", "这个指令号已经付过款"
    given = script.take(db, "bank.line", f"{line.number} {line.payee_account} {line.payee_name}")
    if given.outcome is Outcome.REFUSE:
        return given.code, given.reason
    payee = db.execute("SELECT * FROM bank_payee WHERE number = ?", (line.payee_account,)).fetchone()
    if payee is None:
        return "", ""
    if not payee["is_open"]:
        return "account_closed", "收款账户已销户"
    if payee["name"] != line.payee_name:
        return "name_mismatch", "收款人户名与账号不符"
    return "", ""


def _status(row: sqlite3.Row) -> Json:
    return {
        "number": row["number"],
        "state": row["state"],
        "amount_fen": row["amount_fen"],
        "code": row["code"],
        "reason": row["reason"],
        "booked_on": row["booked_on"],
        "reference": row["reference"],
    }


def results(db: sqlite3.Connection, number: str) -> list[Json]:
    """What became of each line of a file.

    Raises:
        No: the bank never took it.
    """
    if db.execute("SELECT 1 FROM bank_file WHERE number = ?", (number,)).fetchone() is None:
        raise No(404, "not_found", "没有收到过这份文件")
    return [_status(row) for row in db.execute("SELECT * FROM bank_line WHERE file = ? ORDER BY n", (number,))]


def status(db: sqlite3.Connection, number: str) -> Json:
    """What became of one line: the time it was paid, else the last time it was refused.

    Raises:
        No: the bank never took it.
    """
    row = db.execute(
        "SELECT * FROM bank_line WHERE number = ? ORDER BY state = 'refused', n DESC LIMIT 1", (number,)
    ).fetchone()
    if row is None:
        raise No(404, "not_found", "没有收到过这笔指令")
    return _status(row)


def give_back(db: sqlite3.Connection, number: str, reason: str, now: datetime) -> str:
    """A paid line comes back (退票): credited again under its number; returns the reference.

    Raises:
        No: it was never paid, or came back already.
    """
    row = db.execute("SELECT * FROM bank_line WHERE number = ? AND state = 'paid'", (number,)).fetchone()
    if row is None:
        raise No(404, "not_found", "没有付过这笔指令")
    counter = (row["payee_name"], row["payee_account"])
    reference = book(db, row["account"], row["amount_fen"], now, counter=counter, number=number, why=f"退票：{reason}")
    db.execute("UPDATE bank_line SET state = 'returned', code = 'returned', reason = ? WHERE n = ?", (reason, row["n"]))
    return reference


def statement(db: sqlite3.Connection, account: str, day: date) -> bytes:
    """The statement of an account for a day.

    Raises:
        No: the bank keeps no such account for us.
    """
    ours = db.execute("SELECT * FROM bank_account WHERE number = ?", (account,)).fetchone()
    if ours is None:
        raise No(404, "unknown_account", "没有这个账户")
    since = db.execute(
        "SELECT coalesce(sum(amount_fen), 0) AS fen FROM bank_entry WHERE account = ? AND day >= ?",
        (account, day.isoformat()),
    ).fetchone()
    opening = balance = ours["fen"] - since["fen"]
    bookings = []
    rows = db.execute("SELECT * FROM bank_entry WHERE account = ? AND day = ? ORDER BY n", (account, day.isoformat()))
    for row in rows:
        balance += row["amount_fen"]
        counter = (row["counter_name"], row["counter_account"])
        bookings.append(
            Booking(
                reference_of(row["n"]),
                row["day"],
                row["amount_fen"],
                balance,
                *counter,
                row["instruction"],
                row["purpose"],
            )
        )
    return write_statement(account, ours["name"], day, opening, bookings)
