"""Reads of wishes: for those who brought them, for staff, and for everybody what staff released."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from marketplace.db.search import found, words
from marketplace.identity.model import Organization
from marketplace.identity.rules import Parties, Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.days import Calendar
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.procedures import queries as law
from marketplace.projects.model import Need, Project
from marketplace.projects.rules.needs import FREE_FROM, WAIT_DAYS, Wish, waits_until
from marketplace.projects.schemas.needs import AnsweringProject, NeedCard, NeedFilter, NeedPage, NeedRow, NeedView
from marketplace.projects.states import NEED, NeedAction, NeedState

COUNT_MAX = 1000
_DAY = timedelta(days=1)
LINKED_MAX = 200
_INTO = aliased(Need)
CURATED = frozenset({NeedAction.SHOW, NeedAction.MERGE, NeedAction.DECLINE, NeedAction.REOPEN})
OWNED = frozenset({NeedAction.EDIT, NeedAction.WITHDRAW})


def need_parties(row: Need) -> Parties:
    """Who handed a wish in."""
    return {Relation.OWN: row.organization_id}


def _rows() -> Select[Need, Organization, Project]:
    return (
        select(Need, Organization, Project)
        .join(Organization, Organization.id == Need.organization_id)
        .outerjoin(Project, Project.id == Need.project_id)
    )


def _card(row: Need, owner: Organization, project: Project | None) -> NeedCard:
    answering = None
    if project is not None:
        answering = AnsweringProject(
            id=project.id,
            number=project.number,
            title=project.title,
            state=project.state,
            is_public=project.published_at is not None,
        )
    return NeedCard(
        id=row.id,
        state=row.state,
        title=row.title,
        content=row.content,
        place=row.brought_by or owner.short_name,
        people_kind=row.people_kind,
        people_count=row.people_count,
        location=row.location,
        wished_from=row.wished_from,
        wished_until=row.wished_until,
        catalogue_code=row.catalogue_code,
        collected_at=row.collected_at,
        project=answering,
    )


def _row(row: Need, card: NeedCard, calendar: Calendar, today: date, into: str | None) -> NeedRow:
    until = waits_until(legal_day(row.collected_at), calendar)
    late = row.state is NeedState.COLLECTED and today > until
    return NeedRow(card=card, is_shown=row.is_shown, waits_until=until, is_late=late, merged_into=into)


def _late_before(today: date, calendar: Calendar) -> datetime:
    """Whatever was collected before this instant has waited too long."""
    day, worked = today, 0
    while worked < WAIT_DAYS:
        day -= _DAY
        worked += calendar.is_working_day(day)
    return at_legal(day)


def _conditions(wanted: NeedFilter, today: date, calendar: Calendar) -> list[ColumnElement[bool]]:
    picked: list[ColumnElement[bool] | None] = [
        Need.state == wanted.state if wanted.state else None,
        Need.catalogue_code.startswith(wanted.branch, autoescape=True) if wanted.branch else None,
        Need.state == NeedState.COLLECTED if wanted.waiting else None,
        Need.collected_at < _late_before(today, calendar) if wanted.waiting else None,
    ]
    return [one for one in picked if one is not None]


def _part(
    db: Session,
    wanted: NeedFilter,
    *scope: ColumnElement[bool],
    now: datetime,
    after: Sequence[str | int],
    limit: int,
) -> NeedPage:
    calendar, today = law.calendar(db), legal_day(now)
    where = [*scope, *_conditions(wanted, today, calendar)]
    if words(wanted.q):
        order = (Need.collected_at.desc(), Need.id.desc())
        where.append(Need.id.in_(found(Need, Need.id, wanted.q, *where, order_by=order)))
    counted = select(Need.id).where(*where).limit(COUNT_MAX + 1).subquery()
    total = db.scalar(select(func.count()).select_from(counted)) or 0
    query = _rows().add_columns(_INTO.title).outerjoin(_INTO, _INTO.id == Need.merged_into_id).where(*where)
    if after:
        here = tuple_(datetime.fromisoformat(str(after[0])), UUID(str(after[1])))
        query = query.where(tuple_(Need.collected_at, Need.id) < here)
    rows = db.execute(query.order_by(Need.collected_at.desc(), Need.id.desc()).limit(limit + 1)).all()
    items = tuple(
        _row(row, _card(row, owner, project), calendar, today, into) for row, owner, project, into in rows[:limit]
    )
    more = len(rows) > limit and items
    last = (items[-1].card.collected_at.isoformat(), str(items[-1].card.id)) if more else None
    return NeedPage(items=items, last=last, total=total)


def desk_needs(
    db: Session, actor: Actor, wanted: NeedFilter, *, now: datetime, after: Sequence[str | int] = (), limit: int = 20
) -> NeedPage:
    """All wishes, the newest first, for those who may adopt them and those who watch.

    Raises:
        Forbidden: the actor may not read them.
        ValueError: ``after`` are no keys of this list.
    """
    require(actor, Right.READ_NEED, {})
    return _part(db, wanted, now=now, after=after, limit=limit)


def own_needs(
    db: Session, actor: Actor, *, now: datetime, after: Sequence[str | int] = (), limit: int = 20
) -> NeedPage:
    """What the actor's organization handed in, the newest first.

    Raises:
        NotFound: the actor acts for no organization.
        Forbidden: the actor's roles may not hand anything in.
        ValueError: ``after`` are no keys of this list.
    """
    own = actor.organization_id
    require(actor, Right.HAND_IN_NEED, {Relation.OWN: own})
    return _part(db, NeedFilter(), Need.organization_id == own, now=now, after=after, limit=limit)


def public_needs(
    db: Session, wanted: NeedFilter, *, now: datetime, after: Sequence[str | int] = (), limit: int = 20
) -> NeedPage:
    """The wishes that staff released: those that wait and those that a project answers.

    Raises:
        ValueError: ``after`` are no keys of this list.
    """
    open_ones = Need.state.in_((NeedState.COLLECTED, NeedState.ADOPTED))
    return _part(db, wanted, Need.is_shown.is_(True), open_ones, now=now, after=after, limit=limit)


def readable_need(db: Session, actor: Actor, need_id: UUID) -> Need:
    """A wish that the actor may read: of the own organization, or any for staff.

    Raises:
        NotFound: there is none for the actor.
    """
    row = db.get(Need, need_id)
    if row is None:
        raise NotFound
    if may(actor, Right.READ_NEED, {}) or may(actor, Right.HAND_IN_NEED, need_parties(row)):
        return row
    raise NotFound


def need(db: Session, actor: Actor, need_id: UUID) -> NeedView:
    """One wish with what became of it and what the actor may do with it now.

    Raises:
        NotFound: there is none for the actor.
    """
    readable_need(db, actor, need_id)
    row, owner, project = db.execute(_rows().where(Need.id == need_id)).one()
    into = db.execute(_rows().where(Need.id == row.merged_into_id)).first() if row.merged_into_id else None
    merged = db.execute(_rows().where(Need.merged_into_id == row.id).order_by(Need.collected_at).limit(LINKED_MAX))
    return NeedView(
        card=_card(row, owner, project),
        cost_fen=row.cost_fen,
        channel=row.channel,
        organization_id=owner.id,
        organization_name=owner.name,
        brought_by=row.brought_by,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        is_shown=row.is_shown,
        waits_until=waits_until(legal_day(row.collected_at), law.calendar(db)),
        merged_into=_card(*into) if into else None,
        merged=tuple(_card(*one) for one in merged),
        reason=row.reason or (into[0].reason if into else ""),
        decided_at=row.decided_at,
        actions=need_actions(actor, row, project),
    )


def need_actions(actor: Actor, row: Need, project: Project | None) -> frozenset[NeedAction]:
    """What the actor may do with a wish now: the table of moves, held against rights."""
    own = actor.organization_id
    allowed: set[NeedAction] = set()
    if may(actor, Right.CURATE_NEED, {}):
        allowed |= CURATED
    if may(actor, Right.HAND_IN_NEED, need_parties(row)):
        allowed |= OWNED
    if own is not None and may(actor, Right.DRAFT_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}):
        allowed.add(NeedAction.ADOPT)
    if project is not None and project.state in FREE_FROM:
        sides: Parties = {Relation.BUYER: project.buyer_id, Relation.PROCURING_ENTITY: project.procuring_entity_id}
        allowed |= {NeedAction.FREE} if may(actor, Right.DRAFT_PROJECT, sides) else set()
    return frozenset(NEED.actions(row.state) & allowed)


def needs_of(db: Session, project_id: UUID) -> tuple[NeedCard, ...]:
    """The wishes that a project answers, with those that were merged into them, the oldest first."""
    mine = select(Need.id).where(Need.project_id == project_id)
    query = _rows().where(Need.id.in_(mine) | Need.merged_into_id.in_(mine)).order_by(Need.collected_at, Need.id)
    return tuple(_card(*row) for row in db.execute(query.limit(LINKED_MAX)))


def public_needs_of(db: Session, project_id: UUID) -> tuple[NeedCard, ...]:
    """The wishes that a published project answers; a wish that staff did not release keeps only its place."""
    shown = set(db.scalars(select(Need.id).where(Need.project_id == project_id, Need.is_shown)))
    cards = needs_of(db, project_id)
    return tuple(one if one.id in shown else _place_only(one) for one in cards)


def _place_only(card: NeedCard) -> NeedCard:
    return NeedCard(
        id=card.id, state=card.state, title="", content="", place=card.place, people_kind="", people_count=None,
        location="", wished_from=None, wished_until=None, catalogue_code="", collected_at=card.collected_at,
        project=None,
    )  # fmt: skip


def merge_choices(db: Session, actor: Actor, need_id: UUID) -> tuple[NeedCard, ...]:
    """What a wish may be merged into: those that wait or are adopted, of the same place first, then the newest.

    Raises:
        NotFound: there is no such wish for the actor.
    """
    row = readable_need(db, actor, need_id)
    open_ones = Need.state.in_((NeedState.COLLECTED, NeedState.ADOPTED))
    same = (Need.brought_by == row.brought_by) & (Need.organization_id == row.organization_id)
    query = _rows().where(open_ones, Need.id != row.id).order_by(same.desc(), Need.collected_at.desc(), Need.id)
    return tuple(_card(*one) for one in db.execute(query.limit(LINKED_MAX)))


def wishes(db: Session, need_ids: Sequence[UUID]) -> list[Wish]:
    """What a draft takes over from wishes, the oldest first."""
    query = _rows().where(Need.id.in_(need_ids)).order_by(Need.collected_at, Need.id)
    return [
        Wish(
            title=card.title,
            content=card.content,
            place=card.place,
            people_kind=card.people_kind,
            people_count=card.people_count,
            location=card.location,
            wished_from=card.wished_from,
            wished_until=card.wished_until,
        )
        for card in (_card(*row) for row in db.execute(query))
    ]


_WAITING, _LOOK = N_("{count} 条需求待采纳或答复，最早一条：{title}"), N_("处理")


def need_todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """The wishes that wait for a centre's answer, as one line; urgent once the oldest has waited too long."""
    if actor.organization_id is None or not may(actor, Right.CURATE_NEED, {}):
        return []
    waiting = Need.state == NeedState.COLLECTED
    oldest = db.scalars(select(Need).where(waiting).order_by(Need.collected_at, Need.id).limit(1)).first()
    if oldest is None:
        return []
    counted = select(Need.id).where(waiting).limit(COUNT_MAX + 1).subquery()
    count = db.scalar(select(func.count()).select_from(counted)) or 0
    until = waits_until(legal_day(oldest.collected_at), law.calendar(db))
    due = at_legal(until, 17)
    return [
        Todo(
            title=_WAITING,
            params={"count": f"{COUNT_MAX}+" if count > COUNT_MAX else str(count), "title": oldest.title},
            url="/centre/needs?state=collected",
            action=_LOOK,
            due_at=due,
            urgent=due <= now,
        )
    ]
