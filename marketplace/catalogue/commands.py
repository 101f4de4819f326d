"""Verbs of the service catalogue: enter procurement codes, draft an edition, publish it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueItemCode, CatalogueVersion, ProcurementCode
from marketplace.catalogue.rules import check_entries
from marketplace.catalogue.schemas import NewCode, NewEdition, NewItem
from marketplace.catalogue.states import EDITION, EditionAction, EditionState
from marketplace.db.base import lock, lock_all
from marketplace.db.search import pinyin_key, search_text
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, raise_all
from marketplace.outbox.commands import emit


def enter_codes(db: Session, actor: Actor, codes: Sequence[NewCode], *, now: datetime) -> int:
    """Enter procurement codes, or correct their names, and return how many were new or changed.

    Raises:
        NotFound, Forbidden: the actor may not edit the catalogue.
    """
    require(actor, Right.EDIT_CATALOGUE, {})
    if not codes:
        return 0
    statement = upsert(ProcurementCode).values([{"code": code.code, "name": code.name} for code in codes])
    changed = db.scalars(
        statement.on_conflict_do_update(
            index_elements=[ProcurementCode.code],
            set_={"name": statement.excluded.name},
            where=ProcurementCode.name != statement.excluded.name,
        ).returning(ProcurementCode.code)
    ).all()
    if changed:
        record(db, actor, "catalogue.codes_entered", "procurement_codes", uuid4(), now=now, codes=sorted(changed))
    return len(changed)


def draft_edition(db: Session, actor: Actor, edition: NewEdition, *, now: datetime) -> UUID:
    """Keep a new edition as a draft, with all its entries, and return its id.

    Raises:
        NotFound, Forbidden: the actor may not edit the catalogue.
        CodeTwice, WrongPlace, NoParent, UnknownProcurementCode, MatchWithoutCode, Several: the entries are no tree,
            or name codes that do not exist.
    """
    require(actor, Right.EDIT_CATALOGUE, {})
    known = dict(db.execute(select(ProcurementCode.code, ProcurementCode.name)).all())
    raise_all(check_entries([item.entry() for item in edition.items], known))
    number = (db.scalar(select(func.max(CatalogueVersion.number))) or 0) + 1
    version = CatalogueVersion(
        number=number,
        label=edition.label,
        note=edition.note,
        state=EDITION.start,
        drafted_by=actor.person_id,
        drafted_at=now,
    )
    db.add(version)
    db.flush()  # entries refer to the edition; there is no relationship that would order them
    _insert_items(db, version.id, edition.items, known)
    record(
        db, actor, "catalogue.drafted", "catalogue_version", version.id,
        now=now, number=number, label=edition.label, items=len(edition.items),
    )  # fmt: skip
    return version.id


def _insert_items(db: Session, version_id: UUID, items: Sequence[NewItem], known: dict[str, str]) -> None:
    ids = {item.code: uuid4() for item in items}
    db.execute(
        insert(CatalogueItem),
        [
            {
                "id": ids[item.code],
                "version_id": version_id,
                "code": item.code,
                "level": item.level,
                "parent_code": item.parent or None,
                "name": item.name,
                "name_en": item.name_en,
                "match": item.match,
                "note": item.note,
                "note_en": item.note_en,
                "pinyin": pinyin_key(item.name),
                "search_text": search_text(
                    item.name,
                    *(known[code] for code in item.procurement_codes),
                    codes=(item.code, item.name_en, *item.procurement_codes),
                ),
            }
            for item in items
        ],
    )
    links = [
        {"item_id": ids[item.code], "code": code, "place": place}
        for item in items
        for place, code in enumerate(item.procurement_codes)
    ]
    if links:
        db.execute(insert(CatalogueItemCode), links)


def publish_edition(db: Session, actor: Actor, version_id: UUID, *, now: datetime) -> None:
    """Put a draft in force; the edition before it is replaced. Projects keep the entry they were drafted from.

    Writes one ``catalogue.published`` message.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not publish the catalogue.
        DutiesClash: the actor drafted it.
        IllegalMove: it is not a draft.
    """
    require(actor, Right.PUBLISH_CATALOGUE, {})
    in_force = db.scalars(select(CatalogueVersion.id).where(CatalogueVersion.state == EditionState.PUBLISHED)).all()
    locked = {row.id: row for row in lock_all(db, CatalogueVersion, [*in_force, version_id])}
    version = locked.get(version_id) or lock(db, CatalogueVersion, version_id)
    if version is None:
        raise NotFound
    apart(actor, Duty.PUBLISH_CATALOGUE, {Duty.EDIT_CATALOGUE: [version.drafted_by] if version.drafted_by else []})
    state = EDITION.after(version.state, EditionAction.PUBLISH)
    for other in locked.values():
        if other.id != version_id and other.state is EditionState.PUBLISHED:
            other.state, other.replaced_at = EDITION.after(other.state, EditionAction.REPLACE), now
    db.flush()  # only one edition may be published, also for a moment
    version.state, version.published_by, version.published_at = state, actor.person_id, now
    db.flush()
    record(db, actor, "catalogue.published", "catalogue_version", version.id, now=now, number=version.number)
    emit(db, "catalogue.published", now=now, version_id=version.id)
