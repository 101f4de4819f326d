"""Verbs of the scoring: each member saves drafts of their own sheet and locks it, seeing nobody else's."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.evaluation.commands.gate import begun, held, judging_seat
from marketplace.evaluation.commands.ranking import rank_if_complete
from marketplace.evaluation.model import Evaluation, PanelMember, Score
from marketplace.evaluation.queries.parts import quality, sheet_of, valid_bids
from marketplace.evaluation.rules import points, steps_of
from marketplace.evaluation.rules.refusals import NotAStep, NothingToScore, ScoreMissing, ScoreReasonMissing
from marketplace.evaluation.schemas import Given, Sheet
from marketplace.evaluation.states import EVALUATION, MEMBER, EvaluationAction, MemberAction
from marketplace.identity.queries.organizations import organization
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, raise_all
from marketplace.outbox.commands import emit
from marketplace.projects.model import Project
from marketplace.projects.schemas import CriterionView


def save_scores(db: Session, actor: Actor, project_id: UUID, sheet: Sheet, *, now: datetime) -> None:
    """Save what the actor has filled in so far; a score that is not named stays as it was.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DeclareFirst: the actor has not declared.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: scoring has not begun, or the actor's sheet is locked.
        NothingToScore: a score is for no valid bid or no quality criterion of this project.
        NotAStep: points are none of the stated steps; Several such.
    """
    project, row, seat = _at_the_desk(db, actor, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.SCORE)
    MEMBER.after(seat.state, MemberAction.LOCK)
    _write(db, project, seat, sheet, now)
    record(db, actor, "scores.saved", "panel_member", seat.id, now=now, scores=len(sheet.scores))


def submit_scores(db: Session, actor: Actor, project_id: UUID, sheet: Sheet, *, now: datetime) -> None:
    """Save, and lock the actor's sheet for good; with the last sheet of a whole panel the bids are ranked.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DeclareFirst: the actor has not declared.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: scoring has not begun, or the actor's sheet is locked.
        NothingToScore: a score is for no valid bid or no quality criterion of this project.
        NotAStep: points are none of the stated steps.
        ScoreMissing: a bid has no points under a criterion.
        ScoreReasonMissing: points have no reason; Several of these at once.

    Source:
        采购法条例第三十四条、第四十一条: independent, by the stated steps, each answering for their own words.
    """
    project, row, seat = _at_the_desk(db, actor, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.SUBMIT)
    state = MEMBER.after(seat.state, MemberAction.LOCK)
    _write(db, project, seat, sheet, now)
    given = sheet_of(db, seat.id)
    raise_all(_gaps(db, project_id, given))
    seat.state, seat.locked_at = state, now
    db.flush()
    content = msgspec.json.encode([given[key] for key in sorted(given)])
    digest = sha256(content).hexdigest()
    record(db, actor, "scores.submitted", "panel_member", seat.id, now=now, sheet_sha256=digest)
    emit(db, "scores.submitted", now=now, project_id=project_id, member_id=seat.id)
    rank_if_complete(db, actor, project, row, now)


def _at_the_desk(db: Session, actor: Actor, project_id: UUID) -> tuple[Project, Evaluation, PanelMember]:
    project = held(db, actor, project_id, Right.SCORE)
    row = begun(db, project_id)
    return project, row, judging_seat(db, actor, project_id)


def _write(db: Session, project: Project, seat: PanelMember, sheet: Sheet, now: datetime) -> None:
    criteria = {one.id: one for one in quality(db, project.id)}
    bids = {bid.bid_id for bid in valid_bids(db, project.id)}
    if any(one.bid_id not in bids or one.criterion_id not in criteria for one in sheet.scores):
        raise NothingToScore
    raise_all(_no_steps(criteria, sheet))
    for one in sheet.scores:
        found = db.get(Score, (seat.id, one.bid_id, one.criterion_id), populate_existing=True)
        score = found or Score(
            member_id=seat.id, bid_id=one.bid_id, criterion_id=one.criterion_id, project_id=project.id
        )
        score.points_bp, score.reason, score.at = one.points_bp, one.reason.strip(), now
        db.add(score)
    db.flush()


def spot(given: Given, part: str) -> str:
    """The field of a form, and of a refusal, that one score's points or reason stand in."""
    return f"{part}-{given.bid_id}-{given.criterion_id}"


def _no_steps(criteria: Mapping[UUID, CriterionView], sheet: Sheet) -> Iterator[DomainError]:
    for one in sheet.scores:
        criterion = criteria[one.criterion_id]
        allowed = steps_of(criterion.steps)
        if one.points_bp is not None and one.points_bp not in allowed:
            words = "、".join(points(step) for step in allowed)
            yield NotAStep(field=spot(one, "points"), criterion=criterion.name, steps=words)


def _gaps(db: Session, project_id: UUID, given: Mapping[tuple[UUID, UUID], Given]) -> Iterator[DomainError]:
    """What a complete sheet still lacks, each at its field."""
    for bid in valid_bids(db, project_id):
        for criterion in quality(db, project_id):
            empty = Given(bid_id=bid.bid_id, criterion_id=criterion.id)
            one = given.get((bid.bid_id, criterion.id), empty)
            names = {"bidder": organization(db, bid.organization_id).name, "criterion": criterion.name}
            if one.points_bp is None:
                yield ScoreMissing(field=spot(one, "points"), **names)
            if not one.reason:
                yield ScoreReasonMissing(field=spot(one, "reason"), **names)
