"""Whoever keeps the machine looks after accounts from its command line; refusals go to stderr, with exit code 1."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from marketplace.cli import main
from marketplace.db.base import Database
from marketplace.identity import commands
from marketplace.identity.credentials import safe_of
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import SystemClock
from tests.identity.town import code_for

KEY = bytes([11]) * 32
CODE = code_for(OrganizationKind.PUBLIC_INSTITUTION, 7)
FIRST = (
    "first", "--organization", "示例运营中心", "--uscc", CODE, "--kind", "public_institution",
    "--name", "安又全", "--email", "anquan@example.com", "--login", "anquan",
)  # fmt: skip
CLERK = ("invite", "--organization", CODE, "--role", "head", "--name", "郝文", "--email", "Hao@example.com")


def users(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run ``marketplace users`` and return its exit code, stdout and stderr."""
    exit_code = main(["users", *words])
    said = capsys.readouterr()
    return exit_code, said.out, said.err


def users_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    exit_code, out, _ = users(capsys, *words, "--json")
    assert exit_code == 0
    return json.loads(out)


def accept(committing: Database, url: str) -> None:
    token = url.rsplit("/", 1)[1]
    with committing.write() as db:
        commands.accept_invitation(db, safe_of(KEY), token, "蓝色的门后有七把旧椅子", now=SystemClock().now())


@pytest.fixture
def first(installed: Path, committing: Database, capsys: pytest.CaptureFixture[str]) -> str:
    """The login of the first person, who has set a password."""
    report = users_json(capsys, *FIRST)
    accept(committing, report["url"])
    return str(report["login"])


def test_the_first_person_is_invited_by_a_link_that_opens_the_installation(
    first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = users_json(capsys, "show", first)
    assert shown["account"]["state"] == "active"
    assert shown["memberships"][0]["roles"] == ["security_admin"]
    assert shown["memberships"][0]["organization_name"] == "示例运营中心"


def test_there_is_only_one_first_person(first: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, out, said = users(capsys, *FIRST)
    assert (exit_code, out) == (1, "")
    assert "users invite" in said


def test_accounts_are_listed_as_lines_and_as_json(first: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert [account["login"] for account in users_json(capsys, "list")] == ["anquan"]
    assert users_json(capsys, "list", "--state", "locked") == []
    exit_code, out, said = users(capsys, "list", "--search", "anq")
    assert exit_code == 0
    assert out.startswith("active ")
    assert "anquan" in out
    assert "1 accounts" in said


def test_a_person_is_invited_into_an_organization_by_its_code(first: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, out, _ = users(capsys, *CLERK)
    assert exit_code == 0
    assert out.startswith("http://127.0.0.1:8000/invitation/")
    exit_code, out, _ = users(capsys, "show", "HAO@example.com")
    assert exit_code == 0
    assert "hao@example.com  郝文  <Hao@example.com>  invited\n  second factor: none, asked for\n" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "nobody"), "没有找到"),
        (("unlock", "nobody"), "没有找到"),
        (("reset-link", "nobody"), "没有找到"),
        (("unlock", "anquan"), "当前状态是「正常」，不能"),
        (("invite", "--organization", "no-such", *CLERK[3:]), "没有找到"),
        ((*CLERK[:-1], "not an address"), "email"),
        ((*CLERK[:4], "system_admin", "--role", "audit_admin", *CLERK[5:]), "管理员不得由同一人兼任"),
        ((*CLERK, "--login", "anquan"), "已被使用"),
    ],
)
def test_a_refusal_is_said_on_stderr_and_nothing_is_printed(
    first: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    exit_code, out, said = users(capsys, *words)
    assert (exit_code, out) == (1, "")
    assert sentence in said


def test_a_locked_account_is_opened_again(first: str, committing: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with committing.write() as db:
        account_id = json.loads(users(capsys, "show", first, "--json")[1])["account"]["id"]
        commands.lock_account(db, SYSTEM, account_id, reason="试", now=SystemClock().now())
    assert users_json(capsys, "list", "--state", "locked")
    assert users(capsys, "unlock", first, "--reason", "本人已核实") == (0, "anquan  active\n", "")
    assert users_json(capsys, "list", "--state", "locked") == []


def test_an_account_locked_by_guesses_tells_until_when(
    first: str, committing: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    from marketplace.identity.model import Account
    from marketplace.identity.states import AccountState

    with committing.write() as db:
        account = db.query(Account).one()
        account.locked_until = SystemClock().now() + timedelta(minutes=15)
        account.state = AccountState.LOCKED
    assert "locked until" in users(capsys, "show", first)[1]


def test_a_deactivated_account_stays_on_record(first: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert users_json(capsys, "deactivate", first)["state"] == "deactivated"
    assert users_json(capsys, "show", first)["account"]["state"] == "deactivated"


def test_a_forgotten_password_is_set_anew_by_a_link(
    first: str, committing: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    report = users_json(capsys, "reset-link", first)
    assert "/password/reset/" in report["url"]
    token = report["url"].rsplit("/", 1)[1]
    with committing.write() as db:
        login = commands.reset_password(db, safe_of(KEY), token, "三棵银杏树下有风吹过", now=SystemClock().now())
    assert login == first
    exit_code, out, said = users(capsys, "deactivate", first)
    assert (exit_code, out, said) == (0, "anquan  deactivated\n", "")
    exit_code, out, said = users(capsys, "reset-link", first)
    assert (exit_code, out) == (0, "")
    assert "none is due" in said
