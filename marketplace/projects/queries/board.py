"""How many of a desk's projects stand at each stage, and which of them their own timetable has overtaken."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Date, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.projects.model import Project
from marketplace.projects.schemas import ProjectBoard, WaitingProject
from marketplace.projects.states import ProjectState

_S = ProjectState
LEGAL_ZONE_NAME = "Asia/Shanghai"
NEAR = timedelta(days=3)
SHOWN_MAX = 20
_BUYER = aliased(Organization)


def board(db: Session, actor: Actor, *, today: date) -> ProjectBoard:
    """The desk's projects by state; and those that should have moved on by now or must within three days.

    A project should be public on its day of publication, opened on its day of opening, and have its result announced
    on that day. Nothing where the actor may not read projects.
    """
    own = actor.organization_id
    if own is None or not may(actor, Right.READ_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}):
        return ProjectBoard(counts={}, waiting=())
    mine = or_(Project.buyer_id == own, Project.procuring_entity_id == own)
    counted = select(Project.state, func.count().label("total")).where(mine).group_by(Project.state)
    counts: Mapping[ProjectState, int] = {row.state: row.total for row in db.execute(counted)}
    opens_on = cast(func.timezone(LEGAL_ZONE_NAME, func.coalesce(Project.opening_at, Project.bids_due_at)), Date)
    due = case(
        (Project.state == _S.OPEN, opens_on),
        (Project.state == _S.EVALUATION, Project.result_on),
        else_=Project.publish_on,
    )
    moving = Project.state.in_((_S.SUBMITTED, _S.APPROVED, _S.OPEN, _S.EVALUATION))
    query = (
        select(Project.id, Project.title, Project.state, _BUYER.short_name.label("buyer"), due.label("due_on"))
        .join(_BUYER, _BUYER.id == Project.buyer_id)
        .where(and_(mine, moving, due <= today + NEAR))
        .order_by(due, Project.id)
        .limit(SHOWN_MAX)
    )
    return ProjectBoard(counts=counts, waiting=tuple(WaitingProject(**row) for row in db.execute(query).mappings()))
