"""What of a project's preparation is there, and what a step of it still waits for."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.kit.clock import legal_day
from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError
from marketplace.procedures.rules import RuleSet
from marketplace.procedures.states import MethodCode
from marketplace.projects.model import (
    DemandSurvey,
    Intention,
    Invited,
    Minutes,
    PlanFiling,
    PreEvaluation,
    Project,
    Reviewer,
    ReviewOpinion,
    SoleSource,
)
from marketplace.projects.queries.parts import plan_of
from marketplace.projects.rules.preparation import Case, Prepared, lacking, plan_digest
from marketplace.projects.states import By, NoticeKind, Preparation, ReviewFunction

CHOSEN = frozenset({MethodCode.INVITED_TENDER, MethodCode.SINGLE_SOURCE})
"""Methods in which the buyer chooses whom to ask."""
T = TypeVar("T", Minutes, PreEvaluation, DemandSurvey, PlanFiling, SoleSource)


def latest(db: Session, kind: type[T], project_id: UUID) -> T | None:
    """What counts of something recorded about a project: the latest row."""
    query = select(kind).where(kind.project_id == project_id).order_by(kind.at.desc(), kind.id.desc()).limit(1)
    return db.scalar(query)


def case_of(db: Session, project: Project, rules: RuleSet) -> Case:
    """What decides on the demands of a project."""
    sole = latest(db, SoleSource, project.id)
    return Case(
        rules=rules,
        method=project.method,
        amount_fen=project.budget_fen,
        catalogue_code=project.catalogue_code,
        entrusted=project.buyer_id != project.procuring_entity_id,
        ground=sole.ground if sole else None,
    )


def opinions(db: Session, project_id: UUID) -> Sequence[ReviewOpinion]:
    """Every opinion of the reviewers, the earliest first."""
    query = select(ReviewOpinion).where(ReviewOpinion.project_id == project_id)
    return db.scalars(query.order_by(ReviewOpinion.at, ReviewOpinion.id)).all()


def prepared(db: Session, project: Project) -> Prepared:
    """What of a project's preparation is there. A reviewer who has since written in it does not count."""
    digest = plan_digest(plan_of(db, project))
    passing = [one for one in opinions(db, project.id) if one.passes and one.reviewer_id not in project.drafter_ids]
    minutes, filing = latest(db, Minutes, project.id), latest(db, PlanFiling, project.id)
    survey = latest(db, DemandSurvey, project.id)
    source = db.get(DemandSurvey, survey.reused_id) if survey and survey.reused_id else survey
    early = early_words(db, project.id)
    shown = early.get(NoticeKind.INTENTION)
    publicity = early.get(NoticeKind.SINGLE_SOURCE)
    return Prepared(
        mandated=project.mandate_document_id is not None,
        evaluated=latest(db, PreEvaluation, project.id) is not None,
        minutes_on=minutes.held_on if minutes else None,
        survey_on=source.made_on if source else None,
        survey_answers=source.answers if source else 0,
        survey_reason=source.reason if source else "",
        public_asked=bool(survey and survey.public_opinion),
        sole_named=latest(db, SoleSource, project.id) is not None,
        passed=frozenset(one.function for one in passing if one.digest == digest),
        overtaken=bool(passing) and all(one.digest != digest for one in passing),
        filed_on=filing.filed_on if filing else None,
        intention_on=legal_day(shown.at) if shown and shown.ground is None else None,
        exempt=bool(shown and shown.ground),
        publicized_on=legal_day(publicity.at) if publicity else None,
        invited=len(invited(db, project.id)),
    )


def early_words(db: Session, project_id: UUID) -> dict[NoticeKind, Intention]:
    """The first word of each kind: its days run from there; an exemption counts once it is the last word."""
    query = select(Intention).where(Intention.project_id == project_id).order_by(Intention.at, Intention.id)
    found: dict[NoticeKind, Intention] = {}
    for row in db.scalars(query):
        if row.kind not in found or row.ground is not None or found[row.kind].ground is not None:
            found[row.kind] = row
    return found


def invited(db: Session, project_id: UUID) -> list[UUID]:
    """The organizations that were drawn, in their order."""
    query = select(Invited.organization_id).where(Invited.project_id == project_id).order_by(Invited.place)
    return list(db.scalars(query))


def unprepared(
    db: Session, project: Project, *, rules: RuleSet, calendar: Calendar, today: date, by: By
) -> list[DomainError]:
    """What a step of the project waits for, each refusal at its task; the mandate has its own gate.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    found = lacking(case_of(db, project, rules), prepared(db, project), calendar, today, by=by)
    return [refusal for demand, refusal in found if demand.what is not Preparation.MANDATE]


def may_take_part(db: Session, project: Project, organization_id: UUID) -> bool:
    """Whether an organization may take a published project's document: the chosen ones, or all.

    Source:
        采购法第三十一条、第三十四条.
    """
    return project.method not in CHOSEN or organization_id in chosen(db, project)


def chosen(db: Session, project: Project) -> tuple[UUID, ...]:
    """The organizations that alone are asked; none where all are."""
    if project.method is MethodCode.SINGLE_SOURCE:
        named = latest(db, SoleSource, project.id)
        return (named.organization_id,) if named else ()
    return tuple(invited(db, project.id)) if project.method is MethodCode.INVITED_TENDER else ()


def reviewed(db: Session, project_id: UUID, *, but: frozenset[ReviewFunction] = frozenset()) -> tuple[UUID, ...]:
    """The people with accounts who are to review a project, but for the sides that have."""
    query = select(Reviewer.reviewer_id).where(
        Reviewer.project_id == project_id, Reviewer.reviewer_id.is_not(None), Reviewer.function.not_in(but)
    )
    return tuple(one for one in db.scalars(query.order_by(Reviewer.reviewer_id)) if one)
