"""The frame and the parts of every page in a real browser: both widths, both languages, with and without scripts."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Controller, Litestar, get, post
from litestar.di import NamedDependency
from litestar.response import Template
from markupsafe import Markup
from msgspec import Struct
from playwright.sync_api import Browser, Page, expect

from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.kit.clock import Clock, ManualClock
from marketplace.kit.fields import BasisPoints, Count, Fen, Title
from marketplace.kit.todo import Todo
from marketplace.settings import Settings
from marketplace.web.figures.sankey import Link, Node, sankey
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.paging import Paging
from marketplace.web.portal.pages import Portal
from marketplace.web.site import Services, create_site
from tests.browser.conftest import Serve, Watch

pytestmark = pytest.mark.browser
GALLERY = (Path(__file__).parent / "gallery.html").read_text("utf-8")


class Line(Struct, frozen=True):
    what: Title
    amount_fen: Fen


class Everything(Struct, frozen=True, kw_only=True):
    title: Title
    budget_fen: Fen
    share_bp: BasisPoints
    heads: Count
    starts_on: date
    closes_at: datetime
    colour: Title
    method: Title
    lawful: bool
    tags: list[str]
    lines: list[Line]
    note: str = ""
    password: str
    agreed: bool


EVERYTHING = FormKind(
    Everything,
    labels={
        "title": "项目名称", "budget_fen": "预算金额", "share_bp": "首付比例", "heads": "服务人数",
        "starts_on": "开始日期",
        "closes_at": "截止时间", "colour": "颜色", "method": "采购方式", "lawful": "是否合法", "tags": "服务对象",
        "lines": "预算明细", "lines.what": "内容", "lines.amount_fen": "金额", "note": "说明", "evidence": "材料",
        "password": "密码", "agreed": "我已核对",
    },
    hints={"budget_fen": "以元填写，最多两位小数。", "note": "写给评审人看。"},
)  # fmt: skip
NODES = [
    Node(key, label, kind)
    for key, label, kind in (
        ("czbk", "区级财政拨款", "fiscal"), ("fcgy", "福彩公益金", "fiscal"), ("qyjz", "企业定向捐赠", "gift"),
        ("gzjk", "公众小额捐款", "gift"), ("gf", "政府购买服务专项", "fund"), ("cs", "慈善公益专户", "fund"),
        ("p1", "长者食堂运营服务", "proj"), ("p2", "困境儿童关爱陪伴", "proj"), ("p3", "青年创业导师计划", "proj"),
        ("p4", "社区矛盾调解", "proj"), ("m1", "首付款（签约）", "ms"), ("m2", "中期验收", "ms"),
        ("m3", "末期验收", "ms"),
        ("m0", "未支付余额", "left"), ("o1", "乐龄社会服务中心", "payee"), ("o2", "晨光青少年发展中心", "payee"),
        ("o3", "和合社工站", "payee"),
    )
]  # fmt: skip
LINKS = [
    Link(source, target, yuan * 100)
    for source, target, yuan in (
        ("czbk", "gf", 1200000), ("fcgy", "gf", 450000), ("qyjz", "cs", 300000), ("gzjk", "cs", 86500),
        ("gf", "p1", 680000), ("gf", "p2", 397000), ("gf", "p3", 260000), ("gf", "p4", 313000), ("cs", "p2", 186500),
        ("cs", "p1", 200000), ("p1", "m1", 352000), ("p1", "m2", 264000), ("p1", "m0", 264000), ("p2", "m1", 233400),
        ("p2", "m2", 175050), ("p2", "m3", 175050), ("p3", "m1", 104000), ("p3", "m0", 156000), ("p4", "m1", 125200),
        ("p4", "m2", 93900), ("p4", "m0", 93900), ("m1", "o1", 352000), ("m1", "o2", 337400), ("m1", "o3", 125200),
        ("m2", "o1", 264000), ("m2", "o2", 175050), ("m2", "o3", 93900), ("m3", "o2", 175050),
    )
]  # fmt: skip


def flow() -> Markup:
    heads = ("资金来源", "资金池", "项目", "里程碑付款", "收款单位")
    return sankey(NODES, LINKS, heads=heads, title="2026 年度资金流向", description="明细见下表。")


def shown(form: Form[Any], now: datetime) -> Template:
    context = {
        "form": form, "flow": flow(), "paging": Paging(next="/gallery", total="1000+"),
        "milestones": [
            ("首付款", "签订合同并提交实施方案", date(2026, 3, 15), 15880000, "已支付", "green"),
            ("中期款", "完成 60 名儿童建档，中期评估合格", date(2026, 12, 15), 11910000, "验收中", "yellow"),
            ("末期款", "末期评估合格、资料归档", date(2027, 3, 20), 11910000, "未开始", "grey"),
        ],
        "closes_at": now + timedelta(hours=3), "waiting": [
            Todo(
                title="复核付款 {number}", params={"number": "FK-0088"}, url="/", action="复核",
                due_at=now, urgent=True,
            ),
            Todo(title="答复提问", params={}, url="/", action="答复"),
        ],
    }  # fmt: skip
    return Template(
        template_str=GALLERY, context=context, media_type="text/html", status_code=422 if form.errors else 200
    )


class Gallery(Controller):
    path = "/gallery"

    @get("/", sync_to_thread=True)
    def look(self, clock: NamedDependency[Clock]) -> Template:
        return shown(EVERYTHING.blank(), clock.now())

    @post("/", sync_to_thread=True)
    def send(self, typed: NamedDependency[Typed], clock: NamedDependency[Clock]) -> Template:
        return shown(EVERYTHING.read(typed), clock.now())


@pytest.fixture
def site(database: Database, clock: ManualClock, tmp_path: Path) -> Litestar:
    services = Services(
        database=database,
        storage=FolderStorage(tmp_path / "documents"),
        clock=clock,
        settings=Settings(home=tmp_path, secret_key="5a" * 32, demo=True, log_level="ERROR"),
    )
    return create_site(services, [Portal, Gallery])


def test_the_frame_is_accessible_at_both_widths_and_in_both_languages(
    sized: Page, watch: Watch, serve: Serve, site: Litestar
) -> None:
    base = serve(site)
    watch.begin(base)
    sized.goto(f"{base}/")
    expect(sized.locator("h1")).to_be_visible()
    watch.check("home")
    sized.get_by_role("link", name="English").click()
    expect(sized.locator("html")).to_have_attribute("lang", "en")
    watch.check("home-en")
    sized.goto(f"{base}/nowhere")
    expect(sized.locator("h1")).to_have_text("Not found")
    watch.check("not-found")


def test_every_part_is_accessible_empty_and_with_errors(
    sized: Page, watch: Watch, serve: Serve, site: Litestar
) -> None:
    base = serve(site)
    watch.begin(base)
    sized.goto(f"{base}/gallery")
    watch.check("gallery")
    sized.get_by_label("项目名称").fill("长者食堂")
    sized.get_by_label("预算金额").fill("12.345")
    sized.get_by_role("button", name="递交").click()
    expect(sized.locator(".govuk-error-summary")).to_be_focused()
    expect(sized).to_have_title("有误：困境儿童关爱陪伴服务项目 · 群团服务采购平台")
    expect(sized.get_by_label("项目名称")).to_have_value("长者食堂")
    expect(sized.get_by_label("预算金额")).to_have_value("12.345")
    watch.check("gallery-wrong")
    sized.locator(".govuk-error-summary a").first.click()
    expect(sized.get_by_label("预算金额")).to_be_focused()


def test_rows_come_and_go_without_any_script(browser: Browser, serve: Serve, site: Litestar) -> None:
    base = serve(site)
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{base}/gallery")
    page.locator("#lines-0-what").fill("材料")
    page.get_by_role("button", name="增加一项").click()
    expect(page.locator("#lines-0-what")).to_have_value("材料")
    page.locator("#lines-1-what").fill("人员")
    page.get_by_role("button", name="删除 第 1 行").click()
    expect(page.locator("#lines-0-what")).to_have_value("人员")
    expect(page.locator("#lines-1-what")).to_have_count(0)
    page.locator("#title").press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    context.close()


def test_a_countdown_goes_on_by_the_servers_time(page: Page, serve: Serve, site: Litestar, watch: Watch) -> None:
    base = serve(site)
    watch.begin(base)
    page.clock.install()
    page.goto(f"{base}/gallery")
    expect(page.locator("[data-countdown]")).to_have_text("还有 3 小时 0 分")
    page.clock.fast_forward("02:30:00")
    page.clock.run_for(20_000)
    expect(page.locator("[data-countdown]")).to_have_text("还有 0 小时 29 分")
