"""Verbs of the accountant: ask for what is payable of one obligation to be paid, put right what was sent back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.db.numbers import next_number
from marketplace.funds.model import Fund, Payment, PaymentApplication
from marketplace.funds.queries.payable import free_of, funds_owing, parties_of
from marketplace.funds.queries.terms import restriction
from marketplace.funds.rules import (
    ROSTER_LINES_MAX,
    EmptyRoster,
    InvoiceNeeded,
    InvoiceUsed,
    NoPayeeAccount,
    Use,
    WrongPayee,
    amount_refusals,
    invoice_refusals,
    payment_refusals,
    spread,
)
from marketplace.funds.schemas import Change, NewApplication, NewPayee, NewRosterApplication, Obligation
from marketplace.funds.states import (
    APPLICATION,
    ApplicationAction,
    ApplicationState,
    ObligationKind,
)
from marketplace.identity.rules import Duty, Relation, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound, raise_all
from marketplace.ledger import commands as ledger
from marketplace.ledger.rules import split_by_left
from marketplace.outbox.commands import emit


class Part(NamedTuple):
    """One payment to be: whom, out of which fund, how much, and for which line of a roster."""

    fund_id: UUID
    payee: NewPayee
    amount_fen: int
    line_id: UUID | None = None


def apply_payment(
    db: Session, actor: Actor, new: NewApplication, obligation: Obligation, payee: NewPayee | None, *, now: datetime
) -> UUID:
    """Ask for money of an accepted milestone to be paid (付款申请), out of the funds that the actor's office holds.

    It is split over the funds by what each has payable, one payment a fund. ``obligation`` and ``payee`` are facts of
    the contract and of the register; the payee's account is kept as it is now. Returns the application's id.

    Raises:
        NotFound: the actor's office never had money payable for it.
        Forbidden: the actor may not prepare payments.
        NothingPayable, MoreThanPayable: less is payable, or it was asked for already.
        WrongPayee: the payee is not the contract's supplier.
        NoPayeeAccount: the supplier has no account on file.
        InvoiceBeforeContract, InvoiceInFuture, InvoiceUsed: the invoice does not fit.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: a fund may not pay this.

    Source:
        政府会计制度; 保障中小企业款项支付条例第九条: paid within 30 days of acceptance, no inner process delays it.
    """
    fund_ids = _owing(db, actor, obligation)
    found: list[DomainError] = []
    if new.payee_id != obligation.payee_id or obligation.id != new.obligation_id:
        found.append(WrongPayee(field="payee_id", contract=obligation.contract_number))
    elif payee is None or payee.organization_id != new.payee_id:
        found.append(NoPayeeAccount(field="payee_id"))
    free = free_of(db, obligation.id, fund_ids)
    found += amount_refusals(new.amount_fen, sum(free.values()), obligation.label)
    found += invoice_refusals(new.invoice_on, obligation.contract_signed_on, legal_day(now))
    found += _invoice_taken(db, new.invoice_no, None)
    found += refusals_of(db, fund_ids, _uses(obligation, legal_day(now)))
    raise_all(found)
    if payee is None:
        raise NoPayeeAccount(field="payee_id")
    row = _application(db, actor, obligation, new.amount_fen, new.note, now)
    row.invoice_no, row.invoice_on = new.invoice_no, new.invoice_on
    _keep(db, row)
    _lay_out(db, row, _parts(payee, new.amount_fen, free))
    _tell(db, actor, row, "submitted", now)
    return row.id


def apply_roster(db: Session, actor: Actor, new: NewRosterApplication, *, now: datetime) -> UUID:
    """Ask for a whole approved roster to be paid, one payment a line, in one batch. Returns the application's id.

    The funds pay the lines one after another in their order; a line at the seam of two funds becomes two payments.
    The actor is the accountant of the office that holds the funds.

    Raises:
        NotFound: the actor's office never had money payable for it.
        Forbidden: the actor may not prepare payments.
        EmptyRoster: it has no line, or too many.
        NothingPayable, MoreThanPayable: less is payable, or it was asked for already.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: a fund may not pay this.
    """
    obligation = new.obligation
    fund_ids = _owing(db, actor, obligation)
    if not 0 < len(new.lines) <= ROSTER_LINES_MAX or any(line.amount_fen <= 0 for line in new.lines):
        raise EmptyRoster(field="lines", most=ROSTER_LINES_MAX)
    amounts_fen = [line.amount_fen for line in new.lines]
    free = free_of(db, obligation.id, fund_ids)
    found = amount_refusals(sum(amounts_fen), sum(free.values()), obligation.label)
    found += refusals_of(db, fund_ids, _uses(obligation, legal_day(now)))
    raise_all(found)
    row = _application(db, actor, obligation, sum(amounts_fen), new.note, now)
    _keep(db, row)
    shares = spread(amounts_fen, free)
    lines = new.lines
    _lay_out(
        db, row, [Part(one.fund_id, lines[one.line].payee, one.amount_fen, lines[one.line].line_id) for one in shares]
    )
    _tell(db, actor, row, "submitted", now)
    return row.id


def resubmit(
    db: Session, actor: Actor, application_id: UUID, change: Change, payee: NewPayee | None = None, *, now: datetime
) -> None:
    """Hand in again what was sent back, put right. The sum of a roster stays; ``payee`` is the supplier's account now.

    Raises:
        NotFound: no such application of the actor's office.
        Forbidden: the actor may not prepare payments.
        DutiesClash: the actor approved or paid part of it.
        IllegalMove: it was not sent back.
        InvoiceNeeded: a milestone is paid against an invoice.
        NothingPayable, MoreThanPayable, InvoiceBeforeContract, InvoiceInFuture, InvoiceUsed: as for a new one.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: a fund may not pay this.
    """
    known = db.get(PaymentApplication, application_id)
    if known is None:
        raise NotFound
    ledger.lock_funds(db, funds_owing(db, known.obligation_id, known.holder_id))
    row = lock(db, PaymentApplication, application_id)
    if row is None:
        raise NotFound
    require(actor, Right.PREPARE_PAYMENT, parties_of(row))
    apart(actor, Duty.PREPARE_PAYMENT, {Duty.APPROVE_PAYMENT: _people(row.approved_by)})
    row.state = APPLICATION.after(row.state, ApplicationAction.RESUBMIT)
    row.note, row.reason = change.note, ""
    row.prepared_by, row.prepared_at, row.approved_by, row.approved_at = actor.person_id, now, None, None
    if row.obligation_kind is ObligationKind.MILESTONE:
        _change(db, row, change, payee, now)
    for one in db.scalars(select(Payment).where(Payment.application_id == row.id)):
        one.prepared_by = actor.person_id
    fund_ids = list(db.scalars(select(Payment.fund_id).where(Payment.application_id == row.id).distinct()))
    raise_all(refusals_of(db, fund_ids, uses_of(row, legal_day(now))))
    _tell(db, actor, row, "resubmitted", now)


def _change(db: Session, row: PaymentApplication, change: Change, payee: NewPayee | None, now: datetime) -> None:
    """Put right the sum and the invoice of a milestone's application, whose payments are drafts."""
    if change.invoice_no is None or change.invoice_on is None:
        raise InvoiceNeeded(field="invoice_no")
    old = db.scalars(select(Payment).where(Payment.application_id == row.id).order_by(Payment.place)).first()
    if payee is None and old is not None and old.account_sealed is not None:
        payee = NewPayee(
            name=old.payee_name,
            bank_name=old.bank_name,
            account_sealed=old.account_sealed,
            account_place=old.account_place,
            account_last4=old.account_last4,
            organization_id=old.payee_id,
        )
    if payee is None:
        raise NoPayeeAccount(field="payee_id")
    db.execute(delete(Payment).where(Payment.application_id == row.id))
    free = free_of(db, row.obligation_id, funds_owing(db, row.obligation_id, row.holder_id))
    found = amount_refusals(change.amount_fen, sum(free.values()), row.label)
    found += invoice_refusals(change.invoice_on, row.contract_signed_on, legal_day(now))
    found += _invoice_taken(db, change.invoice_no, row.id)
    raise_all(found)
    row.amount_fen, row.invoice_no, row.invoice_on = change.amount_fen, change.invoice_no, change.invoice_on
    _keep(db, row)
    _lay_out(db, row, _parts(payee, change.amount_fen, free))


