"""A person who is helped is named to the bank that pays them, and nowhere else in settlement."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.commands.calling import render
from marketplace.funds.model import PaymentAttempt, PaymentInstruction
from marketplace.funds.rules import Custody
from marketplace.funds.states import PaymentState
from marketplace.kit.clock import legal_day
from tests.funds.bankbook import BankBook
from tests.funds.desk import ACCOUNTS, a_desk, a_roster
from tests.identity.town import SAFE

NAMES = ("示例0", "示例1")


def test_the_bank_is_told_the_full_name_and_tables_keep_it_sealed(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = a_roster(db, desk, [1_000, 2_000], now=now)
    commands.approve_application(db, desk.buyer_head, application_id, now=now)
    payments = queries.application(db, application_id).payments
    assert [one.payee_name for one in payments] == ["示*0", "示*1"]
    commands.instruct(db, desk.cashier, [one.id for one in payments], now=now)
    file = render(db, SAFE, db.scalars(select(PaymentInstruction)).one()).decode()
    assert all(name in file for name in NAMES)
    bank = BankBook(ACCOUNTS[Custody.BANK], balance_fen=10_000)
    query = select(PaymentAttempt).where(PaymentAttempt.payment_id.in_([one.id for one in payments]))
    for attempt in db.scalars(query.order_by(PaymentAttempt.amount_fen)):
        name = NAMES[attempt.amount_fen // 1_000 - 1]
        bank.book(-attempt.amount_fen, legal_day(now), name=name, number=attempt.reference)
    bank.book(500, legal_day(now), name="示例爱心公司")
    done = commands.import_statement(db, desk.accountant, bank.statement(legal_day(now)), now=now)
    assert {one.state for one in queries.application(db, application_id).payments} == {PaymentState.PAID}
    assert [one.counter_name for one in queries.bookings(db, done.statement_id)] == ["示*0", "示*1", "示例爱心公司"]
    for table in ("payment", "payment_attempt", "bank_statement_line", "journal_entry", "journal_detail"):
        rows = db.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        assert not any(name in row for row in rows for name in NAMES), table


def test_no_payment_to_a_person_without_a_sealed_name(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    a_roster(db, desk, [1_000], now=now)
    with pytest.raises(IntegrityError, match="person_sealed"), db.begin_nested():
        db.execute(text("UPDATE payment SET name_sealed = NULL"))
