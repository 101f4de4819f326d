"""The stories of publishing and cancelling: money is set aside and the seal is made with the notice, or set free."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.commands import seal_project
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.funds import commands as funds
from marketplace.funds.model import ProjectFunding
from marketplace.funds.rules import Use
from marketplace.funds.schemas import FundingLine
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.ledger import commands as ledger
from marketplace.projects import commands as projects
from marketplace.projects.queries import fund_holders, parties, publication, readable
from marketplace.projects.rules import Times


def publish(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    *,
    now: datetime,
    times: Times | None = None,
) -> None:
    """Open an approved project to bids: reserve its money to the fen, make its seal, publish its notice; or none of it.

    Raises:
        NotFound: there is no such approved project for the actor.
        Forbidden: the actor may not publish it.
        DomainError: what the funds, the seal or the project refuse; see ``funds.reserve``, ``bids.seal_project`` and
            ``projects.publish``.

    Source:
        采购法第六条、102号令第十四条、第十六条: in the catalogue and budgeted, or no project.
    """
    row = readable(db, actor, project_id)
    require(actor, Right.PUBLISH_PROJECT, parties(row))
    wanted = publication(db, project_id)
    lines = [
        FundingLine(fund_id=share.fund_id, amount_fen=share.amount_fen) for share in wanted.funding if share.amount_fen
    ]
    holders = fund_holders(db, project_id)
    ledger.lock_funds(db, [line.fund_id for line in lines])  # of every holder at once, before any is reserved
    for holder in dict.fromkeys((wanted.buyer_id, *holders.values())):
        use = Use(catalogue_code=wanted.catalogue_code, buyer_id=holder, until=wanted.last_milestone_on)
        own = [line for line in lines if holders.get(line.fund_id, wanted.buyer_id) == holder]
        if own:
            funds.reserve(db, actor, project_id, own, use, now=now)
    seal_project(db, keys, actor, project_id, now=now)
    reserved_fen = sum(line.amount_fen for line in lines)
    projects.publish(db, actor, project_id, reserved_fen=reserved_fen, sealed=True, now=now, times=times)


def cancel(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> None:
    """Cancel a project before its award and give what was reserved for it back to its funds.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not cancel it.
        IllegalMove: it has been awarded or has ended.

    Source:
        采购法第三十六条第四项.
    """
    ledger.lock_funds(db, db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.project_id == project_id)))
    projects.cancel(db, actor, project_id, reason=reason, now=now)
    funds.release(db, actor, project_id, reason=reason, now=now)
