"""Milestones in lists: a supplier's own, a desk's, and what waits for whom today."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Milestone
from marketplace.contracts.queries.milestones import card_of, done_on, judge
from marketplace.contracts.rules.delivery import is_soon
from marketplace.contracts.schemas.milestone import MilestoneCard
from marketplace.contracts.states import DECIDED, ContractState, MilestoneAction, MilestoneState
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.projects.model import Project
from marketplace.projects.states import MilestoneKind

LIST_MAX = 500
_REPORT = N_("提交里程碑「{title}」的验收材料")
_LATE = N_("里程碑「{title}」已逾期 {days} 天，请尽快提交")
_MEND = N_("里程碑「{title}」被退回，请整改后重新提交")
_MEND_LATE = N_("里程碑「{title}」整改已逾期 {days} 天，请尽快重新提交")
_CHASE = N_("「{supplier}」的里程碑「{title}」已逾期 {days} 天，请了解原因")
_VERIFY = N_("核验「{supplier}」提交的里程碑「{title}」")
_ACCEPT = N_("验收里程碑「{title}」（{supplier}）")
_REPORT_IT, _MEND_IT, _VERIFY_IT, _ACCEPT_IT = N_("去填写"), N_("去整改"), N_("去核验"), N_("去验收")
_CHASE_IT = N_("去查看")
_ACCEPTING = frozenset({MilestoneAction.ACCEPT, MilestoneAction.ACCEPT_PARTLY, MilestoneAction.REJECT})


def _cards(
    db: Session, actor: Actor, scope: ColumnElement[bool], *, now: datetime, waiting: bool
) -> Iterator[MilestoneCard]:
    """Milestones of contracts in ``scope``, the nearest first; only undecided ones if ``waiting``."""
    query = (
        select(Milestone, Contract, Project.title, Organization.name)
        .join(Contract, Contract.id == Milestone.contract_id)
        .join(Project, Project.id == Contract.project_id)
        .join(Organization, Organization.id == Contract.supplier_id)
        .where(scope)
        .order_by(Milestone.due_on, Contract.number, Milestone.place)
        .limit(LIST_MAX)
    )
    if waiting:
        query = query.where(Milestone.state.not_in(DECIDED), Contract.state == ContractState.ACTIVE)
    rows = db.execute(query.execution_options(populate_existing=True)).all()
    done = {
        key: value
        for contract in {contract.id: contract for _, contract, _, _ in rows}.values()
        for key, value in done_on(db, contract, [row.id for row, one, _, _ in rows if one.id == contract.id]).items()
    }
    for row, contract, project_title, supplier_name in rows:
        actions, _ = judge(actor, contract, row, done[row.id])
        yield card_of(
            row, contract, project_title=project_title, supplier_name=supplier_name, actions=actions, now=now
        )  # fmt: skip


def _urgency(card: MilestoneCard) -> tuple[bool, int, str]:
    """Late first, the latest at the top; then what the supplier is to do soonest; then the rest by their days."""
    day = card.waits_until or card.due_on
    return card.late_days == 0, -card.late_days, day.isoformat() if day else "9999"


def supplier_milestones(db: Session, actor: Actor, *, now: datetime) -> tuple[MilestoneCard, ...]:
    """All milestones of the contracts that the actor's organization performs: late ones and the nearest first.

    Raises:
        Forbidden: the actor's roles do not let them see contracts of a supplier.
    """
    own = actor.organization_id
    require(actor, Right.READ_CONTRACT, {Relation.SUPPLIER: own} if own else {})
    if own is None:
        return ()
    return tuple(sorted(_cards(db, actor, Contract.supplier_id == own, now=now, waiting=False), key=_urgency))


def desk_milestones(db: Session, actor: Actor, *, now: datetime) -> tuple[MilestoneCard, ...]:
    """The deliverables still undecided of contracts that the actor's organization buys or runs; late ones first.

    Raises:
        Forbidden: the actor's roles do not let them see contracts of a desk.
    """
    own = actor.organization_id
    require(actor, Right.READ_CONTRACT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own} if own else {})
    if own is None:
        return ()
    return tuple(sorted(_cards(db, actor, _of_desk(own), now=now, waiting=True), key=_urgency))


def _of_desk(own: UUID) -> ColumnElement[bool]:
    return or_(Contract.buyer_id == own, Contract.procuring_entity_id == own)


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What of delivery waits for the actor: to report within fourteen days, to mend, to verify, to accept.

    Those who verify are told of what is late too. Nothing that an incompatible duty forbids to the actor.
    """
    own = actor.organization_id
    if own is None:
        return []
    parties = {Relation.BUYER: own, Relation.PROCURING_ENTITY: own, Relation.SUPPLIER: own}
    if not any(
        may(actor, right, parties) for right in (Right.REPORT_MILESTONE, Right.VERIFY_MILESTONE, Right.ACCEPT_MILESTONE)
    ):
        return []
    scope = or_(Contract.supplier_id == own, _of_desk(own))
    cards = sorted(_cards(db, actor, scope, now=now, waiting=True), key=_urgency)
    desk = {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}
    chases = may(actor, Right.VERIFY_MILESTONE, desk)
    return [todo for card in cards if (todo := _todo(card, now, chases=chases)) is not None]


def _todo(card: MilestoneCard, now: datetime, *, chases: bool) -> Todo | None:
    if card.kind is MilestoneKind.ADVANCE:
        return None
    today, url = legal_day(now), f"/centre/acceptance/{card.id}"
    params = {"title": card.title, "supplier": card.supplier_name, "days": str(card.late_days)}
    if MilestoneAction.REPORT in card.actions:
        mend = card.state is MilestoneState.RETURNED
        if not mend and not is_soon(card.due_on, today):
            return None
        title, action, url = _MEND if mend else _REPORT, _MEND_IT if mend else _REPORT_IT, f"/org/milestones/{card.id}"
        if card.late_days:
            title = _MEND_LATE if mend else _LATE
    elif MilestoneAction.VERIFY in card.actions:
        title, action = _VERIFY, _VERIFY_IT
    elif card.actions & _ACCEPTING:
        title, action = _ACCEPT, _ACCEPT_IT
    elif chases and card.late_days:
        title, action = _CHASE, _CHASE_IT
    else:
        return None
    day = card.waits_until
    return Todo(
        title=title,
        params=params,
        url=url,
        action=action,
        due_at=at_legal(day, 23, 59) if day else None,
        urgent=day is not None and day <= today,
    )
