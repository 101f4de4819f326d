"""The story of acceptance: what is accepted of a milestone becomes payable; the last one closes the contract."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.commands.accepting import accept as decide
from marketplace.contracts.commands.accepting import complete
from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Milestone
from marketplace.contracts.queries.milestones import milestones_of
from marketplace.contracts.schemas.milestone import AcceptanceForm, Accepted
from marketplace.contracts.states import MilestoneState
from marketplace.db.base import lock
from marketplace.funds import commands as funds
from marketplace.funds.model import ProjectFunding
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.ledger import commands as ledger
from marketplace.projects.commands.notices import announce
from marketplace.projects.model import Project
from marketplace.projects.states import NoticeKind

RESULT = N_(
    "合同 {number} 的里程碑已全部验收：通过 {accepted} 项，部分通过 {partly} 项，未通过 {rejected} 项。"
    "验收金额合计 {amount} 元。"
)


def accept(db: Session, actor: Actor, milestone_id: UUID, form: AcceptanceForm, *, now: datetime) -> Accepted:
    """Decide over a verified milestone; what is accepted becomes payable in the same transaction, to the fen.

    With the last decision the contract is completed, what it has left committed returns to its funds, and the result
    is published on the project's page.

    Raises:
        NotFound: there is no such milestone for the actor.
        DomainError: what the acceptance refuses, see ``contracts.accept``; or the money, see ``funds.make_payable``.

    Source:
        采购法条例第四十五条: the result of the acceptance is published.
    """
    known = db.get(Milestone, milestone_id)
    if known is None:
        raise NotFound
    contract = db.get_one(Contract, known.contract_id)
    project_id = contract.project_id
    ledger.lock_funds(db, db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.project_id == project_id)))
    project = lock(db, Project, project_id)
    assert project is not None  # noqa: S101 - projects are never removed
    done = decide(db, actor, milestone_id, form, now=now)
    if done.amount_fen:
        funds.make_payable(db, actor, done.contract_id, milestone_id, done.amount_fen, now=now)
    if done.last:
        complete(db, actor, done.contract_id, now=now)
        funds.release_rest(db, actor, done.contract_id, now=now)
        announce(db, actor, project, NoticeKind.ACCEPTANCE, now=now, reason=_result(db, contract))
    return done


def _result(db: Session, contract: Contract) -> str:
    """What everybody reads when all is decided: how many milestones passed, and how much money."""
    facts = milestones_of(db, contract.id)
    counts = Counter(one.state for one in facts)
    return RESULT.format(
        number=contract.number,
        accepted=counts[MilestoneState.ACCEPTED],
        partly=counts[MilestoneState.PARTLY_ACCEPTED],
        rejected=counts[MilestoneState.REJECTED],
        amount=yuan_grouped(sum(one.accepted_fen or 0 for one in facts)),
    )
