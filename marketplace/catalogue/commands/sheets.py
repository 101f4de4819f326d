"""Verbs of the import: read a sheet for a draft without changing it, then apply it in one act."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.catalogue.commands.writing import editable, keyed, person_of, rewrite
from marketplace.catalogue.model import CatalogueSheet
from marketplace.catalogue.queries import planned, sheet_rows, tree_of
from marketplace.catalogue.rules.refusals import SheetUsed, SheetWrong
from marketplace.catalogue.states import Outcome
from marketplace.db.base import lock
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, Stale
from marketplace.kit.text import clean_line


def keep_sheet(
    db: Session,
    actor: Actor,
    version_id: UUID,
    rows: Sequence[tuple[int, dict[str, str]]],
    *,
    name: str,
    whole: bool,
    now: datetime,
) -> UUID:
    """Keep a sheet's rows beside a draft, which stays as it is; returns the sheet's id.

    With ``whole`` the sheet is the edition entire: entries that it does not name would be retired.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
        NobodyInPerson: the system itself acts.
    """
    version = editable(db, actor, version_id)
    row = CatalogueSheet(
        version_id=version.id,
        name=clean_line(name)[:200],
        whole=whole,
        rows=[[number, cells] for number, cells in rows],
        read_by=person_of(actor),
        read_at=now,
    )
    db.add(row)
    db.flush()
    return row.id


def apply_sheet(db: Session, actor: Actor, sheet_id: UUID, *, revision: int, now: datetime) -> UUID:
    """Let a draft be what its sheet says, all rows in one act; returns the edition's id.

    ``revision`` is the draft's when the report was read.

    Raises:
        NotFound, Forbidden: no such sheet, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
        NobodyInPerson: the system itself acts.
        SheetUsed: it was applied already.
        Stale: the draft was changed since the report.
        SheetWrong: rows are wrong; nothing is taken in.
    """
    known = db.get(CatalogueSheet, sheet_id)
    version = editable(db, actor, known.version_id if known else sheet_id)
    sheet = lock(db, CatalogueSheet, sheet_id)
    if sheet is None:
        raise NotFound
    if sheet.applied_at is not None:
        raise SheetUsed
    if version.revision != revision:
        raise Stale
    before = tree_of(db, version.id)
    lines, after = planned(db, before, sheet_rows(sheet), whole=sheet.whole)
    wrong = sum(line.outcome is Outcome.WRONG for line in lines)
    if wrong:
        raise SheetWrong(count=wrong)
    keys = {item.code: key for key, item in before.items()}
    new = keyed([item for item in after if item.code not in keys])
    kept = {keys[item.code]: item for item in after if item.code in keys}
    rewrite(db, actor, version, before, kept | new)
    sheet.applied_by, sheet.applied_at = person_of(actor), now
    db.flush()
    counts = {str(one): sum(line.outcome is one for line in lines) for one in Outcome}
    record(
        db, actor, "catalogue.sheet_applied", "catalogue_version", version.id,
        now=now, sheet_id=sheet.id, counts=counts, revision=version.revision,
    )  # fmt: skip
    return version.id
