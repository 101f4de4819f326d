"""The pages of evaluations in a real Chromium: accessible, in their width, at the desk and on the phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bids
from marketplace.db.base import Database, connect
from marketplace.documents.storage import FolderStorage
from marketplace.evaluation import commands
from marketplace.evaluation.schemas import Sheet
from marketplace.flows import awarding
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web import bids, desk, evaluation, projects
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.services import Services
from marketplace.web.site import create_site
from tests.bids.support import World
from tests.browser.conftest import (
    Serve,
    Watch,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    chinese_font,
    serve,
    sized,
    watch,
)
from tests.conftest import Urls
from tests.evaluation.support import (
    NO_CONFLICT,
    OPINION,
    Jury,
    a_sheet,
    check_all,
    composed,
    confirm,
    open_all,
    sign,
    submit,
)
from tests.web.conftest import SECRET

__all__ = [
    "base_url", "browser_context_args", "browser_type_launch_args", "chinese_font", "serve", "sized", "watch",
]  # fmt: skip
pytestmark = pytest.mark.browser
ROUTES = [*bids.ROUTES, *desk.ROUTES, *projects.ROUTES, *evaluation.ROUTES]


class Town:
    """A served site whose evaluation goes on step by step, looked at in between."""

    def __init__(self, database: Database, clock: ManualClock, world: World, folder: Path) -> None:
        self.database, self.clock, self.world, self.looking = database, clock, world, ""
        with database.write() as db:
            open_all(db, world, clock.now())
        clock.set(world.opens)
        self.who: dict[str, Actor] = {"head": world.head, "bidder": world.bidders[1]}
        self.jury = Jury(world.head, world.head)
        services = Services(
            database=database, storage=FolderStorage(folder), clock=clock, load_visitor=self.load,
            settings=Settings(home=folder, secret_key=SECRET),
        )  # fmt: skip
        self.app = create_site(services, ROUTES)

    def load(self, _: HTTPScope) -> Visitor:
        actor = self.who.get(self.looking)
        return Visitor(actor=actor, person_name="示例人", organization_name="示例单位") if actor else ANONYMOUS

    def do(self, story: Callable[[Any], Any]) -> Any:
        with self.database.write() as db:
            return story(db)

    def compose(self) -> None:
        self.jury = self.do(lambda db: composed(db, self.world, self.clock.now()))
        self.who |= {"member": self.jury.members[2], "checker": self.jury.members[0], "second": self.jury.members[1]}

    def each(self, act: Callable[[Session, Actor], object]) -> None:
        """Let every member do the same."""
        for member in self.jury.members:
            with self.database.write() as db:
                act(db, member)

    def declare(self) -> None:
        project_id, at = self.world.project_id, self.world.opens
        self.each(lambda db, who: commands.declare(db, who, project_id, NO_CONFLICT, now=at))


@pytest.fixture
def town(committing_urls: Urls, world: World, clock: ManualClock, tmp_path: Path) -> Any:
    database = connect(committing_urls.app)
    yield Town(database, clock, world, tmp_path)
    database.dispose()


def test_the_pages_of_an_evaluation(sized: Page, watch: Watch, serve: Serve, town: Town) -> None:
    address = serve(town.app)
    watch.begin(address)
    sized.context.add_cookies([{"name": SESSION_COOKIE, "value": "somebody", "url": address}])
    world, base = town.world, f"/centre/evaluation/{town.world.project_id}"

    def look(who: str, path: str, picture: str) -> None:
        town.looking = who
        answer = sized.goto(address + path)
        assert answer
        assert answer.ok, (who, path)
        watch.check(f"evaluation-{picture}")

    look("head", f"{base}/panel", "panel")
    town.compose()
    look("member", f"{base}/declaration", "declaration")
    town.declare()
    bid = town.do(lambda db: opened_bids(db, world.project_id)[0].bid_id)
    look("checker", f"{base}/checks/{bid}", "check")
    town.do(lambda db: check_all(db, world, town.jury))
    look("second", f"{base}/checks", "checks")
    town.do(lambda db: confirm(db, world, town.jury))
    sheet = town.do(lambda db: a_sheet(db, world.project_id))
    town.do(
        lambda db: commands.save_scores(
            db, town.who["member"], world.project_id, Sheet(scores=sheet.scores[:4]), now=world.opens
        )
    )
    look("member", base, "show")
    look("member", f"{base}/scores", "scores")
    town.each(lambda db, who: submit(db, world, who))
    town.do(lambda db: commands.write_report(db, town.jury.members[0], world.project_id, OPINION, now=world.opens))
    look("member", f"{base}/report", "report-sign")
    town.each(lambda db, who: sign(db, world, who))
    look("head", f"{base}/report", "report-decide")
    town.do(lambda db: awarding.decide(db, world.head, world.project_id, now=world.opens))
    town.do(lambda db: awarding.publish_result(db, world.head, world.project_id, now=world.opens))
    look("head", "/centre/evaluation", "list")
    look("", f"/projects/{world.project_id}/result", "result")
    look("bidder", f"/org/bids/{world.project_id}/result", "own-result")
