"""Verbs of a published project: correct, close, fail, award, cancel."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, raise_all
from marketplace.outbox.commands import emit
from marketplace.projects.commands.amending import before_deadline, check_changed
from marketplace.projects.commands.drafting import locked
from marketplace.projects.commands.needs import free_needs
from marketplace.projects.commands.notices import announce, changes_between, in_feed, keep_edition, only_later
from marketplace.projects.model import Project
from marketplace.projects.queries import first_open_question, plan_of
from marketplace.projects.rules import Times, moment
from marketplace.projects.rules.amending import MOVABLE
from marketplace.projects.rules.refusals import DeadlineNotReached, NothingAmended, QuestionOpen
from marketplace.projects.schemas import Amendment
from marketplace.projects.states import PROJECT, NoticeKind, ProjectAction, PublicKind

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
    before_deadline(project, now)
    before = plan_of(db, project).times
    moved = Times(**{name: getattr(amendment, name) for name in MOVABLE})
    raise_all(only_later(before, moved))
    changes = changes_between(before, moved)
    if not changes and len(amendment.reason) < CLARIFIED_MIN:
        raise NothingAmended(field="reason")
    after = msgspec.structs.replace(
        before, **{name: value for name in MOVABLE if (value := getattr(moved, name)) is not None}
    )
    check_changed(db, project, after, now=now)
    announce_times(db, actor, project, after, reason=amendment.reason, now=now)


def announce_times(db: Session, actor: Actor, project: Project, after: Times, *, reason: str, now: datetime) -> None:
    """Write lawful times into a project that is held and publish them as a correction; what was before is kept."""
    changes = changes_between(plan_of(db, project).times, after)
    notice_id = announce(db, actor, project, NoticeKind.AMENDMENT, now=now, reason=reason, changes=changes)
    if changes:
        keep_edition(db, project, notice_id, now=now)
        with db.no_autoflush:
            for name in MOVABLE:
                setattr(project, name, getattr(after, name))
            project.edition += 1
        db.flush()
    _touch(project, now)
    record(
        db, actor, "project.amended", "project", project.id, now=now,
        reason=reason, changes=msgspec.to_builtins(changes),
    )  # fmt: skip
    emit(db, "project.amended", now=now, project_id=project.id)


def close_for_opening(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> None:
    """Close a project whose deadline has passed; part of the flow that opens its bids, which judges the actor.

    Raises:
        NotFound: there is no such project.
        IllegalMove: it is not open.
        DeadlineNotReached: bids may still come in.
        QuestionOpen: a question is neither answered nor dismissed.
    """
    project = _held(db, project_id)
    state = PROJECT.after(project.state, ProjectAction.CLOSE)
    no_open_question(db, project.id)
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
        QuestionOpen: a question is neither answered nor dismissed.

    Source:
        采购法第三十六条: all who bid are told why.
    """
    project = _held(db, project_id)
    state = PROJECT.after(project.state, ProjectAction.FAIL)
    no_open_question(db, project.id)
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


def no_open_question(db: Session, project_id: UUID) -> None:
    """Refuse to close or open while a question waits: what it asks may matter to every bid.

    Raises:
        QuestionOpen: a question is neither answered nor dismissed; names the first.
    """
    number = first_open_question(db, project_id)
    if number is not None:
        raise QuestionOpen(number=number)


def _held(db: Session, project_id: UUID) -> Project:
    project = lock(db, Project, project_id)
    if project is None:
        raise NotFound
    return project


def _touch(project: Project, now: datetime) -> None:
    project.version += 1
    project.updated_at = now
