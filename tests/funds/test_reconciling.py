"""Every difference between the ledger and a bank is matched, explained by name, or an open item with an owner."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace as changed
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from marketplace.db.base import Database
from marketplace.funds import commands
from marketplace.funds.commands import approving, instructing
from marketplace.funds.commands import reconciling as reconcile
from marketplace.funds.commands.settling import Finding, Verdict, settle
from marketplace.funds.model import PaymentAttempt, ReconciliationItem
from marketplace.funds.queries.reconciling import book, books, closings, todos
from marketplace.funds.rules import Custody
from marketplace.funds.rules.reconciling import (
    NotOpenItem,
    OwnerNeeded,
    StrangerAsOwner,
    SumsDiffer,
    WrongCategory,
)
from marketplace.funds.schemas import Correction
from marketplace.funds.schemas.reconciling import NewMatch
from marketplace.funds.states.reconciling import Category
from marketplace.identity.rules.duties import DutiesClash
from marketplace.kit.actor import SYSTEM, Actor, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.ledger import commands as ledger
from marketplace.ledger.queries import totals
from marketplace.ledger.states import GONE
from tests.funds.bankbook import BankBook
from tests.funds.desk import ACCOUNTS, a_desk, a_purse
from tests.funds.office import FEN, Office, closed_so_far, office, refused
from tests.funds.purse import DAY, a_new_receipt
from tests.identity.town import a_person

__all__ = ["office"]


def test_a_book_without_a_statement_is_not_closed(office: Office) -> None:
    closing = office.closing
    assert (closing.ledger_fen, closing.theirs_fen) == (FEN, None)
    assert not closing.is_closed


def test_a_receipt_and_its_booking_are_suggested_matched_and_closed(office: Office) -> None:
    office.bank.book(FEN, DAY)
    office.fetch()
    shown = office.page()
    (likely,) = shown.suggestions
    assert likely.is_named
    assert [one.amount_fen for one in (*likely.theirs, *likely.ours)] == [FEN, FEN]
    assert shown.closing.difference_fen == 0
    assert not shown.closing.is_closed, "nobody has said that the two are one"
    office.match(likely.theirs[0].key, likely.ours[0].key)
    after = office.page()
    assert after.closing.is_closed
    assert (after.theirs, after.ours, after.suggestions) == ((), (), ())
    assert [(one.amount_fen, one.items) for one in after.matches] == [(FEN, 2)]


def test_a_payment_and_its_booking_need_no_person_for_the_number_says_it(office: Office) -> None:
    closed_so_far(office)
    attempt = office.pay()
    assert office.closing.is_closed, "money in transit is still in the account"
    office.bank.book(-50_000, DAY, name="示例社工站", number=attempt.reference)
    office.fetch()
    closing = office.closing
    assert (closing.ledger_fen, closing.theirs_fen) == (FEN - 50_000, FEN - 50_000)
    assert closing.is_closed


def test_a_payment_that_came_back_closes_by_its_number_too(office: Office) -> None:
    closed_so_far(office)
    attempt = office.pay()
    office.bank.book(-50_000, DAY, number=attempt.reference)
    office.fetch()
    next_day = DAY + timedelta(days=1)
    office.bank.book(50_000, next_day, number=attempt.reference, purpose="账号不符退回")
    office.fetch(next_day)
    assert office.closing.ledger_fen == FEN
    assert office.closing.is_closed


def test_a_payment_that_the_bank_made_twice_stays_open_until_somebody_sees_to_it(office: Office) -> None:
    closed_so_far(office)
    attempt = office.pay()
    for _ in range(2):
        office.bank.book(-50_000, DAY, number=attempt.reference)
    office.fetch()
    office.bank.book(-50_000, DAY, number=attempt.reference)
    office.fetch()
    shown = office.page()
    assert (shown.closing.ledger_fen, shown.closing.theirs_fen) == (FEN - 50_000, FEN - 150_000)
    assert [one.amount_fen for one in shown.theirs] == [-50_000, -50_000]
    assert not shown.closing.is_closed
    with pytest.raises(IntegrityError, match="uq_bank_statement_line_paid"), office.db.begin_nested():
        office.db.execute(
            text("UPDATE bank_statement_line SET attempt_id = :id WHERE amount_fen < 0"), {"id": attempt.id}
        )


def test_fees_and_strange_credits_are_explained_by_name(office: Office) -> None:
    closed_so_far(office)
    office.bank.book(-1_500, DAY, name="示例银行", purpose="账户管理费")
    office.bank.book(7_000, DAY, name="陌生人")
    office.fetch()
    closing = office.closing
    assert (closing.difference_fen, closing.untold_fen, closing.untold_items) == (5_500, 5_500, 2)
    fee, strange = (one.key for one in office.page().theirs)
    office.explain(fee, Category.FEE)
    office.explain(strange, Category.UNIDENTIFIED)
    closing = office.closing
    assert closing.explained_fen == {Category.FEE: -1_500, Category.UNIDENTIFIED: 7_000}
    assert closing.is_closed
    assert closing.difference_fen == sum(closing.explained_fen.values())


def test_an_open_item_has_an_owner_who_sees_it_on_their_desk(office: Office) -> None:
    closed_so_far(office)
    office.bank.book(-900, DAY, name="不明")
    office.fetch()
    (item,) = office.page().theirs
    owner = office.desk.accountant.person_id
    refused(office, OwnerNeeded, lambda: office.explain(item.key, Category.OPEN))
    stranger = office.desk.buyer_head.person_id
    refused(office, StrangerAsOwner, lambda: office.explain(item.key, Category.OPEN, owner_id=stranger, due_on=DAY))
    office.explain(item.key, Category.OPEN, owner_id=owner, due_on=DAY)
    closing = office.closing
    assert (closing.open_fen, closing.open_items) == (-900, 1)
    assert closing.is_closed
    (todo,) = todos(office.db, office.desk.accountant, now=office.now)
    assert todo.urgent
    assert todos(office.db, office.desk.cashier, now=office.now) == []
    assert todos(office.db, SYSTEM, now=office.now) == []


def test_what_waits_for_a_match_stands_on_the_desk_of_who_reconciles(office: Office) -> None:
    office.bank.book(FEN, DAY)
    office.fetch()
    (todo,) = todos(office.db, office.desk.accountant, now=office.now)
    assert todo.params["count"] == "2"
    assert todo.url == f"/finance/reconciliation/{office.key}"


def test_a_note_gives_way_to_another_is_taken_back_or_settled_by_a_match(office: Office) -> None:
    office.bank.book(FEN, DAY)
    office.fetch()
    theirs, ours = office.page().theirs[0].key, office.page().ours[0].key
    first = office.explain(theirs, Category.UNIDENTIFIED)
    second = office.explain(theirs, Category.RETURNED)
    refused(office, IllegalMove, lambda: withdraw(office, first))
    withdraw(office, second)
    assert office.page().theirs[0].note is None
    refused(office, IllegalMove, lambda: withdraw(office, second))
    third = office.explain(ours, Category.IN_TRANSIT)
    office.match(theirs, ours)
    assert office.closing.is_closed
    refused(office, IllegalMove, lambda: withdraw(office, third))
    refused(office, NotFound, lambda: withdraw(office, uuid4()))


def withdraw(office: Office, note_id: UUID) -> None:
    reconcile.withdraw_note(office.db, office.desk.accountant, office.key, note_id, now=office.now)


def test_what_an_account_held_before_is_explained_or_matched(office: Office) -> None:
    office.bank.balance_fen = FEN
    office.bank.book(300, DAY)
    office.fetch()
    opening, fresh = office.page().theirs
    assert (opening.amount_fen, fresh.amount_fen) == (FEN, 300)
    refused(office, WrongCategory, lambda: office.explain(opening.key, Category.FEE))
    office.explain(opening.key, Category.OPENING)
    assert office.closing.explained_fen == {Category.OPENING: FEN}
    office.match(opening.key, office.page().ours[0].key)
    assert [one.key for one in office.page().theirs] == [fresh.key]
    assert office.closing.untold_fen == office.closing.difference_fen == 300


def test_days_that_statements_leave_out_are_told_as_a_gap(office: Office) -> None:
    closed_so_far(office)
    office.bank.book(4_000, DAY + timedelta(days=1))
    office.bank.statement(DAY + timedelta(days=1))  # nobody fetched it
    office.fetch(DAY + timedelta(days=2))
    closing = office.closing
    assert closing.gap_fen == 4_000
    assert not closing.is_closed


def test_a_mistyped_receipt_and_a_change_of_purpose_within_the_account_need_no_match(office: Office) -> None:
    closed_so_far(office)
    receipt = a_new_receipt(office.desk.funds[Custody.BANK], 777)
    made = commands.receive(office.db, office.desk.accountant, receipt, now=office.now)
    assert office.closing.untold_items == 1
    right = Correction(receipt=replace_amount(receipt, 778), reason="少打一分")
    commands.correct(office.db, office.desk.accountant, made, right, now=office.now)
    assert [one.amount_fen for one in office.page().ours] == [778]
    other = a_purse(office.db, office.desk, Custody.BANK, 100, now=office.now)
    ledger.transfer(
        office.db, key="t", receipt_id=uuid4(), fund_id=office.desk.funds[Custody.BANK], target_fund_id=other,
        amount_fen=50, cause="调整用途", actor_id=None, value_date=DAY, now=office.now,
    )  # fmt: skip
    assert [one.amount_fen for one in office.page().ours] == [778, 100]
    assert office.closing.gap_fen == 0


def replace_amount(receipt: Any, fen: int) -> Any:
    return changed(receipt, amount_fen=fen)


def test_a_match_is_refused_where_sums_differ_or_an_item_has_a_counterpart(office: Office) -> None:
    office.bank.book(FEN, DAY)
    office.bank.book(9, DAY)
    office.fetch()
    first, odd = (one.key for one in office.page().theirs)
    ours = office.page().ours[0].key
    refused(office, SumsDiffer, lambda: office.match(odd, ours))
    refused(office, NotOpenItem, lambda: office.match(first, "line:nothing-like-it"))
    office.match(first, ours)
    refused(office, NotOpenItem, lambda: office.match(first, ours))
    refused(office, NotOpenItem, lambda: office.explain(first, Category.UNIDENTIFIED))


def test_a_match_can_be_taken_apart_with_a_reason(office: Office) -> None:
    office.bank.book(FEN, DAY)
    office.fetch()
    shown = office.page()
    keys = (shown.theirs[0].key, shown.ours[0].key)
    match_id = office.match(*keys)

    def undo(match: UUID = match_id) -> None:
        reconcile.undo_match(office.db, office.desk.accountant, match, reason="对错了", now=office.now)

    undo()
    assert office.closing.untold_items == 2
    assert office.page().matches == ()
    refused(office, IllegalMove, undo)
    refused(office, NotFound, lambda: undo(uuid4()))
    office.match(*keys)
    assert office.closing.is_closed


def test_who_paid_does_not_reconcile_that_payment(office: Office) -> None:
    closed_so_far(office)
    attempt = office.pay()
    office.bank.book(-50_000, DAY, name="示例社工站", purpose="没有编号的付款")
    office.fetch()
    settle(office.db, [Finding(attempt.id, Verdict.PAID, value_date=DAY)], now=office.now)
    (theirs,), (ours,) = office.page().theirs, office.page().ours
    payer = replace(office.desk.cashier, roles=frozenset({Role.ACCOUNTANT}))
    refused(office, DutiesClash, lambda: office.match(theirs.key, ours.key, actor=payer))
    assert ours.number == attempt.reference
    office.match(theirs.key, ours.key)
    assert office.closing.is_closed
    row = office.db.scalars(select(ReconciliationItem).where(ReconciliationItem.movement_id.is_not(None))).all()[-1]
    assert row.executed_by == office.desk.cashier.person_id
    again = (
        "INSERT INTO reconciliation_item"
        " (id, match_id, fund_id, movement_id, amount_fen, is_live, matched_by, executed_by)"
        " SELECT gen_random_uuid(), match_id, fund_id, movement_id, amount_fen, false, executed_by, executed_by"
        " FROM reconciliation_item WHERE id = :id"
    )
    with pytest.raises(IntegrityError, match="payer_does_not_reconcile"), office.db.begin_nested():
        office.db.execute(text(again), {"id": row.id})


def test_only_who_may_reconciles_and_another_offices_book_is_not_found(office: Office) -> None:
    office.bank.book(FEN, DAY)
    office.fetch()
    shown = office.page()
    keys = (shown.theirs[0].key, shown.ours[0].key)
    refused(office, Forbidden, lambda: office.match(*keys, actor=office.desk.cashier))
    for stranger in (office.desk.buyer_head, office.desk.supplier):
        refused(office, NotFound, lambda stranger=stranger: office.match(*keys, actor=stranger))
        with pytest.raises(NotFound):
            book(office.db, stranger, office.key)
    match_id = office.match(*keys)
    with pytest.raises(NotFound):
        reconcile.undo_match(office.db, office.desk.buyer_head, match_id, reason="试", now=office.now)


def test_money_whose_account_nobody_recorded_is_told(office: Office, now: datetime) -> None:
    a_purse(office.db, replace(office.desk, funds={Custody.QUOTA: uuid4()}), Custody.QUOTA, 500, now=now)
    missing = [one for one in closings(office.db, now=now) if not one.book.key]
    assert [(one.book.custody, one.ledger_fen, one.is_closed) for one in missing] == [(Custody.QUOTA, 500, False)]
    assert {one.custody for one in books(office.db, holder_id=office.desk.holder_id)} == {Custody.BANK, Custody.QUOTA}


def test_the_ledgers_total_of_a_book_is_what_its_funds_hold(office: Office, now: datetime) -> None:
    closed_so_far(office)
    office.pay(12_345)
    attempt = office.pay(777)
    office.bank.book(-777, DAY, number=attempt.reference)
    office.fetch()
    held = totals(office.db, list(office.desk.funds.values()))
    inside = sum(fen for roles in held.values() for role, fen in roles.items() if role not in GONE)
    assert office.closing.ledger_fen == inside == FEN - 777


def test_two_accountants_at_once_match_an_item_once(committing: Database, now: datetime) -> None:
    with committing.write() as db:
        office = Office(db, a_desk(db, now=now), BankBook(ACCOUNTS[Custody.BANK]), now)
        second = a_person(db, office.desk.holder_id, Role.ACCOUNTANT, now=now, login="second")
        office.bank.book(FEN, DAY)
        office.fetch()
        shown, key = office.page(), office.key
    keys = (shown.theirs[0].key, shown.ours[0].key)
    people = [office.desk.accountant, replace(office.desk.accountant, person_id=second)] * 3

    def attempt(actor: Actor) -> bool:
        try:
            with committing.write() as db:
                reconcile.confirm_match(db, actor, key, NewMatch(items=keys), now=now)
        except NotOpenItem:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, people)) == 1


def test_a_retry_after_a_return_closes_with_both_bookings(office: Office) -> None:
    closed_so_far(office)
    attempt = office.pay()
    office.bank.book(-50_000, DAY, number=attempt.reference)
    office.bank.book(50_000, DAY, number=attempt.reference, purpose="账号不符退回")
    office.fetch()
    approving.retry(office.db, office.desk.accountant, attempt.payment_id, reason="账号已更正", now=office.now)
    approving.approve_payment(office.db, office.desk.head, attempt.payment_id, now=office.now)
    instructing.instruct(office.db, office.desk.cashier, [attempt.payment_id], now=office.now)
    query = select(PaymentAttempt).where(PaymentAttempt.payment_id == attempt.payment_id, PaymentAttempt.n == 2)
    again = office.db.scalars(query).one()
    office.bank.book(-50_000, DAY, number=again.reference)
    office.fetch()
    assert office.closing.ledger_fen == FEN - 50_000
    assert office.closing.is_closed
