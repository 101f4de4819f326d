"""Reads of the change feed: what follows a place in it, and the latest for readers of news."""

from uuid import UUID

import msgspec
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from marketplace.identity.model import Organization
from marketplace.projects.model import FeedEnd, Intention, Notice, Project, PublicEvent, Question
from marketplace.projects.schemas import ChangeView
from marketplace.projects.schemas.feed import EventPart, EventView
from marketplace.projects.states import EARLY_KINDS, PublicKind

FEED_MAX = 500


def _events() -> Select[PublicEvent, Project, str, Notice, Question, Intention]:
    return (
        select(PublicEvent, Project, Organization.short_name, Notice, Question, Intention)
        .join(Project, Project.id == PublicEvent.project_id)
        .join(Organization, Organization.id == Project.buyer_id)
        .outerjoin(Notice, Notice.id == PublicEvent.notice_id)
        .outerjoin(Question, Question.id == PublicEvent.question_id)
        .outerjoin(Intention, Intention.notice_id == PublicEvent.notice_id)
        .where(PublicEvent.n.is_not(None), or_(Project.published_at.is_not(None), PublicEvent.kind.in_(EARLY_KINDS)))
    )


def _view(
    event: PublicEvent,
    project: Project,
    buyer: str,
    notice: Notice | None,
    question: Question | None,
    early: Intention | None,
) -> EventView:
    return EventView(
        n=event.n or 0,
        id=event.id,
        kind=event.kind,
        at=event.at,
        project_id=project.id,
        project_number="" if early else project.number or "",
        project_title=early.title if early else project.title,
        buyer_name=buyer,
        reason=notice.reason if notice else "",
        changes=msgspec.convert(notice.changes, tuple[ChangeView, ...]) if notice else (),
        question=question.content if question else "",
        answer=question.answer if question else "",
    )


def feed_end(db: Session) -> int:
    """The place of the last public event; 0 while there is none."""
    return db.scalar(select(FeedEnd.n)) or 0


def events_after(
    db: Session, after: int, *, kind: PublicKind | None = None, project_id: UUID | None = None, limit: int = 100
) -> EventPart:
    """The public events after a place, in their order, and the place to go on from.

    Whoever goes on from ``after`` of each answer sees each event exactly once, whatever is written meanwhile: an event
    gets its place as its transaction commits, so nothing ever appears before a place that was seen.
    """
    end = feed_end(db)  # read first: up to here everything is visible to the statement that follows
    query = _events().where(PublicEvent.n > after, PublicEvent.n <= end).order_by(PublicEvent.n).limit(limit + 1)
    if kind is not None:
        query = query.where(PublicEvent.kind == kind)
    if project_id is not None:
        query = query.where(PublicEvent.project_id == project_id)
    rows = [_view(*row) for row in db.execute(query)]
    items = tuple(rows[:limit])
    more = len(rows) > limit
    return EventPart(items=items, after=items[-1].n if more else end, more=more)


def latest_events(db: Session, *, before: int | None = None, limit: int = 50) -> tuple[EventView, ...]:
    """The latest public events, the newest first; ``before`` is the place of the last one of the part before."""
    query = _events().order_by(PublicEvent.n.desc()).limit(limit)
    if before is not None:
        query = query.where(PublicEvent.n < before)
    return tuple(_view(*row) for row in db.execute(query))
