"""Verbs of wishes: hand in, correct, show, merge, decline, withdraw, reopen; adopt into a draft, and set free again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock, lock_all
from marketplace.db.search import search_text
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.text import clean_line
from marketplace.outbox.commands import emit
from marketplace.projects.commands.drafting import draft, edit, locked
from marketplace.projects.model import Need, Project
from marketplace.projects.queries import plan_of
from marketplace.projects.queries.needs import need_parties, wishes
from marketplace.projects.rules.needs import (
    ADOPTED_AT_ONCE,
    FREE_FROM,
    BroughtByMissing,
    MergeTarget,
    NeedBound,
    NeedTakenMeanwhile,
    NoNeeds,
    prefilled,
)
from marketplace.projects.schemas import NewProject
from marketplace.projects.schemas.needs import Adoption, NewNeed
from marketplace.projects.states import NEED, PROJECT, NeedAction, NeedChannel, NeedState, ProjectAction

_GIVEN = tuple(name for name in NewNeed.__struct_fields__ if name not in {"title", "catalogue_code", "channel"})


def collect(db: Session, actor: Actor, new: NewNeed, *, now: datetime) -> UUID:
    """Hand in a wish of one's own organization, or write one down for a village or unit; returns its id.

    Raises:
        NotFound: the actor acts for no organization.
        Forbidden: the actor's roles may not hand anything in, or write anything down for others.
        BroughtByMissing: a wish for others lacks who brought it or how it came.
    """
    own = actor.organization_id
    if own is None:
        raise NotFound
    row = Need(organization_id=own, collected_by=actor.person_id, collected_at=now, updated_at=now, search_text="")
    _may_write(actor, row, new)
    _fill(db, row, new)
    db.add(row)
    db.flush()
    record(
        db, actor, "need.collected", "need", row.id, now=now,
        title=row.title, brought_by=row.brought_by, channel=row.channel,
    )  # fmt: skip
    emit(db, "need.collected", now=now, need_id=row.id)
    return row.id


def _may_write(actor: Actor, row: Need, new: NewNeed) -> None:
    """Whoever writes for others curates; whoever writes for themselves hands in."""
    require(actor, Right.HAND_IN_NEED, need_parties(row))
    for_others = bool(new.brought_by.strip()) or new.channel not in (None, NeedChannel.ONLINE)
    if not for_others:
        return
    require(actor, Right.CURATE_NEED, {})
    if not new.brought_by.strip() or new.channel in (None, NeedChannel.ONLINE):
        raise BroughtByMissing(field="channel" if new.brought_by.strip() else "brought_by")


def _fill(db: Session, row: Need, new: NewNeed) -> None:
    for name in _GIVEN:
        setattr(row, name, getattr(new, name))
    row.title, row.brought_by = clean_line(new.title), clean_line(new.brought_by)
    row.catalogue_code = new.catalogue_code or ""
    row.channel = new.channel or NeedChannel.ONLINE
    place = row.brought_by or db.get_one(Organization, row.organization_id).name
    row.search_text = search_text(row.title, place, row.location, row.people_kind, codes=(row.catalogue_code,))


def edit_need(db: Session, actor: Actor, need_id: UUID, new: NewNeed, *, now: datetime) -> None:
    """Write a wish that still waits as it is to be.

    Raises:
        NotFound: the actor's organization handed in no such wish.
        Forbidden: the actor's roles may not hand anything in, or write anything down for others.
        IllegalMove: it has been adopted, merged, declined or withdrawn.
        BroughtByMissing: a wish for others lacks who brought it or how it came.
    """
    row = _owned(db, actor, need_id)
    row.state = NEED.after(row.state, NeedAction.EDIT)
    _may_write(actor, row, new)
    changed = [name for name in _GIVEN if getattr(row, name) != getattr(new, name)]
    _fill(db, row, new)
    row.updated_at = now
    record(db, actor, "need.edited", "need", row.id, now=now, title=row.title, fields=changed)


def show(db: Session, actor: Actor, need_id: UUID, *, is_shown: bool, now: datetime) -> None:
    """Release a wish for everybody, or take it from the public page again.

    Raises:
        NotFound: there is no such wish.
        Forbidden: the actor does not curate wishes.
        IllegalMove: it was merged, declined or withdrawn.
    """
    row = _curated(db, actor, need_id)
    row.state = NEED.after(row.state, NeedAction.SHOW)
    row.is_shown, row.updated_at = is_shown, now
    record(db, actor, "need.shown" if is_shown else "need.hidden", "need", row.id, now=now, title=row.title)


def merge(db: Session, actor: Actor, need_id: UUID, *, into_id: UUID, now: datetime) -> None:
    """Merge a wish into another that asks for the same; what was merged into it goes along.

    Raises:
        NotFound: there is no such wish.
        Forbidden: the actor does not curate wishes.
        IllegalMove: the wish does not wait.
        MergeTarget: the other is the same, or settled.
    """
    require(actor, Right.CURATE_NEED, {})
    followers = list(db.scalars(select(Need.id).where(Need.merged_into_id == need_id)))
    rows = {row.id: row for row in lock_all(db, Need, {need_id, into_id, *followers})}
    row, into = rows.get(need_id), rows.get(into_id)
    if row is None or into is None:
        raise NotFound
    state = NEED.after(row.state, NeedAction.MERGE)
    if into is row or into.state not in (NeedState.COLLECTED, NeedState.ADOPTED):
        raise MergeTarget(field="into_id", title=into.title)
    row.state, row.merged_into_id = state, into.id
    for one in followers:
        if rows[one].state is NeedState.MERGED:
            rows[one].merged_into_id = into.id
    _decided(row, actor, now)
    record(db, actor, "need.merged", "need", row.id, now=now, into_id=into.id, title=row.title)
    emit(db, "need.merged", now=now, need_id=row.id)


def decline(db: Session, actor: Actor, need_id: UUID, *, reason: str, now: datetime) -> None:
    """Say that a wish is not adopted, with a reason that whoever brought it reads.

    Raises:
        NotFound: there is no such wish.
        Forbidden: the actor does not curate wishes.
        IllegalMove: it does not wait.
    """
    row = _curated(db, actor, need_id)
    state = NEED.after(row.state, NeedAction.DECLINE)
    row.reason = reason
    row.state = state
    _decided(row, actor, now)
    record(db, actor, "need.declined", "need", row.id, now=now, reason=reason, title=row.title)
    emit(db, "need.declined", now=now, need_id=row.id)


def withdraw(db: Session, actor: Actor, need_id: UUID, *, reason: str = "", now: datetime) -> None:
    """Take a wish back; what was merged into it waits again.

    Raises:
        NotFound: the actor's organization handed in no such wish.
        Forbidden: the actor's roles may not hand anything in.
        IllegalMove: it does not wait.
    """
    row = _owned(db, actor, need_id)
    state = NEED.after(row.state, NeedAction.WITHDRAW)
    row.reason = reason
    row.state = state
    _decided(row, actor, now)
    for other in lock_all(db, Need, db.scalars(select(Need.id).where(Need.merged_into_id == row.id))):
        _waits_again(other, NeedAction.REOPEN, now)
    record(db, actor, "need.withdrawn", "need", row.id, now=now, reason=reason, title=row.title)


def reopen(db: Session, actor: Actor, need_id: UUID, *, now: datetime) -> None:
    """Let a wish wait again that was declined or merged.

    Raises:
        NotFound: there is no such wish.
        Forbidden: the actor does not curate wishes.
        IllegalMove: it was neither declined nor merged.
    """
    row = _curated(db, actor, need_id)
    _waits_again(row, NeedAction.REOPEN, now)
    record(db, actor, "need.reopened", "need", row.id, now=now, title=row.title)
    emit(db, "need.reopened", now=now, need_id=row.id)


def adopt(db: Session, actor: Actor, adoption: Adoption, *, now: datetime) -> UUID:
    """Begin a draft that answers one or several wishes, filled with what they say; returns the project's id.

    Raises:
        NoNeeds: none were named, or more than one project takes at once.
        NotFound: one of them does not exist, or as :func:`draft` says.
        NeedTakenMeanwhile: one of them no longer waits.
        Forbidden, NotABuyer, NotInCatalogue: as :func:`draft` says.
    """
    own = actor.organization_id
    require(actor, Right.READ_NEED, {})
    require(actor, Right.DRAFT_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    rows = _all(db, adoption.need_ids)
    new = NewProject(
        catalogue_code=adoption.catalogue_code,
        title=adoption.title,
        buyer_id=adoption.buyer_id,
        template=adoption.template,
    )
    project_id = draft(db, actor, new, now=now)
    project = db.get_one(Project, project_id)
    plan = prefilled(plan_of(db, project), wishes(db, [row.id for row in rows]))
    edit(db, actor, project_id, plan, version=project.version, now=now)
    for row in rows:
        _adopted(db, actor, row, project_id, now)
    return project_id


def join(db: Session, actor: Actor, need_id: UUID, *, project_id: UUID, now: datetime) -> None:
    """Let an existing draft answer a wish as well; its text stays as its drafters wrote it.

    Raises:
        NotFound: there is no such project for the actor, or no such wish.
        Forbidden: the actor may not draft it.
        IllegalMove: the project is no draft.
        NeedTakenMeanwhile: the wish no longer waits.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    PROJECT.after(project.state, ProjectAction.EDIT)
    (row,) = _all(db, (need_id,))
    _adopted(db, actor, row, project.id, now)


