"""What the desk sees of the editions on their way, what the public sees of opinions, and what waits for whom."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueExpert, CatalogueOpinion, CatalogueVersion
from marketplace.catalogue.queries.editions import versions
from marketplace.catalogue.rules import check_review
from marketplace.catalogue.rules.refusals import ConsultOpen, OpinionsOpen
from marketplace.catalogue.schemas import Dossier, ExpertView, OpinionView, VersionView
from marketplace.catalogue.states import ANSWERED, EditionState, OpinionState
from marketplace.documents.queries import document
from marketplace.documents.schemas import DocumentView
from marketplace.identity.model import Organization
from marketplace.identity.queries import names
from marketplace.identity.rules import Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import LEGAL_ZONE, legal_day
from marketplace.kit.errors import DomainError, NotFound, Several
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo

_O, _S = CatalogueOpinion, EditionState
HEARD = frozenset(
    {_S.CONSULTING, _S.REVIEWING, _S.SUBMITTED, _S.APPROVED, _S.ANNOUNCED, _S.PUBLISHED, _S.REPLACED, _S.WITHDRAWN}
)
"""Editions whose consultation the public may look up, if there was one."""


def may_read_drafts(actor: Actor) -> bool:
    """Whether somebody works on the catalogue, as drafter or as approver."""
    return may(actor, Right.EDIT_CATALOGUE, {}) or may(actor, Right.PUBLISH_CATALOGUE, {})


def _to_read(actor: Actor) -> None:
    if not may_read_drafts(actor):
        require(actor, Right.EDIT_CATALOGUE, {})


def editions(db: Session, actor: Actor) -> tuple[VersionView, ...]:
    """All editions with their drafts, the newest first.

    Raises:
        NotFound, Forbidden: the actor does not work on the catalogue.
    """
    _to_read(actor)
    return versions(db)


def heard(db: Session, number: int) -> VersionView:
    """An edition that the public was or is asked about.

    Raises:
        NotFound: there is none, or nobody was asked.
    """
    for version in versions(db):
        if version.number == number and version.consult_from is not None and version.state in HEARD:
            return version
    raise NotFound


def consultations(db: Session) -> tuple[VersionView, ...]:
    """The drafts that are open for opinions, and the edition that waits for its day."""
    return tuple(one for one in versions(db) if one.state in (_S.CONSULTING, _S.ANNOUNCED))


def _givers(db: Session, rows: Sequence[CatalogueOpinion]) -> dict[UUID, str]:
    wanted = {row.organization_id for row in rows if row.organization_id}
    query = select(Organization.id, Organization.name).where(Organization.id.in_(wanted))
    return dict(db.execute(query).all())


def _opinions(db: Session, version_id: UUID, *, public: bool) -> tuple[OpinionView, ...]:
    query = select(_O).where(_O.version_id == version_id).order_by(_O.given_at, _O.id)
    rows = db.scalars(query.where(_O.state.in_(ANSWERED)) if public else query).all()
    givers = _givers(db, rows)
    return tuple(
        OpinionView(
            id=row.id,
            code=row.code,
            entry_name=row.entry_name,
            content=row.content,
            giver=givers.get(row.organization_id, "") if row.organization_id else "" if public else row.signed,
            signed_in=row.organization_id is not None,
            given_at=row.given_at,
            state=row.state,
            answer=row.answer,
            answered_at=row.answered_at,
        )
        for row in rows
    )


def answered(db: Session, version_id: UUID) -> tuple[OpinionView, ...]:
    """The opinions that were adopted or declined, as everybody may read them: people's own names are left out."""
    return _opinions(db, version_id, public=True)


def opinions_waiting(db: Session, version_id: UUID) -> int:
    """How many opinions on an edition wait for an answer."""
    return db.scalar(select(func.count()).where(_O.version_id == version_id, _O.state == OpinionState.RECEIVED)) or 0


def _missing(db: Session, row: CatalogueVersion, now: datetime) -> list[DomainError]:
    if row.state is _S.CONSULTING:
        found: list[DomainError] = []
        if row.consult_to is not None and legal_day(now) <= row.consult_to:
            found.append(ConsultOpen(day=row.consult_to.isoformat()))
        waiting = opinions_waiting(db, row.id)
        return [*found, OpinionsOpen(count=waiting)] if waiting else found
    if row.state is not _S.REVIEWING:
        return []
    experts = db.scalars(select(CatalogueExpert.conclusion).where(CatalogueExpert.version_id == row.id)).all()
    return check_review(experts, has_minutes=row.minutes_id is not None)


