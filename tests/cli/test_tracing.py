"""``marketplace ledger trace`` follows a receipt or a payment by the number people say aloud, to the fen."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace.cli import main
from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.model import Receipt
from marketplace.kit.clock import LEGAL_ZONE
from tests.funds.desk import a_desk, approved

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE)
FEN = 50_003


def trace(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    exit_code = main(["ledger", "trace", *words])
    return exit_code, capsys.readouterr().out


@pytest.fixture
def numbers(installed: Path, committing: Database) -> tuple[str, str, str]:
    """The numbers of a receipt, of a payment that was ordered, and of its application."""
    assert installed
    with committing.write() as db:
        desk = a_desk(db, now=NOW)
        application = queries.application(db, approved(db, desk, FEN, now=NOW))
        (payment,) = application.payments
        commands.instruct(db, desk.cashier, [payment.id], now=NOW)
        receipt = db.scalars(select(Receipt.number)).one()
    return receipt, payment.number, application.number


def test_a_payments_and_its_applications_number_lead_back_to_receipts(
    numbers: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in numbers[1:]:
        exit_code, out = trace(capsys, number, "--json")
        found = json.loads(out)
        assert exit_code == 0
        assert found["amount_fen"] == FEN
        assert sum(source["span"][1] - source["span"][0] for part in found["held"] for source in part["sources"]) == FEN
        _, told = trace(capsys, number)
        assert "500.03  in all" in told
        assert "in_transit" in told


def test_a_receipts_number_leads_to_every_fen_of_it(
    numbers: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, out = trace(capsys, numbers[0], "--json")
    found = json.loads(out)
    assert exit_code == 0
    assert sum(piece["span"][1] - piece["span"][0] for piece in found["pieces"]) == found["amount_fen"] == 1_000_000
    assert "10,000.00  in all" in trace(capsys, numbers[0])[1]


def test_an_unknown_number_is_told(numbers: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert numbers
    assert main(["ledger", "trace", "FK-1999-0001"]) == 1
    assert "nothing is kept" in capsys.readouterr().err
