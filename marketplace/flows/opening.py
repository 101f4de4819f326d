"""The story of the opening: bids are opened, the project goes on to evaluation, or fails for too few of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.schemas import Opened
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.documents.storage import Storage
from marketplace.funds import commands as funds
from marketplace.funds.model import ProjectFunding
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.ledger import commands as ledger
from marketplace.procedures.rules import outcome_of_count
from marketplace.procedures.states import CountOutcome
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules

ENOUGH = frozenset({CountOutcome.ENOUGH, CountOutcome.ENOUGH_BY_EXCEPTION})
REASONS = {
    CountOutcome.MAY_SWITCH: N_("有效申报 {count} 份，不足法定家数。经批准可以改用其他方式重新采购。"),
    CountOutcome.REPEAT: N_("有效申报 {count} 份，不足规定家数。可以重新征集。"),
    CountOutcome.MAY_NEGOTIATE: N_("有效申报 {count} 份，已达到规定轮次仍不足家数。可以由会议议定。"),
    CountOutcome.UNSUCCESSFUL: N_("有效申报 {count} 份，不足法定家数。"),
}
"""What everybody is told when there are too few, by what the rules let follow."""


def open_bids(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    passphrase: str,
    *,
    storage: Storage,
    now: datetime,
) -> tuple[Opened, CountOutcome]:
    """The second opener opens all bids; then the project is in evaluation, or has failed and its money is free again.

    Raises:
        NotFound: no such sealed project, or the actor is none of its three openers.
        Forbidden: the actor may not open bids.
        TooEarlyToOpen: the deadline and 30 s have not passed.
        AlreadyOpened: the bids are open.
        NoFirstPassphrase: nobody has done the first part.
        SameOpenerTwice: the first part was this opener's.
        WrongPassphrase: the passphrase does not unlock the actor's key.
        CorruptEnvelope: the wrapped keys were tampered with.
        IllegalMove: the project is not open.

    Source:
        采购法第三十六条: fewer than the law asks for, and the purchase has failed.
    """
    ledger.lock_funds(db, db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.project_id == project_id)))
    found = bids.open_all(db, keys, actor, project_id, passphrase, storage=storage, now=now)
    project = db.get(Project, project_id)
    if project is None or project.method is None:
        raise NotFound
    outcome = outcome_of_count(kept_rules(db, project), project.method, found.readable, rounds=project.round)
    if outcome in ENOUGH:
        projects.close_for_opening(db, actor, project_id, now=now)
    else:
        reason = REASONS[outcome].format(count=found.readable)
        projects.fail(db, actor, project_id, reason=reason, now=now)
        funds.release(db, actor, project_id, reason=reason, now=now)
    return found, outcome
