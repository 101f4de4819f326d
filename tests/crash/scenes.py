"""A desk that pays over both rails in a database of its own, with stand-ins and processes that can be killed."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from marketplace.db.base import Database
from marketplace.funds import queries
from marketplace.funds.model import PaymentApplication
from marketplace.funds.rules import Custody
from marketplace.funds.schemas import PaymentView
from marketplace.funds.states import PaymentState
from marketplace.ledger.queries import balances_of, verify
from marketplace.standin import process
from marketplace.standin.control import Control
from tests.funds.desk import Desk, a_desk, approved
from tests.workers.outside import open_accounts, paid_outside

ROOT = Path(__file__).parents[2]
FEN, PURSE_FEN, HELD_S = 4_321, 10_000_000, 3.0
ROUNDS_MAX = 6
RAILS = (Custody.BANK, Custody.GATEWAY)


@dataclass
class Scene:
    """A desk in a database of its own, stand-ins of its own, and processes that can be killed."""

    database: Database
    desk: Desk
    home: Path
    child: "subprocess.Popen[bytes]"
    control: Control
    victims: "subprocess.Popen[str]"
    now: datetime
    killed: Counter[str] = field(default_factory=Counter)

    def tell(self, step: str = "", nth: int = 1, payment: UUID | None = None) -> int:
        """Let one process live; its exit status."""
        asked = {"now": self.now.isoformat(), "step": step, "nth": nth, "payment": str(payment or "")}
        assert self.victims.stdin
        assert self.victims.stdout
        self.victims.stdin.write(json.dumps(asked) + "\n")
        self.victims.stdin.flush()
        status = int(self.victims.stdout.readline())
        assert status in (0, -signal.SIGKILL), "killed where it was told to, or done"
        self.killed[step] += status == -signal.SIGKILL
        return status

    def revive(self) -> None:
        """Start the stand-ins again, over what they had stored, if they died."""
        if not self.control.is_up():
            process.stop(self.child)
            self.child, self.control = process.start(self.home, self.control.identity.port)

    def payment(self, custody: Custody) -> PaymentView:
        """An approved payment that waits for the cashier."""
        with self.database.write() as db:
            application_id = approved(db, self.desk, FEN, now=self.now, custody=custody)
            (one,) = queries.application(db, application_id).payments
        return one

    def look(self, one: PaymentView) -> PaymentView:
        with self.database.read() as db:
            return queries.payment(db, one.id)

    def suffer(self, step: str, outcome: str, custody: Custody) -> None:
        """Order a payment that meets ``outcome`` outside, with processes dying at ``step``; then let all recover."""
        one = self.payment(custody)
        killed = self.tell(step, payment=one.id)
        if killed == -signal.SIGKILL and step == "web.ordered":
            assert self.look(one).state is PaymentState.APPROVED
            assert self.tell(payment=one.id) == 0
        self.script(one, outcome, custody)
        self.settle(one, step, outcome)

    def script(self, one: PaymentView, outcome: str, custody: Custody) -> None:
        """Let bank or gateway do ``outcome`` with an ordered payment."""
        if outcome != "accept":
            (attempt,) = self.look(one).attempts
            call, match = ("transfer", one.number) if custody is Custody.GATEWAY else ("bank.file", attempt.instruction)
            self.control.next(call, outcome, times=9 if outcome == "refuse" else 1, match=match, seconds=HELD_S)

    def settle(self, one: PaymentView, step: str, outcome: str) -> None:
        """Let workers work, dying at ``step``, until the payment has an end; then judge."""
        for _ in range(ROUNDS_MAX):
            self.tell(step)
            self.revive()
            self.tell()
            self.revive()
            if self.look(one).state in (PaymentState.PAID, PaymentState.FAILED):
                break
            self.now += timedelta(hours=1)
        self.judge(one, refused=outcome == "refuse")

    def judge(self, one: PaymentView, *, refused: bool) -> None:
        """By the other side's own lists: paid once, or refused and not at all; and our books say the same."""
        one = self.look(one)
        assert one.state is (PaymentState.FAILED if refused else PaymentState.PAID)
        references = {attempt.reference for attempt in one.attempts}
        keys = {str(attempt.id) for attempt in one.attempts}
        assert paid_outside(self.control.ledger(), references, keys) == (0 if refused else 1)
        with self.database.read() as db:
            held = {role: fen for (_, role), fen in balances_of(db, [one.id])[one.id].items()}
            obligation_id = db.get_one(PaymentApplication, one.application_id).obligation_id
            owed = sum(balances_of(db, [obligation_id])[obligation_id].values())
            books = verify(db)
        assert (held, owed) == (({}, FEN) if refused else ({"paid": FEN}, 0))
        assert books.ok, books


@pytest.fixture
def scene(committing: Database, app_url: str, now: datetime, tmp_path: Path) -> Iterator[Scene]:
    with committing.write() as db:
        desk = a_desk(db, now=now, fen=PURSE_FEN, custodies=RAILS)
    child, control = process.start(tmp_path)
    open_accounts(control, now, PURSE_FEN)
    command = [sys.executable, "-m", "tests.crash.settling_victim", app_url, control.bank_url, control.gateway_url]
    identity = control.identity
    victims = subprocess.Popen(
        [*command, identity.key, identity.secret], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    found = Scene(committing, desk, tmp_path, child, control, victims, now)
    assert found.tell() == 0
    yield found
    victims.stdin.close()  # type: ignore[union-attr]
    victims.wait(10)
    victims.stdout.close()  # type: ignore[union-attr]
    process.stop(found.child)
