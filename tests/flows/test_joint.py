"""Money of several holders is reserved to the fen at publication, each from its own fund, or none of it."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from marketplace.flows import publishing
from marketplace.funds.rules import NotThisBuyersMoney
from marketplace.projects import commands, queries
from marketplace.projects.schemas.joint import NewShare
from marketplace.projects.states import ProjectState
from tests.flows.test_publishing import KEYS, a_purse, balances, enrolled, funded, state
from tests.projects.village import BUDGET, Village, a_draft, a_village

BROUGHT = 1_000_001


def approved(db: Session, village: Village, own: UUID, theirs: UUID, now: datetime) -> UUID:
    project = a_draft(db, village, now, funding=funded((own, BUDGET - BROUGHT)))
    assert village.stranger.organization_id
    new = NewShare(organization_id=village.stranger.organization_id, task="组织志愿者", amount_fen=BROUGHT)
    share = commands.propose_share(db, village.centre_clerk, project, new, now=now)
    commands.agree_share(db, village.stranger, share, fund_id=theirs, now=now)
    commands.submit(db, village.centre_clerk, project, now=now)
    commands.approve(db, village.buyer_head, project, now=now)
    return project


def test_each_holders_money_is_reserved_to_the_fen_and_given_back(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    own = a_purse(db, village, BUDGET, now)
    theirs = a_purse(db, village, BROUGHT, now, buyer_id=village.stranger.organization_id)
    project = approved(db, village, own, theirs, now)
    publishing.publish(db, KEYS, village.buyer_head, project, now=now)
    assert balances(db, own) == {"available": BROUGHT, "reserved": BUDGET - BROUGHT}
    assert balances(db, theirs) == {"reserved": BROUGHT}
    (public,) = queries.public_shares(db, project)
    assert (public.task, public.amount_fen) == ("组织志愿者", BROUGHT)
    publishing.cancel(db, village.buyer_head, project, reason="取消采购任务", now=now)
    assert balances(db, theirs) == {"available": BROUGHT}


def test_a_fund_that_is_not_the_co_organizers_own_reserves_nothing(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    own, wrong = a_purse(db, village, BUDGET, now), a_purse(db, village, BROUGHT, now)
    project = approved(db, village, own, wrong, now)
    with db.begin_nested() as savepoint:
        with pytest.raises(NotThisBuyersMoney):
            publishing.publish(db, KEYS, village.buyer_head, project, now=now)
        savepoint.rollback()
    assert state(db, project) is ProjectState.APPROVED
    assert balances(db, own) == {"available": BUDGET}
