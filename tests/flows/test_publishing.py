"""A project is published with its money set aside and its seal made, or not at all."""

import threading
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.bids.commands import enrol_opener_key
from marketplace.bids.model import ProjectSeal
from marketplace.bids.rules import OpenersMissing
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.db.base import Database
from marketplace.flows import publishing
from marketplace.funds import commands as funds
from marketplace.funds import queries as money
from marketplace.funds.rules import NotThisBuyersMoney, PurposeForbidden
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Function, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.ledger.commands import NotEnough
from marketplace.ledger.queries import verify
from marketplace.projects.model import Project
from marketplace.projects.rules import FundingPlan
from marketplace.projects.states import ProjectState
from tests.funds.purse import Office, a_fund, a_new_receipt
from tests.identity.town import a_person, an_organization
from tests.projects.village import BUDGET, Village, a_village, an_approved

KEYS = ApplicationKeys(bytes(range(32)))
PASSPHRASE = "春天里我们去看油菜花"


def an_office_for(db: Session, village: Village, now: datetime) -> Office:
    holder = an_organization(db, Function.FINANCE_OFFICE, now=now, name="示例财政局")
    people = [actor_of(db, a_person(db, holder, role, now=now), holder) for role in (Role.ACCOUNTANT, Role.CASHIER)]
    return Office(accountant=people[0], cashier=people[1], buyer_id=village.buyer_id)


def a_purse(db: Session, village: Village, fen: int, now: datetime, **given: Any) -> UUID:
    """A fund of the village's buyer with so many fen in it."""
    office = an_office_for(db, village, now)
    fund = a_fund(db, office, now=now, **given)
    funds.receive(db, office.accountant, a_new_receipt(fund, fen), now=now)
    return fund


def enrolled(db: Session, village: Village, now: datetime) -> Village:
    """The village's three openers have keys."""
    for opener in (village.centre_clerk, village.buyer_clerk, village.auditor):
        enrol_opener_key(db, KEYS, opener, PASSPHRASE, now=now)
    return village


def funded(*shares: tuple[UUID, int]) -> tuple[FundingPlan, ...]:
    return tuple(FundingPlan(fund_id=fund, amount_fen=fen) for fund, fen in shares)


def balances(db: Session, fund: UUID) -> dict[str, int]:
    return money.fund(db, fund).balances_fen


def state(db: Session, project_id: UUID) -> ProjectState:
    return db.get_one(Project, project_id, populate_existing=True).state


def test_publishing_sets_the_money_aside_to_the_fen_and_makes_the_seal(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    one, two = a_purse(db, village, BUDGET, now), a_purse(db, village, 700, now)
    project = an_approved(db, village, now, funding=funded((one, BUDGET - 700), (two, 700)))
    publishing.publish(db, KEYS, village.buyer_head, project, now=now)
    assert state(db, project) is ProjectState.OPEN
    assert balances(db, one) == {"available": 700, "reserved": BUDGET - 700}
    assert balances(db, two) == {"reserved": 700}
    assert [line.amount_fen for line in money.funding_of(db, [project])[project]] == [BUDGET - 700, 700]
    assert db.get(ProjectSeal, project) is not None


def test_one_fen_too_few_and_nothing_is_published_reserved_or_sealed(database: Database, now: datetime) -> None:
    with database.write() as db:
        village = enrolled(db, a_village(db, now), now)
        rich, poor = a_purse(db, village, BUDGET, now), a_purse(db, village, 699, now)
        project = an_approved(db, village, now, funding=funded((rich, BUDGET - 700), (poor, 700)))
    with pytest.raises(NotEnough), database.write() as db:
        publishing.publish(db, KEYS, village.buyer_head, project, now=now)
    with database.read() as db:
        assert state(db, project) is ProjectState.APPROVED
        assert balances(db, rich) == {"available": BUDGET}
        assert db.get(ProjectSeal, project) is None


def test_restricted_money_is_not_reserved_for_another_purpose(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    bound = a_purse(db, village, BUDGET, now, catalogue_codes=("A0406",), clause="只用于残疾人康复")
    project = an_approved(db, village, now, funding=funded((bound, BUDGET)))
    with pytest.raises(PurposeForbidden):
        publishing.publish(db, KEYS, village.buyer_head, project, now=now)


def test_another_buyers_money_is_not_reserved(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    stranger = village.stranger.organization_id
    assert stranger
    foreign = a_purse(db, village, BUDGET, now, buyer_id=stranger)
    project = an_approved(db, village, now, funding=funded((foreign, BUDGET)))
    with pytest.raises(NotThisBuyersMoney):
        publishing.publish(db, KEYS, village.buyer_head, project, now=now)


def test_a_fund_that_is_not_there_reserves_nothing(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    project = an_approved(db, village, now)
    with pytest.raises(NotFound):
        publishing.publish(db, KEYS, village.buyer_head, project, now=now)


def test_without_three_openers_keys_nothing_is_published(db: Session, now: datetime) -> None:
    village = a_village(db, now)
    project = an_approved(db, village, now, funding=funded((a_purse(db, village, BUDGET, now), BUDGET)))
    with pytest.raises(OpenersMissing):
        publishing.publish(db, KEYS, village.buyer_head, project, now=now)


def test_a_clerk_does_not_publish_and_a_stranger_does_not_know_of_the_project(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    project = an_approved(db, village, now, funding=funded((a_purse(db, village, BUDGET, now), BUDGET)))
    with pytest.raises(Forbidden):
        publishing.publish(db, KEYS, village.buyer_clerk, project, now=now)
    with pytest.raises(NotFound):
        publishing.publish(db, KEYS, village.stranger, project, now=now)


def test_a_cancelled_project_gives_its_money_back_once(db: Session, now: datetime) -> None:
    village = enrolled(db, a_village(db, now), now)
    fund = a_purse(db, village, BUDGET + 5, now)
    project = an_approved(db, village, now, funding=funded((fund, BUDGET)))
    publishing.publish(db, KEYS, village.buyer_head, project, now=now)
    publishing.cancel(db, village.buyer_head, project, reason="任务取消", now=now)
    assert balances(db, fund) == {"available": BUDGET + 5}
    assert money.funding_of(db, [project]) == {}
    with pytest.raises(IllegalMove):
        publishing.cancel(db, village.buyer_head, project, reason="再次终止", now=now)
    assert balances(db, fund) == {"available": BUDGET + 5}


def test_ten_projects_race_for_one_fund_and_exactly_what_fits_is_published(committing: Database, now: datetime) -> None:
    with committing.write() as db:
        village = enrolled(db, a_village(db, now), now)
        fund = a_purse(db, village, 4 * BUDGET - 1, now)
        rivals = [
            an_approved(db, village, now, title=f"第{n}个服务项目", funding=funded((fund, BUDGET))) for n in range(10)
        ]
    refused: list[Exception] = []

    def publish(project: UUID) -> None:
        try:
            committing.run(lambda db: publishing.publish(db, KEYS, village.buyer_head, project, now=now))
        except NotEnough as error:
            refused.append(error)

    threads = [threading.Thread(target=publish, args=(project,)) for project in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committing.read() as db:
        published = db.scalar(select(func.count()).where(Project.state == ProjectState.OPEN))
        assert (published, len(refused)) == (3, 7)
        assert balances(db, fund) == {"available": BUDGET - 1, "reserved": 3 * BUDGET}
        assert verify(db).ok