def dossier(db: Session, actor: Actor, version_id: UUID, *, now: datetime) -> Dossier:
    """One edition with its opinions and experts, and what keeps it from its next step.

    Raises:
        NotFound, Forbidden: there is none, or the actor does not work on the catalogue.
    """
    _to_read(actor)
    all_versions = versions(db)
    view = next((one for one in all_versions if one.id == version_id), None)
    if view is None:
        raise NotFound
    row = db.get_one(CatalogueVersion, version_id, populate_existing=True)
    known = names(db, [one for one in (*row.drafter_ids, row.approved_by, row.published_by) if one])
    experts = db.scalars(
        select(CatalogueExpert).where(CatalogueExpert.version_id == row.id).order_by(CatalogueExpert.recorded_at)
    )
    numbers = {one.id: one.number for one in all_versions}
    return Dossier(
        version=view,
        revision=row.revision,
        drafted_at=row.drafted_at,
        based_on=numbers.get(row.based_on) if row.based_on else None,
        in_force=next((one.number for one in all_versions if one.state is _S.PUBLISHED), None),
        drafters=tuple(known[one] for one in row.drafter_ids if one in known),
        is_drafter=actor.person_id in row.drafter_ids,
        opinions=_opinions(db, row.id, public=False),
        experts=tuple(
            ExpertView(
                id=one.id, name=one.name, employer=one.employer, title=one.title, conclusion=one.conclusion,
                content=one.content, given_on=one.given_on, changed_since=row.revision - one.revision,
            )
            for one in experts
        ),
        has_minutes=row.minutes_id is not None,
        minutes_name=document(db, row.minutes_id).name if row.minutes_id else "",
        return_reason=row.return_reason,
        submitted_at=row.submitted_at,
        approved_at=row.approved_at,
        approver=known.get(row.approved_by, "") if row.approved_by else "",
        publisher=known.get(row.published_by, "") if row.published_by else "",
        missing=tuple((one.text, dict(one.params)) for one in _flat(_missing(db, row, now))),
    )  # fmt: skip


def _flat(errors: Sequence[DomainError]) -> list[DomainError]:
    return [part for one in errors for part in (one.errors if isinstance(one, Several) else (one,))]


def minutes(db: Session, actor: Actor, version_id: UUID) -> DocumentView:
    """The minutes of the experts' meeting, for who works on the catalogue.

    Raises:
        NotFound, Forbidden: there are none, or the actor does not work on the catalogue.
    """
    _to_read(actor)
    row = db.get(CatalogueVersion, version_id)
    if row is None or row.minutes_id is None:
        raise NotFound
    return document(db, row.minutes_id)


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits on the catalogue's desk: opinions, the experts' step, approval and publication."""
    if actor.is_system or not may_read_drafts(actor):
        return []
    found: list[Todo] = []
    waiting = (_S.CONSULTING, _S.REVIEWING, _S.SUBMITTED, _S.APPROVED)
    rows = db.scalars(select(CatalogueVersion).where(CatalogueVersion.state.in_(waiting)))
    for row in rows.all():
        found += _drafting(db, row, now) if may(actor, Right.EDIT_CATALOGUE, {}) else []
        if may(actor, Right.PUBLISH_CATALOGUE, {}) and actor.person_id not in row.drafter_ids:
            found += _deciding(row)
    return found


def _url(row: CatalogueVersion) -> str:
    return f"/centre/catalogue/{row.id}"


def _drafting(db: Session, row: CatalogueVersion, now: datetime) -> list[Todo]:
    named = {"label": row.label}
    if row.state is _S.REVIEWING:
        title = (
            N_("目录「{label}」被退回，请修改后重新报批") if row.return_reason else N_("登记目录「{label}」的专家意见")
        )
        return [Todo(title=title, params=named, url=_url(row), action=N_("办理"), urgent=bool(row.return_reason))]
    if row.state is not _S.CONSULTING or row.consult_to is None:
        return []
    over, count = legal_day(now) > row.consult_to, opinions_waiting(db, row.id)
    if count:
        due = datetime.combine(row.consult_to, time(23, 59, 59), LEGAL_ZONE)
        title, params = N_("答复对目录「{label}」的 {count} 条意见"), {**named, "count": str(count)}
        return [
            Todo(title=title, params=params, url=f"{_url(row)}#h-opinions", action=N_("答复"), due_at=due, urgent=over)
        ]
    if not over:
        return []
    return [
        Todo(title=N_("目录「{label}」征求意见已结束，请转入专家论证"), params=named, url=_url(row), action=N_("办理"))
    ]


def _deciding(row: CatalogueVersion) -> list[Todo]:
    named = {"label": row.label}
    if row.state is _S.SUBMITTED:
        return [Todo(title=N_("批准目录「{label}」"), params=named, url=_url(row), action=N_("审批"))]
    if row.state is _S.APPROVED:
        return [Todo(title=N_("发布目录「{label}」"), params=named, url=_url(row), action=N_("发布"))]
    return []
