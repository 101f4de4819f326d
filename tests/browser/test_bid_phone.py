"""A bid written on a phone: begun, cut off in the middle of an upload, left, taken up again elsewhere, handed in."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from litestar.types import HTTPScope
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.access import ANONYMOUS, SESSION_COOKIE, Visitor
from marketplace.web.site import Services, create_site
from tests.bids.support import World
from tests.bids.worlds import built, cheap_passphrases, committing_urls, shared_urls, world
from tests.browser.conftest import Serve, Watch

__all__ = ["built", "cheap_passphrases", "committing_urls", "shared_urls", "world"]
pytestmark = pytest.mark.browser

MIB = 2**20
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * (14 * MIB // 4 // 256)
"""A photo of three and a half mebibytes, as a phone makes them: four pieces."""
SMALL = "[...document.querySelectorAll('main button, main input:not([type=hidden]), main select, main .govuk-button')]"
TAPPED = (
    SMALL + ".filter(one => one.offsetParent && !one.closest('.govuk-visually-hidden'))"
    ".map(one => [one.outerHTML.slice(0, 120), one.getBoundingClientRect().height]).filter(([, high]) => high < 43.9)"
)


@dataclass
class Phone:
    """One sitting at a phone: a browser of its own, closed at its end."""

    browser: Browser
    address: str
    pieces: list[int] = field(default_factory=list)

    def sit_down(self, settings: dict[str, Any]) -> tuple[BrowserContext, Page, Watch]:
        """A new browser that knows nothing but who signed in."""
        context = self.browser.new_context(**settings, viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": SESSION_COOKIE, "value": "bidder", "url": self.address}])
        page = context.new_page()
        watch = Watch(page)
        watch.begin(self.address)
        page.on("request", self._count)
        return context, page, watch

    def _count(self, request: Request) -> None:
        if request.method == "PATCH":
            self.pieces.append(int(request.headers["upload-offset"]))


@pytest.fixture
def phone(browser: Browser, serve: Serve, committing: Database, world: World, clock: ManualClock) -> Phone:
    def load(scope: HTTPScope) -> Visitor:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
        if f"{SESSION_COOKIE}=bidder" not in cookies:
            return ANONYMOUS
        return Visitor(actor=world.bidders[0], person_name="陈示例", organization_name="示例社会工作服务中心")

    services = Services(
        database=committing, storage=world.storage, clock=clock,
        settings=Settings(home=world.storage.root, secret_key="5a" * 32), load_visitor=load,
    )  # fmt: skip
    return Phone(browser, serve(create_site(services)))


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"[name='{name.replace('__', '-')}']").fill(text)


def save(page: Page, then: str) -> None:
    page.get_by_role("button", name="保存并继续").click()
    expect(page).to_have_url(re.compile(f"/{then}$"))


def looked_at(page: Page, watch: Watch, picture: str) -> None:
    watch.check(picture)
    assert page.evaluate(TAPPED) == [], page.url


def cut(route: Route) -> None:
    """The line breaks whenever the third piece is sent."""
    if route.request.method == "PATCH" and route.request.headers["upload-offset"] == str(2 * MIB):
        route.abort("connectionreset")
    else:
        route.fallback()


def first_sitting(phone: Phone, world: World, base: str, chosen: Path, settings: dict[str, Any]) -> None:
    """Take the document, fill two pages, and lose the line in the middle of a photo."""
    context, page, watch = phone.sit_down(settings)
    page.goto(f"{phone.address}/projects/{world.project_id}")
    page.get_by_role("button", name="报名并领取文件").first.click()
    expect(page).to_have_url(re.compile("/org/bids/"))
    looked_at(page, watch, "bid-phone-tasks")
    page.goto(f"{base}/price")
    fill(page, cost_lines__0__name="入户陪伴", cost_lines__0__unit="次")
    fill(page, cost_lines__0__quantity="100", cost_lines__0__unit_price_fen="300.00")
    looked_at(page, watch, "bid-phone-price")
    save(page, "plan")
    fill(page, approach="每周三次入户陪伴", schedule="三月至十二月", staff__0__name="陈示例", staff__0__post="社工")
    looked_at(page, watch, "bid-phone-plan")
    save(page, "answers")
    page.goto(f"{base}/files")
    page.route("**/bid/uploads/**", cut)
    page.locator("#file").set_input_files(chosen)
    page.get_by_role("button", name="加密上传").click()
    expect(page.get_by_text("连接中断").first).to_be_visible()
    expect(page.locator("progress")).to_have_attribute("aria-label", "登记证书.jpg")
    watch.complaints = [one for one in watch.complaints if "ERR_CONNECTION_RESET" not in one]
    looked_at(page, watch, "bid-phone-cut")
    page.close(run_before_unload=False)
    context.close()
    assert set(phone.pieces) == {0, MIB, 2 * MIB}


def second_sitting(phone: Phone, base: str, chosen: Path, settings: dict[str, Any]) -> None:
    """Another browser: what was written is there, the photo goes on, the check says what lacks, and it is handed in."""
    phone.pieces.clear()
    context, page, watch = phone.sit_down(settings)
    page.goto(base)
    expect(page.get_by_text("已完成", exact=True).first).to_be_visible()
    page.goto(f"{base}/files")
    expect(page.get_by_text("已收到 57%")).to_be_visible()
    looked_at(page, watch, "bid-phone-waiting")
    page.locator("#file").set_input_files(chosen)
    page.get_by_role("button", name="加密上传").click()
    expect(page.get_by_text("文件已加密保存")).to_be_visible()
    assert phone.pieces == [2 * MIB, 3 * MIB]
    page.goto(f"{base}/check")
    expect(page.get_by_role("heading", name="现在递交会被退回，请先补齐下面的内容")).to_be_visible()
    looked_at(page, watch, "bid-phone-check")
    page.get_by_role("link", name=re.compile("去补充")).first.click()
    for one in page.locator("textarea[id^='criterion_']").all():
        one.fill("做法见服务方案")
    for one in page.locator("input[id^='condition_']").all():
        one.check()
    looked_at(page, watch, "bid-phone-answers")
    save(page, "files")
    page.goto(f"{base}/confirm")
    fill(page, contact_name="陈示例", contact_phone="13800000000")
    page.locator("[name='declared']").check()
    looked_at(page, watch, "bid-phone-confirm")
    page.get_by_role("button", name="密封递交").click()
    expect(page.get_by_text("申报已密封递交").first).to_be_visible()
    looked_at(page, watch, "bid-phone-handed")
    context.close()


def test_a_bid_cut_off_on_a_phone_is_taken_up_again_and_handed_in(
    phone: Phone, world: World, tmp_path: Path, browser_context_args: dict[str, Any]
) -> None:
    base = f"{phone.address}/org/bids/{world.project_id}"
    chosen = tmp_path / "登记证书.jpg"
    chosen.write_bytes(PHOTO)
    first_sitting(phone, world, base, chosen, browser_context_args)
    second_sitting(phone, base, chosen, browser_context_args)
