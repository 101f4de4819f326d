"""Reads of the journal."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.journal.model import JournalEntry
from marketplace.journal.schemas import Entry

PAGE = 200


def of_thing(db: Session, thing_kind: str, thing_id: UUID, *, limit: int = PAGE) -> list[Entry]:
    """The acts on one thing, oldest first, at most ``limit``."""
    query = (
        select(JournalEntry)
        .where(JournalEntry.thing_kind == thing_kind, JournalEntry.thing_id == thing_id)
        .order_by(JournalEntry.n)
        .limit(limit)
    )
    return [_entry(row) for row in db.scalars(query)]


def latest(db: Session, kinds: Sequence[str], thing_ids: Sequence[UUID], acts: Sequence[str]) -> Entry | None:
    """The last of certain acts on one of several things; None where there was none."""
    query = (
        select(JournalEntry)
        .where(JournalEntry.thing_kind.in_(kinds), JournalEntry.thing_id.in_(thing_ids), JournalEntry.act.in_(acts))
        .order_by(JournalEntry.n.desc())
        .limit(1)
    )
    row = db.scalar(query)
    return _entry(row) if row is not None else None


def _entry(row: JournalEntry) -> Entry:
    return Entry(
        id=row.id,
        n=row.n,
        act=row.act,
        thing_kind=row.thing_kind,
        thing_id=row.thing_id,
        person_id=row.person_id,
        organization_id=row.organization_id,
        reason=row.reason,
        at=row.at,
        effective_at=row.effective_at,
    )
