"""Verbs over the entries of a draft: add, change, retire, move among its likes."""

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.catalogue.commands.writing import Tree, editable, rewrite
from marketplace.catalogue.model import CatalogueItem
from marketplace.catalogue.queries import tree_of
from marketplace.catalogue.rules.refusals import CodeTaken, HasChildren, LevelKept, NoNeighbour
from marketplace.catalogue.schemas import EntryText, NewItem
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, Stale


def _among(tree: Tree, item_id: UUID) -> NewItem:
    if item_id not in tree:
        raise NotFound
    return tree[item_id]


def _free(tree: Tree, code: str, item_id: UUID | None = None) -> None:
    for other_id, other in tree.items():
        if other.code == code and other_id != item_id:
            raise CodeTaken(field="code", entry=code, name=other.name)


def _below(tree: Tree, code: str) -> dict[UUID, NewItem]:
    return {key: one for key, one in tree.items() if one.code.startswith(code) and one.code != code}


def _under(tree: dict[UUID, NewItem], old: str, new: str) -> dict[UUID, NewItem]:
    """The entries at and below ``old`` as they stand at and below ``new``."""
    return {
        key: structs.replace(one, code=new + one.code[len(old) :], parent=(new + one.code[len(old) :])[:-2])
        for key, one in tree.items()
        if one.code.startswith(old)
    }


def add_entry(db: Session, actor: Actor, version_id: UUID, entry: EntryText, *, now: datetime) -> UUID:
    """Add an entry to a draft and return its id.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
        NobodyInPerson: the system itself acts.
        CodeTaken: the code belongs to another entry.
        WrongPlace, NoParent, UnknownProcurementCode, MatchWithoutCode, CostWithoutUnit, Several: the entry does not
            fit into the edition.
    """
    version = editable(db, actor, version_id)
    before, item_id = tree_of(db, version_id), uuid4()
    _free(before, entry.code)
    rewrite(db, actor, version, before, {**before, item_id: entry.item()})
    record(
        db, actor, "catalogue.entry_added", "catalogue_version", version.id,
        now=now, code=entry.code, name=entry.name, revision=version.revision,
    )  # fmt: skip
    return item_id


def change_entry(
    db: Session, actor: Actor, version_id: UUID, item_id: UUID, entry: EntryText, *, revision: int, now: datetime
) -> None:
    """Change an entry of a draft; with a new code those below it follow. ``revision`` is that of the entry as read.

    Raises:
        NotFound, Forbidden: no such edition or entry, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
        NobodyInPerson: the system itself acts.
        Stale: somebody else changed the entry meanwhile.
        CodeTaken: the new code belongs to another entry.
        LevelKept: others stand below it and the new code is of another level.
        WrongPlace, NoParent, UnknownProcurementCode, MatchWithoutCode, CostWithoutUnit, Several: the entry does not
            fit into the edition.
    """
    version = editable(db, actor, version_id)
    before = tree_of(db, version_id)
    old = _among(before, item_id)
    if db.scalar(select(CatalogueItem.revision).where(CatalogueItem.id == item_id)) != revision:
        raise Stale
    after = dict(before)
    if entry.code != old.code:
        _free(before, entry.code, item_id)
        below = _below(before, old.code)
        if below and len(entry.code) != len(old.code):
            raise LevelKept(field="code", name=old.name, given=entry.code, entry=old.code)
        after |= _under(below, old.code, entry.code)
    after[item_id] = entry.item()
    rewrite(db, actor, version, before, after)
    record(
        db, actor, "catalogue.entry_changed", "catalogue_version", version.id, now=now, code=entry.code, was=old.code,
        fields=[name for name in NewItem.__struct_fields__ if getattr(old, name) != getattr(after[item_id], name)],
        revision=version.revision,
    )  # fmt: skip


def retire_entry(db: Session, actor: Actor, version_id: UUID, item_id: UUID, *, reason: str, now: datetime) -> None:
    """Leave an entry out of a draft, with the reason. In the edition before it stays as it is.

    Raises:
        NotFound, Forbidden: no such edition or entry, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
        NobodyInPerson: the system itself acts.
        HasChildren: others stand below it.
    """
    version = editable(db, actor, version_id)
    before = tree_of(db, version_id)
    old = _among(before, item_id)
    below = _below(before, old.code)
    if below:
        raise HasChildren(name=old.name, count=len(below))
    rewrite(db, actor, version, before, {key: one for key, one in before.items() if key != item_id})
    record(
        db, actor, "catalogue.entry_retired", "catalogue_version", version.id,
        now=now, reason=reason, code=old.code, name=old.name, revision=version.revision,
    )  # fmt: skip


def move_entry(db: Session, actor: Actor, version_id: UUID, item_id: UUID, *, up: bool, now: datetime) -> None:
    """Let an entry exchange its code with its neighbour before (``up``) or after it; those below go with both.

    Raises:
        NotFound, Forbidden: no such edition or entry, or the actor may not edit the catalogue.
        NotEditable: the edition stands still.
        NobodyInPerson: the system itself acts.
        NoNeighbour: it is the first or last of its likes.
    """
    version = editable(db, actor, version_id)
    before = tree_of(db, version_id)
    mine = _among(before, item_id)
    likes = sorted(one.code for one in before.values() if one.level == mine.level and one.parent == mine.parent)
    place = likes.index(mine.code) + (-1 if up else 1)
    if not 0 <= place < len(likes):
        raise NoNeighbour(name=mine.name)
    theirs = likes[place]
    after = before | _under(before, mine.code, theirs) | _under(before, theirs, mine.code)
    rewrite(db, actor, version, before, after)
    record(
        db, actor, "catalogue.entry_moved", "catalogue_version", version.id,
        now=now, code=theirs, was=mine.code, revision=version.revision,
    )  # fmt: skip
