"""Legal notices of a project: written once, with what they change, and never again."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError
from marketplace.projects.model import Notice, Project, ProjectEdition, PublicEvent
from marketplace.projects.queries.editions import content_of
from marketplace.projects.rules import TIME_NAMES, TimeField, Times, moment
from marketplace.projects.rules.refusals import OnlyLater
from marketplace.projects.schemas import ChangeView
from marketplace.projects.states import NoticeKind, PublicKind


def announce(
    db: Session,
    actor: Actor,
    project: Project,
    kind: NoticeKind,
    *,
    now: datetime,
    reason: str = "",
    changes: Sequence[ChangeView] = (),
) -> UUID:
    """Hang a notice on the project's page, and tell of it in the change feed; returns the notice's id."""
    taken = db.scalar(select(func.count()).where(Notice.project_id == project.id)) or 0
    notice = Notice(
        project_id=project.id,
        place=taken + 1,
        kind=kind,
        reason=reason,
        changes=msgspec.to_builtins(list(changes)),
        person_id=actor.person_id,
        at=now,
    )
    db.add(notice)
    db.flush()
    in_feed(db, PublicKind(kind), project.id, now=now, notice_id=notice.id)
    return notice.id


def keep_edition(db: Session, project: Project, notice_id: UUID, *, now: datetime) -> None:
    """Keep what the project says now; until its edition is counted on, the database lets its lists be changed."""
    content = msgspec.to_builtins(content_of(db, project), str_keys=True)
    row = ProjectEdition(project_id=project.id, number=project.edition, content=content, notice_id=notice_id, until=now)
    db.add(row)
    db.flush()


def in_feed(
    db: Session,
    kind: PublicKind,
    project_id: UUID,
    *,
    now: datetime,
    notice_id: UUID | None = None,
    question_id: UUID | None = None,
) -> None:
    """Write a public event into the change feed; the database gives it its place when the transaction commits."""
    db.add(PublicEvent(kind=kind, project_id=project_id, notice_id=notice_id, question_id=question_id, at=now))
    db.flush()


def only_later(before: Times, after: Times) -> Iterator[DomainError]:
    """Refusals of times in ``after`` that lie before what was planned; what it leaves out stays."""
    for name in TimeField:
        old, new = getattr(before, name.value), getattr(after, name.value)
        if old is not None and new is not None and new < old:
            yield OnlyLater(field=name.value, label=TIME_NAMES[name], before=moment(old), given=moment(new))


def changes_between(before: Times, after: Times) -> list[ChangeView]:
    """What a correction moves, field by field, as it is written into the notice."""
    found = []
    for name in TimeField:
        old: date | datetime | None = getattr(before, name.value)
        new: date | datetime | None = getattr(after, name.value)
        if new is not None and new != old:
            found.append(ChangeView(field=name.value, before=moment(old), after=moment(new)))
    return found
