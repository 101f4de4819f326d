"""One project: as everybody sees it, as its own people see it, its questions and its files."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueVersion
from marketplace.documents.queries import document
from marketplace.documents.schemas import DocumentView
from marketplace.identity.model import Organization, Person
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.procedures import queries as law
from marketplace.procedures.rules import Timetable
from marketplace.projects.model import Project, ProjectFile, Question
from marketplace.projects.queries import parts
from marketplace.projects.queries.editions import was_public
from marketplace.projects.queries.gate import kept_rules, open_gates, parties, published, readable, rules_for
from marketplace.projects.rules import (
    Course,
    Difference,
    Plan,
    Stage,
    StageCode,
    asker_digest,
    differences,
    stages,
    table_of,
)
from marketplace.projects.schemas import Dossier, Entry, Party, ProjectView, Publication, QuestionView, Signer
from marketplace.projects.states import PROJECT, PUBLIC_FILES, ProjectAction, ProjectState

RIGHTS = {
    ProjectAction.EDIT: Right.DRAFT_PROJECT,
    ProjectAction.SUBMIT: Right.DRAFT_PROJECT,
    ProjectAction.RETURN: Right.APPROVE_PROJECT,
    ProjectAction.APPROVE: Right.APPROVE_PROJECT,
    ProjectAction.PUBLISH: Right.PUBLISH_PROJECT,
    ProjectAction.AMEND: Right.PUBLISH_PROJECT,
    ProjectAction.ANSWER: Right.ANSWER_QUESTION,
    ProjectAction.CANCEL: Right.CANCEL_PROJECT,
}
"""The right that each action of a project's own people is an exercise of."""
_PLAIN = tuple(
    name
    for name in ProjectView.__struct_fields__
    if name in Project.__table__.columns and name not in {"buyer", "procuring_entity"}
)
NOTHING_LATER: Mapping[StageCode, Stage] = {}
_COURSE = tuple(name for name in Course.__struct_fields__ if name != "later")


def _party(db: Session, organization_id: UUID) -> Party:
    row = db.get_one(Organization, organization_id)
    return Party(id=row.id, name=row.name, short_name=row.short_name)


def _entry(db: Session, item_id: UUID) -> Entry:
    query = (
        select(CatalogueItem.code, CatalogueItem.name, CatalogueItem.name_en, CatalogueVersion.label)
        .join(CatalogueVersion, CatalogueVersion.id == CatalogueItem.version_id)
        .where(CatalogueItem.id == item_id)
    )
    code, name, name_en, edition = db.execute(query).one()
    return Entry(code=code, name=name, name_en=name_en, edition=edition)


def _view(
    db: Session, project: Project, *, now: datetime, internal: bool, later: Mapping[StageCode, Stage] = NOTHING_LATER
) -> ProjectView:
    course = Course(**{name: getattr(project, name) for name in _COURSE}, later=later)
    return ProjectView(
        **{name: getattr(project, name) for name in _PLAIN},
        buyer=_party(db, project.buyer_id),
        procuring_entity=_party(db, project.procuring_entity_id),
        entry=_entry(db, project.catalogue_item_id),
        cost_lines=parts.cost_lines(db, project.id),
        funding=parts.funding(db, project.id),
        conditions=parts.conditions(db, project.id),
        criteria=parts.criteria(db, project.id),
        milestones=parts.milestones(db, project.id, project.ceiling_fen),
        questions=parts.answered(db, project.id),
        notices=parts.notices(db, project.id),
        files=parts.files(db, project, internal=internal),
        stages=stages(course, now),
    )


def project(
    db: Session, project_id: UUID, *, now: datetime, later: Mapping[StageCode, Stage] = NOTHING_LATER
) -> ProjectView:
    """A published project, as everybody may see it; ``later`` are the stages that only higher floors know.

    Raises:
        NotFound: there is none, or it is not published.
    """
    return _view(db, published(db, project_id), now=now, internal=False, later=later)


def by_number(db: Session, number: str) -> UUID:
    """The id of the published project with a number.

    Raises:
        NotFound: there is none, or it is not published.
    """
    found = db.scalar(select(Project.id).where(Project.number == number, Project.published_at.is_not(None)))
    if found is None:
        raise NotFound
    return found


def actions(actor: Actor, row: Project) -> frozenset[ProjectAction]:
    """What the actor may do with a project now: the table of moves, held against rights and duties."""
    found = {
        action for action in PROJECT.actions(row.state) if action in RIGHTS and may(actor, RIGHTS[action], parties(row))
    }
    if actor.person_id in row.drafter_ids:
        found -= {ProjectAction.APPROVE, ProjectAction.PUBLISH}
    if actor.organization_id != row.buyer_id and not actor.is_system:
        found -= {ProjectAction.APPROVE}
    return frozenset(found)


