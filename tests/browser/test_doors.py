"""Every door that a role is shown stands open: the navigation and the links of its desks, none wider than a phone."""

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Page

from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.site import Services, create_site
from tests.browser.conftest import WIDTHS, Serve, Watch
from tests.contracts.support import Deal, active
from tests.contracts.worlds import built, deal, shared_urls

__all__ = ["built", "deal", "shared_urls"]
pytestmark = pytest.mark.browser
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SIGNS_OUT = ("/sign-out", "/language")


def everybody(deal: Deal) -> dict[str, Actor]:
    """One person of each role in each kind of office, over a project under way."""
    village, office = deal.village, deal.office
    admin = replace(office.accountant, functions=frozenset({Function.OPERATOR}))
    own_money = replace(village.buyer_clerk, functions=village.buyer_clerk.functions | {Function.FINANCE_OFFICE})
    return {
        "buyer-clerk": village.buyer_clerk,
        "buyer-head": village.buyer_head,
        "buyer-accountant": replace(own_money, roles=frozenset({Role.ACCOUNTANT})),
        "buyer-cashier": replace(own_money, roles=frozenset({Role.CASHIER})),
        "centre-clerk": village.centre_clerk,
        "centre-head": village.centre_head,
        "expert": replace(village.centre_clerk, roles=frozenset({Role.EXPERT})),
        "accountant": office.accountant,
        "cashier": replace(office.accountant, roles=frozenset({Role.CASHIER})),
        "finance-head": deal.finance_head,
        "auditor": replace(
            office.accountant, roles=frozenset({Role.AUDITOR}), functions=frozenset({Function.SUPERVISOR})
        ),
        "supplier": deal.supplier,
        "another-supplier": deal.losers[0],
        "system-admin": replace(admin, roles=frozenset({Role.SYSTEM_ADMIN})),
        "security-admin": replace(admin, roles=frozenset({Role.SECURITY_ADMIN})),
        "audit-admin": replace(admin, roles=frozenset({Role.AUDIT_ADMIN})),
    }


@dataclass
class Town:
    """The site, and who may sit down before it."""

    page: Page
    address: str
    visitors: dict[str, Visitor]

    def become(self, name: str) -> None:
        """Somebody else sits down; an empty name is nobody."""
        self.page.context.clear_cookies(name=SESSION_COOKIE)
        if name:
            self.page.context.add_cookies([{"name": SESSION_COOKIE, "value": name, "url": self.address}])

    def links(self, within: str) -> list[str]:
        """The addresses on this site that the page in sight leads to."""
        found = self.page.eval_on_selector_all(f"{within} a[href]", "all => all.map(one => one.href)")
        own = (one.partition("#")[0] for one in found if one.startswith(self.address))
        return sorted({one for one in own if not urlsplit(one).path.startswith(SIGNS_OUT)})

    def open(self, url: str) -> str:
        """Open a page; what is wrong with it, or nothing."""
        answer = self.page.goto(url)
        if answer is None or answer.status != 200:
            return f"{url} is shown and refused"
        over = self.page.evaluate(OVER)
        return f"{url} scrolls sideways by {over} px" if over > 0 else ""

    def shut(self, home: str) -> list[str]:
        """What is wrong with the navigation of a desk, and with the links of its first page."""
        wrong = [self.open(home)]
        doors, further = self.links("nav.nav"), self.links("main")
        assert doors, home
        wrong += [self.open(one) for one in doors if one != home]
        for one in further:
            if one not in doors and not self.page.request.get(one).ok:
                wrong.append(f"{one} is linked on {home} and refused")
        return [one for one in wrong if one]


@pytest.fixture
def town(
    page: Page, serve: Serve, watch: Watch, database: Database, deal: Deal, clock: ManualClock, tmp_path: Path
) -> Town:
    with database.write() as db:
        active(db, deal)
    visitors = {
        name: Visitor(actor=actor, person_name="某某", organization_name="示例单位")
        for name, actor in everybody(deal).items()
    }

    def load(scope: HTTPScope) -> Visitor:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode().split("; ")
        return next((one for name, one in visitors.items() if f"{SESSION_COOKIE}={name}" in cookies), ANONYMOUS)

    services = Services(
        database=database, storage=FolderStorage(tmp_path / "documents"), clock=clock,
        settings=Settings(home=tmp_path, secret_key="5a" * 32), load_visitor=load,
    )  # fmt: skip
    address = serve(create_site(services))
    watch.begin(address)
    width, height = WIDTHS[-1]
    page.set_viewport_size({"width": width, "height": height})
    return Town(page, address, visitors)


def test_whatever_a_role_is_shown_opens_and_fits_a_phone(town: Town, watch: Watch) -> None:
    wrong = {"nobody": town.shut(f"{town.address}/")}
    for name, visitor in town.visitors.items():
        town.become(name)
        assert visitor.desks, name
        wrong[name] = [one for desk in visitor.desks for one in town.shut(f"{town.address}{desk.url}")]
    assert [f"{name}: {one}" for name, found in wrong.items() for one in found] == []
    assert watch.complaints == []
