"""Verbs of money's terms: open and close a fund, record and correct a receipt."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.db.numbers import next_number
from marketplace.funds.model import Fund, Receipt
from marketplace.funds.rules import FundClosed, custody_refusals, income_refusals
from marketplace.funds.schemas import Correction, NewFund, NewReceipt
from marketplace.funds.states import (
    FUND,
    RECEIPT,
    FundAction,
    FundState,
    ReceiptAction,
    ReceiptState,
)
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, Kind, NotFound, raise_all
from marketplace.kit.i18n import N_
from marketplace.ledger import commands as ledger
from marketplace.outbox.commands import emit

CHECK_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CHECK_LENGTH = 8


class DuplicateDocument(DomainError):
    """The paper is already recorded in this fund."""

    kind, code = Kind.CONFLICT, "duplicate_document"
    text = N_("文号「{document_no}」已在本资金登记过（收据 {number}）。如果录错了，请更正那一笔，不要重复登记。")


class FutureValueDate(DomainError):
    """Money cannot have arrived on a day that has not come."""

    kind, code = Kind.INVALID, "future_value_date"
    text = N_("到账日期 {value_date} 还没有到。请填写实际到账的日期。")


class NotABuyer(DomainError):
    """The organization that shall use the money is no buyer."""

    kind, code = Kind.INVALID, "not_a_buyer"
    text = N_("所选单位不是购买主体，不能使用这笔资金。请重新选择。")


def open_fund(db: Session, actor: Actor, new: NewFund, *, now: datetime) -> UUID:
    """Open a line of money held by the actor's own office and return its id.

    Raises:
        Forbidden: the actor may not open funds.
        CustodyUnlawful: money of this source may not lie there.
        NotABuyer: the organization that shall use it is no buyer.
    """
    require(actor, Right.OPEN_FUND, {Relation.FINANCE: actor.organization_id})
    raise_all(custody_refusals(new.source, new.custody))
    buyer = db.get(Organization, new.buyer_id)
    if buyer is None or Function.BUYER not in buyer.functions:
        raise NotABuyer(field="buyer_id")
    fund_id = uuid4()
    ledger.open_fund(db, fund_id, new.custody, now=now)
    row = Fund(
        id=fund_id,
        number=next_number(db, "fund", on=legal_day(now)),
        name=new.name,
        source=new.source,
        custody=new.custody,
        holder_id=actor.organization_id,
        buyer_id=new.buyer_id,
        year=new.year,
        basis_document_no=new.basis_document_no,
        clause=new.clause,
        catalogue_codes=sorted(new.catalogue_codes),
        expires_on=new.expires_on,
        opened_by=actor.person_id,
        opened_at=now,
    )
    db.add(row)
    db.flush()
    record(db, actor, "fund.opened", "fund", row.id, now=now, number=row.number, source=new.source, custody=new.custody)
    return row.id


def close_fund(db: Session, actor: Actor, fund_id: UUID, *, reason: str, now: datetime) -> None:
    """Stop receipts into and reservations from a fund; what is reserved or committed already is still paid.

    Raises:
        NotFound: no such fund, or not one of the actor's office.
        Forbidden: the actor may not open and close funds.
        IllegalMove: it is closed already.
    """
    _turn(db, actor, fund_id, FundAction.CLOSE, reason, now)


def reopen_fund(db: Session, actor: Actor, fund_id: UUID, *, reason: str, now: datetime) -> None:
    """Take a closed fund back into use.

    Raises:
        NotFound: no such fund, or not one of the actor's office.
        Forbidden: the actor may not open and close funds.
        IllegalMove: it is in use already.
    """
    _turn(db, actor, fund_id, FundAction.REOPEN, reason, now)


def _turn(db: Session, actor: Actor, fund_id: UUID, action: FundAction, reason: str, now: datetime) -> None:
    row = lock(db, Fund, fund_id)
    if row is None:
        raise NotFound
    require(actor, Right.OPEN_FUND, {Relation.FINANCE: row.holder_id})
    row.state = FUND.after(row.state, action)
    record(db, actor, f"fund.{action}", "fund", row.id, now=now, reason=reason)


def receive(db: Session, actor: Actor, new: NewReceipt, *, now: datetime) -> UUID:
    """Record income from its paper; its fen get the next serial numbers of the fund. Returns the receipt's id.

    Raises:
        NotFound: no such fund, or not one the actor's office holds.
        Forbidden: the actor may not record receipts.
        FundClosed: the fund takes no more money.
        IncomeUnlawful: a fund of this source does not record this income.
        FutureValueDate: the value date has not come.
        DuplicateDocument: the paper is recorded already.

    Source:
        慈善法第五十四条: register what was given, each gift by itself.
    """
    terms = _held(db, actor, new.fund_id, Right.RECORD_RECEIPT)
    row = _enter(db, actor, terms, new, None, now)
    emit(db, "fund.received", now=now, receipt_id=row.id, fund_id=terms.id)
    return row.id


def correct(db: Session, actor: Actor, receipt_id: UUID, correction: Correction, *, now: datetime) -> UUID:
    """Void a mistyped receipt, while its fen are untouched, and record what it should have been.

    Both stay in the books: the voided one points to nothing, the new one to the voided. Returns the new receipt's id.

    Raises:
        NotFound: no such receipt, or not one of the actor's office.
        Forbidden: the actor may not correct receipts.
        IllegalMove: it was corrected already.
        AlreadyTouched: some of its fen were spent or ordered; the sum must be put right by a later receipt.
        FundClosed, IncomeUnlawful, FutureValueDate, DuplicateDocument: as for a new receipt.
    """
    known = db.get(Receipt, receipt_id)
    if known is None:
        raise NotFound
    ledger.lock_funds(db, [known.fund_id, correction.receipt.fund_id])
    old = lock(db, Receipt, receipt_id)
    if old is None:
        raise NotFound
    terms = db.get_one(Fund, old.fund_id)
    require(actor, Right.CORRECT_RECEIPT, {Relation.FINANCE: terms.holder_id, Relation.BUYER: terms.buyer_id})
    old.state = RECEIPT.after(old.state, ReceiptAction.VOID)
    old.voided_by, old.voided_at, old.void_reason = actor.person_id, now, correction.reason
    db.flush()
    ledger.void(
        db,
        key=f"void/{old.id}",
        fund_id=old.fund_id,
        receipt_id=old.id,
        cause=f"更正 {old.number}",
        actor_id=actor.person_id,
        value_date=old.value_date,
        now=now,
    )
    target = _held(db, actor, correction.receipt.fund_id, Right.CORRECT_RECEIPT)
    new = _enter(db, actor, target, correction.receipt, old.id, now)
    record(db, actor, "fund.corrected", "receipt", old.id, now=now, reason=correction.reason, replaced_by=new.id)
    emit(db, "fund.corrected", now=now, receipt_id=new.id, replaced_id=old.id, fund_id=target.id)
    return new.id


def _held(db: Session, actor: Actor, fund_id: UUID, right: Right) -> Fund:
    ledger.lock_funds(db, [fund_id])
    terms = lock(db, Fund, fund_id)
    if terms is None:
        raise NotFound
    require(actor, right, {Relation.FINANCE: terms.holder_id, Relation.BUYER: terms.buyer_id})
    return terms


def _enter(db: Session, actor: Actor, terms: Fund, new: NewReceipt, replaces: UUID | None, now: datetime) -> Receipt:
    found: list[DomainError] = income_refusals(terms.name, terms.source, new.kind)
    if terms.state is not FundState.OPEN:
        found.append(FundClosed(field="fund_id", fund=terms.name))
    if new.value_date > legal_day(now):
        found.append(FutureValueDate(field="value_date", value_date=new.value_date))
    same = db.scalar(
        select(Receipt.number).where(
            Receipt.fund_id == terms.id,
            Receipt.document_no == new.document_no,
            Receipt.state == ReceiptState.RECORDED,
        )
    )
    if same is not None:
        found.append(DuplicateDocument(field="document_no", document_no=new.document_no, number=same))
    raise_all(found)
    return book(db, actor, terms, new, replaces=replaces, now=now)


def book(
    db: Session, actor: Actor, terms: Fund, new: NewReceipt, *, replaces: UUID | None = None, now: datetime
) -> Receipt:
    """Write a receipt and let its fen enter the fund. The caller holds the fund's lock and has asked every rule."""
    row = Receipt(
        number=next_number(db, "receipt", on=legal_day(now)),
        check_code="".join(secrets.choice(CHECK_ALPHABET) for _ in range(CHECK_LENGTH)),
        fund_id=terms.id,
        kind=new.kind,
        amount_fen=new.amount_fen,
        value_date=new.value_date,
        document_no=new.document_no,
        payer=new.payer,
        disclose_payer=new.disclose_payer,
        note=new.note,
        replaces_id=replaces,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    db.add(row)
    db.flush()
    ledger.receive(
        db,
        key=f"receipt/{row.id}",
        receipt_id=row.id,
        fund_id=terms.id,
        amount_fen=new.amount_fen,
        cause=f"{row.number} {new.document_no}",
        actor_id=actor.person_id,
        value_date=new.value_date,
        now=now,
    )
    record(
        db,
        actor,
        "fund.received",
        "receipt",
        row.id,
        now=now,
        number=row.number,
        amount_fen=new.amount_fen,
        value_date=new.value_date,
        document_no=new.document_no,
    )
    return row
