"""What settling a payment costs, from application to paid, at one and ten thousand: the cost of each must stay flat."""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.commands import FileAnswer, Verdict
from marketplace.funds.model import Payment, PaymentAttempt, PaymentInstruction
from marketplace.funds.rules import Custody
from marketplace.kit.actor import SYSTEM
from marketplace.ledger.queries import totals, verify
from marketplace.standin.bank.files import Booking, write_statement
from tests.funds.desk import ACCOUNTS, Desk, a_desk, a_roster
from tests.funds.purse import DAY
from tests.identity.town import SAFE

SIZES, ROSTER, FILE = (1_000, 10_000), 500, 300
LINE_FEN = 1_234
STEPS = ("apply", "approve", "order", "hand in", "taken", "statement")


class Run:
    """One size, told step by step; seconds by step."""

    def __init__(self, database: Database, desk: Desk, now: datetime) -> None:
        self.database, self.desk, self.now = database, desk, now
        self.seconds = dict.fromkeys(STEPS, 0.0)
        self.sent: list[tuple[UUID, str]] = []

    def timed(self, step: str, act: Callable[[], object]) -> object:
        began = time.perf_counter()
        found = act()
        self.seconds[step] += time.perf_counter() - began
        return found

    def roster(self, lines: int) -> None:
        """Apply for a roster, have it approved, order it, hand its file in."""
        self.now += timedelta(seconds=1)
        with self.database.write() as db:
            one = self.timed("apply", lambda: a_roster(db, self.desk, [LINE_FEN] * lines, now=self.now))
            assert isinstance(one, UUID)
        with self.database.write() as db:
            self.timed("approve", lambda: commands.approve_application(db, self.desk.head, one, now=self.now))
        with self.database.read() as db:
            ids = [row.id for row in queries.application(db, one).payments]
        with self.database.write() as db:
            self.timed("order", lambda: commands.instruct(db, self.desk.cashier, ids, now=self.now))
        with self.database.read() as db:
            waiting = select(PaymentInstruction.id).where(PaymentInstruction.calls == 0)
            files = db.scalars(waiting).all()
        for file in files:
            self.hand_in(file)

    def hand_in(self, file: UUID) -> None:
        """Write one file and hear that it was taken."""
        with self.database.write() as db:
            self.timed("hand in", lambda: commands.intend_file(db, SAFE, file))
        with self.database.write() as db:
            self.timed("taken", lambda: commands.file_answered(db, file, FileAnswer(Verdict.TAKEN), now=self.now))

    def statement(self) -> None:
        """One statement that names every line in transit."""
        with self.database.read() as db:
            open_lines = db.scalars(
                select(PaymentAttempt.reference).join(Payment).where(PaymentAttempt.outcome.is_(None))
            ).all()
        left = len(open_lines) * LINE_FEN
        tag = sha256(str(len(open_lines)).encode()).hexdigest()[:6]
        bookings = [
            Booking(
                reference=f"LS{tag}{n:08d}",
                day=DAY.isoformat(),
                amount_fen=-LINE_FEN,
                balance_fen=left - (n + 1) * LINE_FEN,
                counter_name="示例",
                counter_account="62170000",
                instruction=reference,
                purpose="",
            )
            for n, reference in enumerate(open_lines)
        ]
        content = write_statement(ACCOUNTS[Custody.BANK], "示例财政局", DAY, left, bookings)
        with self.database.write() as db:
            self.timed("statement", lambda: commands.import_statement(db, SYSTEM, content, now=self.now))


@pytest.mark.bench
def test_settling_a_payment_costs_the_same_at_one_and_ten_thousand(committing: Database, now: datetime) -> None:
    with committing.write() as db:
        desk = a_desk(db, now=now, fen=10**9)
    each: dict[int, dict[str, float]] = {}
    settled = 0
    for size in SIZES:
        run = Run(committing, desk, now)
        for _ in range(size // ROSTER):
            run.roster(ROSTER)
        run.statement()
        settled += size
        each[size] = {step: 1e6 * seconds / size for step, seconds in run.seconds.items()}
        with committing.read() as db:
            assert totals(db, [desk.funds[Custody.BANK]])[desk.funds[Custody.BANK]]["paid"] == settled * LINE_FEN
    file = Run(committing, desk, now)
    file.roster(FILE)
    with committing.read() as db:
        assert verify(db).ok
    small, large = SIZES
    lines = [f"\nsettlement, µs a payment, rosters of {ROSTER}; {small:,} and {large:,} payments, and the ratio"]
    for step in STEPS:
        ratio = each[large][step] / each[small][step]
        lines.append(f"  {step:<12}{each[small][step]:>9.0f}{each[large][step]:>9.0f}{ratio:>8.2f}")
    totals_us = {size: sum(each[size].values()) for size in SIZES}
    ratio = totals_us[large] / totals_us[small]
    lines.append(f"  {'together':<12}{totals_us[small]:>9.0f}{totals_us[large]:>9.0f}{ratio:>8.2f}")
    lines.append(f"  an instruction of {FILE} lines: {1000 * file.seconds['order']:.0f} ms")
    sys.stdout.write("\n".join(lines) + "\n")
