"""The centre decides: return, qualify, suspend, reinstate, debar; the system lets expire."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.db.base import claim, lock
from marketplace.documents.commands import clean_name, store
from marketplace.documents.rules import PROOFS, fitting
from marketplace.documents.storage import Storage
from marketplace.identity.model import Organization
from marketplace.identity.rules import Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.suppliers.commands.register import all_right, decide, locked, same_revision, set_valid_to
from marketplace.suppliers.model import Debarment, Supplier
from marketplace.suppliers.rules.refusals import DaysReversed, LiftedAlready, ReasonMissing, SelfQualified
from marketplace.suppliers.schemas import NewDebarment
from marketplace.suppliers.states import SUPPLIER, SupplierAction, SupplierState

BATCH = 200


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(field="reason")
    return reason.strip()


def send_back(db: Session, actor: Actor, organization_id: UUID, *, reason: str, now: datetime) -> None:
    """Return an application to be put right.

    Raises:
        NotFound, Forbidden: no such registration, or the actor does not qualify suppliers.
        ReasonMissing: the organization would not know what to do.
        IllegalMove: it is not handed in.
    """
    supplier, _ = locked(db, actor, Right.QUALIFY_SUPPLIER, organization_id)
    decide(db, actor, supplier, SupplierAction.RETURN, reason=_reasoned(reason), now=now)


def qualify(db: Session, actor: Actor, organization_id: UUID, *, revision: int | None, now: datetime) -> None:
    """Take an organization into the directory, with a record of every check it stands on.

    Raises:
        NotFound, Forbidden: no such registration, or the actor does not qualify suppliers.
        IllegalMove: the application is not handed in.
        Stale: it is another ``revision`` than was looked at.
        SelfQualified: the actor registered it or handed it in.
        ItemOpen: an item is unchecked, failed or over.
        Several: more than one is.

    Source:
        政府采购法第二十二条, and the bases named at each item.
    """
    supplier, _ = locked(db, actor, Right.QUALIFY_SUPPLIER, organization_id)
    SUPPLIER.after(supplier.state, SupplierAction.QUALIFY)
    same_revision(supplier, revision)
    if actor.person_id is not None and actor.person_id in (supplier.registered_by, supplier.submitted_by):
        raise SelfQualified
    checks = all_right(db, supplier, on_day=legal_day(now))
    supplier.qualified_by, supplier.qualified_at = actor.person_id, now
    set_valid_to(db, supplier)
    decide(db, actor, supplier, SupplierAction.QUALIFY, checks=checks, now=now)


def suspend(db: Session, actor: Actor, organization_id: UUID, *, reason: str, now: datetime) -> None:
    """Take away an organization's qualification for the time being.

    Raises:
        NotFound, Forbidden: no such registration, or the actor may not suspend.
        ReasonMissing: the organization would not know why.
        IllegalMove: it is neither qualified nor expired.
    """
    supplier, _ = locked(db, actor, Right.DEBAR_SUPPLIER, organization_id)
    decide(db, actor, supplier, SupplierAction.SUSPEND, reason=_reasoned(reason), now=now)


def reinstate(db: Session, actor: Actor, organization_id: UUID, *, reason: str, now: datetime) -> None:
    """Give back a qualification that was suspended (by whoever may suspend) or ran out; every item must be right again.

    Raises:
        NotFound, Forbidden: no such registration, or not the actor's right.
        ReasonMissing: nobody would know why.
        IllegalMove: it is neither suspended nor expired.
        ItemOpen: an item is unchecked, failed or over.
        Several: more than one is.
    """
    supplier, _ = locked(db, actor, Right.QUALIFY_SUPPLIER, organization_id)
    if supplier.state is SupplierState.SUSPENDED:
        require(actor, Right.DEBAR_SUPPLIER, {})
    SUPPLIER.after(supplier.state, SupplierAction.REINSTATE)
    told = _reasoned(reason)
    checks = all_right(db, supplier, on_day=legal_day(now))
    set_valid_to(db, supplier)
    decide(db, actor, supplier, SupplierAction.REINSTATE, reason=told, checks=checks, now=now)


def expire_due(db: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Mark qualifications whose first proof ran out before today, at most ``limit``, and return how many."""
    today = legal_day(now)
    due = claim(
        db, Supplier, Supplier.state == SupplierState.QUALIFIED, Supplier.valid_to < today, limit=limit
    )  # fmt: skip
    for supplier in due:
        decide(db, SYSTEM, supplier, SupplierAction.EXPIRE, now=now)
    return len(due)


def debar(db: Session, actor: Actor, organization_id: UUID, new: NewDebarment, *, now: datetime) -> UUID:
    """Record that an organization may not take part for a time, and return the record's id.

    Raises:
        NotFound, Forbidden: no such organization, or the actor may not debar.
        DaysReversed: it ends before it begins.
    """
    require(actor, Right.DEBAR_SUPPLIER, {})
    if db.get(Organization, organization_id) is None:
        raise NotFound
    if new.to_on is not None and new.to_on < new.from_on:
        raise DaysReversed(field="to_on")
    row = Debarment(
        organization_id=organization_id,
        source=new.source,
        reference=new.reference,
        reason=new.reason,
        from_on=new.from_on,
        to_on=new.to_on,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    db.add(row)
    db.flush()
    record(
        db, actor, "supplier.debarred", "supplier", organization_id,
        now=now, reason=new.reason, source=new.source, from_on=new.from_on, to_on=new.to_on,
    )  # fmt: skip
    emit(db, "suppliers.debarred", now=now, organization_id=organization_id, debarment_id=row.id)
    return row.id


def prove_debarment(
    db: Session,
    storage: Storage,
    actor: Actor,
    debarment_id: UUID,
    chunks: Iterable[bytes],
    *,
    name: str,
    limit_bytes: int,
    now: datetime,
) -> UUID:
    """Keep the decision that a debarment stands on, and return the document's id; a second one takes its place.

    Raises:
        NotFound, Forbidden: no such record, or the actor may not debar.
        TooLarge, EmptyFile: the file is.
        FileNotTaken, FileNotAsNamed: it is of a kind that is not taken.
    """
    require(actor, Right.DEBAR_SUPPLIER, {})
    row = lock(db, Debarment, debarment_id)
    if row is None:
        raise NotFound
    fit = fitting(chunks, name=clean_name(name), kinds=PROOFS)
    row.document_id = store(db, storage, actor, fit, name=name, limit_bytes=limit_bytes, now=now)
    db.flush()
    record(
        db, actor, "supplier.debarment_proved", "supplier", row.organization_id,
        now=now, debarment_id=row.id, document_id=row.document_id,
    )  # fmt: skip
    return row.document_id


def lift(db: Session, actor: Actor, debarment_id: UUID, *, reason: str, now: datetime) -> None:
    """End a debarment before its time.

    Raises:
        NotFound, Forbidden: no such record, or the actor may not debar.
        ReasonMissing: nobody would know why.
        LiftedAlready: it was lifted before.
    """
    require(actor, Right.DEBAR_SUPPLIER, {})
    row = lock(db, Debarment, debarment_id)
    if row is None:
        raise NotFound
    if row.lifted_at is not None:
        raise LiftedAlready
    row.lift_reason, row.lifted_at, row.lifted_by = _reasoned(reason), now, actor.person_id
    record(db, actor, "supplier.debarment_lifted", "supplier", row.organization_id, now=now, reason=row.lift_reason)
    emit(db, "suppliers.debarment_lifted", now=now, organization_id=row.organization_id, debarment_id=row.id)
