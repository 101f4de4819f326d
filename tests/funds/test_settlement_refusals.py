"""What may not be paid is refused with a sentence that says what to do; what contracts owe is split to the fen."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.commands import FileChanged, Finding, Verdict
from marketplace.funds.commands.asking import ask_instruction, days_to_read
from marketplace.funds.model import CustodyAccount, PaymentInstruction, ProjectFunding
from marketplace.funds.rules import (
    AccountTaken,
    AlreadyPayable,
    Custody,
    CustodyUnlawful,
    EmptyRoster,
    ForeignStatement,
    FundLapsed,
    InvoiceBeforeContract,
    InvoiceInFuture,
    InvoiceNeeded,
    InvoiceUsed,
    MoreThanCommitted,
    MoreThanPayable,
    MoreThanReserved,
    NoCustodyAccount,
    NoPayeeAccount,
    NothingChosen,
    NothingPayable,
    NotThisBuyersMoney,
    PurposeForbidden,
    UnderWay,
    Use,
    WrongPayee,
    WrongRail,
    spread,
)
from marketplace.funds.schemas import Change, FundingLine, NewCustodyAccount, NewRosterApplication
from marketplace.funds.states import ApplicationState, FundingState, PaymentState
from marketplace.kit.actor import SYSTEM, Function, Role
from marketplace.kit.errors import Forbidden, NotFound, Several
from marketplace.ledger.queries import balances_of, totals, verify
from marketplace.standin.bank.files import write_statement
from tests.funds.desk import (
    ACCOUNTS,
    CODE,
    Desk,
    a_desk,
    a_form,
    a_payee,
    a_purse,
    a_roster,
    an_obligation,
    applied,
    approved,
    owed,
)
from tests.funds.purse import DAY
from tests.funds.test_settling import attempts_of
from tests.identity.town import SAFE, an_actor
from tests.projects.village import a_village, an_open

FEN = 50_000


def _apply(db: Session, desk: Desk, obligation_id: UUID, fen: int, now: datetime, **given: object) -> UUID:
    obligation = an_obligation(desk, obligation_id)
    return commands.apply_payment(
        db, desk.accountant, a_form(desk, obligation_id, fen, **given), obligation, a_payee(desk.supplier_id), now=now
    )


def test_no_more_is_asked_for_than_is_payable_and_nothing_twice(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    one = owed(db, desk.funds[Custody.BANK], FEN, now=now)
    with pytest.raises(MoreThanPayable):
        _apply(db, desk, one, FEN + 1, now)
    _apply(db, desk, one, 20_000, now)
    with pytest.raises(MoreThanPayable, match=r"300\.00"):
        _apply(db, desk, one, 40_000, now)
    _apply(db, desk, one, 30_000, now)
    with pytest.raises(NothingPayable):
        _apply(db, desk, one, 1, now)
    with pytest.raises(NotFound):
        _apply(db, desk, uuid4(), 1, now)


def test_only_the_contracts_supplier_is_paid_into_an_account_on_file(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    one = owed(db, desk.funds[Custody.BANK], FEN, now=now)
    with pytest.raises(WrongPayee):
        _apply(db, desk, one, FEN, now, payee_id=desk.buyer_id)
    with pytest.raises(NoPayeeAccount):
        commands.apply_payment(db, desk.accountant, a_form(desk, one, FEN), an_obligation(desk, one), None, now=now)
    with pytest.raises(NoPayeeAccount):
        commands.apply_payment(
            db, desk.accountant, a_form(desk, one, FEN), an_obligation(desk, one), a_payee(desk.buyer_id), now=now
        )


def test_an_invoice_is_used_once_and_neither_older_than_its_contract_nor_of_tomorrow(
    db: Session, now: datetime
) -> None:
    desk = a_desk(db, now=now)
    one = owed(db, desk.funds[Custody.BANK], FEN, now=now)
    number = "31000000000000000077"
    with pytest.raises(InvoiceBeforeContract):
        _apply(db, desk, one, FEN, now, invoice_on=date(2026, 2, 19))
    with pytest.raises(InvoiceInFuture):
        _apply(db, desk, one, FEN, now, invoice_on=DAY + timedelta(days=1))
    first = _apply(db, desk, one, 10_000, now, invoice_no=number)
    with pytest.raises(InvoiceUsed):
        _apply(db, desk, one, 10_000, now, invoice_no=number)
    with pytest.raises(Several):
        _apply(db, desk, one, FEN, now, invoice_no=number, invoice_on=date(2026, 2, 19))
    commands.return_application(db, desk.head, first, reason="改发票", now=now)
    with pytest.raises(InvoiceNeeded), db.begin_nested():
        commands.resubmit(db, desk.accountant, first, Change(amount_fen=10_000), now=now)
    commands.cancel_application(db, desk.accountant, first, reason="重来", now=now)
    again = _apply(db, desk, one, FEN, now, invoice_no=number)
    with pytest.raises(IntegrityError, match="uq_payment_application_invoice"), db.begin_nested():
        db.execute(text("UPDATE payment_application SET state = 'submitted' WHERE id = :id"), {"id": first})
    assert queries.application(db, again).invoice_no == number


def test_what_was_sent_back_is_put_right_and_handed_in_again(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = applied(db, desk, FEN, now=now)
    commands.return_application(db, desk.head, application_id, reason="金额应为 300 元", now=now)
    change = Change(amount_fen=30_000, invoice_no="31000000000000000078", invoice_on=DAY, note="已改")
    commands.resubmit(db, desk.accountant, application_id, change, a_payee(desk.supplier_id), now=now)
    view = queries.application(db, application_id)
    assert (view.state, view.amount_fen, view.reason) == (ApplicationState.SUBMITTED, 30_000, "")
    assert [(one.amount_fen, one.state) for one in view.payments] == [(30_000, PaymentState.DRAFT)]


def test_a_funds_restriction_is_asked_again_at_each_step(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    fund = desk.funds[Custody.BANK]

    def terms(**given: object) -> None:
        assignments = ", ".join(f"{name} = {value}" for name, value in given.items())
        db.execute(text(f"UPDATE fund_terms SET {assignments} WHERE id = '{fund}'"))
        db.expire_all()

    one = owed(db, fund, FEN, now=now)
    terms(catalogue_codes="'[\"B01\"]'", clause="'限用于助学'")
    with pytest.raises(PurposeForbidden, match="限用于助学"):
        _apply(db, desk, one, FEN, now)
    terms(catalogue_codes="'[\"A04\"]'")
    application_id = _apply(db, desk, one, FEN, now)
    terms(expires_on="'2026-03-01'")
    with pytest.raises(FundLapsed, match="限用于助学"), db.begin_nested():
        commands.approve_application(db, desk.head, application_id, now=now)
    terms(expires_on="NULL")
    commands.approve_application(db, desk.head, application_id, now=now)


def test_a_closed_fund_still_pays_what_it_owes(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    fund = desk.funds[Custody.BANK]
    one = owed(db, fund, FEN, now=now)
    commands.close_fund(db, desk.accountant, fund, reason="年度结束", now=now)
    application_id = _apply(db, desk, one, FEN, now)
    commands.approve_application(db, desk.head, application_id, now=now)
    payments = [one.id for one in queries.application(db, application_id).payments]
    commands.instruct(db, desk.cashier, payments, now=now)
    assert queries.application(db, application_id).payments[0].state is PaymentState.SUBMITTING


def test_another_buyers_money_does_not_pay(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    one = owed(db, desk.funds[Custody.BANK], FEN, now=now)
    obligation = an_obligation(desk, one, buyer_id=desk.centre_id)
    with pytest.raises(NotThisBuyersMoney):
        commands.apply_payment(
            db, desk.accountant, a_form(desk, one, FEN), obligation, a_payee(desk.supplier_id), now=now
        )


def test_each_payment_leaves_by_its_own_rail(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now, custodies=(Custody.BANK, Custody.GATEWAY))
    by_bank = queries.application(db, approved(db, desk, now=now)).payments[0].id
    by_gateway = queries.application(db, approved(db, desk, now=now, custody=Custody.GATEWAY)).payments[0].id
    with pytest.raises(WrongRail):
        commands.instruct(db, desk.cashier, [by_gateway], now=now)
    with pytest.raises(WrongRail):
        commands.release_transfers(db, desk.cashier, [by_bank], now=now)
    with pytest.raises(NothingChosen):
        commands.instruct(db, desk.cashier, [], now=now)
    with pytest.raises(NotFound):
        commands.instruct(db, desk.cashier, [by_bank, uuid4()], now=now)


def test_money_leaves_by_an_account_on_file_alone(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    unknown = a_purse(db, replace(desk, funds={Custody.QUOTA: uuid4()}), Custody.QUOTA, 50_000, now=now)
    application_id = approved(db, replace(desk, funds={Custody.QUOTA: unknown}), now=now, custody=Custody.QUOTA)
    with pytest.raises(NoCustodyAccount):
        commands.instruct(db, desk.cashier, [queries.application(db, application_id).payments[0].id], now=now)


def test_an_office_records_one_account_a_custody(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    facts = {"number": ACCOUNTS[Custody.BANK], "name": "示例财政局", "bank_name": "示例银行"}
    with pytest.raises(AccountTaken):
        commands.record_custody_account(db, desk.accountant, NewCustodyAccount(custody=Custody.BANK, **facts), now=now)
    with pytest.raises(CustodyUnlawful):
        commands.record_custody_account(
            db, desk.accountant, NewCustodyAccount(custody=Custody.GATEWAY, **facts), now=now
        )
    with pytest.raises(Forbidden):
        commands.record_custody_account(db, desk.cashier, NewCustodyAccount(custody=Custody.QUOTA, **facts), now=now)


def test_a_roster_pays_somebody_and_at_its_seam_out_of_two_funds(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    second = a_purse(db, desk, Custody.BANK, 1_000_000, now=now)
    roster = owed(db, desk.funds[Custody.BANK], 1_500, now=now)
    owed(db, second, 1_500, now=now, obligation_id=roster)
    empty = NewRosterApplication(obligation=an_obligation(desk, roster), lines=())
    with pytest.raises(EmptyRoster):
        commands.apply_roster(db, desk.accountant, empty, now=now)
    plain = queries.application(db, a_roster(db, desk, [1_000, 1_000, 1_000], now=now))
    assert [one.amount_fen for one in plain.payments] == [1_000, 1_000, 1_000]
    shares = spread([1_000, 1_000, 1_000], {desk.funds[Custody.BANK]: 1_500, second: 1_500})
    assert [(one.line, one.amount_fen) for one in shares] == [(0, 1_000), (1, 500), (1, 500), (2, 1_000)]
    with pytest.raises(ValueError, match="more than the funds have"):
        spread([10], {second: 9})


def test_what_was_sent_cannot_be_withdrawn_whole(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = approved(db, desk, now=now)
    (one,) = queries.application(db, application_id).payments
    commands.instruct(db, desk.cashier, [one.id], now=now)
    with pytest.raises(UnderWay):
        commands.cancel_application(db, desk.accountant, application_id, reason="不付了", now=now)
    (attempt,) = attempts_of(db, application_id)
    commands.settle(db, [Finding(attempt.id, Verdict.REFUSED, "户名不符")], now=now)
    commands.cancel_payment(db, desk.accountant, one.id, reason="改为现场支付", now=now)
    view = queries.application(db, application_id)
    assert (view.state, view.payments[0].state) == (ApplicationState.CANCELLED, PaymentState.CANCELLED)


def test_findings_in_any_order_and_number_end_alike(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = approved(db, desk, now=now)
    (one,) = queries.application(db, application_id).payments
    commands.instruct(db, desk.cashier, [one.id], now=now)
    (attempt,) = attempts_of(db, application_id)
    paid = Finding(attempt.id, Verdict.PAID, value_date=DAY)
    back = Finding(attempt.id, Verdict.RETURNED, "退票", DAY)
    commands.settle(db, [back], now=now)
    for found in (paid, back, Finding(attempt.id, Verdict.TAKEN), Finding(attempt.id, Verdict.NO_ANSWER), paid):
        assert commands.settle(db, [found], now=now) == commands.Settled()
    assert queries.payment(db, one.id).state is PaymentState.RETURNED
    assert commands.settle(db, [Finding(attempt.id, Verdict.REFUSED, "拒付")], now=now).paid == []
    assert verify(db).ok
    with pytest.raises(ValueError, match="value date"):
        commands.settle(db, [Finding(_ordered(db, desk, now), Verdict.PAID)], now=now)


def _ordered(db: Session, desk: Desk, now: datetime) -> UUID:
    application_id = approved(db, desk, now=now)
    commands.instruct(db, desk.cashier, [queries.application(db, application_id).payments[0].id], now=now)
    return attempts_of(db, application_id)[0].id


def test_paid_after_refused_is_left_to_people(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    attempt_id = _ordered(db, desk, now)
    commands.settle(db, [Finding(attempt_id, Verdict.REFUSED, "拒付")], now=now)
    done = commands.settle(db, [Finding(attempt_id, Verdict.PAID, value_date=DAY)], now=now)
    assert (done.paid, done.odd) == ([], [attempt_id])


def test_a_file_is_the_same_bytes_each_time_or_is_not_sent(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    _ordered(db, desk, now)
    row = db.query(PaymentInstruction).one()
    first = commands.intend_file(db, SAFE, row.id)
    second = commands.intend_file(db, SAFE, row.id)
    assert first is not None
    assert second is not None
    assert (first.content, first.is_first, second.is_first) == (second.content, True, False)
    db.execute(text("UPDATE payment SET bank_name = '另一家银行'"))
    db.expire_all()
    with pytest.raises(FileChanged):
        commands.intend_file(db, SAFE, row.id)
    with pytest.raises(NotFound):
        commands.intend_file(db, SAFE, uuid4())


def test_statements_are_fetched_since_the_oldest_open_order(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    _ordered(db, desk, now)
    account = db.query(CustodyAccount).one()
    row = db.query(PaymentInstruction).one()
    assert len(days_to_read(db, account.id, now=now + timedelta(days=9))) == 10
    with pytest.raises(Forbidden):
        commands.want_statement(db, desk.cashier, account.id, now=now)
    commands.want_statement(db, desk.accountant, account.id, now=now)
    with pytest.raises(Forbidden):
        ask_instruction(db, desk.accountant, row.id, now=now)
    ask_instruction(db, desk.cashier, row.id, now=now)
    stranger = an_actor(db, Role.CASHIER, functions=(Function.FINANCE_OFFICE,), now=now)
    with pytest.raises(NotFound):
        ask_instruction(db, stranger, row.id, now=now)


def test_a_statement_of_another_account_is_not_taken(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    content = _empty_statement("95588999999999999999")
    with pytest.raises(ForeignStatement):
        commands.import_statement(db, desk.accountant, content, now=now)
    stranger = an_actor(db, Role.ACCOUNTANT, functions=(Function.FINANCE_OFFICE,), now=now)
    with pytest.raises(NotFound):
        commands.import_statement(db, stranger, _empty_statement(ACCOUNTS[Custody.BANK]), now=now)


def _empty_statement(account: str) -> bytes:
    return write_statement(account, "示例财政局", DAY, 0, [])


def test_the_same_person_three_times_is_refused_by_the_database_too(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = approved(db, desk, now=now)
    for column in ("approved_by", "executed_by"):
        with pytest.raises(IntegrityError, match="three_people"), db.begin_nested():
            db.execute(
                text(f"UPDATE payment SET {column} = prepared_by WHERE application_id = :id"), {"id": application_id}
            )
    with pytest.raises(IntegrityError, match="preparer_does_not_approve"), db.begin_nested():
        db.execute(text("UPDATE payment_application SET approved_by = prepared_by"))


def _funded(db: Session, now: datetime) -> tuple[UUID, list[ProjectFunding]]:
    """A project for which three funds set uneven sums aside."""
    desk = a_desk(db, now=now)
    funds = [desk.funds[Custody.BANK], *(a_purse(db, desk, Custody.BANK, 1_000_000, now=now) for _ in range(2))]
    project_id = an_open(db, a_village(db, now), now)
    wanted = [FundingLine(fund_id=fund, amount_fen=fen) for fund, fen in zip(funds, (33_333, 1, 66_667), strict=True)]
    use = Use(catalogue_code=CODE, buyer_id=desk.buyer_id, until=DAY)
    commands.reserve(db, desk.buyer_head, project_id, wanted, use, now=now)
    return project_id, list(db.scalars(select(ProjectFunding).where(ProjectFunding.project_id == project_id)))


def test_a_price_is_committed_and_its_surplus_goes_back(db: Session, now: datetime) -> None:
    project_id, lines = _funded(db, now)
    reserved_fen = sum(line.amount_fen for line in lines)
    contract, milestone = uuid4(), uuid4()
    with pytest.raises(MoreThanReserved), db.begin_nested():
        commands.commit(db, SYSTEM, project_id, contract, reserved_fen + 1, now=now)
    price_fen = reserved_fen - 12_345
    assert commands.commit(db, SYSTEM, project_id, contract, price_fen, now=now) == 12_345
    held = balances_of(db, [contract])[contract]
    assert ({role for _, role in held}, sum(held.values())) == ({"committed"}, price_fen)
    assert {line.state for line in lines} == {FundingState.COMMITTED}
    assert sum(line.committed_fen for line in lines) == price_fen
    with pytest.raises(MoreThanCommitted), db.begin_nested():
        commands.make_payable(db, SYSTEM, contract, milestone, price_fen + 1, now=now)
    commands.make_payable(db, SYSTEM, contract, milestone, 30_001, now=now)
    assert sum(balances_of(db, [milestone])[milestone].values()) == 30_001
    for amount_fen in (30_001, 30_002):
        with pytest.raises(AlreadyPayable):
            commands.make_payable(db, SYSTEM, contract, milestone, amount_fen, now=now)
    assert commands.release_rest(db, SYSTEM, contract, now=now) == price_fen - 30_001
    assert commands.release_rest(db, SYSTEM, contract, now=now) == 0
    for line in lines:
        assert totals(db, [line.fund_id])[line.fund_id].get("reserved", 0) == 0
    assert verify(db).ok
