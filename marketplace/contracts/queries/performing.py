"""The published contracts that are being performed, the one whose next milestone comes first before the others."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract, Milestone
from marketplace.contracts.schemas import Performing
from marketplace.contracts.states import ContractState, MilestoneState
from marketplace.identity.model import Organization
from marketplace.projects.model import Project

UNDECIDED = (MilestoneState.SCHEDULED, MilestoneState.REPORTED, MilestoneState.RETURNED, MilestoneState.VERIFIED)


def performing(db: Session, *, limit: int) -> list[Performing]:
    """What everybody may know of the contracts in force: project, supplier, price, next day."""
    ahead = (
        select(Milestone.contract_id, func.min(Milestone.due_on).label("next_on"))
        .where(Milestone.state.in_(UNDECIDED))
        .group_by(Milestone.contract_id)
        .subquery()
    )
    query = (
        select(Contract.project_id, Project.title, Organization.name, Contract.price_fen, ahead.c.next_on)
        .join(Project, Project.id == Contract.project_id)
        .join(Organization, Organization.id == Contract.supplier_id)
        .join(ahead, ahead.c.contract_id == Contract.id)
        .where(Contract.state == ContractState.ACTIVE, Contract.published_at.is_not(None))
        .order_by(ahead.c.next_on, Contract.id)
        .limit(limit)
    )
    return [
        Performing(project_id=project_id, title=title, supplier=supplier, price_fen=price_fen, next_on=next_on)
        for project_id, title, supplier, price_fen, next_on in db.execute(query)
    ]