def _owing(db: Session, actor: Actor, obligation: Obligation) -> list[UUID]:
    """The funds of the actor's office that owe it, locked; the right is asked first."""
    holder_id = actor.organization_id
    parties = {
        Relation.FINANCE: holder_id,
        Relation.BUYER: obligation.buyer_id,
        Relation.PROCURING_ENTITY: obligation.procuring_entity_id,
        Relation.SUPPLIER: obligation.payee_id,
    }
    require(actor, Right.PREPARE_PAYMENT, parties)
    fund_ids = funds_owing(db, obligation.id, holder_id) if holder_id else []
    if not fund_ids:
        raise NotFound
    ledger.lock_funds(db, fund_ids)
    return fund_ids


def _application(
    db: Session, actor: Actor, obligation: Obligation, amount_fen: int, note: str, now: datetime
) -> PaymentApplication:
    if actor.organization_id is None:
        raise NotFound
    return PaymentApplication(
        id=uuid4(),
        number=next_number(db, "payment", on=legal_day(now)),
        state=ApplicationState.SUBMITTED,
        obligation_kind=obligation.kind,
        obligation_id=obligation.id,
        label=obligation.label,
        holder_id=actor.organization_id,
        buyer_id=obligation.buyer_id,
        procuring_entity_id=obligation.procuring_entity_id,
        payee_id=obligation.payee_id,
        contract_id=obligation.contract_id,
        contract_number=obligation.contract_number,
        contract_signed_on=obligation.contract_signed_on,
        project_id=obligation.project_id,
        catalogue_codes=sorted(obligation.catalogue_codes),
        amount_fen=amount_fen,
        note=note,
        prepared_by=actor.person_id,
        prepared_at=now,
    )


