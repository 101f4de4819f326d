"""Whether an organization may bid on a day, and its readiness list as its own people and the centre see it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from marketplace.documents.queries import documents
from marketplace.suppliers.model import Debarment, ReadinessKind, Supplier, SupplierCheck, SupplierDocument
from marketplace.suppliers.rules.readiness import Check, Item, applies, is_good, lamp, usual_end
from marketplace.suppliers.schemas import CheckView, DebarmentView, Demands, ItemView, Missing, ProofView
from marketplace.suppliers.states import (
    SUPPLIER,
    WHY_TEXTS,
    CheckResult,
    Nature,
    ProofBy,
    SupplierState,
    Why,
)

NO_DEMANDS = Demands()


def kinds(db: Session) -> list[ReadinessKind]:
    """Every item of the readiness list, in its order; for this package alone."""
    return list(db.scalars(select(ReadinessKind).order_by(ReadinessKind.place, ReadinessKind.code)))


def item_of(kind: ReadinessKind) -> Item:
    """An item as the rules look at it."""
    return Item(
        code=kind.code,
        name=kind.name,
        applies=kind.applies,
        proof_by=kind.proof_by,
        must_expire=kind.must_expire,
        months=kind.months,
        pledge=kind.pledge,
    )


def required_items(db: Session, nature: Nature, *, minors: bool, demanded: Sequence[str] = ()) -> list[Item]:
    """The items that must be right for an organization of this nature."""
    items = [item_of(kind) for kind in kinds(db)]
    return [item for item in items if applies(item, nature, minors=minors, demanded=demanded)]


def latest_checks(db: Session, organization_id: UUID) -> dict[str, SupplierCheck]:
    """The latest check of each item of an organization; for this package alone."""
    query = (
        select(SupplierCheck)
        .where(SupplierCheck.organization_id == organization_id)
        .ext(distinct_on(SupplierCheck.kind))
        .order_by(SupplierCheck.kind, SupplierCheck.n.desc())
    )
    return {row.kind: row for row in db.scalars(query)}


def as_check(row: SupplierCheck | None) -> Check | None:
    """A check as the rules look at it."""
    return None if row is None else Check(result=row.result, checked_on=row.checked_on, valid_to=row.valid_to)


def _missing(why: Why, kind: str = "", *, blocks: bool = True, **params: object) -> Missing:
    texts = {name: str(value) for name, value in params.items()}
    return Missing(why=why, kind=kind, text=WHY_TEXTS[why], params=texts, blocks=blocks)


def _covers(services: Sequence[str], wanted: str) -> bool:
    return any(wanted.startswith(code) for code in services)


def is_ready(db: Session, organization_id: UUID, on_day: date, demands: Demands = NO_DEMANDS) -> list[Missing]:
    """What an organization lacks to bid on a legal day; an empty list means ready.

    ``demands.service`` is the project's code in the service catalogue (its absence from the organization's services is
    told and does not block), ``minors`` whether staff will work with minors, ``also`` further items by their code.

    Source:
        政府采购法第二十二条 for what a supplier must fulfil; 未成年人保护法第六十二条 for staff who work with minors.
    """
    supplier = db.get(Supplier, organization_id)
    found = [
        _missing(Why.DEBARRED, source=row.source, from_on=row.from_on, to_on=row.to_on or "…")
        for row in debarments_on(db, organization_id, on_day)
    ]
    if supplier is None:
        return [*found, _missing(Why.NOT_REGISTERED)]
    if supplier.state is not SupplierState.QUALIFIED:
        found.append(_missing(Why.NOT_QUALIFIED, state=SUPPLIER.label(supplier.state)))
    checks = latest_checks(db, organization_id)
    minors = demands.minors or supplier.serves_minors
    for item in required_items(db, supplier.nature, minors=minors, demanded=demands.also):
        check = as_check(checks.get(item.code))
        if is_good(check, on_day):
            continue
        if check is None:
            found.append(_missing(Why.UNCHECKED, item.code, item=item.name))
        elif check.result is CheckResult.FAILED:
            found.append(_missing(Why.FAILED, item.code, item=item.name))
        else:
            found.append(_missing(Why.EXPIRED, item.code, item=item.name, valid_to=check.valid_to))
    if demands.service and not _covers(supplier.services, demands.service):
        found.append(_missing(Why.SERVICE_NOT_COVERED, blocks=False, service=demands.service))
    return found


def debarments_on(db: Session, organization_id: UUID, on_day: date) -> list[Debarment]:
    """The debarments in force on a day; for this package alone."""
    query = (
        select(Debarment)
        .where(
            Debarment.organization_id == organization_id,
            Debarment.lifted_at.is_(None),
            Debarment.from_on <= on_day,
            (Debarment.to_on.is_(None)) | (Debarment.to_on >= on_day),
        )
        .order_by(Debarment.from_on, Debarment.id)
    )
    return list(db.scalars(query))


def debarments(db: Session, organization_id: UUID, *, on_day: date) -> tuple[DebarmentView, ...]:
    """Every debarment of an organization, the newest first."""
    query = select(Debarment).where(Debarment.organization_id == organization_id)
    return tuple(
        DebarmentView(
            id=row.id,
            source=row.source,
            reference=row.reference,
            reason=row.reason,
            from_on=row.from_on,
            to_on=row.to_on,
            recorded_at=row.recorded_at,
            lifted_at=row.lifted_at,
            lift_reason=row.lift_reason,
            document_id=row.document_id,
            in_force=row.lifted_at is None and row.from_on <= on_day and (row.to_on is None or on_day <= row.to_on),
        )
        for row in db.scalars(query.order_by(Debarment.from_on.desc(), Debarment.id))
    )


def proofs(db: Session, organization_id: UUID) -> dict[str, list[ProofView]]:
    """The proofs handed in for each item, the newest first."""
    query = (
        select(SupplierDocument)
        .where(SupplierDocument.organization_id == organization_id)
        .order_by(SupplierDocument.added_at.desc(), SupplierDocument.id)
    )
    rows = list(db.scalars(query))
    files = documents(db, [row.document_id for row in rows])
    found: dict[str, list[ProofView]] = defaultdict(list)
    for row in rows:
        view = ProofView(
            id=row.id,
            kind=row.kind,
            document=files[row.document_id],
            added_at=row.added_at,
            removed=row.removed_at is not None,
            by_organization=row.by_organization,
        )
        found[row.kind].append(view)
    return found


def _check_view(row: SupplierCheck) -> CheckView:
    return CheckView(
        id=row.id,
        kind=row.kind,
        result=row.result,
        source=row.source,
        checked_on=row.checked_on,
        valid_to=row.valid_to,
        note=row.note,
        proof_id=row.proof_id,
        proof_sha256=row.proof_sha256,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
    )


def readiness(db: Session, supplier: Supplier, *, on_day: date) -> tuple[ItemView, ...]:
    """The readiness list of an organization on a day, every item with its lamp, latest check and proofs."""
    checks, handed_in = latest_checks(db, supplier.organization_id), proofs(db, supplier.organization_id)
    found = []
    for kind in kinds(db):
        item, row = item_of(kind), checks.get(kind.code)
        found.append(
            ItemView(
                code=kind.code,
                name=kind.name,
                name_en=kind.name_en,
                hint=kind.hint,
                hint_en=kind.hint_en,
                basis=kind.basis,
                confirmed=kind.confirmed,
                public=kind.public,
                proof_by_centre=kind.proof_by is ProofBy.CENTRE,
                required=applies(item, supplier.nature, minors=supplier.serves_minors),
                must_expire=kind.must_expire,
                pledge=kind.pledge,
                lamp=lamp(as_check(row), on_day),
                check=None if row is None else _check_view(row),
                proofs=tuple(proof for proof in handed_in.get(kind.code, ()) if not proof.removed),
                suggested_end=usual_end(item, supplier.nature, on_day),
            )
        )
    return tuple(found)
