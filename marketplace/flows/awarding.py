"""The story of the award: checks let a project go on or end it; the decision is made, and its result published."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.evaluation import commands as evaluation
from marketplace.evaluation.schemas import Award
from marketplace.flows.opening import ENOUGH, REASONS
from marketplace.funds import commands as funds
from marketplace.funds.model import ProjectFunding
from marketplace.identity.queries import organization
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.money import yuan_grouped
from marketplace.ledger import commands as ledger
from marketplace.procedures.rules import outcome_of_count
from marketplace.procedures.states import CountOutcome
from marketplace.projects import commands as projects
from marketplace.projects.commands.notices import announce
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules
from marketplace.projects.states import NoticeKind

RESULT = "成交单位：{organization}，成交金额 {price} 元，公示至 {until}。"
"""The notice as it is written; notices stay in Chinese."""


def _held(db: Session, project_id: UUID) -> Project:
    """The project with its funds locked before it: money may come free."""
    ledger.lock_funds(db, db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.project_id == project_id)))
    project = lock(db, Project, project_id)
    if project is None or project.method is None:
        raise NotFound
    return project


def confirm_checks(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> CountOutcome:
    """Confirm what was found of the bids; then scoring begins, or the project has failed and its money is free again.

    Raises:
        NotFound: no such published project.
        DomainError: what ``evaluation.confirm_checks`` refuses.
        RuleMissing: a rule that is needed is not in force.

    Source:
        采购法第三十六条: fewer valid bids than the law asks for, and the purchase has failed; all are told why.
    """
    project = _held(db, project_id)
    valid = evaluation.confirm_checks(db, actor, project_id, now=now)
    assert project.method is not None  # noqa: S101 - what is published has a method
    outcome = outcome_of_count(kept_rules(db, project), project.method, valid, rounds=project.round)
    if outcome in ENOUGH:
        evaluation.begin_scoring(db, actor, project_id, now=now)
    else:
        _end(db, actor, project_id, REASONS[outcome].format(count=valid), now)
    return outcome


def decide(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> Award:
    """Award the project to the bid ranked first.

    Raises:
        NotFound: no such published project.
        DomainError: what ``evaluation.decide`` refuses.
    """
    _held(db, project_id)
    award = evaluation.decide(db, actor, project_id, now=now)
    projects.award(db, actor, project_id, now=now)
    return award


def decline(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> None:
    """Decide that nobody is awarded: the project fails with the reason everybody is told, its money is free again.

    Raises:
        NotFound: no such published project.
        DomainError: what ``evaluation.may_decline`` refuses.

    Source:
        采购法第三十六条: what hurts a fair result, all prices over the budget, a task that is dropped.
    """
    _held(db, project_id)
    evaluation.may_decline(db, actor, project_id)
    _end(db, actor, project_id, reason, now)


def publish_result(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> Award:
    """Publish the result and hang its notice on the project's page; its period begins.

    Raises:
        NotFound: no such published project.
        DomainError: what ``evaluation.publish_result`` refuses.
    """
    project = _held(db, project_id)
    award = evaluation.publish_result(db, actor, project_id, now=now)
    text = RESULT.format(
        organization=organization(db, award.organization_id).name,
        price=yuan_grouped(award.price_fen),
        until=award.notice_until,
    )
    announce(db, actor, project, NoticeKind.RESULT, now=now, reason=text)
    return award


def _end(db: Session, actor: Actor, project_id: UUID, reason: str, now: datetime) -> None:
    evaluation.end_without_award(db, actor, project_id, reason=reason, now=now)
    projects.fail(db, actor, project_id, reason=reason, now=now)
    funds.release(db, actor, project_id, reason=reason, now=now)