def _keep(db: Session, row: PaymentApplication) -> None:
    """Write the application; an invoice that another one took at this moment is refused like one taken before."""
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError as error:
        if "invoice" not in str(getattr(getattr(error.orig, "diag", None), "constraint_name", "")):
            raise
        raise _invoice_taken(db, str(row.invoice_no), row.id)[0] from error


def _parts(payee: NewPayee, amount_fen: int, free: dict[UUID, int]) -> list[Part]:
    parts_fen = split_by_left(amount_fen, list(free.values()))
    return [Part(fund_id, payee, part_fen) for fund_id, part_fen in zip(free, parts_fen, strict=True) if part_fen]


def _lay_out(db: Session, row: PaymentApplication, parts: Sequence[Part]) -> None:
    """Write the payments of an application, in one batch."""
    custody = {
        one.id: one.custody for one in db.scalars(select(Fund).where(Fund.id.in_({part.fund_id for part in parts})))
    }
    db.add_all(
        Payment(
            application_id=row.id,
            place=place,
            number=f"{row.number}-{place:03d}",
            fund_id=part.fund_id,
            rail=custody[part.fund_id],
            line_id=part.line_id,
            payee_id=part.payee.organization_id,
            payee_name=part.payee.name,
            name_sealed=part.payee.name_sealed,
            name_place=part.payee.name_place,
            bank_name=part.payee.bank_name,
            account_sealed=part.payee.account_sealed,
            account_place=part.payee.account_place,
            account_last4=part.payee.account_last4,
            amount_fen=part.amount_fen,
            prepared_by=row.prepared_by,
        )
        for place, part in enumerate(parts, 1)
    )
    db.flush()


def _invoice_taken(db: Session, invoice_no: str, but: UUID | None) -> list[DomainError]:
    query = select(PaymentApplication.number).where(
        PaymentApplication.invoice_no == invoice_no,
        PaymentApplication.state != ApplicationState.CANCELLED,
        PaymentApplication.id != (but or uuid4()),
    )
    number = db.scalar(query)
    return [] if number is None else [InvoiceUsed(field="invoice_no", invoice_no=invoice_no, number=number)]


def _uses(obligation: Obligation, today: date) -> list[Use]:
    codes = sorted(obligation.catalogue_codes) or [""]
    return [Use(catalogue_code=code, buyer_id=obligation.buyer_id, until=today) for code in codes]


def uses_of(row: PaymentApplication, today: date) -> list[Use]:
    """What an application's money would be used for today, one for each catalogue code."""
    codes = row.catalogue_codes or [""]
    return [Use(catalogue_code=code, buyer_id=row.buyer_id, until=today) for code in codes]


def refusals_of(db: Session, fund_ids: Sequence[UUID], uses: Sequence[Use]) -> list[DomainError]:
    """Why these funds may not pay for this now; of several catalogue codes it is enough that one is allowed."""
    found: list[DomainError] = []
    query = select(Fund).where(Fund.id.in_(fund_ids)).order_by(Fund.number)
    for row in db.scalars(query.execution_options(populate_existing=True)):
        answers = [payment_refusals(row.name, row.buyer_id, restriction(row), use) for use in uses]
        fewest: list[DomainError] = min(answers, key=len)
        found += fewest
    return found


def _people(*person_ids: UUID | None) -> list[UUID]:
    return [person_id for person_id in person_ids if person_id]


def _tell(db: Session, actor: Actor, row: PaymentApplication, what: str, now: datetime) -> None:
    record(
        db,
        actor,
        f"application.{what}",
        "application",
        row.id,
        now=now,
        number=row.number,
        amount_fen=row.amount_fen,
        obligation_id=row.obligation_id,
    )
    emit(db, "application.submitted", now=now, application_id=row.id)
