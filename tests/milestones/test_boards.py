"""The boards of the desks: where projects stand, what is overdue, and which days come next for an organization."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from marketplace.contracts import queries as contracts
from marketplace.contracts.states import ContractState
from marketplace.db.base import Database
from marketplace.kit.clock import LEGAL_ZONE, ManualClock, legal_day
from marketplace.projects import queries as projects
from marketplace.projects.states import ProjectState
from marketplace.web import desk
from marketplace.web.milestones import ROUTES
from tests.milestones.steps import reported
from tests.milestones.worlds import Delivery
from tests.web.conftest import Browser, OpenBrowser

LATE = datetime(2026, 8, 10, 9, 0, tzinfo=LEGAL_ZONE).astimezone(UTC)


@pytest.fixture
def site(open_browser: OpenBrowser, clock: ManualClock) -> Browser:
    clock.set(LATE)
    return open_browser(routes=[*ROUTES, *desk.ROUTES])


def test_a_desk_counts_its_projects_and_contracts_by_state(db: Session, delivery: Delivery) -> None:
    assert projects.board(db, delivery.verifier, today=legal_day(LATE)).counts == {ProjectState.AWARDED: 1}
    found = contracts.board(db, delivery.verifier)
    assert (found.counts, found.unsigned_count, found.unsigned) == ({ContractState.ACTIVE: 1}, 0, ())


def test_who_may_not_read_projects_has_no_board(db: Session, delivery: Delivery) -> None:
    assert projects.board(db, delivery.stranger, today=legal_day(LATE)).counts == {}
    assert contracts.board(db, delivery.stranger).counts == {}


def test_a_milestone_that_is_late_stands_on_the_desks_board_with_what_it_waits_for(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    site.become(delivery.verifier)
    page = site.get("/centre").text
    assert "等承接主体提交「暑期托管开班」的材料" in page
    assert "逾期 10 天" in page
    with database.write() as db:
        reported(db, tmp_path, delivery, LATE)
    assert "等核验「暑期托管开班」" in site.get("/centre").text


def test_an_organization_sees_the_days_that_come_next(site: Browser, delivery: Delivery) -> None:
    site.become(delivery.supplier_clerk)
    page = site.get("/org").text
    assert "接下来的日期" in page
    assert page.index("暑期托管开班") < page.index("暑期托管结班")
