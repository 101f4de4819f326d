"""Verbs of who accepts: decide over a verified milestone, in full, in part or not at all; and close the contract."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.commands.verifying import last_report, to_judge
from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Acceptance, Milestone
from marketplace.contracts.rules.delivery import acceptance_problems, accepted_fen, action_of, all_decided
from marketplace.contracts.schemas.milestone import AcceptanceForm, Accepted
from marketplace.contracts.states import CONTRACT, MILESTONE, ContractAction, MilestoneState
from marketplace.db.base import lock
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, raise_all
from marketplace.kit.text import clean_paragraphs
from marketplace.outbox.commands import emit


def accept(db: Session, actor: Actor, milestone_id: UUID, form: AcceptanceForm, *, now: datetime) -> Accepted:
    """Decide over a verified milestone: all of it, a part in percent, or nothing; returns what it comes to in fen.

    A part is the percentage of the milestone's amount, rounded half up to the fen. Part of the flow that makes the
    money payable, which holds the funds. Who drafted the project or the contract, decided the award, reported or
    verified may not accept.

    Raises:
        NotFound: there is no such milestone for the actor.
        Forbidden: the actor may not accept.
        PersonNeeded: nobody in person acts.
        DutiesClash: an incompatible duty in project, award, contract or milestone was the actor's.
        ContractNotInForce: the contract is not performed now.
        Stale: it is not the last report that was read.
        IllegalMove: it was not verified, or it is decided.
        ReasonMissing: less than all is accepted without a reason.
        SatisfiedBeyondAsked: more are satisfied than were asked.
        Several: more than one of the last two.

    Source:
        采购法第四十一条: every standard is checked, and those who sign are liable.
        采购法条例第四十五条: those served take part, their opinion is recorded, the result published.
    """
    action = action_of(form.share_bp)
    row, contract, person_id = to_judge(db, actor, milestone_id, action, form.attempt, alone=True)
    raise_all(acceptance_problems(form.share_bp, form.asked, form.satisfied, form.reason))
    report, amount_fen = last_report(db, row), accepted_fen(row.amount_fen, form.share_bp)
    row.state = MILESTONE.after(row.state, action)
    row.accepted_by, row.accepted_at = person_id, now
    row.accepted_bp, row.accepted_fen = form.share_bp, amount_fen
    db.add(
        Acceptance(
            milestone_id=row.id,
            report_id=report.id,
            share_bp=form.share_bp,
            amount_fen=amount_fen,
            opinion=clean_paragraphs(form.opinion),
            asked=form.asked,
            satisfied=form.satisfied,
            reason=clean_paragraphs(form.reason),
            reported_by=report.submitted_by,
            verified_by=row.verified_by,
            person_id=person_id,
            at=now,
        )
    )
    db.flush()
    _tell(db, actor, row, form, now=now)
    states = db.scalars(select(Milestone.state).where(Milestone.contract_id == contract.id)).all()
    return Accepted(
        milestone_id=row.id,
        contract_id=contract.id,
        project_id=contract.project_id,
        amount_fen=amount_fen,
        last=all_decided(states),
    )


def _tell(db: Session, actor: Actor, row: Milestone, form: AcceptanceForm, *, now: datetime) -> None:
    """Write the decision into the journal and tell of it."""
    rejected = row.state is MilestoneState.REJECTED
    record(
        db, actor, "milestone.rejected" if rejected else "milestone.accepted", "contract_milestone", row.id, now=now,
        reason=form.reason, share_bp=form.share_bp, amount_fen=row.accepted_fen, asked=form.asked,
        satisfied=form.satisfied,
    )  # fmt: skip
    if rejected:
        emit(db, "milestone.rejected", now=now, milestone_id=row.id)
    else:
        emit(db, "milestone.accepted", now=now, milestone_id=row.id)


def complete(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> None:
    """Close a contract whose milestones are all decided; part of the flow that gives back what is left.

    Raises:
        NotFound: there is no such contract.
        IllegalMove: it is not in force.
    """
    contract = lock(db, Contract, contract_id)
    if contract is None:
        raise NotFound
    contract.state = CONTRACT.after(contract.state, ContractAction.COMPLETE)
    contract.completed_at, contract.updated_at = now, now
    contract.version += 1
    db.flush()
    record(db, actor, "contract.completed", "contract", contract.id, now=now)
    emit(db, "contract.completed", now=now, contract_id=contract.id)
