"""What a person follows, and what the feed holds for it."""

from uuid import UUID

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from marketplace.db.search import found, words
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Following, Project, PublicEvent
from marketplace.projects.queries.lists import conditions_of
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.schemas.feed import FollowingView, SearchAsked
from marketplace.projects.states import PublicKind


def _views() -> Select[Following, Project]:
    return select(Following, Project).outerjoin(Project, Project.id == Following.project_id)


def _view(row: Following, project: Project | None) -> FollowingView:
    return FollowingView(
        id=row.id,
        project_id=row.project_id,
        title=project.title if project else row.name,
        number=(project.number or "") if project else "",
        asked=msgspec.convert(row.asked, SearchAsked),
        frequency=row.frequency,
        saved_at=row.saved_at,
    )


def followed(db: Session, person_id: UUID) -> tuple[FollowingView, ...]:
    """What a person follows, the latest first."""
    query = _views().where(Following.person_id == person_id).order_by(Following.saved_at.desc(), Following.id)
    return tuple(_view(*row) for row in db.execute(query))


def following_of_key(db: Session, stop_key: UUID) -> FollowingView:
    """What the link in a mail ends.

    Raises:
        NotFound: it has ended already, or there never was any.
    """
    row = db.execute(_views().where(Following.stop_key == stop_key)).first()
    if row is None:
        raise NotFound
    return _view(*row)


def found_for(db: Session, row: Following, end: int) -> list[UUID]:
    """The public events up to ``end`` that a following has not been told of: all of a project, or new projects."""
    fresh = (PublicEvent.n > row.told_n, PublicEvent.n <= end)
    query = select(PublicEvent.id).where(*fresh).order_by(PublicEvent.n)
    if row.project_id is not None:
        return list(db.scalars(query.where(PublicEvent.project_id == row.project_id)))
    asked = msgspec.convert(row.asked, SearchAsked)
    new = select(PublicEvent.project_id).where(*fresh, PublicEvent.kind == PublicKind.TENDER)
    where = [Project.id.in_(new), *conditions_of(ProjectFilter(**msgspec.structs.asdict(asked)))]
    if words(asked.q):
        order = (Project.published_at.desc(), Project.id.desc())
        where.append(Project.id.in_(found(Project, Project.id, asked.q, *where, order_by=order)))
    fitting = select(Project.id).where(*where)
    return list(db.scalars(query.where(PublicEvent.kind == PublicKind.TENDER, PublicEvent.project_id.in_(fitting))))
