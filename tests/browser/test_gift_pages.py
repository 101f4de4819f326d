"""The pages of gifts and of the public flow in a real browser at both widths: whole, accessible, nowhere sideways."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Page, expect

from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.funds.commands import giving
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.site import Services, create_site
from tests.browser.conftest import Serve, Watch
from tests.contracts.support import Deal, active
from tests.contracts.worlds import built, deal, shared_urls
from tests.funds.givers import Hands, an_invitation, an_open_checkout, open_hands, paid
from tests.identity.town import SAFE

__all__ = ["built", "deal", "shared_urls"]
pytestmark = pytest.mark.browser


@dataclass
class Giving:
    """A site on which gifts were given, invited and begun, asked as whoever the test names."""

    page: Page
    address: str
    given: str
    waiting: str
    fresh: str
    invitation: UUID

    def open(self, path: str, person: str = "") -> None:
        """Open a page as a person of the office, or as nobody."""
        self.page.context.clear_cookies(name=SESSION_COOKIE)
        if person:
            self.page.context.add_cookies([{"name": SESSION_COOKIE, "value": person, "url": self.address}])
        answer = self.page.goto(self.address + path)
        assert answer
        assert answer.ok, path


@pytest.fixture
def giving_site(
    sized: Page, serve: Serve, watch: Watch, database: Database, deal: Deal, clock: ManualClock, now: datetime,
    tmp_path: Path,
) -> Giving:  # fmt: skip
    with database.write() as db:
        active(db, deal)
        hands: Hands = open_hands(db, tmp_path, now=now)
        given, waiting, fresh = (an_invitation(db, hands, now=now) for _ in range(3))
        intent = an_open_checkout(db, given.token, now=now)
        giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
        an_open_checkout(db, waiting.token, now=now)
    people: dict[str, Actor] = {"accountant": hands.accountant, "head": hands.head}

    def load(scope: HTTPScope) -> Visitor:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
        found = next((name for name in people if f"{SESSION_COOKIE}={name}" in cookies), "")
        if not found:
            return ANONYMOUS
        return Visitor(actor=people[found], person_name="钱二", organization_name="示例财政局")

    services = Services(
        database=database, storage=FolderStorage(tmp_path / "documents"), clock=clock,
        settings=Settings(home=tmp_path, secret_key="5a" * 32), load_visitor=load,
    )  # fmt: skip
    address = serve(create_site(services))
    watch.begin(address)
    return Giving(sized, address, given.token, waiting.token, fresh.token, given.invitation_id)


def test_what_a_donor_sees(giving_site: Giving, watch: Watch) -> None:
    giving_site.open(f"/gifts/{giving_site.given}")
    expect(giving_site.page.get_by_role("heading", name="感谢您的捐赠")).to_be_visible()
    expect(giving_site.page.get_by_text("198.80 元还没有动用")).to_be_visible()
    watch.check("gift-given")
    giving_site.open(f"/gifts/{giving_site.waiting}")
    expect(giving_site.page.get_by_role("button", name="去支付平台付款")).to_be_visible()
    watch.check("gift-waiting")
    giving_site.open(f"/gifts/{giving_site.fresh}")
    expect(giving_site.page.get_by_role("heading", name="现在不能付款")).to_be_visible()
    watch.check("gift-off")


def test_what_the_office_sees(giving_site: Giving, watch: Watch) -> None:
    for path, person, picture in (
        ("/finance/gifts", "accountant", "gift-desk"),
        ("/finance/gifts/new", "accountant", "gift-invite"),
        (f"/finance/gifts/{giving_site.invitation}", "accountant", "gift-invitation"),
        ("/finance/gifts/basis", "head", "gift-basis"),
    ):
        giving_site.open(path, person)
        expect(giving_site.page.get_by_role("heading", level=1)).to_be_visible()
        watch.check(picture)


def test_the_public_flow_of_money(giving_site: Giving, watch: Watch) -> None:
    giving_site.open("/funds")
    expect(giving_site.page.get_by_role("heading", name="资金流向")).to_be_visible()
    watch.check("funds-flow")
