"""The register's pages in a real Chromium: accessible, in their width, at the desk and on the phone."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.types import HTTPScope
from playwright.sync_api import Page

from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.suppliers import commands
from marketplace.suppliers.schemas import NewDebarment
from marketplace.suppliers.states import Nature
from marketplace.web import accounts, suppliers
from marketplace.web.access import ANONYMOUS, Visitor
from marketplace.web.portal.pages import Portal
from marketplace.web.services import Services
from marketplace.web.site import create_site
from seed import reference
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
from tests.identity.town import SAFE
from tests.suppliers.shelf import (
    a_draft,
    a_profile,
    a_qualified,
    a_submitted,
    attach,
    centre,
    check_all,
    of,
    passed,
)
from tests.web.conftest import SECRET

__all__ = [
    "base_url", "browser_context_args", "browser_type_launch_args", "chinese_font", "serve", "sized", "watch",
]  # fmt: skip
pytestmark = pytest.mark.browser
AGENCY = {"serves_minors": True, "registrar": "示例区民政局", "founded_on": date(2017, 6, 1), "staff_count": 12}


@dataclass
class Place:
    """A served site with organizations in every state, and who looks at it."""

    app: Litestar
    who: dict[str, Actor]
    looking: str = ""


@pytest.fixture
def place(committing: Database, clock: ManualClock, tmp_path: Path, now: datetime) -> Place:
    database, folder = committing, tmp_path / "documents"
    reference.load(database, clock)
    with database.write() as db:
        clerk, head = centre(db, now=now), centre(db, Role.HEAD, now=now)
        good = a_qualified(
            db, folder, 1, now=now, name="广安区晨光青少年社会工作服务中心", services=("A01", "A04", "A10"),
            rating_grade=4, rating_until=date(2028, 6, 30), address="示例路 1 号", **AGENCY,
        )  # fmt: skip
        a_qualified(
            db, folder, 2, now=now, name="广安区阳光助残协会", nature=Nature.SOCIAL_GROUP, services=("A04",),
            rating_grade=3, rating_until=date(2025, 12, 31),
        )  # fmt: skip
        barred = a_qualified(db, folder, 3, now=now, name="安心教育基金会", nature=Nature.FOUNDATION)
        ban = NewDebarment(source="示例区财政局", reason="虚假材料", from_on=date(2026, 2, 1), to_on=date(2027, 1, 31))
        commands.debar(db, head, of(barred), ban, now=now)
        waiting = a_submitted(
            db, folder, 4, now=now, name="广安区晨光青少年服务中心", address="示例路 1 号", services=("A04",)
        )
        attach(db, folder, clerk, of(waiting), "dishonest_list", now=now)
        commands.check(db, clerk, of(waiting), [passed("scope"), passed("dishonest_list", source="信用中国")], now=now)
        ready = a_submitted(db, folder, 5, now=now, name="和合社区服务中心")
        check_all(db, folder, clerk, of(ready), now=now)
        draft = a_draft(db, 6, now=now, name="乐龄养老服务中心", services=(), **AGENCY)
        moved = a_profile(db, good, address="示例路 8 号", services=("A01", "A04"))
        change = commands.propose(db, good, of(good), moved, reason="办公室搬迁", now=now)
    who = {
        "clerk": clerk,
        "head": head,
        "good": good,
        "draft": draft,
        "waiting": waiting,
        "ready": ready,
        "barred": barred,
    }
    made = Place(app=Litestar([]), who=who)

    def load(_: HTTPScope) -> Visitor:
        actor = who.get(made.looking)
        return Visitor(actor=actor, person_name="示例人", organization_name="示例单位") if actor else ANONYMOUS

    services = Services(
        database=database, storage=FolderStorage(folder), clock=clock, load_visitor=load,
        settings=Settings(home=tmp_path, secret_key=SECRET),
    )  # fmt: skip
    safe = Provide(lambda: SAFE, sync_to_thread=False)
    made.app = create_site(services, [Portal, *accounts.routes(safe), *suppliers.routes(safe)])
    made.who["change"] = Actor(None, change)
    return made


def look(page: Page, watch: Watch, place: Place, base: str, who: str, path: str, picture: str) -> None:
    place.looking = who
    page.goto(base + path)
    watch.check(f"suppliers-{picture}")


def test_every_page_is_accessible_and_fits_its_width(sized: Page, watch: Watch, serve: Serve, place: Place) -> None:
    base = serve(place.app)
    sized.context.add_cookies([{"name": "session", "value": "x", "url": base}])
    watch.begin(base)
    ids = {name: of(actor) for name, actor in place.who.items()}
    desk = f"/centre/suppliers/{ids['waiting']}"
    for who, path, picture in (
        ("", "/suppliers", "directory"),
        ("", "/suppliers?q=没有这样的组织", "directory-empty"),
        ("", f"/suppliers/{ids['good']}", "public"),
        ("", f"/suppliers/{ids['barred']}", "public-barred"),
        ("", "/suppliers/register", "register"),
        ("draft", "/org/profile", "own-draft"),
        ("good", "/org/profile", "own-good"),
        ("draft", "/org/profile/data", "data"),
        ("good", "/org/profile/bank", "bank"),
        ("clerk", "/centre/suppliers", "queue"),
        ("clerk", "/centre/suppliers/import", "import"),
        ("clerk", desk, "check"),
        ("head", f"/centre/suppliers/{ids['ready']}", "check-ready"),
        ("head", f"/centre/suppliers/{ids['barred']}", "check-barred"),
        ("clerk", f"/centre/suppliers/{ids['good']}/changes/{ids['change']}", "change"),
    ):
        look(sized, watch, place, base, who, path, picture)
    place.looking = ""
    sized.goto(f"{base}/suppliers/register")
    sized.fill("#uscc", "52511602MJX0O0018K")
    sized.fill("#contact_phone", "12")
    sized.click("#form .govuk-button-group button")
    sized.wait_for_selector(".govuk-error-summary")
    watch.check("suppliers-register-wrong")
    place.looking = "draft"
    sized.goto(f"{base}/org/profile")
    sized.click("form[action='/org/profile/submit'] button")
    sized.wait_for_selector(".govuk-error-summary")
    watch.check("suppliers-own-refused")
    place.looking = "clerk"
    sized.goto(base + desk)
    sized.select_option("select[name='checks-0-result']", "failed")
    sized.click("#checks .govuk-button-group button")
    sized.wait_for_selector(".govuk-error-summary")
    watch.check("suppliers-check-wrong")
