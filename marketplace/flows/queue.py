"""Stories of the queue: somebody with the right decides about a parked job, and the journal says who and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.identity.rules import Right, may, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.outbox import commands, queries
from marketplace.outbox.schemas import Arrived, Backlog, ParkedJob


def parked_jobs(db: Session, actor: Actor, *, after: UUID | None = None, limit: int = queries.PAGE) -> list[ParkedJob]:
    """Parked jobs, longest parked first.

    Raises:
        Forbidden: the actor may not read the queue.
    """
    require(actor, Right.READ_PARKED, {})
    return queries.parked(db, after=after, limit=limit)


def parked_job(db: Session, actor: Actor, delivery_id: UUID) -> ParkedJob:
    """One parked job.

    Raises:
        Forbidden: the actor may not read the queue.
        NotFound: there is none with this id, or it is not parked any more.
    """
    require(actor, Right.READ_PARKED, {})
    return queries.parked_one(db, delivery_id)


def backlog(db: Session, actor: Actor, *, now: datetime) -> Backlog:
    """How much waits in the queue.

    Raises:
        Forbidden: the actor may not read the queue.
    """
    require(actor, Right.READ_PARKED, {})
    return queries.backlog(db, now=now)


def replay_job(db: Session, actor: Actor, delivery_id: UUID, *, reason: str, now: datetime) -> None:
    """Let a parked job be tried again from the start.

    Raises:
        Forbidden: the actor may not replay jobs.
        NotFound: there is none with this id.
        IllegalMove: it is not parked.
        ReasonNeeded: no reason was given.
    """
    require(actor, Right.REPLAY_PARKED, {})
    row = commands.replay(db, delivery_id, reason=reason, now=now)
    record(db, actor, "job.replayed", "delivery", row.id, now=now, reason=reason, consumer=row.consumer)


def discard_job(db: Session, actor: Actor, delivery_id: UUID, *, reason: str, now: datetime) -> None:
    """Settle a parked job without its effect; it stays in the table with its error.

    Raises:
        Forbidden: the actor may not decide about jobs.
        NotFound: there is none with this id.
        IllegalMove: it is not parked.
        ReasonNeeded: no reason was given.
    """
    require(actor, Right.REPLAY_PARKED, {})
    row = commands.discard(db, delivery_id, reason=reason, now=now)
    record(db, actor, "job.discarded", "delivery", row.id, now=now, reason=reason, error_class=row.error_class)


def parked_events(db: Session, actor: Actor) -> list[Arrived]:
    """Events from outside that could not be processed, longest waiting first.

    Raises:
        Forbidden: the actor may not read the queue.
    """
    require(actor, Right.READ_PARKED, {})
    return queries.parked_events(db)


def parked_event(db: Session, actor: Actor, event_id: UUID) -> Arrived:
    """One event from outside that could not be processed.

    Raises:
        Forbidden: the actor may not read the queue.
        NotFound: there is none with this id, or it does not wait any more.
    """
    require(actor, Right.READ_PARKED, {})
    return queries.parked_event(db, event_id)


def replay_event(db: Session, actor: Actor, event_id: UUID, *, reason: str, now: datetime) -> None:
    """Let a worker look again at a parked event from outside.

    Raises:
        Forbidden: the actor may not replay events.
        NotFound: there is none with this id.
        IllegalMove: it is not parked.
        ReasonNeeded: no reason was given.
    """
    require(actor, Right.REPLAY_PARKED, {})
    row = commands.replay_event(db, event_id, reason=reason, now=now)
    record(db, actor, "event.replayed", "inbox_event", row.id, now=now, reason=reason, kind=row.kind)


def ignore_event(db: Session, actor: Actor, event_id: UUID, *, reason: str, now: datetime) -> None:
    """Say that a parked event from outside is none of ours; it stays in the table with the reason.

    Raises:
        Forbidden: the actor may not decide about events.
        NotFound: there is none with this id.
        IllegalMove: it is settled already.
        ReasonNeeded: no reason was given.
    """
    require(actor, Right.REPLAY_PARKED, {})
    row = commands.ignore_event(db, event_id, reason=reason, now=now)
    record(db, actor, "event.ignored", "inbox_event", row.id, now=now, reason=reason, kind=row.kind)


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits in the queue for whoever may decide about parked jobs."""
    if actor.is_system or not may(actor, Right.REPLAY_PARKED, {}):
        return []
    parked = queries.backlog(db, now=now).parked
    if not parked:
        return []
    title, action = N_("{count} 个后台任务停放，等人处理"), N_("查看")
    return [Todo(title=title, params={"count": str(parked)}, url="/admin/queues", action=action, urgent=True)]
