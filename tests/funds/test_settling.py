"""What is owed is asked for by one, approved by a second, paid by a third, and once."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.commands import Finding, Verdict
from marketplace.funds.model import Payment, PaymentAttempt
from marketplace.funds.rules import Custody
from marketplace.funds.states import ApplicationState, InstructionState, PaymentState
from marketplace.ledger.queries import balances_of, verify
from tests.funds.desk import a_desk, a_roster, approved

VALUE_DAY = date(2026, 3, 3)


def attempts_of(db: Session, application_id: object) -> list[PaymentAttempt]:
    query = select(PaymentAttempt).join(Payment, Payment.id == PaymentAttempt.payment_id)
    return list(db.scalars(query.where(Payment.application_id == application_id).order_by(PaymentAttempt.reference)))


def test_a_milestone_is_asked_for_approved_ordered_and_paid(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = approved(db, desk, 50_000, now=now)
    (one,) = queries.application(db, application_id).payments
    (instruction_id,) = commands.instruct(db, desk.cashier, [one.id], now=now)
    fund = desk.funds[Custody.BANK]
    assert balances_of(db, [one.id])[one.id] == {(fund, "in_transit"): 50_000}
    (attempt,) = attempts_of(db, application_id)
    commands.settle(db, [Finding(attempt.id, Verdict.TAKEN)], now=now)
    assert queries.payment(db, one.id).state is PaymentState.IN_TRANSIT
    done = commands.settle(db, [Finding(attempt.id, Verdict.PAID, value_date=VALUE_DAY)], now=now)
    assert done.paid == [attempt.id]
    view = queries.application(db, application_id)
    assert (view.state, view.paid_fen, view.payments[0].value_date) == (ApplicationState.SETTLED, 50_000, VALUE_DAY)
    assert balances_of(db, [one.id])[one.id] == {(fund, "paid"): 50_000}
    assert queries.instruction(db, instruction_id).state is InstructionState.FINISHED
    assert verify(db).ok


def test_a_roster_is_paid_line_by_line_in_one_batch(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    application_id = a_roster(db, desk, [1_000 + n for n in range(30)], now=now)
    commands.approve_application(db, desk.buyer_head, application_id, now=now)
    view = queries.application(db, application_id)
    commands.instruct(db, desk.cashier, [one.id for one in view.payments], now=now)
    tried = attempts_of(db, application_id)
    found = [Finding(one.id, Verdict.PAID, value_date=VALUE_DAY) for one in tried[1:]]
    commands.settle(db, [*found, Finding(tried[0].id, Verdict.REFUSED, "账号不存在")], now=now)
    view = queries.application(db, application_id)
    assert view.state is ApplicationState.APPROVED
    assert [one.state for one in view.payments] == [PaymentState.FAILED] + [PaymentState.PAID] * 29
    assert verify(db).ok
