"""Verbs of a published project: correct, close, fail, award, cancel."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.outbox.commands import emit
from marketplace.procedures import queries as law
from marketplace.projects.commands.drafting import locked
from marketplace.projects.commands.needs import free_needs
from marketplace.projects.commands.notices import announce, changes_between, in_feed, only_later
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules, plan_of
from marketplace.projects.rules import TIME_NAMES, TimeField, Times, check_times, earliest_close, moment
from marketplace.projects.rules.refusals import DeadlineNotReached, DeadlinePassed, ExtendFirst, NothingAmended
from marketplace.projects.schemas import Amendment
from marketplace.projects.states import PROJECT, NoticeKind, ProjectAction, PublicKind

_MOVABLE = tuple(name for name in Times.__struct_fields__ if name != "publish_on")
CLARIFIED_MIN = 10
"""A correction that moves no time clarifies something: it takes at least so many characters to say what."""


def amend(db: Session, actor: Actor, project_id: UUID, amendment: Amendment, *, now: datetime) -> None:
    """Publish a correction: clarify in words, and move times later. Everybody who took the document is told.

    The deadline must leave suppliers the time that the rules give for a change.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not publish.
        IllegalMove: the project is not open.
        DeadlinePassed: bids have closed by the clock, whatever state is stored.
        OnlyLater: a time would come forward.
        NothingAmended: no time moves, and nothing is said.
        ExtendFirst: the deadline is too near for a change; names the first lawful day.
        DomainError: the moved times are out of order or on days of rest.

    Source:
        采购法条例第三十一条: what may influence the bids is told early enough, or the deadline moves.
    """
    project = locked(db, actor, project_id, Right.PUBLISH_PROJECT)
    project.state = PROJECT.after(project.state, ProjectAction.AMEND)
    _before_deadline(project, now)
    before = plan_of(db, project).times
    moved = Times(**{name: getattr(amendment, name) for name in _MOVABLE})
    raise_all(only_later(before, moved))
    changes = changes_between(before, moved)
    if not changes and len(amendment.reason) < CLARIFIED_MIN:
        raise NothingAmended(field="reason")
    after = msgspec.structs.replace(
        before, **{name: value for name in _MOVABLE if (value := getattr(moved, name)) is not None}
    )
    rules, calendar = kept_rules(db, project), law.calendar(db)
    assert project.method is not None and after.bids_due_at is not None  # noqa: S101, PT018 - a CHECK says so
    first = earliest_close(rules, calendar, project.method, legal_day(now))
    if legal_day(after.bids_due_at) < first.nominal:
        raise ExtendFirst(field="bids_due_at", offered=first.rolled.isoformat())
    raise_all(check_times(rules, calendar, project.method, after, start=project.rules_on))
    for name in _MOVABLE:
        setattr(project, name, getattr(after, name))
    project.version += 1
    project.updated_at = now
    announce(db, actor, project, NoticeKind.AMENDMENT, now=now, reason=amendment.reason, changes=changes)
    record(
        db, actor, "project.amended", "project", project.id, now=now,
        reason=amendment.reason, changes=msgspec.to_builtins(changes),
    )  # fmt: skip
    emit(db, "project.amended", now=now, project_id=project.id)


def _before_deadline(project: Project, now: datetime) -> None:
    """Refuse once the deadline has passed by the clock."""
    if project.bids_due_at is None or now > project.bids_due_at:
        raise DeadlinePassed(label=TIME_NAMES[TimeField.BIDS], at=moment(project.bids_due_at))


def close_for_opening(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> None:
    """Close a project whose deadline has passed; part of the flow that opens its bids, which judges the actor.

    Raises:
        NotFound: there is no such project.
        IllegalMove: it is not open.
        DeadlineNotReached: bids may still come in.
    """
    project = _held(db, project_id)
    state = PROJECT.after(project.state, ProjectAction.CLOSE)
    if project.bids_due_at is None or now <= project.bids_due_at:
        raise DeadlineNotReached(at=moment(project.bids_due_at))
    project.state, project.closed_at = state, now
    _touch(project, now)
    in_feed(db, PublicKind.OPENING, project.id, now=now)
    record(db, actor, "project.closed", "project", project.id, now=now)
    emit(db, "project.closed", now=now, project_id=project.id)


def fail(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> None:
    """End a project without result, with the reason everybody is told; part of flows, which judge the actor.

    Raises:
        NotFound: there is no such project.
        IllegalMove: it is neither open nor in evaluation.
        DeadlineNotReached: bids may still come in.

    Source:
        采购法第三十六条: all who bid are told why.
    """
    project = _held(db, project_id)
    state = PROJECT.after(project.state, ProjectAction.FAIL)
    if project.bids_due_at is None or now <= project.bids_due_at:
        raise DeadlineNotReached(at=moment(project.bids_due_at))
    project.closed_at = project.closed_at or now
    project.ended_at, project.end_reason = now, reason
    project.state = state
    _touch(project, now)
    announce(db, actor, project, NoticeKind.UNSUCCESSFUL, now=now, reason=reason)
    record(db, actor, "project.failed", "project", project.id, now=now, reason=reason)
    emit(db, "project.failed", now=now, project_id=project.id)


def award(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> None:
    """Mark a project as awarded; part of the flow that decides the award, which judges the actor.

    Raises:
        NotFound: there is no such project.
        IllegalMove: it is not in evaluation.
    """
    project = _held(db, project_id)
    project.state = PROJECT.after(project.state, ProjectAction.AWARD)
    project.awarded_at = now
    _touch(project, now)
    record(db, actor, "project.awarded", "project", project.id, now=now)
    emit(db, "project.awarded", now=now, project_id=project.id)


def cancel(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> None:
    """Cancel a project before its award, with a reason; a published one tells everybody.

    The flow around it gives reserved money back.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not cancel it.
        IllegalMove: it has been awarded or has ended.

    Source:
        采购法第三十六条第四项: the purchase is dropped for a grave reason, and all are told.
    """
    project = locked(db, actor, project_id, Right.CANCEL_PROJECT)
    state = PROJECT.after(project.state, ProjectAction.CANCEL)
    project.ended_at, project.end_reason = now, reason
    project.state = state
    _touch(project, now)
    if project.published_at is not None:
        announce(db, actor, project, NoticeKind.CANCELLATION, now=now, reason=reason)
    free_needs(db, actor, project.id, now=now)
    record(db, actor, "project.cancelled", "project", project.id, now=now, reason=reason)
    emit(db, "project.cancelled", now=now, project_id=project.id)


def _held(db: Session, project_id: UUID) -> Project:
    project = lock(db, Project, project_id)
    if project is None:
        raise NotFound
    return project


def _touch(project: Project, now: datetime) -> None:
    project.version += 1
    project.updated_at = now
