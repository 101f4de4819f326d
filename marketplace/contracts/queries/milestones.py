"""Milestones: their facts, who did what on them, what an actor may do with one, and what everybody may know."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Acceptance, Milestone, MilestoneReport, Verification
from marketplace.contracts.rules import delivery
from marketplace.contracts.schemas.milestone import Bar, MilestoneCard, MilestoneFacts, PublicMilestone
from marketplace.contracts.states import MILESTONE, ContractState, Finding, MilestoneAction, MilestoneState
from marketplace.evaluation.model import Award
from marketplace.identity.rules import DutiesClash, Duty, Parties, Relation, Right, apart, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Project
from marketplace.projects.states import MilestoneKind

_PLAIN = tuple(name for name in MilestoneFacts.__struct_fields__ if name != "evidence")
_A = MilestoneAction
RIGHTS: Mapping[MilestoneAction, tuple[Right, Duty]] = {
    _A.REPORT: (Right.REPORT_MILESTONE, Duty.REPORT_MILESTONE),
    _A.VERIFY: (Right.VERIFY_MILESTONE, Duty.VERIFY_MILESTONE),
    _A.ACCEPT: (Right.ACCEPT_MILESTONE, Duty.ACCEPT_MILESTONE),
    _A.ACCEPT_PARTLY: (Right.ACCEPT_MILESTONE, Duty.ACCEPT_MILESTONE),
    _A.REJECT: (Right.ACCEPT_MILESTONE, Duty.ACCEPT_MILESTONE),
}
"""The right and the duty that each action is an exercise of; sending back follows the state (:func:`grounds`)."""
Done = Mapping[Duty, Collection[UUID]]
"""Who did which duty on the same thing."""


def grounds(state: MilestoneState, action: MilestoneAction) -> tuple[Right, Duty]:
    """The right and the duty of an action: who sends back a verified report does so as the one who accepts."""
    if action is MilestoneAction.RETURN:
        action = MilestoneAction.ACCEPT if state is MilestoneState.VERIFIED else MilestoneAction.VERIFY
    return RIGHTS[action]


def parties_of(contract: Contract) -> Parties:
    """The organizations of a contract by their relation to it."""
    return {
        Relation.BUYER: contract.buyer_id,
        Relation.PROCURING_ENTITY: contract.procuring_entity_id,
        Relation.SUPPLIER: contract.supplier_id,
    }


def evidence_items(row: Milestone) -> tuple[str, ...]:
    """What the contract asks as evidence, item by item."""
    return tuple(line for line in row.evidence.splitlines() if line.strip())


def facts_of(row: Milestone) -> MilestoneFacts:
    """A milestone's bare facts."""
    return MilestoneFacts(**{name: getattr(row, name) for name in _PLAIN}, evidence=evidence_items(row))


def milestone_facts(db: Session, milestone_id: UUID) -> MilestoneFacts:
    """One milestone's bare facts; the caller has decided that they may be known.

    Raises:
        NotFound: there is no such milestone.
    """
    row = db.get(Milestone, milestone_id)
    if row is None:
        raise NotFound
    return facts_of(row)


def milestones_of(db: Session, contract_id: UUID) -> tuple[MilestoneFacts, ...]:
    """The milestones of a contract in their order; none before it takes effect."""
    query = select(Milestone).where(Milestone.contract_id == contract_id).order_by(Milestone.place)
    return tuple(facts_of(row) for row in db.scalars(query.execution_options(populate_existing=True)))


def done_on(db: Session, contract: Contract, milestone_ids: Collection[UUID]) -> dict[UUID, Done]:
    """Who did which duty so far, for milestones of one contract: in its project, its award, itself, and each of them.

    Who sends back a report that was verified acts as the one who accepts, and leaves no mark of verifying.
    """
    project_drafters = db.scalar(select(Project.drafter_ids).where(Project.id == contract.project_id)) or ()
    decided_by = db.scalar(select(Award.decided_by).where(Award.id == contract.award_id))
    reported: dict[UUID, set[UUID]] = {one: set() for one in milestone_ids}
    verified: dict[UUID, set[UUID]] = {one: set() for one in milestone_ids}
    query = (
        select(
            MilestoneReport.milestone_id,
            MilestoneReport.id,
            MilestoneReport.submitted_by,
            Verification.person_id,
            Verification.finding,
        )
        .outerjoin(Verification, Verification.report_id == MilestoneReport.id)
        .where(MilestoneReport.milestone_id.in_(milestone_ids), MilestoneReport.submitted_by.is_not(None))
    )
    rows = db.execute(query).all()
    confirmed = {row.id for row in rows if row.finding is Finding.CONFIRMED}
    for row in rows:
        if row.submitted_by is not None:
            reported[row.milestone_id].add(row.submitted_by)
        if row.person_id is not None and (row.finding is Finding.CONFIRMED or row.id not in confirmed):
            verified[row.milestone_id].add(row.person_id)
    shared: Done = {
        Duty.DRAFT_PROJECT: project_drafters,
        Duty.DECIDE_AWARD: (decided_by,) if decided_by else (),
        Duty.DRAFT_CONTRACT: contract.drafter_ids,
    }
    return {
        one: {**shared, Duty.REPORT_MILESTONE: reported[one], Duty.VERIFY_MILESTONE: verified[one]}
        for one in milestone_ids
    }


