"""Reads of a project's preparation: what is asked and there, who may take part, what is public before a notice."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marketplace.identity.model import Membership, Organization, Person
from marketplace.identity.queries.visitors import live_membership, live_roles
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.procedures import queries as law
from marketplace.procedures.rules import survey_reusable
from marketplace.projects.model import (
    DemandSurvey,
    Draw,
    Intention,
    Minutes,
    PlanFiling,
    PreEvaluation,
    Project,
    Reviewer,
    SoleSource,
    SurveyAnswer,
)
from marketplace.projects.queries.gate import parties, readable, rules_for
from marketplace.projects.queries.parts import plan_of
from marketplace.projects.queries.prepared import case_of, early_words, invited, latest, opinions, prepared
from marketplace.projects.rules.preparation import (
    Demand,
    lacking,
    plan_digest,
    preparations,
)
from marketplace.projects.schemas.preparing import (
    AnswerView,
    DrawView,
    IntentionView,
    InvitedView,
    MinutesView,
    NewEvaluation,
    NewExemption,
    NewFiling,
    PreparationView,
    ReviewerView,
    SoleView,
    SurveyView,
    Task,
)
from marketplace.projects.states import PROJECT, NoticeKind, ProjectAction, ProjectState, ReviewFunction

INTENTIONS_MAX = 200
REVIEW_WITHIN = timedelta(days=3)
_REVIEW, _REVIEW_IT = N_("等待审查：{title}"), N_("审查")


def preparing(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> PreparationView:
    """A project's preparation as its own people see it.

    Raises:
        NotFound: there is none, or the actor's organization has nothing to do with it.
        Forbidden: the actor's roles do not let them see it.
        RuleMissing: the unit's own limits are not in force.
    """
    row, today = readable(db, actor, project_id), legal_day(now)
    rules = rules_for(db, row, max(row.publish_on or today, today))
    case, done = case_of(db, row, rules), prepared(db, row)
    lacks = {demand.what: refusal for demand, refusal in lacking(case, done, law.calendar(db), today)}
    early = early_words(db, row.id)
    shown, publicity = early.get(NoticeKind.INTENTION), early.get(NoticeKind.SINGLE_SOURCE)
    exempt = shown if shown and shown.ground else None
    reviewers = _reviewers(db, row)
    return PreparationView(
        project_id=row.id,
        title=row.title,
        number=row.number,
        state=row.state,
        done=done,
        tasks=tuple(_task(demand, lacks.get(demand.what)) for demand in preparations(case)),
        minutes=_minutes(db, row.id),
        evaluation=_evaluation(db, row.id),
        survey=_survey(db, latest(db, DemandSurvey, row.id)),
        reviewers=reviewers,
        filing=_filing(db, row.id),
        intention=_intention(db, shown) if shown and not exempt else None,
        exemption=NewExemption(ground=exempt.ground, reason=exempt.need) if exempt and exempt.ground else None,
        publicity=_intention(db, publicity) if publicity else None,
        sole=_sole(db, row.id),
        draw=_draw(db, row.id),
        actions=_actions(actor, row),
        reviews=next(
            (one.function for one in reviewers if actor.person_id and one.reviewer_id == actor.person_id), None
        ),
    )


RIGHTS = {ProjectAction.PREPARE: Right.DRAFT_PROJECT, ProjectAction.INTEND: Right.PUBLISH_PROJECT}
"""The right that each act of preparing is an exercise of; who reviews is named."""


def _actions(actor: Actor, row: Project) -> frozenset[ProjectAction]:
    can = {one for one in PROJECT.actions(row.state) if one in RIGHTS and may(actor, RIGHTS[one], parties(row))}
    return frozenset(can - ({ProjectAction.INTEND} if actor.person_id in row.drafter_ids else set()))


def _task(demand: Demand, refusal: DomainError | None) -> Task:
    return Task(
        demand=demand,
        code=refusal.code if refusal else "",
        lack=refusal.text if refusal else "",
        params=dict(refusal.params) if refusal else {},
    )


def _minutes(db: Session, project_id: UUID) -> MinutesView | None:
    row = latest(db, Minutes, project_id)
    if row is None:
        return None
    return MinutesView(
        held_on=row.held_on, attended=row.attended, decision=row.decision, document_id=row.document_id
    )  # fmt: skip


def _evaluation(db: Session, project_id: UUID) -> NewEvaluation | None:
    row = latest(db, PreEvaluation, project_id)
    return NewEvaluation(**{n: getattr(row, n) for n in NewEvaluation.__struct_fields__}) if row else None


def _filing(db: Session, project_id: UUID) -> NewFiling | None:
    row = latest(db, PlanFiling, project_id)
    return NewFiling(number=row.number, filed_on=row.filed_on, document_id=row.document_id) if row else None


def _survey(db: Session, row: DemandSurvey | None) -> SurveyView | None:
    if row is None:
        return None
    source = db.get(DemandSurvey, row.reused_id) if row.reused_id else row
    assert source is not None  # noqa: S101 - a foreign key
    query = select(SurveyAnswer).where(SurveyAnswer.survey_id == source.id).order_by(SurveyAnswer.place)
    return SurveyView(
        id=row.id,
        project_title=db.get_one(Project, source.project_id).title,
        made_on=source.made_on,
        answers=tuple(
            AnswerView(**{name: getattr(one, name) for name in AnswerView.__struct_fields__})
            for one in db.scalars(query)
        ),
        reason=source.reason,
        public_opinion=row.public_opinion,
        reused=row.reused_id is not None,
        document_id=source.document_id,
    )


def reusable_surveys(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> tuple[SurveyView, ...]:
    """Surveys of the same entry by the actor's organization that may still stand in for a new one.

    Raises:
        NotFound, Forbidden: the project is not the actor's to see.
    """
    project, today, own = readable(db, actor, project_id), legal_day(now), actor.organization_id
    query = (
        select(DemandSurvey)
        .join(Project, Project.id == DemandSurvey.project_id)
        .where(
            DemandSurvey.catalogue_code == project.catalogue_code,
            DemandSurvey.project_id != project.id,
            DemandSurvey.answers > 0,
            or_(Project.buyer_id == own, Project.procuring_entity_id == own),
        )
        .order_by(DemandSurvey.made_on.desc(), DemandSurvey.id)
        .limit(20)
    )
    rules, calendar = rules_for(db, project, today), law.calendar(db)
    fit = [row for row in db.scalars(query) if survey_reusable(rules, calendar, row.made_on, today)]
    return tuple(found for row in fit if (found := _survey(db, row)) is not None)


def _reviewers(db: Session, project: Project) -> tuple[ReviewerView, ...]:
    digest, said = plan_digest(plan_of(db, project)), opinions(db, project.id)
    last = {opinion.function: opinion for opinion in said}
    rows = db.scalars(select(Reviewer).where(Reviewer.project_id == project.id)).all()
    people = {one for row in rows if (one := row.reviewer_id)}
    names = {row.id: row.name for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(people)))}
    found = []
    for row in sorted(rows, key=lambda one: list(ReviewFunction).index(one.function)):
        spoken = last.get(row.function)
        found.append(
            ReviewerView(
                function=row.function,
                name=names[row.reviewer_id] if row.reviewer_id else row.outside_name,
                reviewer_id=row.reviewer_id,
                passes=spoken.passes if spoken else None,
                opinion=spoken.opinion if spoken else "",
                at=spoken.at if spoken else None,
                void=spoken is not None and spoken.digest != digest,
            )
        )
    return tuple(found)


def _sole(db: Session, project_id: UUID) -> SoleView | None:
    row = latest(db, SoleSource, project_id)
    if row is None:
        return None
    return SoleView(
        organization_id=row.organization_id,
        name=db.get_one(Organization, row.organization_id).name,
        ground=row.ground,
        reason=row.reason,
        document_id=row.document_id,
    )


def _draw(db: Session, project_id: UUID) -> DrawView | None:
    row = db.scalar(select(Draw).where(Draw.project_id == project_id))
    if row is None:
        return None
    drawn, pool = set(invited(db, project_id)), [UUID(one) for one in row.pool]
    names = {one.id: one.name for one in db.execute(select(Organization.id, Organization.name).where(
        Organization.id.in_(pool)))}  # fmt: skip
    return DrawView(
        seed=row.seed.hex(),
        at=row.at,
        pool=tuple(InvitedView(organization_id=one, name=names[one], invited=one in drawn) for one in pool),
    )


def _intention(db: Session, row: Intention) -> IntentionView:
    project = db.get_one(Project, row.project_id)
    sole = _sole(db, row.project_id) if row.kind is NoticeKind.SINGLE_SOURCE else None
    return IntentionView(
        project_id=row.project_id,
        kind=row.kind,
        buyer=db.get_one(Organization, project.buyer_id).name,
        title=row.title,
        need=row.need,
        budget_fen=row.budget_fen,
        month=row.month,
        at=row.at,
        supplier=sole.name if sole else "",
        number=project.number or "" if project.published_at else "",
    )


def intentions(db: Session, *, limit: int = INTENTIONS_MAX) -> tuple[IntentionView, ...]:
    """What is public of purchases that are still to come, the latest word first."""
    query = (
        select(Intention)
        .join(Project, Project.id == Intention.project_id)
        .where(
            Intention.notice_id.is_not(None),
            Project.published_at.is_(None),
            Project.state != ProjectState.CANCELLED,
        )
        .order_by(Intention.at.desc(), Intention.id)
        .limit(limit)
    )
    return tuple(_intention(db, row) for row in db.scalars(query))


def review_todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """The projects that wait for the actor's review; urgent from the third day after they were handed in."""
    if actor.person_id is None:
        return []
    query = (
        select(Project, Reviewer.function)
        .join(Reviewer, Reviewer.project_id == Project.id)
        .where(Reviewer.reviewer_id == actor.person_id, Project.state == ProjectState.SUBMITTED)
        .order_by(Project.submitted_at, Project.id)
    )
    return [
        Todo(
            title=_REVIEW,
            params={"title": project.title},
            url=f"/centre/projects/{project.id}/preparation",
            action=_REVIEW_IT,
            urgent=project.submitted_at is not None and now - project.submitted_at >= REVIEW_WITHIN,
        )
        for project, function in db.execute(query)
        if function not in prepared(db, project).passed and actor.person_id not in project.drafter_ids
    ]


def reviewer_candidates(db: Session, project_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """Who may be named to review a project: people of its buyer, of who runs it, and of supervisors; no drafter.

    Only those whose roles let them review it: nobody is offered who would be refused.
    """
    row = db.get_one(Project, project_id)
    query = (
        select(Person.id, Person.name, Organization, live_roles())
        .join(Membership, Membership.person_id == Person.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            live_membership(),
            or_(
                Organization.id.in_((row.buyer_id, row.procuring_entity_id)),
                Organization.functions.contains([Function.SUPERVISOR.value]),
            ),
            Person.id.not_in(row.drafter_ids),
        )
        .order_by(Organization.pinyin, Person.name, Person.id)
        .limit(200)
    )
    found = []
    for person_id, name, office, roles in db.execute(query):
        actor = Actor(
            person_id=person_id,
            organization_id=office.id,
            functions=frozenset(Function(word) for word in office.functions),
            roles=frozenset(Role(word) for word in roles or ()),
        )
        if may(actor, Right.REVIEW_PROJECT, parties(row)):
            found.append((person_id, f"{name}（{office.short_name}）"))
    return tuple(found)
