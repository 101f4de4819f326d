"""What an organization has performed and performs, as everybody may see it: contracts, acceptance, what people said."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Acceptance, Contract, Milestone
from marketplace.contracts.rules.delivery import public_opinion
from marketplace.contracts.schemas import Performed, TrackRecord
from marketplace.contracts.states import BINDING, ContractState
from marketplace.identity.model import Organization
from marketplace.projects.model import Project
from marketplace.projects.states import MilestoneKind

SHOWN_MAX = 50


def track_record(db: Session, organization_id: UUID, *, limit: int = SHOWN_MAX) -> TrackRecord:
    """The organization's published contracts, the latest first; the counts are of all, the rest of those listed.

    What people said is added up only from milestones whose numbers are shown one by one, so that no group under five
    follows from the sum.
    """
    mine = (
        Contract.supplier_id == organization_id,
        Contract.published_at.is_not(None),
        Contract.state.in_(BINDING),
    )
    state_counts = select(Contract.state, func.count().label("total")).where(*mine).group_by(Contract.state)
    counts = {row.state: row.total for row in db.execute(state_counts)}
    query = (
        select(Contract, Project.title, Organization.short_name)
        .join(Project, Project.id == Contract.project_id)
        .join(Organization, Organization.id == Contract.buyer_id)
        .where(*mine)
        .order_by(Contract.signed_at.desc(), Contract.id)
        .limit(limit)
    )
    rows = db.execute(query).all()
    found = _milestones(db, [row.id for row, _, _ in rows])
    listed = tuple(_performed(row, title, buyer, found[row.id]) for row, title, buyer in rows)
    return TrackRecord(
        completed=counts.get(ContractState.COMPLETED, 0),
        ongoing=counts.get(ContractState.ACTIVE, 0),
        contracts=listed,
        asked=sum(one.asked for one in listed),
        satisfied=sum(one.satisfied for one in listed),
    )


Judged = list[tuple[Milestone, Acceptance | None]]


def _milestones(db: Session, contract_ids: Collection[UUID]) -> dict[UUID, Judged]:
    found: dict[UUID, Judged] = defaultdict(list)
    query = (
        select(Milestone, Acceptance)
        .outerjoin(Acceptance, Acceptance.milestone_id == Milestone.id)
        .where(Milestone.contract_id.in_(contract_ids), Milestone.kind != MilestoneKind.ADVANCE)
    )
    for milestone, decided in db.execute(query):
        found[milestone.contract_id].append((milestone, decided))
    return found


def _performed(row: Contract, title: str, buyer: str, judged: Judged) -> Performed:
    decided = [(milestone, acceptance) for milestone, acceptance in judged if acceptance is not None]
    opinions = [public_opinion(acceptance.asked, acceptance.satisfied) for _, acceptance in decided]
    shown = [
        (asked, satisfied) for asked, satisfied in opinions if isinstance(asked, int) and isinstance(satisfied, int)
    ]
    return Performed(
        project_id=row.project_id,
        title=title,
        buyer=buyer,
        state=row.state,
        price_fen=row.price_fen,
        signed_at=row.signed_at,
        completed_at=row.completed_at,
        milestones=len(judged),
        decided=len(decided),
        decided_fen=sum(milestone.amount_fen for milestone, _ in decided),
        accepted_fen=sum(acceptance.amount_fen for _, acceptance in decided),
        asked=sum(asked for asked, _ in shown),
        satisfied=sum(satisfied for _, satisfied in shown),
    )
