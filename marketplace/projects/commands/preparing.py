"""Verbs of the papers before a notice: minutes, evaluation, survey, filing, and the one supplier that is asked."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.documents.model import Document
from marketplace.identity.model import Organization
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.procedures import queries as law
from marketplace.procedures.rules import check_survey, survey_demand, survey_reusable
from marketplace.procedures.states import MethodCode
from marketplace.projects.commands.drafting import locked
from marketplace.projects.model import (
    DemandSurvey,
    Minutes,
    PlanFiling,
    PreEvaluation,
    Project,
    SoleSource,
    SurveyAnswer,
)
from marketplace.projects.queries import parties, rules_for
from marketplace.projects.rules.preparation import PUBLIC_BRANCH, SurveyOutdated
from marketplace.projects.rules.preparing import (
    DayAhead,
    MethodElsewise,
    NoSupplier,
    ReasonMissing,
    RespondentTwice,
    SurveyElsewhere,
)
from marketplace.projects.schemas.preparing import NewEvaluation, NewFiling, NewMinutes, NewSoleSource, NewSurvey
from marketplace.projects.states import PROJECT, ProjectAction


def preparing_of(db: Session, actor: Actor, project_id: UUID, now: datetime) -> Project:
    """A project held alone, in which something of its preparation may be recorded by the actor.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    project.state = PROJECT.after(project.state, ProjectAction.PREPARE)
    project.updated_at = now
    return project


def paper_of(db: Session, actor: Actor, document_id: UUID) -> Document:
    """A document of the actor's organization.

    Raises:
        NotFound: there is none.
    """
    card = db.get(Document, document_id)
    if card is None or card.organization_id != actor.organization_id:
        raise NotFound
    return card


def not_ahead(day: date, now: datetime, field: str) -> None:
    """Refuse a day that has not come yet for something that was done.

    Raises:
        DayAhead: it lies in the future.
    """
    if day > legal_day(now):
        raise DayAhead(field=field, given=day.isoformat(), today=legal_day(now).isoformat())


