"""The pages of projects in a real browser at both widths: whole, accessible, nowhere sideways."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Page, expect

from marketplace.bids.commands import take_document
from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.flows import publishing
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.projects import commands
from marketplace.projects.model import Project
from marketplace.projects.rules import FundingPlan
from marketplace.projects.schemas import Amendment
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.site import Services, create_site
from tests.browser.conftest import Serve, Watch
from tests.projects.desk import a_market
from tests.projects.village import BUDGET, KEY, Village, a_draft, a_submitted, a_village, an_approved

pytestmark = pytest.mark.browser
LATER = timedelta(hours=2)
PEOPLE = ("centre_clerk", "buyer_head", "centre_head", "supplier")


class Market:
    """A site with projects in several states, asked as whoever the test names."""

    def __init__(self, page: Page, village: Village, address: str, projects: dict[str, UUID]) -> None:
        self.page, self.village, self.address, self.projects = page, village, address, projects

    def become(self, person: str) -> None:
        """Ask as this person from now on; nobody for an empty name."""
        self.page.context.clear_cookies(name=SESSION_COOKIE)
        if person:
            self.page.context.add_cookies([{"name": SESSION_COOKIE, "value": person, "url": self.address}])

    def open(self, path: str) -> None:
        """Open a page, projects named by their state."""
        answer = self.page.goto(self.address + path.format(**self.projects))
        assert answer
        assert answer.ok, path


@pytest.fixture
def market(
    sized: Page, serve: Serve, watch: Watch, database: Database, clock: ManualClock, now: datetime, tmp_path: Path
) -> Market:
    settings = Settings(home=tmp_path, secret_key=KEY.hex())
    with database.write() as db:
        village = a_village(db, now)
    fund = a_market(database, village, now, settings)
    money = (FundingPlan(fund_id=fund, amount_fen=BUDGET),)
    with database.write() as db:
        projects = {
            "draft": a_draft(db, village, now, title="困境学生家访服务", funding=(), people_count=None),
            "submitted": a_submitted(db, village, now, title="残疾儿童康复训练服务", funding=money),
            "approved": an_approved(db, village, now, title="青年创业导师服务", funding=money),
            "open": an_approved(db, village, now, title="晒龙村留守儿童暑期托管服务", funding=money),
        }
        publishing.publish(db, application_keys(settings), village.centre_head, projects["open"], now=now)
        take_document(db, village.supplier, projects["open"], received_at=now, now=now)
        for content in ("是否限本村户籍儿童？", "志愿者交通补贴可以列支吗？"):
            commands.ask_question(db, village.supplier, projects["open"], content, key=KEY, took_document=True, now=now)
        words = Amendment(reason="澄清：意外保险由承接主体购买。")
        commands.amend(db, village.centre_head, projects["open"], words, now=now + LATER)
    clock.advance(LATER)
    people: dict[str, Actor] = {name: getattr(village, name) for name in PEOPLE}

    def load(scope: HTTPScope) -> Visitor:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
        name = next((name for name in people if f"{SESSION_COOKIE}={name}" in cookies), "")
        return Visitor(actor=people[name], person_name="陈示例", organization_name="示例单位") if name else ANONYMOUS

    storage = FolderStorage(tmp_path / "documents")
    services = Services(database=database, storage=storage, clock=clock, settings=settings, load_visitor=load)
    address = serve(create_site(services))
    watch.begin(address)
    return Market(sized, village, address, projects)


PAGES = (
    ("", "/projects", "projects"),
    ("", "/projects?q=没有这样的项目&band=3", ""),
    ("", "/projects/{open}", ""),
    ("", "/notices", ""),
    ("supplier", "/projects/{open}", "project"),
    ("centre_clerk", "/centre/projects", ""),
    ("centre_clerk", "/centre/projects/new", ""),
    ("centre_clerk", "/centre/projects/{draft}/edit", "project-draft"),
    ("centre_clerk", "/centre/projects/{draft}", ""),
    ("centre_clerk", "/centre/questions", ""),
    ("buyer_head", "/centre/projects/{submitted}", "project-review"),
    ("centre_head", "/centre/projects/{approved}", ""),
    ("centre_head", "/centre/projects/{open}", ""),
    ("centre_head", "/centre/projects/{open}/amend", ""),
)


def test_every_page_of_projects_keeps_the_rules(market: Market, watch: Watch) -> None:
    for person, path, picture in PAGES:
        market.become(person)
        market.open(path)
        watch.check(picture)


def test_a_clerk_drafts_with_rows_times_and_messages(market: Market, watch: Watch, database: Database) -> None:
    page = market.page
    market.become("centre_clerk")
    market.open("/centre/projects/{draft}/edit")
    page.get_by_role("button", name="增加一笔资金").click()
    page.locator("#funding-0-amount_fen").fill("五万")
    page.locator("#publish_on").fill("2026-03-16")
    page.get_by_role("button", name="按规则推算").click()
    expect(page.locator("#bids_due_at")).to_have_value("2026-03-23 17:00")
    expect(page.locator("#funding-0-amount_fen")).to_have_value("五万")
    page.get_by_role("button", name="保存草稿").first.click()
    expect(page.locator("#funding-0-amount_fen-error")).to_be_visible()
    watch.check()
    page.locator("#funding-0-fund_id").select_option(index=1)
    page.locator("#funding-0-amount_fen").fill("50000")
    page.locator("#people_count").fill("60")
    page.get_by_role("button", name="保存草稿").first.click()
    expect(page.get_by_role("status")).to_contain_text("草稿已保存")
    with database.read() as db:
        assert db.get_one(Project, market.projects["draft"]).people_count == 60
    page.get_by_role("button", name="提交审批").first.click()
    expect(page.get_by_role("status")).to_contain_text("项目已提交审批")
    watch.check()
