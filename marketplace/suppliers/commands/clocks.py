"""The register's clocks: the ends of proofs and of debarments are told of, once each, by the clock alone."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from marketplace.db.base import claim
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import legal_day
from marketplace.outbox.commands import emit
from marketplace.suppliers.model import Debarment, Supplier, SupplierCheck, SupplierDocument, SupplierReminder
from marketplace.suppliers.rules.clocks import to_tell, told_until
from marketplace.suppliers.states import LISTED, CheckResult

BATCH = 200
WEEK = timedelta(days=7)


def remind_ends(db: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Tell organizations (and, the first time, the centres) of proofs that end, and of debarments that ended.

    At most ``limit`` of either; returns how many were told. Each stage of each check is told once, however often this
    runs; a proof for which a newer one was handed in is not called for any more.
    """
    return _proofs(db, now=now, limit=limit) + _debarments(db, now=now, limit=limit)


def _proofs(db: Session, *, now: datetime, limit: int) -> int:
    today, later = legal_day(now), aliased(SupplierCheck)
    newest = (
        select(func.max(later.n))
        .where(later.organization_id == SupplierCheck.organization_id, later.kind == SupplierCheck.kind)
        .scalar_subquery()
    )
    renewed = select(SupplierDocument.id).where(
        SupplierDocument.organization_id == SupplierCheck.organization_id,
        SupplierDocument.kind == SupplierCheck.kind,
        SupplierDocument.removed_at.is_(None),
        SupplierDocument.added_at > SupplierCheck.checked_at,
    )
    stage = case((SupplierCheck.valid_to < today, 0), (SupplierCheck.valid_to <= today + WEEK, 7), else_=30)
    told = select(SupplierReminder.id).where(
        SupplierReminder.check_id == SupplierCheck.id, SupplierReminder.days <= stage
    )
    listed = select(Supplier.organization_id).where(Supplier.state.in_(LISTED))
    query = (
        select(SupplierCheck)
        .where(
            SupplierCheck.n == newest,
            SupplierCheck.result != CheckResult.FAILED,
            SupplierCheck.valid_to <= told_until(today),
            SupplierCheck.organization_id.in_(listed),
            ~renewed.exists(),
            ~told.exists(),
        )
        .order_by(SupplierCheck.valid_to, SupplierCheck.id)
        .limit(limit)
    )
    return sum(_tell(db, row, now=now) for row in db.scalars(query))


def _tell(db: Session, row: SupplierCheck, *, now: datetime) -> bool:
    told = list(db.scalars(select(SupplierReminder.days).where(SupplierReminder.check_id == row.id)))
    stage = None if row.valid_to is None else to_tell(row.valid_to, legal_day(now), told)
    if stage is None:
        return False
    new = insert(SupplierReminder).values(id=uuid4(), check_id=row.id, days=stage, told_at=now)
    if db.execute(new.on_conflict_do_nothing().returning(SupplierReminder.id)).scalar() is None:
        return False  # another worker told of it in this moment
    topic = "suppliers.proof_ended" if stage == 0 else "suppliers.proof_nears" if told else "suppliers.proof_ending"
    emit(db, topic, now=now, organization_id=row.organization_id, check_id=row.id)
    return True


def _debarments(db: Session, *, now: datetime, limit: int) -> int:
    over = claim(
        db,
        Debarment,
        Debarment.lifted_at.is_(None),
        Debarment.end_told_at.is_(None),
        Debarment.to_on < legal_day(now),
        limit=limit,
    )
    for row in over:
        row.end_told_at = now
        record(db, SYSTEM, "supplier.debarment_ended", "supplier", row.organization_id, now=now, to_on=row.to_on)
        emit(db, "suppliers.debarment_ended", now=now, organization_id=row.organization_id, debarment_id=row.id)
    return len(over)
