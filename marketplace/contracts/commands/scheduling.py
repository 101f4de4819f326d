"""The verb that lays down a contract's milestones when it takes effect; from then on nobody changes them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Milestone
from marketplace.contracts.queries.milestones import milestones_of
from marketplace.contracts.rules.delivery import check_plan
from marketplace.contracts.schemas.milestone import MilestoneFacts, PlannedMilestone
from marketplace.contracts.states import MILESTONE, MilestoneAction
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.money import WHOLE_BP
from marketplace.projects.states import MilestoneKind


def schedule(
    db: Session, actor: Actor, contract_id: UUID, planned: Sequence[PlannedMilestone], *, now: datetime
) -> tuple[MilestoneFacts, ...]:
    """Lay down the milestones of a contract that takes effect; an advance falls due at once, in full.

    Part of the flow that activates the contract, which holds its lock, judges the actor, and makes an advance payable.

    Raises:
        NotFound: there is no such contract.
        PlanNotWhole: shares are not together 100.00 %, or amounts not the price.
    """
    contract = db.get(Contract, contract_id)
    if contract is None:
        raise NotFound
    check_plan((one.share_bp for one in planned), (one.amount_fen for one in planned), contract.price_fen)
    for one in planned:
        row = Milestone(
            contract_id=contract_id,
            place=one.place,
            kind=one.kind,
            title=one.title,
            deliverable=one.deliverable,
            evidence=one.evidence,
            due_on=one.due_on,
            share_bp=one.share_bp,
            amount_fen=one.amount_fen,
            state=MILESTONE.start,
        )
        if one.kind is MilestoneKind.ADVANCE:
            row.state = MILESTONE.after(MILESTONE.start, MilestoneAction.FALL_DUE)
            row.accepted_at, row.accepted_bp, row.accepted_fen = now, WHOLE_BP, one.amount_fen
        db.add(row)
    db.flush()
    record(
        db, actor, "contract.milestones_scheduled", "contract", contract_id, now=now,
        milestones=[[one.place, one.share_bp, one.amount_fen] for one in planned],
    )  # fmt: skip
    return milestones_of(db, contract_id)
