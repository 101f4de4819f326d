"""What happened with milestones, as far as notices tell it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Acceptance, Contract, Milestone, MilestoneReport, Verification
from marketplace.funds.model import Fund, ProjectFunding
from marketplace.identity.model import Organization
from marketplace.kit.money import percent
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Project

MILESTONE_NAMES = frozenset(
    {"project", "number", "supplier", "milestone", "attempt", "reason", "mend_on", "due_on", "percent", "amount_fen"}
)
CONTRACT_NAMES = frozenset({"project", "number", "supplier"})


def _whom(db: Session, contract: Contract) -> dict[Party, tuple[UUID, ...]]:
    """The parties, and who keeps the money that pays."""
    query = (
        select(Fund.holder_id)
        .join(ProjectFunding, ProjectFunding.fund_id == Fund.id)
        .where(ProjectFunding.contract_id == contract.id)
        .distinct()
        .order_by(Fund.holder_id)
    )
    return {
        Party.SUPPLIER: (contract.supplier_id,),
        Party.BUYER: (contract.buyer_id,),
        Party.PROCURING_ENTITY: (contract.procuring_entity_id,),
        Party.FINANCE: tuple(db.scalars(query)),
    }


def _named(db: Session, contract: Contract) -> dict[str, object]:
    return {
        "project": db.get_one(Project, contract.project_id).title,
        "number": contract.number or "",
        "supplier": db.get_one(Organization, contract.supplier_id).name,
    }


def _reason(db: Session, milestone: Milestone) -> str:
    """Why it was decided so, or else why it was last sent back."""
    decided = db.get(Acceptance, milestone.id)
    if decided is not None:
        return decided.reason
    query = (
        select(Verification.reason)
        .join(MilestoneReport, MilestoneReport.id == Verification.report_id)
        .where(MilestoneReport.milestone_id == milestone.id)
        .order_by(Verification.at.desc())
        .limit(1)
    )
    return db.scalar(query) or ""


def milestone(db: Session, message: Envelope) -> Facts:
    """A milestone of a contract in force, with what was last found of it."""
    row = db.get_one(Milestone, message.id("milestone_id"))
    contract = db.get_one(Contract, row.contract_id)
    desk = f"/centre/acceptance/{row.id}"
    return Facts(
        params={
            **_named(db, contract),
            "milestone": row.title,
            "attempt": str(row.attempts),
            "reason": _reason(db, row),
            "mend_on": row.mend_by,
            "due_on": date.fromisoformat(message.payload["day"]) if "day" in message.payload else row.due_on,
            "percent": percent(row.accepted_bp or 0),
            "amount_fen": row.accepted_fen or 0,
        },
        url=f"/org/milestones/{row.id}",
        urls={Party.BUYER: desk, Party.PROCURING_ENTITY: desk, Party.FINANCE: "/finance/payments"},
        organizations=_whom(db, contract),
    )


def completed(db: Session, message: Envelope) -> Facts:
    """A contract at its end; everybody reads the result on the project's page."""
    contract = db.get_one(Contract, message.id("contract_id"))
    return Facts(params=_named(db, contract), url=f"/projects/{contract.project_id}", organizations=_whom(db, contract))
