"""What every verb of an evaluation passes first: project and panel held, the right, the seat, the move."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.db.base import lock, lock_all
from marketplace.evaluation.model import Evaluation, PanelMember
from marketplace.evaluation.queries.parts import demand_of, members_of
from marketplace.evaluation.queries.people import bidder_people
from marketplace.evaluation.rules import wrong_with
from marketplace.evaluation.rules.refusals import DeclareFirst, NotInEvaluation, NotOnPanel
from marketplace.evaluation.states import DECLARED, EVALUATION, ON_PANEL, EvaluationAction, SeatKind
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.projects.model import Project
from marketplace.projects.queries import parties
from marketplace.projects.states import ProjectState

UNDER_WAY = frozenset({ProjectState.EVALUATION})


def held(
    db: Session, actor: Actor, project_id: UUID, right: Right, *, states: frozenset[ProjectState] = UNDER_WAY
) -> Project:
    """A project, locked, with its stage certain; whoever evaluates waits here for everybody else who does.

    Raises:
        NotFound: no such project is public, or the actor's organization has nothing to do with it.
        Forbidden: the actor lacks the right.
        NotInEvaluation: the project is in another stage.
    """
    project = lock(db, Project, project_id)
    if project is None or project.published_at is None:
        raise NotFound
    require(actor, right, parties(project))
    if project.state not in states:
        raise NotInEvaluation
    return project


def begun(db: Session, project_id: UUID) -> Evaluation:
    """The evaluation of a held project.

    Raises:
        NotFound: no panel has been composed.
    """
    row = lock(db, Evaluation, project_id)
    if row is None:
        raise NotFound
    return row


def panel(db: Session, project_id: UUID) -> list[PanelMember]:
    """Everybody on the panel as they are now, locked, in the order of their seats."""
    rows = lock_all(db, PanelMember, [one.id for one in members_of(db, project_id)])
    return sorted(rows, key=lambda one: one.place)


def seat_of(db: Session, actor: Actor, project_id: UUID) -> PanelMember:
    """The actor's own seat.

    Raises:
        NotOnPanel: the actor has none, or has left it.
        DutiesClash: the actor is of an organization that bids.
    """
    mine = [one for one in panel(db, project_id) if one.person_id == actor.person_id and one.state in ON_PANEL]
    if not mine:
        raise NotOnPanel
    apart(actor, Duty.SCORE, {Duty.BID: bidder_people(db, project_id)})
    return mine[0]


def judging_seat(db: Session, actor: Actor, project_id: UUID) -> PanelMember:
    """The actor's own seat, taken by declaring that nothing keeps them from judging.

    Raises:
        NotOnPanel: the actor has no seat.
        DeclareFirst: they have not declared.
        DutiesClash: the actor is of an organization that bids.
    """
    seat = seat_of(db, actor, project_id)
    if seat.state not in DECLARED:
        raise DeclareFirst
    return seat


def is_whole(db: Session, project: Project) -> bool:
    """Whether everybody on the panel has declared and the panel is composed as the rules ask."""
    live = [one for one in panel(db, project.id) if one.state in ON_PANEL]
    experts = sum(one.kind is SeatKind.EXPERT for one in live)
    wrong = wrong_with(demand_of(db, project), members=len(live), experts=experts)
    return not wrong and all(one.state in DECLARED for one in live)


def convene_if_whole(db: Session, actor: Actor, project: Project, row: Evaluation, now: datetime) -> None:
    """Begin once the panel is whole: from now on bids may be checked."""
    if EvaluationAction.CONVENE not in EVALUATION.actions(row.state) or not is_whole(db, project):
        return
    row.state = EVALUATION.after(row.state, EvaluationAction.CONVENE)
    row.convened_at = now
    record(db, actor, "evaluation.convened", "project", project.id, now=now)
    emit(db, "evaluation.convened", now=now, project_id=project.id)
