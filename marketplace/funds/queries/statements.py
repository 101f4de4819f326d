"""Reads of bank statements: what was imported, and which bookings match a payment of ours."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.funds.model import BankStatement, BankStatementLine, CustodyAccount, Payment, PaymentAttempt
from marketplace.funds.schemas.settlement import BookingView, StatementView
from marketplace.kit.errors import NotFound

STATEMENTS_PAGE = 50


def statements(db: Session, holder_id: UUID | None = None, *, limit: int = STATEMENTS_PAGE) -> list[StatementView]:
    """Imported statements, newest first."""
    query = (
        select(BankStatement, CustodyAccount.number)
        .join(CustodyAccount, CustodyAccount.id == BankStatement.account_id)
        .order_by(BankStatement.day.desc(), BankStatement.imported_at.desc())
        .limit(limit)
    )
    if holder_id is not None:
        query = query.where(CustodyAccount.holder_id == holder_id)
    rows = db.execute(query).all()
    loose = dict(
        db.execute(
            select(BankStatementLine.statement_id, func.count())
            .where(BankStatementLine.statement_id.in_([row.id for row, _ in rows]), _LOOSE)
            .group_by(BankStatementLine.statement_id)
        ).all()
    )
    return [_view(row, number, loose.get(row.id, 0)) for row, number in rows]


_LOOSE = BankStatementLine.attempt_id.is_(None) & (BankStatementLine.amount_fen < 0)


def _view(row: BankStatement, number: str, loose: int) -> StatementView:
    return StatementView(
        id=row.id,
        account_id=row.account_id,
        account=number,
        day=row.day,
        digest=row.digest,
        opening_fen=row.opening_fen,
        closing_fen=row.closing_fen,
        lines=row.lines,
        fresh=row.fresh,
        loose=loose,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
    )


def bookings(db: Session, statement_id: UUID) -> list[BookingView]:
    """What one statement brought anew, in the bank's order, each with the payment it was matched with.

    Raises:
        NotFound: no such statement.
    """
    if db.get(BankStatement, statement_id) is None:
        raise NotFound
    query = (
        select(BankStatementLine, Payment.id, Payment.number)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == BankStatementLine.attempt_id)
        .outerjoin(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(BankStatementLine.statement_id == statement_id)
        .order_by(BankStatementLine.booked_on, BankStatementLine.reference)
    )
    return [
        BookingView(
            id=row.id,
            reference=row.reference,
            booked_on=row.booked_on,
            amount_fen=row.amount_fen,
            balance_fen=row.balance_fen,
            counter_name=row.counter_name,
            counter_account_last4=row.counter_account_last4,
            instruction=row.instruction,
            purpose=row.purpose,
            payment_id=payment_id,
            payment_number=number or "",
        )
        for row, payment_id, number in db.execute(query)
    ]