def judge(
    actor: Actor, contract: Contract, row: Milestone, done: Done
) -> tuple[frozenset[MilestoneAction], Bar | None]:
    """What the actor may do with a milestone now, and what bars them in person from a step that their post allows."""
    found: set[MilestoneAction] = set()
    barred: Bar | None = None
    if contract.state is not ContractState.ACTIVE or row.kind is MilestoneKind.ADVANCE:
        return frozenset(), None
    for action in sorted(MILESTONE.actions(row.state) - {MilestoneAction.FALL_DUE}):
        right, duty = grounds(row.state, action)
        if not may(actor, right, parties_of(contract)):
            continue
        try:
            apart(actor, duty, done)
        except DutiesClash as refusal:
            barred = barred or Bar(**{name: str(word) for name, word in refusal.params.items()})
        else:
            found.add(action)
    return frozenset(found), barred


def readable(
    db: Session, actor: Actor, milestone_id: UUID, *, payer_id: UUID | None = None
) -> tuple[Milestone, Contract]:
    """A milestone and its contract, for those whom the contract concerns.

    ``payer_id`` is the office that has to pay for this milestone, as the floors above know: it reads along.

    Raises:
        NotFound: there is none, or the actor's organization has nothing to do with it.
        Forbidden: it has, but the actor's roles do not let them see it.
    """
    row = db.get(Milestone, milestone_id)
    if row is None:
        raise NotFound
    contract = db.get_one(Contract, row.contract_id)
    paying: Parties = {Relation.FINANCE: payer_id} if payer_id else {}
    require(actor, Right.READ_CONTRACT, {**parties_of(contract), **paying})
    return row, contract


def card_of(
    row: Milestone,
    contract: Contract,
    *,
    project_title: str,
    supplier_name: str,
    actions: frozenset[MilestoneAction],
    now: datetime,
) -> MilestoneCard:
    """A milestone as a line of a list."""
    today = legal_day(now)
    return MilestoneCard(
        id=row.id,
        contract_id=contract.id,
        contract_number=contract.number or "",
        project_id=contract.project_id,
        project_title=project_title,
        supplier_name=supplier_name,
        place=row.place,
        title=row.title,
        kind=row.kind,
        state=row.state,
        share_bp=row.share_bp,
        amount_fen=row.amount_fen,
        due_on=row.due_on,
        waits_until=delivery.waits_until(row.state, row.due_on, row.mend_by),
        late_days=delivery.late_days(row.state, row.due_on, row.mend_by, today),
        accepted_fen=row.accepted_fen,
        actions=actions,
    )


def public_milestones(db: Session, project_id: UUID) -> tuple[PublicMilestone, ...]:
    """What everybody may know of a project's delivery: states, dates and counts of its published contract.

    Never a paper, a person or a group under five; nothing before the contract is published.
    """
    contract = db.scalar(select(Contract).where(Contract.project_id == project_id, Contract.published_at.is_not(None)))
    if contract is None:
        return ()
    query = (
        select(Milestone, Acceptance, MilestoneReport.people_served)
        .outerjoin(Acceptance, Acceptance.milestone_id == Milestone.id)
        .outerjoin(MilestoneReport, MilestoneReport.id == Acceptance.report_id)
        .where(Milestone.contract_id == contract.id)
        .order_by(Milestone.place)
    )
    return tuple(_public(row, decided, served) for row, decided, served in db.execute(query))


def _public(row: Milestone, decided: Acceptance | None, served: int | None) -> PublicMilestone:
    asked, satisfied = delivery.public_opinion(decided.asked, decided.satisfied) if decided else (None, None)
    return PublicMilestone(
        place=row.place,
        title=row.title,
        kind=row.kind,
        state=row.state,
        share_bp=row.share_bp,
        amount_fen=row.amount_fen,
        due_on=row.due_on,
        reported_at=row.reported_at,
        accepted_at=row.accepted_at,
        accepted_fen=row.accepted_fen,
        people_served=delivery.public_count(served),
        asked=asked,
        satisfied=satisfied,
    )
