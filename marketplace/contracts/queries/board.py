"""How many of a desk's contracts stand in each state, and by when those not yet signed must be."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.contracts.model import Contract
from marketplace.contracts.rules import sign_by
from marketplace.contracts.schemas import ContractBoard, UnsignedAward
from marketplace.contracts.states import BINDING, ContractState
from marketplace.evaluation.model import Award
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.days import Calendar
from marketplace.procedures import queries as law
from marketplace.projects import queries as projects
from marketplace.projects.model import Project

SHOWN_MAX = 20
_BUYER = aliased(Organization)


def board(db: Session, actor: Actor) -> ContractBoard:
    """The desk's contracts by state, how many awards are unsigned, and by when the first twenty must be.

    Nothing where the actor may not read contracts.
    """
    own = actor.organization_id
    if own is None or not may(actor, Right.READ_CONTRACT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}):
        return ContractBoard(counts={}, unsigned_count=0, unsigned=())
    mine = or_(Contract.buyer_id == own, Contract.procuring_entity_id == own)
    counted = select(Contract.state, func.count().label("total")).where(mine).group_by(Contract.state)
    counts: Mapping[ContractState, int] = {row.state: row.total for row in db.execute(counted)}
    bound = select(Contract.project_id).where(Contract.state.in_(BINDING))
    scope = (
        or_(Project.buyer_id == own, Project.procuring_entity_id == own),
        Award.published_at.is_not(None),
        Award.project_id.not_in(bound),
    )
    total = db.scalar(
        select(func.count()).select_from(Award).join(Project, Project.id == Award.project_id).where(*scope)
    )
    live = Contract.state != ContractState.CANCELLED
    query = (
        select(Project, Award.published_at, _BUYER.short_name, Contract.id, Contract.state)
        .select_from(Award)
        .join(Project, Project.id == Award.project_id)
        .join(_BUYER, _BUYER.id == Project.buyer_id)
        .outerjoin(Contract, (Contract.project_id == Project.id) & live)
        .where(*scope)
        .order_by(Award.published_at, Award.id)
        .limit(SHOWN_MAX)
    )
    calendar = law.calendar(db)
    unsigned = tuple(
        UnsignedAward(
            project_id=project.id,
            contract_id=contract_id,
            title=project.title,
            buyer=buyer,
            state=state,
            due_on=_day(db, project, calendar, published_at),
        )
        for project, published_at, buyer, contract_id, state in db.execute(query)
    )
    return ContractBoard(counts=counts, unsigned_count=total or 0, unsigned=unsigned)


def _day(db: Session, project: Project, calendar: Calendar, published_at: datetime | None) -> date | None:
    deadline = published_at and sign_by(projects.kept_rules(db, project), calendar, published_at)
    return deadline.day if deadline else None
