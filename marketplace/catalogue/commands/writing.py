"""What every verb of the catalogue's editor begins and ends with: hold the edition, write its entries."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueItemCode, CatalogueVersion, ProcurementCode
from marketplace.catalogue.rules import check_entries
from marketplace.catalogue.rules.refusals import NobodyInPerson, NotEditable
from marketplace.catalogue.schemas import NewItem
from marketplace.catalogue.states import EDITABLE, EDITION
from marketplace.db.base import lock
from marketplace.db.search import pinyin_key, search_text
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, raise_all

Tree = Mapping[UUID, NewItem]
"""The entries of an edition by their keys."""


def held(db: Session, actor: Actor, version_id: UUID, right: Right) -> CatalogueVersion:
    """An edition held alone, once the actor's right is certain.

    Raises:
        NotFound: there is no such edition, or the actor has nothing to do with the catalogue.
        Forbidden: the actor's roles lack the right.
    """
    require(actor, right, {})
    version = lock(db, CatalogueVersion, version_id)
    if version is None:
        raise NotFound
    return version


def person_of(actor: Actor) -> UUID:
    """Who acts in person.

    Raises:
        NobodyInPerson: the system itself acts.
    """
    if actor.person_id is None:
        raise NobodyInPerson
    return actor.person_id


def editable(db: Session, actor: Actor, version_id: UUID) -> CatalogueVersion:
    """An edition held alone, whose entries the actor may change now.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
    """
    version = held(db, actor, version_id, Right.EDIT_CATALOGUE)
    if version.state not in EDITABLE:
        raise NotEditable(state=EDITION.label(version.state))
    return version


def known_codes(db: Session) -> dict[str, str]:
    """All procurement codes with their names."""
    return dict(db.execute(select(ProcurementCode.code, ProcurementCode.name)).all())


def insert_entries(db: Session, version: CatalogueVersion, entries: Tree, known: Mapping[str, str]) -> None:
    """Write entries that are not there yet; ``known`` are the procurement codes with their names."""
    if not entries:
        return
    db.execute(insert(CatalogueItem), [_row(version, item_id, item, known) for item_id, item in entries.items()])
    links = [
        {"item_id": item_id, "code": code, "place": place}
        for item_id, item in entries.items()
        for place, code in enumerate(item.procurement_codes)
    ]
    if links:
        db.execute(insert(CatalogueItemCode), links)


def _row(version: CatalogueVersion, item_id: UUID, item: NewItem, known: Mapping[str, str]) -> dict[str, object]:
    return {
        "id": item_id,
        "version_id": version.id,
        "revision": version.revision,
        "code": item.code,
        "level": item.level,
        "parent_code": item.parent or None,
        "name": item.name,
        "name_en": item.name_en,
        "match": item.match,
        "unit": item.unit,
        "unit_cost_fen": item.unit_cost_fen,
        "standard": item.standard,
        "note": item.note,
        "note_en": item.note_en,
        "pinyin": pinyin_key(item.name),
        "search_text": search_text(
            item.name,
            *(known[code] for code in item.procurement_codes),
            codes=(item.code, item.name_en, *item.procurement_codes),
        ),
    }


def keyed(items: Sequence[NewItem]) -> dict[UUID, NewItem]:
    """New entries with new keys."""
    return {uuid4(): item for item in items}


def rewrite(db: Session, actor: Actor, version: CatalogueVersion, before: Tree, after: Tree) -> None:
    """Let the entries of an edition be ``after`` where they were ``before``; one revision, whatever changed.

    Entries that change are written anew under their own keys, so that two may exchange their codes.

    Raises:
        NobodyInPerson: the system itself acts.
        DomainError: what ``check_entries`` finds in the whole edition.
    """
    person_id, known = person_of(actor), known_codes(db)
    raise_all(check_entries([item.entry() for item in after.values()], known))
    touched = {item_id: item for item_id, item in after.items() if before.get(item_id) != item}
    gone = [item_id for item_id in before if item_id not in after or item_id in touched]
    if not touched and not gone:
        return
    version.revision += 1
    if person_id not in version.drafter_ids:
        version.drafter_ids = [*version.drafter_ids, person_id]
    db.flush()
    if gone:
        db.execute(delete(CatalogueItemCode).where(CatalogueItemCode.item_id.in_(gone)))
        db.execute(delete(CatalogueItem).where(CatalogueItem.id.in_(gone)))
    insert_entries(db, version, touched, known)