def dossier(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> Dossier:
    """A project as its own people see it, with what the actor may do now.

    Raises:
        NotFound: there is none, or the actor's organization has nothing to do with it.
        Forbidden: the actor's roles do not let them see it.
    """
    row = readable(db, actor, project_id)
    people, plan = _people(db, row), parts.plan_of(db, row)
    return Dossier(
        project=_view(db, row, now=now, internal=True),
        plan=plan,
        version=row.version,
        drafters=tuple(Signer(person_id=one, name=people.get(one, ""), at=None) for one in row.drafter_ids),
        submitted=_signer(people, row.submitted_by, row.submitted_at),
        approved=_signer(people, row.approved_by, row.approved_at),
        published=_signer(people, row.published_by, row.published_at),
        return_reason=row.return_reason,
        previous_id=row.previous_id,
        differences=_differences(db, row, plan),
        updated_at=row.updated_at,
        actions=actions(actor, row),
    )


def _differences(db: Session, row: Project, plan: Plan) -> tuple[Difference, ...]:
    """What changed since the project was sent back; else since the one it was copied from."""
    if row.returned_plan is not None:
        return differences(msgspec.convert(row.returned_plan, Plan), plan)
    source = db.get(Project, row.previous_id) if row.previous_id else None
    return differences(parts.plan_of(db, source), plan) if source else ()


def _people(db: Session, row: Project) -> Mapping[UUID, str]:
    wanted = {*row.drafter_ids, row.submitted_by, row.approved_by, row.published_by} - {None}
    return {row.id: row.name for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))}


def _signer(people: Mapping[UUID, str], person_id: UUID | None, at: datetime | None) -> Signer | None:
    if at is None:
        return None
    return Signer(person_id=person_id, name=people.get(person_id, "") if person_id else "", at=at)


def missing(
    db: Session, actor: Actor, project_id: UUID, *, now: datetime, keyless: Mapping[str, str] | None = None
) -> list[DomainError]:
    """Everything that keeps a draft from being handed in, each refusal at its field.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor's roles do not let them see it.
        RuleMissing: a rule that is needed is not in force.
    """
    return open_gates(db, readable(db, actor, project_id), now=now, keyless=keyless)


def legal_times(db: Session, row_id: UUID, *, now: datetime) -> Timetable | None:
    """The legal timetable around a project's times, by the rules it keeps or would keep; None while it has none."""
    row = db.get(Project, row_id)
    if row is None:
        raise NotFound
    plan = parts.plan_of(db, row)
    start = legal_day(row.published_at) if row.published_at else plan.publish_on
    if row.method is None or start is None:
        return None
    rules = kept_rules(db, row) if row.published_at else rules_for(db, row, max(start, legal_day(now)))
    return table_of(rules, law.calendar(db), row.method, plan.times, start=start)


def questions_for(db: Session, actor: Actor, project_id: UUID, *, key: bytes) -> tuple[QuestionView, ...]:
    """The questions of a published project that the actor may see: all answered ones, one's own, and for staff all.

    ``key`` is the installation's secret, with which an organization finds its own questions.

    Raises:
        NotFound: no such project is public.
    """
    row = published(db, project_id)
    staff = may(actor, Right.ANSWER_QUESTION, parties(row))
    own = asker_digest(key, row.id, actor.organization_id) if actor.organization_id else b""
    rules, calendar = kept_rules(db, row), law.calendar(db)
    query = select(Question).where(Question.project_id == row.id).order_by(Question.number)
    found = []
    for question in db.scalars(query):
        mine = hmac.compare_digest(own, question.asker_digest)
        if question.answered_at is not None or mine or staff:
            due = parts.answer_due(question, row, rules, calendar)
            found.append(parts.question_view(question, due, mine=mine))
    return tuple(found)


def download(db: Session, actor: Actor | None, project_id: UUID, file_id: UUID) -> DocumentView:
    """The document behind a file of a project, if the actor (None: anybody) may have it.

    A published project's tender papers are for everybody, those of its earlier editions too; all else only for those
    who may see the draft.

    Raises:
        NotFound: there is no such file, or none for this reader.
        Forbidden: the actor's roles do not let them see it.
    """
    row, project_row = db.get(ProjectFile, file_id), db.get(Project, project_id)
    if row is None or project_row is None or row.project_id != project_id:
        raise NotFound
    if row.removed_at is not None and not was_public(db, project_id, file_id):
        raise NotFound
    if not (row.kind in PUBLIC_FILES and project_row.published_at is not None):
        if actor is None:
            raise NotFound
        readable(db, actor, project_id)
    return document(db, row.document_id)


def publication(db: Session, project_id: UUID) -> Publication:
    """What the flow that publishes must reserve and seal.

    Raises:
        NotFound: there is no such project, or it was not approved.
    """
    row = db.get(Project, project_id)
    if row is None or row.state is not ProjectState.APPROVED:
        raise NotFound
    dates = [one.due_on for one in parts.milestones(db, row.id, None) if one.due_on]
    return Publication(
        project_id=row.id,
        catalogue_code=row.catalogue_code,
        buyer_id=row.buyer_id,
        procuring_entity_id=row.procuring_entity_id,
        funding=parts.funding(db, row.id),
        opener_centre_id=row.opener_centre_id,
        opener_buyer_id=row.opener_buyer_id,
        opener_supervisor_id=row.opener_supervisor_id,
        last_milestone_on=max(dates),
    )
