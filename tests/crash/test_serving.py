"""The real web server, killed with -9 while it answers a request of settlement: repeated after, it is done once."""

import ast
import dataclasses
import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from marketplace.app import opened
from marketplace.cli.serving import serve
from marketplace.db.base import Database, connect
from marketplace.flows.giving import ask, begin, look
from marketplace.funds import queries
from marketplace.funds.model import BankStatement, PaymentInstruction
from marketplace.funds.rules import Custody
from marketplace.funds.states import PaymentState
from marketplace.identity.commands.sessions import open_session, usual_membership
from marketplace.identity.model import Account
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.steps import pass_by
from marketplace.outbox.model import InboxEvent
from marketplace.payments.bank import Bank
from marketplace.payments.schemas import Unreachable
from marketplace.settings import Settings
from tests.conftest import ROLES
from tests.crash.scenes import FEN, RAILS, ROOT, Scene, scene
from tests.funds.desk import ACCOUNTS, applied
from workers.services import Services

__all__ = ["scene"]

STEPS = ("db.written", "db.committed")
"""A server dies with all of a request's work done and nothing kept, or with all kept and nothing answered."""
OUTCOMES = ("accept", "refuse", "time_out_but_accept")
START_S, LOOK_S = 30.0, 0.02
_REFUSED_AT_MOST = 500


@dataclass
class Served:
    """A scene with a web server that can be killed."""

    scene: Scene
    victims: "subprocess.Popen[str]"
    directions: Path
    settings: dict[str, Any]
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['port']}"

    def direct(self, step: str = "") -> None:
        """Say where the server dies, and what time it is."""
        draft = self.directions.with_suffix(".new")
        draft.write_text(json.dumps({"now": self.scene.now.isoformat(), "step": step}), "utf-8")
        draft.replace(self.directions)

    def start(self, step: str = "") -> None:
        """Start a server, to die at ``step``, and wait until it answers unless it is dead by then."""
        self.direct(step)
        assert self.victims.stdin
        assert self.victims.stdout
        self.victims.stdin.write(json.dumps(self.settings) + "\n")
        self.victims.stdin.flush()
        self.pid = int(self.victims.stdout.readline())
        for _ in range(int(START_S / LOOK_S)):
            try:
                if httpx.get(f"{self.url}/healthz").is_success:
                    return
            except httpx.TransportError:
                threading.Event().wait(LOOK_S)
            if step and not Path(f"/proc/{self.pid}").exists():
                return
        pytest.fail("the server does not answer")

    def died(self) -> bool:
        """Wait for the server's end; whether it was killed."""
        assert self.victims.stdout
        status, self.pid = int(self.victims.stdout.readline()), 0
        return status == -signal.SIGKILL

    def stop(self) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            self.died()

    def post(self, actor: Actor, path: str, **form: Any) -> httpx.Response:
        """Send a form as the browser of somebody who is signed in."""
        with self.scene.database.write() as db:
            account = db.scalars(select(Account).where(Account.person_id == actor.person_id)).one()
            opened = open_session(db, account, usual_membership(db, account), device="", now=self.scene.now)
        with httpx.Client(base_url=self.url, cookies={"session": opened.token}) as browser:
            browser.get("/healthz")
            files = form.pop("files", None)
            return browser.post(path, data={"_csrf_token": browser.cookies["csrf"], **form}, files=files)

    def suffer(self, step: str, send: Callable[[], httpx.Response], kept: Callable[[], int]) -> None:
        """Send a form to a server that dies at ``step``, look whether it was ``kept``, and send it again to another."""
        self.direct(step)
        with pytest.raises(httpx.TransportError):
            send()
        assert self.died(), step
        assert kept() == (step == "db.committed")
        self.start()
        answer = send()
        assert answer.status_code < _REFUSED_AT_MOST, answer.text
        assert answer.is_redirect or step == "db.committed", answer.text
        assert kept() == 1


@pytest.fixture
def served(scene: Scene, app_url: str, owner_url: str, tmp_path: Path) -> Iterator[Served]:
    directions = tmp_path / "directions.json"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    control = scene.control
    settings = {
        "home": str(tmp_path), "port": port, "database_url": app_url, "owner_url": owner_url, "role_prefix": ROLES,
        "gateway_url": control.gateway_url, "gateway_key": control.identity.key, "bank_url": control.bank_url,
        "gateway_secret": control.identity.secret, "pool_size": 4,
    }  # fmt: skip
    victims = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.serving_victim", str(directions)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    control.clock(scene.now)
    control.next("webhook", "lose", match="account.updated")
    found = Served(scene, victims, directions, settings)
    yield found
    found.stop()
    victims.stdin.close()  # type: ignore[union-attr]
    victims.wait(10)
    victims.stdout.close()  # type: ignore[union-attr]


