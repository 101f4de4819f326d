"""Verbs of who looks at a report: confirm it, or send it back with a reason and a day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.commands.reporting import held
from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Milestone, MilestoneReport, Verification
from marketplace.contracts.queries.milestones import done_on, grounds, parties_of
from marketplace.contracts.rules.delivery import ContractNotInForce, PersonNeeded, check_mend_by
from marketplace.contracts.schemas.milestone import Confirm, SendBack
from marketplace.contracts.states import MILESTONE, ContractState, Finding, MilestoneAction
from marketplace.identity.rules import apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, Stale
from marketplace.kit.text import clean_paragraphs
from marketplace.outbox.commands import emit


def to_judge(
    db: Session, actor: Actor, milestone_id: UUID, action: MilestoneAction, attempt: int, *, alone: bool = False
) -> tuple[Milestone, Contract, UUID]:
    """A milestone held alone, its contract, and who judges: right, duties, move, and whether it is that report.

    Raises:
        NotFound, Forbidden, PersonNeeded, DutiesClash, ContractNotInForce, IllegalMove, Stale: see the verbs.
    """
    row, contract = held(db, milestone_id, alone=alone)
    right, duty = grounds(row.state, action)
    require(actor, right, parties_of(contract))
    if actor.person_id is None:
        raise PersonNeeded
    apart(actor, duty, done_on(db, contract, [row.id])[row.id])
    if contract.state is not ContractState.ACTIVE:
        raise ContractNotInForce
    MILESTONE.after(row.state, action)
    if attempt != row.attempts:
        raise Stale
    return row, contract, actor.person_id


def last_report(db: Session, row: Milestone) -> MilestoneReport:
    """The report that a milestone's state speaks of.

    Raises:
        NotFound: none was handed in.
    """
    query = select(MilestoneReport).where(
        MilestoneReport.milestone_id == row.id, MilestoneReport.attempt == row.attempts
    )
    found = db.scalar(query)
    if found is None or found.submitted_by is None:
        raise NotFound
    return found


def _write(
    db: Session,
    row: Milestone,
    person_id: UUID,
    finding: Finding,
    *,
    reason: str,
    mend_by: date | None,
    now: datetime,
) -> None:
    found = last_report(db, row)
    db.add(
        Verification(
            report_id=found.id,
            reported_by=found.submitted_by,
            finding=finding,
            reason=clean_paragraphs(reason),
            mend_by=mend_by,
            person_id=person_id,
            at=now,
        )
    )


def verify(db: Session, actor: Actor, milestone_id: UUID, found: Confirm, *, now: datetime) -> None:
    """Confirm that a report is true to the contract and its evidence; another person then accepts.

    Raises:
        NotFound: there is no such milestone for the actor.
        Forbidden: the actor may not verify.
        PersonNeeded: nobody in person acts.
        DutiesClash: the actor reported or accepted on it.
        ContractNotInForce: the contract is not performed now.
        Stale: it is not the last report that was read.
        IllegalMove: there is no report to verify.
    """
    row, _, person_id = to_judge(db, actor, milestone_id, MilestoneAction.VERIFY, found.attempt)
    row.state = MILESTONE.after(row.state, MilestoneAction.VERIFY)
    row.verified_by, row.verified_at = person_id, now
    _write(db, row, person_id, Finding.CONFIRMED, reason=found.note, mend_by=None, now=now)
    db.flush()
    record(
        db, actor, "milestone.verified", "contract_milestone", row.id, now=now,
        reason=found.note, attempt=row.attempts,
    )  # fmt: skip
    emit(db, "milestone.verified", now=now, milestone_id=row.id)


def send_back(db: Session, actor: Actor, milestone_id: UUID, back: SendBack, *, now: datetime) -> None:
    """Send a report back to be mended, with the reason and the day; the supplier reports again.

    A report that waits to be verified is sent back by who verifies, a verified one by who accepts.

    Raises:
        NotFound: there is no such milestone for the actor.
        Forbidden: the actor may neither verify nor accept.
        PersonNeeded: nobody in person acts.
        DutiesClash: an incompatible duty on it was the actor's.
        ContractNotInForce: the contract is not performed now.
        Stale: it is not the last report that was read.
        IllegalMove: there is no report to send back.
        MendByPassed, MendByFar: the day is not after today, or more than a year away.
    """
    row, _, person_id = to_judge(db, actor, milestone_id, MilestoneAction.RETURN, back.attempt)
    check_mend_by(back.mend_by, legal_day(now))
    row.state, row.mend_by = MILESTONE.after(row.state, MilestoneAction.RETURN), back.mend_by
    row.verified_by, row.verified_at = None, None
    _write(db, row, person_id, Finding.RETURNED, reason=back.reason, mend_by=back.mend_by, now=now)
    db.flush()
    record(
        db, actor, "milestone.returned", "contract_milestone", row.id, now=now,
        reason=back.reason, attempt=row.attempts, mend_by=back.mend_by,
    )  # fmt: skip
    emit(db, "milestone.returned", now=now, milestone_id=row.id)
