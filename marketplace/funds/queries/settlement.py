"""Reads of settlement: applications with their payments and attempts, instruction files."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from marketplace.funds.model import (
    CustodyAccount,
    Fund,
    Payment,
    PaymentApplication,
    PaymentAttempt,
    PaymentInstruction,
)
from marketplace.funds.schemas.settlement import (
    ApplicationLine,
    ApplicationView,
    AttemptView,
    InstructionView,
    PaymentView,
)
from marketplace.funds.states import ApplicationState, PaymentState
from marketplace.identity.model import Organization
from marketplace.kit.errors import NotFound

PAGE = 50


def _payment_view(row: Payment, fund: str, attempts: Iterable[AttemptView] = ()) -> PaymentView:
    return PaymentView(
        id=row.id,
        number=row.number,
        application_id=row.application_id,
        place=row.place,
        fund_id=row.fund_id,
        fund=fund,
        rail=row.rail,
        line_id=row.line_id,
        payee_id=row.payee_id,
        payee_name=row.payee_name,
        bank_name=row.bank_name,
        account_last4=row.account_last4,
        amount_fen=row.amount_fen,
        state=row.state,
        tries=row.tries,
        reason=row.reason,
        prepared_by=row.prepared_by,
        approved_by=row.approved_by,
        executed_by=row.executed_by,
        value_date=row.value_date,
        paid_at=row.paid_at,
        attempts=tuple(attempts),
    )


def _attempts(db: Session, payment_ids: Collection[UUID]) -> dict[UUID, list[AttemptView]]:
    query = (
        select(PaymentAttempt, PaymentInstruction.number)
        .outerjoin(PaymentInstruction, PaymentInstruction.id == PaymentAttempt.instruction_id)
        .where(PaymentAttempt.payment_id.in_(payment_ids))
        .order_by(PaymentAttempt.payment_id, PaymentAttempt.n)
    )
    found: dict[UUID, list[AttemptView]] = {}
    for row, number in db.execute(query):
        view = AttemptView(
            id=row.id,
            n=row.n,
            reference=row.reference,
            instruction_id=row.instruction_id,
            instruction=number or "",
            transfer_id=row.transfer_id or "",
            outcome=row.outcome,
            reason=row.reason,
            value_date=row.value_date,
            ordered_by=row.ordered_by,
            ordered_at=row.ordered_at,
            settled_at=row.settled_at,
        )
        found.setdefault(row.payment_id, []).append(view)
    return found


def _payments(db: Session, *conditions: Any, with_attempts: bool = False) -> tuple[PaymentView, ...]:
    query = (
        select(Payment, Fund.name)
        .join(Fund, Fund.id == Payment.fund_id)
        .where(*conditions)
        .order_by(Payment.application_id, Payment.place)
    )
    rows = db.execute(query).all()
    tried = _attempts(db, [row.id for row, _ in rows]) if with_attempts else {}
    return tuple(_payment_view(row, name, tried.get(row.id, ())) for row, name in rows)


def payment(db: Session, payment_id: UUID) -> PaymentView:
    """One payment with its attempts.

    Raises:
        NotFound: there is none with this id.
    """
    found = _payments(db, Payment.id == payment_id, with_attempts=True)
    if not found:
        raise NotFound
    return found[0]


def payments_to_execute(db: Session, holder_id: UUID) -> tuple[PaymentView, ...]:
    """Approved payments of an office that wait for its cashier, by application."""
    mine = select(PaymentApplication.id).where(PaymentApplication.holder_id == holder_id)
    return _payments(db, Payment.state == PaymentState.APPROVED, Payment.application_id.in_(mine))


def applications(
    db: Session,
    *,
    concerning: UUID | None = None,
    obligation_id: UUID | None = None,
    contract_id: UUID | None = None,
    states: Collection[ApplicationState] = (),
    limit: int = PAGE,
) -> list[ApplicationLine]:
    """Payment applications, newest first: all, or those that concern an organization, an obligation, a contract."""
    query = (
        select(PaymentApplication).order_by(PaymentApplication.prepared_at.desc(), PaymentApplication.id).limit(limit)
    )
    if concerning is not None:
        query = query.where(
            (PaymentApplication.holder_id == concerning)
            | (PaymentApplication.buyer_id == concerning)
            | (PaymentApplication.procuring_entity_id == concerning)
            | (PaymentApplication.payee_id == concerning)
        )
    if obligation_id is not None:
        query = query.where(PaymentApplication.obligation_id == obligation_id)
    if contract_id is not None:
        query = query.where(PaymentApplication.contract_id == contract_id)
    if states:
        query = query.where(PaymentApplication.state.in_(states))
    rows = list(db.scalars(query))
    counted = _counted(db, [row.id for row in rows])
    payees = _names(db, {row.payee_id for row in rows if row.payee_id})
    return [_line(row, payees, counted.get(row.id, {})) for row in rows]


def _names(db: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    return {
        row[0]: row[1] for row in db.execute(select(Organization.id, Organization.name).where(Organization.id.in_(ids)))
    }


def _counted(db: Session, application_ids: Collection[UUID]) -> dict[UUID, dict[PaymentState, tuple[int, int]]]:
    query = (
        select(Payment.application_id, Payment.state, func.count(), func.sum(Payment.amount_fen))
        .where(Payment.application_id.in_(application_ids))
        .group_by(Payment.application_id, Payment.state)
    )
    found: dict[UUID, dict[PaymentState, tuple[int, int]]] = {}
    for application_id, state, count, total in db.execute(query):
        found.setdefault(application_id, {})[state] = (count, int(total))
    return found


def _line(
    row: PaymentApplication, payees: dict[UUID, str], counted: dict[PaymentState, tuple[int, int]]
) -> ApplicationLine:
    return ApplicationLine(
        id=row.id,
        number=row.number,
        state=row.state,
        obligation_kind=row.obligation_kind,
        obligation_id=row.obligation_id,
        label=row.label,
        holder_id=row.holder_id,
        payee=payees.get(row.payee_id, "") if row.payee_id else "",
        contract_number=row.contract_number,
        amount_fen=row.amount_fen,
        paid_fen=counted.get(PaymentState.PAID, (0, 0))[1],
        payments=sum(count for count, _ in counted.values()),
        prepared_at=row.prepared_at,
        by_state={state: count for state, (count, _) in counted.items()},
    )


def application(db: Session, application_id: UUID) -> ApplicationView:
    """One payment application with its payments and their attempts.

    Raises:
        NotFound: there is none with this id.
    """
    holder, buyer = aliased(Organization), aliased(Organization)
    query = (
        select(PaymentApplication, holder.name, buyer.name)
        .join(holder, holder.id == PaymentApplication.holder_id)
        .join(buyer, buyer.id == PaymentApplication.buyer_id)
        .where(PaymentApplication.id == application_id)
    )
    found = db.execute(query).one_or_none()
    if found is None:
        raise NotFound
    row = found[0]
    parts = _payments(db, Payment.application_id == row.id, with_attempts=True)
    return ApplicationView(
        id=row.id,
        number=row.number,
        state=row.state,
        obligation_kind=row.obligation_kind,
        obligation_id=row.obligation_id,
        label=row.label,
        holder_id=row.holder_id,
        holder=found[1],
        buyer_id=row.buyer_id,
        buyer=found[2],
        procuring_entity_id=row.procuring_entity_id,
        payee_id=row.payee_id,
        payee=_names(db, [row.payee_id]).get(row.payee_id, "") if row.payee_id else "",
        contract_id=row.contract_id,
        contract_number=row.contract_number,
        project_id=row.project_id,
        catalogue_codes=tuple(row.catalogue_codes),
        amount_fen=row.amount_fen,
        paid_fen=sum(one.amount_fen for one in parts if one.state is PaymentState.PAID),
        invoice_no=row.invoice_no or "",
        invoice_on=row.invoice_on,
        note=row.note,
        reason=row.reason,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        settled_at=row.settled_at,
        payments=parts,
    )


def instructions(db: Session, holder_id: UUID | None = None, *, limit: int = PAGE) -> list[InstructionView]:
    """Instruction files, newest first, without their payments."""
    query = (
        select(PaymentInstruction, CustodyAccount)
        .join(CustodyAccount, CustodyAccount.id == PaymentInstruction.account_id)
        .order_by(PaymentInstruction.made_at.desc(), PaymentInstruction.number.desc())
        .limit(limit)
    )
    if holder_id is not None:
        query = query.where(CustodyAccount.holder_id == holder_id)
    return [_instruction_view(row, paying) for row, paying in db.execute(query)]


def instruction(db: Session, instruction_id: UUID) -> InstructionView:
    """One instruction file with its payments.

    Raises:
        NotFound: there is none with this id.
    """
    row = db.get(PaymentInstruction, instruction_id)
    if row is None:
        raise NotFound
    inside = select(PaymentAttempt.payment_id).where(PaymentAttempt.instruction_id == row.id)
    parts = _payments(db, Payment.id.in_(inside), with_attempts=True)
    return _instruction_view(row, db.get_one(CustodyAccount, row.account_id), parts)


def _instruction_view(
    row: PaymentInstruction, paying: CustodyAccount, payments: tuple[PaymentView, ...] = ()
) -> InstructionView:
    return InstructionView(
        id=row.id,
        number=row.number,
        state=row.state,
        holder_id=paying.holder_id,
        custody=paying.custody,
        account=paying.number,
        day=row.day,
        count=row.count,
        total_fen=row.total_fen,
        digest=row.digest or "",
        reason=row.reason,
        made_by=row.made_by,
        made_at=row.made_at,
        answered_at=row.answered_at,
        payments=payments,
    )
