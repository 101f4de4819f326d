"""From the catalogue to the opened bids in a real browser, each step by its own role, time moved by hand."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.identity.credentials import safe_of
from marketplace.kit.clock import ManualClock
from marketplace.projects.queries import published
from marketplace.settings import Settings, master_key
from marketplace.web.accounts import visitor_loader
from marketplace.web.desk import counted
from marketplace.web.portal.home import home_view
from marketplace.web.services import Services
from marketplace.web.site import create_site
from seed import reference
from tests.browser import walk_bidder as bidder
from tests.browser import walk_desks as desks
from tests.browser import walk_town as town
from tests.browser.conftest import Serve, Watch
from tests.browser.walker import Walker

pytestmark = pytest.mark.browser
QUESTION, ANSWER = "周末是否也需要开放托管点？", "周末不开放，只在周一至周五日间开放。"
PAGES_MAX = {"从模板发布项目": 5, bidder.BID: 6, "审批并发布": 2}


@dataclass
class Stage:
    """Where the walk happens."""

    walker: Walker
    database: Database
    clock: ManualClock
    settings: Settings
    folder: Path

    def due(self, project_id: str) -> datetime:
        """The deadline of a published project."""
        with self.database.read() as db:
            due = published(db, UUID(project_id)).bids_due_at
        assert due
        return due


@pytest.fixture
def stage(committing: Database, clock: ManualClock, tmp_path: Path, page: Page, watch: Watch, serve: Serve) -> Stage:
    settings = Settings(home=tmp_path, secret_key="5a" * 32, demo=True, log_level="ERROR")
    reference.load(committing, clock)
    with committing.write() as db:
        town.settle(db, safe_of(master_key(settings), demo=True), now=clock.now())
    site = create_site(
        Services(
            database=committing,
            storage=FolderStorage(tmp_path / "documents"),
            clock=clock,
            settings=settings,
            load_visitor=counted(visitor_loader(committing, clock, settings), committing, clock),
            home=lambda db: home_view(db, now=clock.now()),
        )
    )
    return Stage(Walker(page, watch, serve(site)), committing, clock, settings, tmp_path / "further")


def test_from_the_catalogue_to_the_opened_bids(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    walker = stage.walker
    desks.browse_the_catalogue(walker)
    desks.bring_money_in(walker)
    for login in town.PASSPHRASES:
        desks.enrol(walker, login)
    project_id = desks.post_the_project(walker)
    desks.approve_and_publish(walker)
    bidder.register(walker)
    desks.qualify(walker, bidder.NAME)
    bidder.take_and_ask(walker, QUESTION)
    desks.answer_the_question(walker, ANSWER)
    _everybody_reads_the_answer(walker, project_id)
    code = bidder.hand_in(walker, project_id)
    code, sha256 = bidder.replace(walker, project_id, code)
    _others_bid(stage, project_id)
    _too_late(stage, project_id, code)
    desks.open_the_box(walker, project_id)
    _the_public_sees_the_list(walker, project_id, sha256)
    _efforts(walker, capsys)


def _everybody_reads_the_answer(walker: Walker, project_id: str) -> None:
    walker.leave()
    walker.go(f"/projects/{project_id}")
    walker.sees(QUESTION)
    walker.sees(ANSWER)
    expect(walker.page.locator("main")).not_to_contain_text(bidder.NAME)
    walker.look("4-project")


def _others_bid(stage: Stage, project_id: str) -> None:
    keys, now = application_keys(stage.settings), stage.clock.now()
    for number, price_fen in ((1, 4_300_000), (2, 4_500_000)):
        with stage.database.write() as db:
            who = town.another_bidder(db, stage.folder, number, now=now)
            town.another_bid(db, keys, who, UUID(project_id), price_fen, now=now)


def _too_late(stage: Stage, project_id: str, code: str) -> None:
    """A replacement that arrives a millisecond after the deadline is refused; what lies in the box stays."""
    walker, due = stage.walker, stage.due(project_id)
    stage.clock.set(due - timedelta(minutes=5))
    walker.sign_in(bidder.LOGIN)
    bidder.reopen(walker, project_id, code)
    walker.go(f"/org/bids/{project_id}/confirm")
    stage.clock.set(due + timedelta(milliseconds=1))
    walker.press("密封递交")
    walker.refused("递交截止时间已过")
    walker.look("5-too-late")
    walker.sign_in("clerk")
    walker.go(f"/openings/{project_id}")
    walker.sees("现在还不能开启")
    stage.clock.set(due + timedelta(seconds=30))


def _the_public_sees_the_list(walker: Walker, project_id: str, sha256: str) -> None:
    walker.leave()
    walker.go(f"/projects/{project_id}")
    walker.look("5-project")
    walker.follow("开启记录")
    expect(walker.page.locator("main tbody tr")).to_have_count(3)
    for words in (bidder.NAME, "42,000.00", "43,000.00", "45,000.00", sha256):
        walker.sees(words)
    expect(walker.page.locator("main")).not_to_contain_text("44,000.00")
    walker.sees("2026-03-10 17:00:30")
    walker.look("5-opening")


def _efforts(walker: Walker, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        f"  {task}：{len(effort.pages)} 页（打开 {effort.opened} 次），填写 {effort.typed} 项"
        for task, effort in walker.efforts.items()
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    for task, most in PAGES_MAX.items():
        assert len(walker.efforts[task].pages) <= most, (task, walker.efforts[task].pages)
