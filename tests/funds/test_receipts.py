"""Money that comes in is recorded once, numbered fen by fen, and put right in the open."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.commands import DuplicateDocument, FutureValueDate, NotABuyer
from marketplace.funds.rules import Custody, CustodyUnlawful, FundClosed, IncomeUnlawful, ReceiptKind, SourceKind
from marketplace.funds.schemas import Correction
from marketplace.funds.states import ReceiptState
from marketplace.journal.queries import of_thing
from marketplace.kit.actor import Function, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.ledger.commands import AlreadyTouched
from marketplace.ledger.commands import move as carry
from tests.funds.purse import a_fund, a_new_fund, a_new_receipt, an_office
from tests.identity.town import an_actor


def test_each_receipt_owns_the_next_fen_of_its_fund(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    ids = [commands.receive(db, office.accountant, a_new_receipt(fund, fen), now=now) for fen in (1000, 250)]
    ranges = [(one.first_serial, one.after_last_serial) for one in (queries.receipt(db, one) for one in ids)]
    assert ranges == [(0, 1000), (1000, 1250)]
    assert queries.fund(db, fund).balances_fen == {"available": 1250}


def test_numbers_follow_and_check_codes_do_not(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    views = [
        queries.receipt(db, commands.receive(db, office.accountant, a_new_receipt(fund, fen), now=now))
        for fen in (1, 2, 3)
    ]
    assert [view.number for view in views] == ["SJ-2026-0001", "SJ-2026-0002", "SJ-2026-0003"]
    assert len({view.check_code for view in views}) == 3
    found = queries.receipt_by_number(db, views[1].number, views[1].check_code)
    assert found.id == views[1].id
    with pytest.raises(NotFound):
        queries.receipt_by_number(db, views[1].number, views[0].check_code)


@pytest.mark.parametrize(
    ("source", "custody"),
    [(SourceKind.FISCAL, Custody.BANK), (SourceKind.FISCAL, Custody.GATEWAY), (SourceKind.UNION, Custody.QUOTA),
     (SourceKind.UNION, Custody.GATEWAY), (SourceKind.DONATION, Custody.QUOTA)],
)  # fmt: skip
def test_money_lies_only_where_its_source_allows(
    db: Session, now: datetime, source: SourceKind, custody: Custody
) -> None:
    office = an_office(db, now=now)
    with pytest.raises(CustodyUnlawful):
        commands.open_fund(db, office.accountant, a_new_fund(office, source, custody=custody), now=now)


def test_the_database_too_refuses_fiscal_money_in_a_bank_account(db: Session, now: datetime) -> None:
    fund = a_fund(db, an_office(db, now=now), SourceKind.FISCAL, now=now)
    with pytest.raises(IntegrityError, match="custody_of_source"), db.begin_nested():
        db.execute(text("UPDATE fund_terms SET custody = 'bank' WHERE id = :id"), {"id": fund})


def test_a_fund_records_only_income_of_its_source(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, SourceKind.FISCAL, now=now)
    gift = a_new_receipt(fund, 100, kind=ReceiptKind.GIFT)
    with pytest.raises(IncomeUnlawful):
        commands.receive(db, office.accountant, gift, now=now)


def test_only_a_buyer_may_be_given_money_to_use(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    new = a_new_fund(office, buyer_id=office.accountant.organization_id)
    with pytest.raises(NotABuyer):
        commands.open_fund(db, office.accountant, new, now=now)


def test_the_same_paper_is_not_recorded_twice_in_a_fund(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    commands.receive(db, office.accountant, a_new_receipt(fund, 100, document_no="A1"), now=now)
    with pytest.raises(DuplicateDocument):
        commands.receive(db, office.accountant, a_new_receipt(fund, 200, document_no="A1"), now=now)
    columns = "check_code, fund_id, kind, amount_fen, value_date, document_no, payer, disclose_payer, note, state"
    rest = "recorded_at, void_reason"
    again = text(
        f"INSERT INTO fund_receipt (id, number, {columns}, {rest})"
        f" SELECT gen_random_uuid(), number || 'x', {columns}, {rest} FROM fund_receipt"
    )
    with pytest.raises(IntegrityError, match="uq_fund_receipt_document"), db.begin_nested():
        db.execute(again)


def test_money_of_tomorrow_is_not_recorded_today(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    tomorrow = a_new_receipt(fund, 100, value_date=date(2026, 3, 3))
    with pytest.raises(FutureValueDate):
        commands.receive(db, office.accountant, tomorrow, now=now)
    commands.receive(db, office.accountant, tomorrow, now=now + timedelta(days=1))


def test_a_closed_fund_takes_nothing_until_it_is_taken_back_into_use(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    commands.close_fund(db, office.accountant, fund, reason="年度结束", now=now)
    with pytest.raises(FundClosed):
        commands.receive(db, office.accountant, a_new_receipt(fund, 100), now=now)
    with pytest.raises(IllegalMove):
        commands.close_fund(db, office.accountant, fund, reason="再停一次", now=now)
    commands.reopen_fund(db, office.accountant, fund, reason="补录", now=now)
    commands.receive(db, office.accountant, a_new_receipt(fund, 100), now=now)


def test_a_mistyped_receipt_stays_in_the_books_and_the_right_one_points_to_it(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    wrong = commands.receive(db, office.accountant, a_new_receipt(fund, 1200, document_no="B7"), now=now)
    right = a_new_receipt(fund, 12000, document_no="B7")
    new = commands.correct(db, office.accountant, wrong, Correction(receipt=right, reason="少打一个零"), now=now)
    old, corrected = queries.receipt(db, wrong), queries.receipt(db, new)
    assert (old.state, old.replaced_by_id, old.void_reason) == (ReceiptState.VOIDED, new, "少打一个零")
    assert (corrected.replaces_id, corrected.first_serial, corrected.after_last_serial) == (wrong, 1200, 13200)
    view = queries.fund(db, fund)
    assert view.balances_fen == {"available": 12000, "voided": 1200}
    assert view.received_fen == 12000
    assert [entry.act for entry in of_thing(db, "receipt", wrong)] == ["fund.received", "fund.corrected"]
    with pytest.raises(IllegalMove):
        commands.correct(db, office.accountant, wrong, Correction(receipt=right, reason="再来一次"), now=now)
    with pytest.raises(NotFound):
        queries.receipt_by_number(db, old.number, old.check_code)


def test_a_receipt_whose_fen_moved_on_cannot_be_voided(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    receipt = commands.receive(db, office.accountant, a_new_receipt(fund, 1000), now=now)
    carry(
        db, key="t", fund_id=fund, source=("available", None), target=("returned", None), amount_fen=1, cause="退回",
        actor_id=None, value_date=date(2026, 3, 2), now=now,
    )  # fmt: skip
    right = Correction(receipt=a_new_receipt(fund, 900, document_no="C1"), reason="金额不符")
    with pytest.raises(AlreadyTouched), db.begin_nested():
        commands.correct(db, office.accountant, receipt, right, now=now)


def test_a_cashier_records_nothing_and_another_office_does_not_know_of_the_fund(db: Session, now: datetime) -> None:
    office = an_office(db, now=now)
    fund = a_fund(db, office, now=now)
    stranger = an_actor(db, Role.ACCOUNTANT, functions=(Function.FINANCE_OFFICE,), now=now)
    with pytest.raises(Forbidden):
        commands.receive(db, office.cashier, a_new_receipt(fund, 100), now=now)
    with pytest.raises(Forbidden):
        commands.open_fund(db, office.cashier, a_new_fund(office), now=now)
    with pytest.raises(NotFound):
        commands.receive(db, stranger, a_new_receipt(fund, 100), now=now)
    with pytest.raises(NotFound):
        commands.close_fund(db, stranger, fund, reason="无关", now=now)