def _all(db: Session, need_ids: Sequence[UUID]) -> list[Need]:
    wanted = set(need_ids)
    if not 0 < len(wanted) <= ADOPTED_AT_ONCE:
        raise NoNeeds(field="need_ids", limit=ADOPTED_AT_ONCE)
    rows = lock_all(db, Need, wanted)
    if len(rows) < len(wanted):
        raise NotFound
    for row in rows:
        if NeedAction.ADOPT not in NEED.actions(row.state):
            raise NeedTakenMeanwhile(field="need_ids", title=row.title)
    return rows


def _adopted(db: Session, actor: Actor, row: Need, project_id: UUID, now: datetime) -> None:
    row.state, row.project_id = NEED.after(row.state, NeedAction.ADOPT), project_id
    row.adopted_by, row.adopted_at, row.updated_at = actor.person_id, now, now
    db.flush()
    record(db, actor, "need.adopted", "need", row.id, now=now, project_id=project_id, title=row.title)
    emit(db, "need.adopted", now=now, need_id=row.id)


def free(db: Session, actor: Actor, need_id: UUID, *, now: datetime) -> None:
    """Take a wish out of the draft that adopted it, or out of a project that came to nothing.

    Raises:
        NotFound: there is no such wish, or its project is not the actor's.
        Forbidden: the actor may not draft the project.
        IllegalMove: no project adopted it.
        NeedBound: the project is under way.
    """
    require(actor, Right.READ_NEED, {})
    row = db.get(Need, need_id)
    if row is None:
        raise NotFound
    NEED.after(row.state, NeedAction.FREE)
    assert row.project_id is not None  # noqa: S101 - a CHECK: what is adopted has a project
    project = locked(db, actor, row.project_id, Right.DRAFT_PROJECT)  # the project before its wishes, always
    held = lock(db, Need, need_id)
    if project.state not in FREE_FROM or held is None or held.project_id != project.id:
        raise NeedBound
    _set_free(db, actor, held, now)


