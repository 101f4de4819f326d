"""Reads of openers and seals: who has a key, who sits on which seat, what waits for an opener."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marketplace.bids.model import (
    Opener,
    Opening,
    ProjectSeal,
    SealSeat,
)
from marketplace.bids.rules import COMMIT_WITHIN
from marketplace.bids.schemas import (
    SEATS,
    OpenerView,
    SealView,
    SeatView,
)
from marketplace.bids.sealing.digests import sha256_hex
from marketplace.bids.states import OPENING
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.projects.model import Project
from marketplace.projects.states import ProjectState


def opener_view(row: Opener) -> OpenerView:
    """An opener's enrolled key without its private half."""
    return OpenerView(
        id=row.id, person_id=row.person_id, organization_id=row.organization_id, enrolled_at=row.enrolled_at
    )


def live_opener(db: Session, person_id: UUID) -> OpenerView | None:
    """A person's own enrolled key, if there is one in use."""
    row = db.scalar(select(Opener).where(Opener.person_id == person_id, Opener.retired_at.is_(None)))
    return opener_view(row) if row else None


def live_openers(db: Session, organization_ids: Iterable[UUID]) -> list[OpenerView]:
    """The people of some organizations who can be openers, those who enrolled first before the others."""
    query = select(Opener).where(Opener.organization_id.in_(set(organization_ids)), Opener.retired_at.is_(None))
    return [opener_view(row) for row in db.scalars(query.order_by(Opener.enrolled_at, Opener.id))]


def enrolled(db: Session, person_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these people who have an opener's key in use."""
    query = select(Opener.person_id).where(Opener.person_id.in_(set(person_ids)), Opener.retired_at.is_(None))
    return set(db.scalars(query))


def seats(db: Session, project_id: UUID) -> tuple[SeatView, ...]:
    """Who sits on the seats of a project's seal, in their order."""
    rows = db.scalars(select(SealSeat).where(SealSeat.project_id == project_id))
    by_seat = {
        row.seat: SeatView(seat=row.seat, person_id=row.person_id, organization_id=row.organization_id) for row in rows
    }
    return tuple(view for seat in SEATS if (view := by_seat.get(seat)))


def seal(db: Session, project_id: UUID) -> SealView:
    """A project's seal as everybody may see it.

    Raises:
        NotFound: the project has none.
    """
    row = db.get(ProjectSeal, project_id)
    if row is None:
        raise NotFound
    opening = db.get(Opening, project_id)
    return SealView(
        project_id=project_id,
        suite=row.suite,
        fingerprint=sha256_hex(row.public_key),
        sealed_at=row.sealed_at,
        seats=seats(db, project_id),
        state=opening.state if opening else OPENING.start,
        first_seat=opening.first_seat if opening else None,
        opened_at=opening.opened_at if opening else None,
    )


def seats_of(db: Session, person_id: UUID) -> list[UUID]:
    """The projects a person is an opener of and whose bids are not open yet."""
    query = (
        select(SealSeat.project_id)
        .outerjoin(Opening, Opening.project_id == SealSeat.project_id)
        .where(SealSeat.person_id == person_id, Opening.opened_at.is_(None))
    )
    return list(db.scalars(query))


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits for an opener: a key to set before a project can be published, a box whose time has come."""
    if actor.person_id is None:
        return []
    return [*_keys_to_set(db, actor.person_id), *_boxes_to_open(db, actor.person_id, now)]


def _keys_to_set(db: Session, person_id: UUID) -> list[Todo]:
    named = or_(
        Project.opener_centre_id == person_id,
        Project.opener_buyer_id == person_id,
        Project.opener_supervisor_id == person_id,
    )
    waiting = Project.state.in_((ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.APPROVED))
    title = db.scalar(select(Project.title).where(named, waiting).order_by(Project.drafted_at).limit(1))
    if title is None or enrolled(db, [person_id]):
        return []
    text, action = N_("您是「{title}」的开启人，请设置开启口令"), N_("设置开启口令")
    return [Todo(title=text, params={"title": title}, url="/openings/key", action=action)]


def _boxes_to_open(db: Session, person_id: UUID, now: datetime) -> list[Todo]:
    query = (
        select(Project.id, Project.title, Project.bids_due_at, Project.opening_at)
        .join(SealSeat, SealSeat.project_id == Project.id)
        .outerjoin(Opening, Opening.project_id == Project.id)
        .where(
            SealSeat.person_id == person_id,
            Project.state == ProjectState.OPEN,
            Project.bids_due_at <= now - COMMIT_WITHIN,
            Opening.first_person_id.is_distinct_from(person_id),
        )
        .order_by(Project.bids_due_at)
    )
    text, action = N_("「{title}」已截止，请输入口令开启"), N_("去开启")
    return [
        Todo(
            title=text,
            params={"title": title},
            url=f"/openings/{project_id}",
            action=action,
            due_at=opening_at,
            urgent=opening_at is None or legal_day(opening_at) <= legal_day(now),
        )
        for project_id, title, _due, opening_at in db.execute(query)
    ]
