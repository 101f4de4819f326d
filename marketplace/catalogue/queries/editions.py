"""Reads of the service catalogue: the edition in force, its tree, one entry, and the search."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueItemCode, CatalogueVersion, ProcurementCode
from marketplace.catalogue.rules import Difference, difference
from marketplace.catalogue.schemas import Branch, CodeView, Found, ItemPage, ItemView, NewItem, VersionView
from marketplace.catalogue.states import SHOWN, EditionState
from marketplace.db.search import found, words
from marketplace.kit.errors import NotFound

_I = CatalogueItem
_COLUMNS = (
    _I.id, _I.code, _I.level, _I.parent_code, _I.name, _I.name_en, _I.match, _I.note, _I.note_en,
    _I.unit, _I.unit_cost_fen, _I.standard, _I.revision,
)  # fmt: skip
FOUND_MAX = 200
"""A search shows so many entries and asks for further words beyond."""


def versions(db: Session) -> tuple[VersionView, ...]:
    """All editions, the newest first."""
    counts: dict[UUID, dict[int, int]] = defaultdict(dict)
    for version_id, level, count in db.execute(
        select(_I.version_id, _I.level, func.count()).group_by(_I.version_id, _I.level)
    ):
        counts[version_id][level] = count
    query = select(CatalogueVersion).order_by(CatalogueVersion.number.desc())
    return tuple(
        VersionView(
            id=row.id,
            number=row.number,
            label=row.label,
            note=row.note,
            state=row.state,
            published_at=row.published_at,
            consult_from=row.consult_from,
            consult_to=row.consult_to,
            in_force_on=row.in_force_on,
            withdraw_reason=row.withdraw_reason,
            counts=(counts[row.id].get(1, 0), counts[row.id].get(2, 0), counts[row.id].get(3, 0)),
        )
        for row in db.scalars(query)
    )


def current(db: Session) -> VersionView:
    """The edition in force.

    Raises:
        NotFound: none is published.
    """
    return _chosen(db, None)


def _chosen(db: Session, number: int | None) -> VersionView:
    for version in versions(db):
        if version.number == number or (number is None and version.state is EditionState.PUBLISHED):
            return version
    raise NotFound


def tree(db: Session, number: int | None = None) -> tuple[Branch, ...]:
    """The whole edition ``number`` (the one in force) from its first level down, in the order of codes.

    Raises:
        NotFound: no such edition, or none is published.
    """
    version = _chosen(db, number)
    below: dict[str, list[ItemView]] = defaultdict(list)
    for item in _items(db, select(*_COLUMNS).where(_I.version_id == version.id).order_by(_I.code)):
        below[item.parent].append(item)

    def branches(parent: str) -> tuple[Branch, ...]:
        return tuple(Branch(item=item, children=branches(item.code)) for item in below[parent])

    return branches("")


def item(db: Session, code: str, number: int | None = None) -> ItemPage:
    """One entry of the edition ``number`` (the one in force) by its code.

    Raises:
        NotFound: no such edition or entry.
    """
    version = _chosen(db, number)
    lineage = [code[:length] for length in (1, 3, 5) if length <= len(code)]
    query = select(*_COLUMNS).where(_I.version_id == version.id, _I.code.in_(lineage) | (_I.parent_code == code))
    by_code = {entry.code: entry for entry in _items(db, query.order_by(_I.code))}
    if code not in by_code:
        raise NotFound
    return ItemPage(
        item=by_code[code],
        version=version,
        parents=tuple(by_code[parent] for parent in lineage[:-1]),
        children=tuple(entry for entry in by_code.values() if entry.parent == code),
    )


def item_by_id(db: Session, item_id: UUID) -> ItemView:
    """One entry of any edition, by its key.

    Raises:
        NotFound: no such entry.
    """
    entries = _items(db, select(*_COLUMNS).where(_I.id == item_id))
    if not entries:
        raise NotFound
    return entries[0]


def entries(db: Session, number: int | None = None) -> tuple[ItemView, ...]:
    """All entries of the edition ``number`` (the one in force), in the order of codes.

    Raises:
        NotFound: no such edition, or none is published.
    """
    return entries_of(db, _chosen(db, number).id)


def entries_of(db: Session, version_id: UUID) -> tuple[ItemView, ...]:
    """All entries of an edition, in the order of codes."""
    return tuple(_items(db, select(*_COLUMNS).where(_I.version_id == version_id).order_by(_I.code)))


def _as_new(entry: ItemView) -> NewItem:
    """An entry as it would be entered."""
    return NewItem(
        code=entry.code,
        level=entry.level,
        parent=entry.parent,
        name=entry.name,
        procurement_codes=tuple(one.code for one in entry.procurement_codes),
        match=entry.match,
        note=entry.note,
        name_en=entry.name_en,
        note_en=entry.note_en,
        unit=entry.unit,
        unit_cost_fen=entry.unit_cost_fen,
        standard=entry.standard,
    )


def tree_of(db: Session, version_id: UUID) -> dict[UUID, NewItem]:
    """The entries of an edition by their keys."""
    return {entry.id: _as_new(entry) for entry in entries_of(db, version_id)}


def shown(db: Session, number: int) -> VersionView:
    """An edition whose entries everybody may read: under consultation, waiting for its day, in force or replaced.

    Raises:
        NotFound: there is none, or it is not shown.
    """
    version = _chosen(db, number)
    if version.state not in SHOWN:
        raise NotFound
    return version


def compared(db: Session, old: int, new: int) -> Difference:
    """What differs between two editions, whoever may read them.

    Raises:
        NotFound: there is no such edition.
    """
    return difference([one.text() for one in entries(db, old)], [one.text() for one in entries(db, new)])


def choices(db: Session) -> tuple[ItemView, ...]:
    """The entries that a project may be drafted from: those of the third level, in the order of codes.

    Raises:
        NotFound: no edition is published.
    """
    return tuple(entry for entry in entries(db) if entry.level == 3)  # noqa: PLR2004 - the lowest level


def search(db: Session, query: str, *, limit: int = FOUND_MAX) -> Found:
    """The entries of the edition in force in which every word stands: in name, code, procurement code or pinyin.

    Raises:
        NotFound: no edition is published.
    """
    version = current(db)
    if not words(query):
        return Found(items=(), more=False)
    keys = found(_I, _I.id, query, _I.version_id == version.id, order_by=(_I.code,))
    rows = _items(db, select(*_COLUMNS).where(_I.id.in_(keys)).order_by(_I.code).limit(limit + 1))
    return Found(items=tuple(rows[:limit]), more=len(rows) > limit)


def procurement_codes(db: Session) -> tuple[CodeView, ...]:
    """All procurement codes, in order."""
    query = select(ProcurementCode.code, ProcurementCode.name).order_by(ProcurementCode.code)
    return tuple(CodeView(code=code, name=name) for code, name in db.execute(query))


def _items(db: Session, query: Select[*tuple[Any, ...]]) -> list[ItemView]:
    rows: Sequence[Any] = db.execute(query).all()
    codes = _codes(db, [row.id for row in rows])
    return [
        ItemView(
            id=row.id,
            code=row.code,
            level=row.level,
            parent=row.parent_code or "",
            name=row.name,
            name_en=row.name_en,
            match=row.match,
            note=row.note,
            note_en=row.note_en,
            procurement_codes=tuple(codes[row.id]),
            unit=row.unit,
            unit_cost_fen=row.unit_cost_fen,
            standard=row.standard,
            revision=row.revision,
        )
        for row in rows
    ]


def _codes(db: Session, item_ids: Iterable[UUID]) -> dict[UUID, list[CodeView]]:
    link = CatalogueItemCode
    query = (
        select(link.item_id, ProcurementCode.code, ProcurementCode.name)
        .join(ProcurementCode, ProcurementCode.code == link.code)
        .where(link.item_id.in_(list(item_ids)))
        .order_by(link.item_id, link.place)
    )
    found_codes: dict[UUID, list[CodeView]] = defaultdict(list)
    for item_id, code, name in db.execute(query):
        found_codes[item_id].append(CodeView(code=code, name=name))
    return found_codes