def approving(served: Served, step: str, outcome: str, custody: Custody) -> None:
    """The server dies while an application is approved."""
    scene, desk = served.scene, served.scene.desk
    with scene.database.write() as db:
        application_id = applied(db, desk, FEN, now=scene.now, custody=custody)

    def approved() -> int:
        with scene.database.read() as db:
            payments = queries.application(db, application_id).payments
        return sum(one.state is PaymentState.APPROVED for one in payments)

    path = f"/finance/payments/applications/{application_id}/approve"
    served.suffer(step, lambda: served.post(desk.head, path), approved)
    with scene.database.read() as db:
        (one,) = queries.application(db, application_id).payments
    assert served.post(desk.cashier, "/finance/payments/execute", payment_ids=[str(one.id)]).is_redirect
    scene.script(one, outcome, custody)
    scene.settle(one, "", outcome)


def ordering(served: Served, step: str, outcome: str, custody: Custody) -> None:
    """The server dies while an instruction file is made, or a transfer released."""
    scene, one = served.scene, served.scene.payment(custody)

    def ordered() -> int:
        return len(scene.look(one).attempts)

    def send() -> httpx.Response:
        return served.post(scene.desk.cashier, "/finance/payments/execute", payment_ids=[str(one.id)])

    files = count(scene.database, PaymentInstruction)
    served.suffer(step, send, ordered)
    assert count(scene.database, PaymentInstruction) == files + (custody is Custody.BANK)
    scene.script(one, outcome, custody)
    scene.settle(one, "", outcome)


def hearing(served: Served, step: str) -> None:
    """The server dies while it takes in an event of the gateway's; the gateway tells it again."""
    scene, one = served.scene, served.scene.payment(Custody.GATEWAY)
    assert served.post(scene.desk.cashier, "/finance/payments/execute", payment_ids=[str(one.id)]).is_redirect
    before = count(scene.database, InboxEvent)
    served.direct(step)
    scene.tell()
    assert served.died(), "the gateway's webhook came"
    assert count(scene.database, InboxEvent) == before + (step == "db.committed")
    served.start()
    for _ in range(int(START_S / LOOK_S)):
        if not any(posting["state"] == "waiting" for posting in scene.control.postings()):
            break
        threading.Event().wait(LOOK_S)
    assert count(scene.database, InboxEvent) == before + 1
    scene.tell()
    scene.judge(one, refused=False)


def importing(served: Served, step: str) -> None:
    """The server dies while a bank statement is imported; its sender uploads it again."""
    scene, one = served.scene, served.scene.payment(Custody.BANK)
    scene.control.next("bank.statement", "fail", times=9)
    assert served.post(scene.desk.cashier, "/finance/payments/execute", payment_ids=[str(one.id)]).is_redirect
    scene.tell()
    assert scene.look(one).state is PaymentState.IN_TRANSIT
    content = a_statement(scene)
    before = count(scene.database, BankStatement)

    def send() -> httpx.Response:
        files = {"file": ("statement.csv", content, "text/csv")}
        return served.post(scene.desk.accountant, "/finance/reconciliation/statements", files=files)

    def imported() -> int:
        assert scene.look(one).state is (PaymentState.PAID if found() else PaymentState.IN_TRANSIT)
        return found()

    def found() -> int:
        return count(scene.database, BankStatement) - before

    served.suffer(step, send, imported)
    assert send().is_redirect
    assert found() == 1
    scene.judge(one, refused=False)


def a_statement(scene: Scene) -> bytes:
    """Today's statement as the bank has it, once the bank no longer fails."""
    bank = Bank(scene.control.bank_url, told=lambda: scene.now)
    try:
        while True:
            try:
                return bank.statement(ACCOUNTS[Custody.BANK], legal_day(scene.now))
            except Unreachable:
                continue
    finally:
        bank.close()


def count(database: Database, table: type[Any]) -> int:
    with database.read() as db:
        return db.scalars(select(func.count()).select_from(table)).one()


def test_no_setting_option_or_code_of_ours_lets_a_process_die_at_a_step() -> None:
    handed = {
        ast.unparse(word.value)
        for folder in ("marketplace", "workers", "seed")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == "reached"
    }
    assert handed == {"reached"}, "only handed on, from an argument whose default passes by"
    for function in (serve, opened, connect, Database, begin, ask, look):
        assert inspect.signature(function).parameters["reached"].default is pass_by
    assert {field.default for field in dataclasses.fields(Services) if field.name == "reached"} == {pass_by}
    names = {field.name for field in msgspec.structs.fields(Settings)}
    assert not [name for name in names if {"reached", "step", "crash", "kill", "fail"} & set(name.split("_"))]


def test_a_server_killed_in_a_request_of_settlement_does_it_once(served: Served) -> None:
    served.start()
    ordering(served, "db.committed", "accept", Custody.BANK)


@pytest.mark.soak
@pytest.mark.parametrize("custody", RAILS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_whatever_becomes_of_what_a_killed_server_approved_or_ordered(
    served: Served, outcome: str, custody: Custody
) -> None:
    served.start()
    for step in STEPS:
        approving(served, step, outcome, custody)
        ordering(served, step, outcome, custody)


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_what_a_killed_server_was_told_from_outside_comes_in_once(served: Served, step: str) -> None:
    served.start()
    hearing(served, step)
    importing(served, step)
