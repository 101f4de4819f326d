"""Verbs of the award: somebody who neither bids nor scored confirms it, and its result is published."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bid
from marketplace.db.base import lock
from marketplace.evaluation import model
from marketplace.evaluation.commands.gate import UNDER_WAY, begun, held, panel
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries.award import award_of
from marketplace.evaluation.queries.parts import ranking
from marketplace.evaluation.queries.people import bidder_people
from marketplace.evaluation.rules import result_period
from marketplace.evaluation.rules.refusals import RecusedDecides
from marketplace.evaluation.schemas import Award
from marketplace.evaluation.states import DECLARED, EVALUATION, EvaluationAction, MemberState
from marketplace.identity.rules import Duty, Right, apart
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.procedures import queries as law
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules
from marketplace.projects.states import ProjectState


def _before_deciding(db: Session, actor: Actor, project_id: UUID) -> tuple[Project, Evaluation, list[UUID]]:
    """The project and its evaluation for somebody who may decide, and all who scored."""
    project = held(db, actor, project_id, Right.DECIDE_AWARD)
    row, seats = begun(db, project_id), panel(db, project_id)
    scorers = [one.person_id for one in seats if one.state in DECLARED]
    apart(actor, Duty.DECIDE_AWARD, {Duty.SCORE: scorers, Duty.BID: bidder_people(db, project_id)})
    if any(one.person_id == actor.person_id and one.state is MemberState.RECUSED for one in seats):
        raise RecusedDecides
    return project, row, scorers


def decide(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> Award:
    """Award the project to the bid ranked first; part of the flow that moves the project.

    The award goes in the order of the ranking and to no other bid.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor may not decide awards.
        NotInEvaluation: the project's bids are not being evaluated.
        DutiesClash: the actor scored, or is of an organization that bids.
        RecusedDecides: the actor stepped back from judging.
        IllegalMove: the report is not delivered, or the decision is made.

    Source:
        采购法条例第四十三条: the first in the order of the report, within five working days.
    """
    project, row, scorers = _before_deciding(db, actor, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.DECIDE)
    first = ranking(db, project_id)[0]
    bid = opened_bid(db, first.bid_id)
    award = model.Award(
        project_id=project.id,
        bid_id=first.bid_id,
        organization_id=bid.organization_id,
        price_fen=bid.price_fen,
        apart_ids=scorers,
        decided_by=actor.person_id,
        decided_at=now,
    )
    db.add(award)
    db.flush()
    record(
        db, actor, "award.decided", "award", award.id, now=now,
        project_id=project_id, bid_id=first.bid_id, organization_id=bid.organization_id, price_fen=bid.price_fen,
    )  # fmt: skip
    emit(db, "award.decided", now=now, project_id=project_id, award_id=award.id)
    return _decided(db, project_id)


def may_decline(db: Session, actor: Actor, project_id: UUID) -> None:
    """Refuse whoever may not decide that there is no award; the flow that asks this ends project and evaluation.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor may not decide awards.
        NotInEvaluation: the project's bids are not being evaluated.
        DutiesClash: the actor scored, or is of an organization that bids.
        RecusedDecides: the actor stepped back from judging.
        IllegalMove: the report is not delivered, or the decision is made.
    """
    _, row, _ = _before_deciding(db, actor, project_id)
    EVALUATION.after(row.state, EvaluationAction.DECIDE)


def publish_result(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> Award:
    """Publish the result: from now on its period runs, and every bidder may see where it lost points.

    Part of the flow that hangs the notice on the project's page. Signing is refused until ``signable_from``.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor may not publish results.
        NotInEvaluation: the project is in another stage.
        IllegalMove: nothing is decided, or the result is published.

    Source:
        采购法条例第四十三条: two working days after the decision; 财政部令第87号 (△) for the period.
    """
    project = held(db, actor, project_id, Right.PUBLISH_RESULT, states=UNDER_WAY | {ProjectState.AWARDED})
    row = begun(db, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.PUBLISH)
    found = db.scalar(select(model.Award.id).where(model.Award.project_id == project_id))
    award = lock(db, model.Award, found) if found else None
    if award is None or project.method is None:
        raise NotFound
    period = result_period(kept_rules(db, project), law.calendar(db), project.method, legal_day(now))
    award.published_by, award.published_at = actor.person_id, now
    award.notice_until, award.signable_from = period.notice_until, period.signable_from
    db.flush()
    record(
        db, actor, "award.published", "award", award.id, now=now,
        project_id=project_id, notice_until=period.notice_until, signable_from=period.signable_from,
    )  # fmt: skip
    emit(db, "award.published", now=now, project_id=project_id, award_id=award.id)
    return _decided(db, project_id)


def _decided(db: Session, project_id: UUID) -> Award:
    award = award_of(db, project_id)
    assert award is not None  # noqa: S101 - it has just been written
    return award
