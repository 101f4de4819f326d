"""What settlement, gifts, inbox and reconciliation have written down, the application cannot write otherwise."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.model import PaymentInstruction
from tests.funds.desk import a_desk, applied, approved
from tests.identity.town import SAFE

FIXED = [
    ("bank_statement", "digest"),
    ("bank_statement_line", "amount_fen"),
    ("custody_account", "number"),
    ("gateway_booking", "net_fen"),
    ("gift_basis", "document_id"),
    ("gift_invitation", "fund_id"),
    ("gift_link", "token_digest"),
    ("gift_payment", "amount_fen"),
    ("inbox_event", "payload"),
    ("payee_account", "account"),
    ("payment_application", "obligation_id"),
    ("payment_attempt", "idempotency_key"),
    ("payment_instruction", "total_fen"),
    ("reconciliation_item", "amount_fen"),
    ("reconciliation_match", "matched_by"),
    ("reconciliation_note", "made_by"),
]


@pytest.mark.parametrize(("table", "column"), FIXED)
def test_no_row_is_removed_and_no_fact_in_it_is_changed(db: Session, table: str, column: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with pytest.raises(DBAPIError, match="permission denied"), db.begin_nested():
            db.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE payment SET amount_fen = amount_fen + 1", "payment_frozen"),
        ("UPDATE payment SET fund_id = gen_random_uuid()", "payment_frozen"),
        ("DELETE FROM payment", "payment_frozen"),
        ("INSERT INTO payment SELECT * FROM payment", "payment_frozen"),
        (
            (
                "INSERT INTO payment_attempt (id, payment_id, n, idempotency_key, reference, amount_fen)"
                " SELECT gen_random_uuid(), payment_id, n + 1, 'k', 'r', amount_fen + 1 FROM payment_attempt"
            ),
            "pays_whole",
        ),
    ],
)
def test_what_was_approved_is_what_is_paid(db: Session, now: datetime, statement: str, rule: str) -> None:
    desk = a_desk(db, now=now)
    application_id = approved(db, desk, now=now)
    commands.instruct(db, desk.cashier, [queries.application(db, application_id).payments[0].id], now=now)
    with pytest.raises(IntegrityError, match=rule), db.begin_nested():
        db.execute(text(statement))


def test_an_application_whose_payments_are_not_its_sum_is_not_approved(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = applied(db, desk, now=now)
    db.execute(text("UPDATE payment_application SET amount_fen = amount_fen + 1"))
    db.expire_all()
    with pytest.raises(IntegrityError, match="payment_application_adds_up"), db.begin_nested():
        commands.approve_application(db, desk.head, application_id, now=now)


def test_a_file_that_does_not_hold_its_lines_is_not_sent(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = approved(db, desk, now=now)
    commands.instruct(db, desk.cashier, [queries.application(db, application_id).payments[0].id], now=now)
    row = db.scalars(select(PaymentInstruction)).one()
    other = (
        "INSERT INTO payment_instruction (id, number, account_id, state, day, count, total_fen, calls, reason, made_at)"
        " SELECT gen_random_uuid(), number || 'x', account_id, state, day, count, total_fen + 1, 0, '', made_at"
        " FROM payment_instruction RETURNING id"
    )
    sent = text("UPDATE payment_instruction SET digest = repeat('0', 64), calls = 1 WHERE id = :id")
    false_id = db.execute(text(other)).scalar_one()
    with pytest.raises(IntegrityError, match="payment_instruction_adds_up"), db.begin_nested():
        db.execute(sent, {"id": false_id})
    assert commands.intend_file(db, SAFE, row.id) is not None
    db.flush()