def record_minutes(db: Session, actor: Actor, project_id: UUID, new: NewMinutes, *, now: datetime) -> UUID:
    """Record the minutes of the meeting that decided on the project.

    Raises:
        NotFound: there is no such project or document for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
        DayAhead: the meeting has not been held yet.
    """
    project = preparing_of(db, actor, project_id, now)
    card = paper_of(db, actor, new.document_id)
    not_ahead(new.held_on, now, "held_on")
    row = Minutes(
        project_id=project.id, person_id=actor.person_id, at=now, held_on=new.held_on, attended=new.attended.strip(),
        decision=new.decision.strip(), document_id=card.id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    record(
        db, actor, "project.minutes_recorded", "project", project.id, now=now, held_on=new.held_on, sha256=card.sha256
    )  # fmt: skip
    return row.id


def record_evaluation(db: Session, actor: Actor, project_id: UUID, new: NewEvaluation, *, now: datetime) -> UUID:
    """Record the evaluation before the start.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.

    Source:
        102号令第二十条 (△).
    """
    project = preparing_of(db, actor, project_id, now)
    said = {name: getattr(new, name).strip() for name in new.__struct_fields__}
    row = PreEvaluation(project_id=project.id, person_id=actor.person_id, at=now, **said)
    db.add(row)
    db.flush()
    record(db, actor, "project.evaluated_before", "project", project.id, now=now)
    return row.id


def record_survey(db: Session, actor: Actor, project_id: UUID, new: NewSurvey, *, now: datetime) -> UUID:
    """Record what the market answered (or why it was not asked enough), or take over another project's survey.

    Raises:
        NotFound: there is no such project, document, or survey to reuse for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
        DayAhead: an answer lies in the future.
        RespondentTwice: an organization is named twice.
        SurveyTooSmall: too few answers, and nobody says why.
        ReasonMissing: no answers at all, and nobody says why.
        SurveyElsewhere: the survey to reuse is of another subject.
        SurveyOutdated: it lies back too far.

    Source:
        需求办法第十条、第十一条.
    """
    project = preparing_of(db, actor, project_id, now)
    if new.document_id is not None:
        paper_of(db, actor, new.document_id)
    if new.reused_id is not None:
        made_on = _reused(db, actor, project, new.reused_id, legal_day(now))
    else:
        made_on = _asked(db, project, new, now)
    row = DemandSurvey(
        project_id=project.id, person_id=actor.person_id, at=now, catalogue_code=project.catalogue_code,
        made_on=made_on, answers=0 if new.reused_id else len(new.answers),
        reason="" if new.reused_id else new.reason.strip(), public_opinion=new.public_opinion.strip(),
        reused_id=new.reused_id, document_id=new.document_id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    for place, one in enumerate(() if new.reused_id else new.answers, 1):
        db.add(
            SurveyAnswer(
                survey_id=row.id,
                place=place,
                organization=one.organization.strip(),
                asked_how=one.asked_how,
                asked_on=one.asked_on,
                summary=one.summary.strip(),
            )
        )
    db.flush()
    record(
        db, actor, "project.surveyed", "project", project.id, now=now,
        answers=row.answers, made_on=made_on, reused_id=new.reused_id,
    )  # fmt: skip
    return row.id


def _asked(db: Session, project: Project, new: NewSurvey, now: datetime) -> date:
    """The day of a survey of one's own: that of its earliest answer, from which a year is counted."""
    for index, one in enumerate(new.answers):
        not_ahead(one.asked_on, now, f"answers-{index}-asked_on")
    names = [one.organization.strip() for one in new.answers]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise RespondentTwice(field=f"answers-{index}-organization", name=name)
    today = legal_day(now)
    public = project.catalogue_code.startswith(PUBLIC_BRANCH)
    survey = survey_demand(rules_for(db, project, today), project.budget_fen or 0, public_service=public)
    if not new.reason.strip():
        if not new.answers:
            raise ReasonMissing(field="reason")
        for refusal in check_survey(survey, len(new.answers)) if survey else []:
            raise refusal
    return min((one.asked_on for one in new.answers), default=today)


def _reused(db: Session, actor: Actor, project: Project, survey_id: UUID, today: date) -> date:
    found = db.get(DemandSurvey, survey_id)
    source = db.get(Project, found.project_id) if found else None
    if found is None or source is None or actor.organization_id not in parties(source).values():
        raise NotFound
    if found.catalogue_code != project.catalogue_code or found.reused_id is not None:
        raise SurveyElsewhere(field="reused_id")
    if not survey_reusable(rules_for(db, project, today), law.calendar(db), found.made_on, today):
        raise SurveyOutdated(field="reused_id", made_on=found.made_on.isoformat())
    return found.made_on


def file_plan(db: Session, actor: Actor, project_id: UUID, new: NewFiling, *, now: datetime) -> UUID:
    """Record that the procurement plan was filed with the finance authority.

    Raises:
        NotFound: there is no such project or document for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
        DayAhead: it has not been filed yet.

    Source:
        采购法条例第二十九条.
    """
    project = preparing_of(db, actor, project_id, now)
    if new.document_id is not None:
        paper_of(db, actor, new.document_id)
    not_ahead(new.filed_on, now, "filed_on")
    row = PlanFiling(
        project_id=project.id, person_id=actor.person_id, at=now, number=new.number.strip(), filed_on=new.filed_on,
        document_id=new.document_id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    record(
        db, actor, "project.plan_filed", "project", project.id, now=now, filing=row.number, filed_on=new.filed_on
    )  # fmt: skip
    return row.id


def name_sole_source(db: Session, actor: Actor, project_id: UUID, new: NewSoleSource, *, now: datetime) -> UUID:
    """Name the one supplier that is asked, the lawful ground, and the paper that approves it.

    Raises:
        NotFound: there is no such project or document for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
        MethodElsewise: the project is bought in another way.
        NoSupplier: the organization is no supplier.

    Source:
        采购法第三十一条.
    """
    project = preparing_of(db, actor, project_id, now)
    if project.method is not MethodCode.SINGLE_SOURCE:
        raise MethodElsewise(wanted=MethodCode.SINGLE_SOURCE)
    card = paper_of(db, actor, new.document_id)
    supplier = db.get(Organization, new.organization_id)
    if supplier is None or Function.SUPPLIER not in supplier.functions:
        raise NoSupplier(field="organization_id")
    row = SoleSource(
        project_id=project.id, person_id=actor.person_id, at=now, organization_id=supplier.id, ground=new.ground,
        reason=new.reason.strip(), document_id=card.id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    record(
        db, actor, "project.sole_source_named", "project", project.id, now=now,
        organization_id=supplier.id, ground=new.ground, sha256=card.sha256,
    )  # fmt: skip
    return row.id
