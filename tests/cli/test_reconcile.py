"""``marketplace reconcile`` tells each account's two totals, and fails while one does not close to zero."""

import json
from pathlib import Path

import pytest

from marketplace.cli import main
from marketplace.db.base import Database
from marketplace.funds.commands import matching, reconciling
from marketplace.funds.queries.reconciling import book, books, page
from marketplace.funds.rules import Custody
from marketplace.funds.schemas.reconciling import NewMatch
from marketplace.kit.clock import ManualClock
from tests.funds.bankbook import BankBook
from tests.funds.desk import ACCOUNTS, a_desk
from tests.funds.purse import DAY


def test_an_account_is_told_and_closes_once_its_records_are_matched(
    installed: Path, committing: Database, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    now = clock.now()
    assert main(["reconcile", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"closed": True, "accounts": []}
    with committing.write() as db:
        desk = a_desk(db, now=now)
        bank = BankBook(ACCOUNTS[Custody.BANK])
        bank.book(1_000_000, DAY)
        matching.import_statement(db, desk.accountant, bank.statement(DAY), now=now)
    assert main(["reconcile", "--json"]) == 1
    said = capsys.readouterr()
    (line,) = json.loads(said.out)["accounts"]
    assert (line["ledger_fen"], line["theirs_fen"], line["untold_items"]) == (1_000_000, 1_000_000, 2)
    assert "not closed" in said.err
    with committing.write() as db:
        key = books(db)[0].key
        shown = page(db, book(db, desk.accountant, key), now=now)
        items = (shown.theirs[0].key, shown.ours[0].key)
        reconciling.confirm_match(db, desk.accountant, key, NewMatch(items=items), now=now)
    assert main(["reconcile"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"+ bank {ACCOUNTS[Custody.BANK]} 示例财政局 as of 2026-03-02\n")
    assert "10,000.00" in said.out
    assert said.err == ""
