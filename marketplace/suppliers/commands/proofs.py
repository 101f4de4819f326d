"""Proofs are handed in, taken back, and looked at: one record for each look."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.documents.commands import clean_name, store
from marketplace.documents.model import Document
from marketplace.documents.rules import PROOFS, fitting
from marketplace.documents.storage import Storage
from marketplace.identity.rules import Relation, Right, may
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, IllegalMove, NotFound, Several, raise_all
from marketplace.kit.i18n import N_
from marketplace.outbox.commands import emit
from marketplace.suppliers.commands.register import all_right, decide, locked, set_valid_to
from marketplace.suppliers.model import ReadinessKind, Supplier, SupplierCheck, SupplierDocument
from marketplace.suppliers.queries.readiness import item_of
from marketplace.suppliers.rules.readiness import Check, ItemOpen, check_problems, usual_end
from marketplace.suppliers.rules.refusals import ForeignProof, UnknownItem
from marketplace.suppliers.schemas import NewCheck
from marketplace.suppliers.states import LISTED, SUPPLIER, CheckResult, SupplierAction, SupplierState

RIGHT_AGAIN = N_("到期的材料已重新核对，各项均符合，资格自动恢复。")


def attach(
    db: Session,
    storage: Storage,
    actor: Actor,
    organization_id: UUID,
    kind: str,
    chunks: Iterable[bytes],
    *,
    name: str,
    limit_bytes: int,
    now: datetime,
) -> UUID:
    """Hand in a proof of one item, by the organization or by the centre; returns the proof's id.

    Raises:
        NotFound, Forbidden: neither the actor's organization, nor does the actor qualify suppliers.
        UnknownItem: there is no such item.
        IllegalMove: the organization has left the register.
        TooLarge, EmptyFile: the file is.
        FileNotTaken, FileNotAsNamed: it is of a kind that is not taken.
    """
    parties = {Relation.SUPPLIER: organization_id}
    own = may(actor, Right.EDIT_SUPPLIER, parties)
    supplier, _ = locked(db, actor, Right.EDIT_SUPPLIER if own else Right.QUALIFY_SUPPLIER, organization_id)
    _not_gone(supplier, SupplierAction.EDIT if own else SupplierAction.CHECK)
    if db.get(ReadinessKind, kind) is None:
        raise UnknownItem(field="kind", item=kind)
    fit = fitting(chunks, name=clean_name(name), kinds=PROOFS)
    document_id = store(db, storage, actor, fit, name=name, limit_bytes=limit_bytes, now=now)
    proof = SupplierDocument(
        organization_id=organization_id, kind=kind, document_id=document_id,
        added_by=actor.person_id, added_at=now, by_organization=own and not actor.is_system,
    )  # fmt: skip
    db.add(proof)
    db.flush()
    document = db.get_one(Document, document_id)
    record(
        db, actor, "supplier.proof_attached", "supplier", organization_id,
        now=now, kind=kind, proof_id=proof.id, sha256=document.sha256,
    )  # fmt: skip
    if supplier.state in LISTED and proof.by_organization:
        emit(db, "suppliers.proof_attached", now=now, organization_id=organization_id, kind=kind)
    return proof.id


def _not_gone(supplier: Supplier, action: SupplierAction) -> None:
    if supplier.state is SupplierState.WITHDRAWN:
        raise IllegalMove(state=SUPPLIER.label(supplier.state), action=SUPPLIER.label(action))


def remove_proof(db: Session, actor: Actor, organization_id: UUID, proof_id: UUID, *, now: datetime) -> None:
    """Take back a proof; checks that stand on it keep it. A second time changes nothing.

    Raises:
        NotFound, Forbidden: not the actor's organization, or no such proof of it.
        IllegalMove: the application is handed in, or the organization has left the register.
    """
    supplier, _ = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    if supplier.state not in LISTED:
        SUPPLIER.after(supplier.state, SupplierAction.EDIT)
    proof = lock(db, SupplierDocument, proof_id)
    if proof is None or proof.organization_id != organization_id:
        raise NotFound
    if proof.removed_at is None:
        proof.removed_at = now
        record(db, actor, "supplier.proof_removed", "supplier", organization_id, now=now, proof_id=proof.id)


def _newest_proofs(db: Session, organization_id: UUID) -> dict[str, SupplierDocument]:
    query = (
        select(SupplierDocument)
        .where(SupplierDocument.organization_id == organization_id, SupplierDocument.removed_at.is_(None))
        .ext(distinct_on(SupplierDocument.kind))
        .order_by(SupplierDocument.kind, SupplierDocument.added_at.desc(), SupplierDocument.id)
    )
    return {row.kind: row for row in db.scalars(query)}


def check(db: Session, actor: Actor, organization_id: UUID, checks: Sequence[NewCheck], *, now: datetime) -> int:
    """Write down what was found of some items and return of how many; rows without a result are passed over.

    A check that found all right stands on a proof: the one it names, else the newest one handed in. Where the end is
    left open, the item's usual one is taken. A qualification that ran out comes back when all is right again. All that
    is wrong in any row is told at once, as ``checks-0-valid_to``.

    Raises:
        NotFound, Forbidden: no such registration, or the actor does not qualify suppliers.
        IllegalMove: the application is not handed in, or the organization has left.
        UnknownItem, ForeignProof: a row names what is not there.
        CheckInFuture, ExpiryMissing, ExpiryPassed, NoteMissing, SourceMissing, PledgeRefused, ProofMissing: of a row.
        Several: more than one of these.
    """
    supplier, _ = locked(db, actor, Right.QUALIFY_SUPPLIER, organization_id)
    supplier.state = SUPPLIER.after(supplier.state, SupplierAction.CHECK)
    today, newest = legal_day(now), _newest_proofs(db, organization_id)
    rows: list[SupplierCheck] = []
    problems: list[DomainError] = []
    for index, new in enumerate(checks):
        if new.result is None:
            continue
        try:
            row, wrong = _look(db, supplier, new, new.result, newest, today)
        except (UnknownItem, ForeignProof) as refusal:
            row, wrong = None, [refusal]
        for problem in wrong:
            problem.field = f"checks-{index}-{problem.field}"
        problems += wrong
        if row is not None:
            rows.append(row)
    raise_all(problems)
    for row in rows:
        _write(db, actor, row, now=now)
    if supplier.state in LISTED and rows:
        set_valid_to(db, supplier)
        _right_again(db, actor, supplier, now=now)
    return len(rows)


def _right_again(db: Session, actor: Actor, supplier: Supplier, *, now: datetime) -> None:
    """A qualification that ran out comes back with the check that makes every item right; a suspended one does not."""
    if supplier.state is not SupplierState.EXPIRED:
        return
    try:
        checks = all_right(db, supplier, on_day=legal_day(now))
    except (ItemOpen, Several):
        return
    decide(db, actor, supplier, SupplierAction.REINSTATE, reason=RIGHT_AGAIN, checks=checks, now=now)


def _look(
    db: Session,
    supplier: Supplier,
    new: NewCheck,
    result: CheckResult,
    newest: Mapping[str, SupplierDocument],
    today: date,
) -> tuple[SupplierCheck, list[DomainError]]:
    kind = db.get(ReadinessKind, new.kind)
    if kind is None:
        raise UnknownItem(field="kind", item=new.kind)
    proof = newest.get(new.kind) if new.proof_id is None else db.get(SupplierDocument, new.proof_id)
    if proof is not None and (proof.organization_id, proof.kind) != (supplier.organization_id, new.kind):
        raise ForeignProof(field="proof_id", item=kind.name)
    item, checked_on = item_of(kind), new.checked_on or today
    valid_to = new.valid_to
    if valid_to is None and result is not CheckResult.FAILED and not item.must_expire:
        valid_to = usual_end(item, supplier.nature, checked_on)
    looked = Check(result=result, checked_on=checked_on, valid_to=valid_to)
    wrong = check_problems(
        item, looked, source=new.source, note=new.note, has_proof=proof is not None, today=today
    )  # fmt: skip
    document = db.get_one(Document, proof.document_id) if proof else None
    row = SupplierCheck(
        organization_id=supplier.organization_id,
        kind=new.kind,
        result=result,
        source=new.source.strip(),
        checked_on=checked_on,
        valid_to=valid_to,
        note=new.note.strip(),
        proof_id=proof.id if proof else None,
        proof_sha256=document.sha256 if document else None,
    )
    return row, wrong


def _write(db: Session, actor: Actor, row: SupplierCheck, *, now: datetime) -> None:
    count = select(func.count()).where(
        SupplierCheck.organization_id == row.organization_id, SupplierCheck.kind == row.kind
    )
    row.n, row.checked_by, row.checked_at = (db.scalar(count) or 0) + 1, actor.person_id, now
    db.add(row)
    db.flush()
    record(
        db, actor, "supplier.checked", "supplier", row.organization_id,
        now=now, kind=row.kind, result=row.result, check_id=row.id, sha256=row.proof_sha256,
    )  # fmt: skip
