"""Verbs of the review: name who reviews from which side, give an opinion, take down an outside expert's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.queries import actor_of, memberships_of
from marketplace.identity.rules import Duty, Right, apart, may, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.projects.commands.approving import send_back
from marketplace.projects.commands.preparing import paper_of, preparing_of
from marketplace.projects.model import Project, Reviewer, ReviewOpinion
from marketplace.projects.queries import parties, plan_of
from marketplace.projects.rules.preparation import plan_digest
from marketplace.projects.rules.preparing import (
    AlreadyReviewed,
    NoReviewer,
    NotReviewer,
    OpinionMissing,
    PaperMissing,
    ReviewerTwice,
)
from marketplace.projects.schemas.preparing import NewOpinion, NewReviewer
from marketplace.projects.states import FUNCTION_NAMES, PROJECT, ProjectAction, ProjectState, ReviewFunction


def name_reviewers(
    db: Session, actor: Actor, project_id: UUID, new: tuple[NewReviewer, ...], *, now: datetime
) -> None:  # fmt: skip
    """Say who reviews from which side; a side that is not named stays without anybody.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
        ReviewerTwice: one person speaks for two sides, or a side is named twice.
        NoReviewer: the person may not review this project.
        DutiesClash: the person wrote in it.

    Source:
        需求办法第三十条、第三十二条.
    """
    project = preparing_of(db, actor, project_id, now)
    repeated = _repeated(new)
    if repeated is not None:
        raise ReviewerTwice(field=repeated.value)
    for one in new:
        if one.reviewer_id is not None:
            _may_review(db, project, one)
    db.execute(delete(Reviewer).where(Reviewer.project_id == project.id))
    for one in new:
        db.add(
            Reviewer(
                project_id=project.id,
                person_id=actor.person_id,
                at=now,
                function=one.function,
                reviewer_id=one.reviewer_id,
                outside_name=one.outside_name.strip(),
            )
        )
    db.flush()
    record(db, actor, "project.reviewers_named", "project", project.id, now=now, sides=[one.function for one in new])
    if project.state is ProjectState.SUBMITTED:
        emit(db, "project.review_asked", now=now, project_id=project.id)


def _repeated(new: tuple[NewReviewer, ...]) -> ReviewFunction | None:
    """The first side that repeats an earlier one or its person."""
    for place, one in enumerate(new):
        for before in new[:place]:
            if one.function is before.function or (one.reviewer_id and one.reviewer_id == before.reviewer_id):
                return one.function
    return None


def _may_review(db: Session, project: Project, one: NewReviewer) -> None:
    assert one.reviewer_id is not None  # noqa: S101 - the caller has looked
    places = memberships_of(db, one.reviewer_id)
    acting = [actor_of(db, one.reviewer_id, place.organization_id) for place in places]
    if not any(may(person, Right.REVIEW_PROJECT, parties(project)) for person in acting):
        raise NoReviewer(field=one.function.value)
    apart(acting[0], Duty.REVIEW_PROJECT, {Duty.DRAFT_PROJECT: project.drafter_ids})


def review(db: Session, actor: Actor, project_id: UUID, new: NewOpinion, *, now: datetime) -> None:
    """Give one's opinion of a project that was handed in, and sign it off; what does not pass sends it back.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not review projects.
        NotReviewer: the actor speaks for no side of this one.
        DutiesClash: the actor wrote in it.
        IllegalMove: it was not handed in.
        AlreadyReviewed: this side has passed the plan as it stands.
        OpinionMissing: words are needed.

    Source:
        需求办法第二十九条至第三十三条.
    """
    project = _reviewed(db, actor, project_id, Right.REVIEW_PROJECT)
    mine = select(Reviewer).where(Reviewer.project_id == project.id, Reviewer.reviewer_id == actor.person_id)
    side = db.scalars(mine).one_or_none()
    if side is None:
        raise NotReviewer
    apart(actor, Duty.REVIEW_PROJECT, {Duty.DRAFT_PROJECT: project.drafter_ids})
    project.state = PROJECT.after(project.state, ProjectAction.REVIEW)
    _give(db, actor, project, side, new, now)


def record_opinion(
    db: Session, actor: Actor, project_id: UUID, function: ReviewFunction, new: NewOpinion, *, now: datetime
) -> None:
    """Take down the opinion of an outside expert, who signed it on paper.

    Raises:
        NotFound: there is no such project or document for the actor, or no outside expert speaks for that side.
        Forbidden: the actor may not draft it.
        IllegalMove: it was not handed in.
        PaperMissing: the signed paper is not there.
        AlreadyReviewed: this side has passed the plan as it stands.
        OpinionMissing: words are needed.
    """
    project = _reviewed(db, actor, project_id, Right.DRAFT_PROJECT)
    query = select(Reviewer).where(Reviewer.project_id == project.id, Reviewer.function == function)
    side = db.scalars(query).one_or_none()
    if side is None or side.reviewer_id is not None:
        raise NotFound
    project.state = PROJECT.after(project.state, ProjectAction.REVIEW)
    if new.document_id is None:
        raise PaperMissing(field="document_id")
    _give(db, actor, project, side, new, now)


def _reviewed(db: Session, actor: Actor, project_id: UUID, right: Right) -> Project:
    project = lock(db, Project, project_id)
    if project is None:
        raise NotFound
    require(actor, right, parties(project))
    return project


def _give(db: Session, actor: Actor, project: Project, side: Reviewer, new: NewOpinion, now: datetime) -> None:
    words = new.opinion.strip()
    if not words and (not new.passes or side.function is ReviewFunction.LEGAL):
        raise OpinionMissing(field="opinion")
    if new.document_id is not None:
        paper_of(db, actor, new.document_id)
    digest = plan_digest(plan_of(db, project))
    passed = select(ReviewOpinion.id).where(
        ReviewOpinion.project_id == project.id,
        ReviewOpinion.digest == digest,
        ReviewOpinion.function == side.function,
        ReviewOpinion.passes,
    )
    if db.scalar(passed) is not None:
        raise AlreadyReviewed
    db.add(
        ReviewOpinion(
            project_id=project.id,
            person_id=actor.person_id,
            at=now,
            digest=digest,
            function=side.function,
            reviewer_id=side.reviewer_id,
            outside_name=side.outside_name,
            passes=new.passes,
            opinion=words,
            document_id=new.document_id,
            drafter_ids=list(project.drafter_ids),
        )
    )
    db.flush()
    record(
        db, actor, "project.reviewed", "project", project.id, now=now,
        side=side.function, passes=new.passes, digest=digest.hex(),
    )  # fmt: skip
    emit(db, "project.reviewed", now=now, project_id=project.id)
    if not new.passes:
        send_back(db, actor, project, reason=f"{FUNCTION_NAMES[side.function]}审查未通过：{words}", now=now)