def free_needs(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> int:
    """Let all wishes of a project that came to nothing wait again; returns how many. Part of the verb that ends it."""
    rows = lock_all(db, Need, db.scalars(select(Need.id).where(Need.project_id == project_id)))
    for row in rows:
        _set_free(db, actor, row, now)
    return len(rows)


def _set_free(db: Session, actor: Actor, row: Need, now: datetime) -> None:
    project_id = row.project_id
    _waits_again(row, NeedAction.FREE, now)
    record(db, actor, "need.freed", "need", row.id, now=now, project_id=project_id, title=row.title)
    emit(db, "need.freed", now=now, need_id=row.id)


def _waits_again(row: Need, action: NeedAction, now: datetime) -> None:
    row.state = NEED.after(row.state, action)
    row.project_id = row.adopted_by = row.adopted_at = row.merged_into_id = None
    row.reason, row.decided_by, row.decided_at, row.updated_at = "", None, None, now


def _decided(row: Need, actor: Actor, now: datetime) -> None:
    row.decided_by, row.decided_at, row.updated_at = actor.person_id, now, now


def _curated(db: Session, actor: Actor, need_id: UUID) -> Need:
    require(actor, Right.CURATE_NEED, {})
    row = lock(db, Need, need_id)
    if row is None:
        raise NotFound
    return row


def _owned(db: Session, actor: Actor, need_id: UUID) -> Need:
    row = lock(db, Need, need_id)
    if row is None:
        raise NotFound
    require(actor, Right.HAND_IN_NEED, {Relation.OWN: row.organization_id})
    return row
