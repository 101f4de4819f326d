"""What staff do on their pages from a village's wish to the notice, a function for each act of the preparation."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import FilePayload, expect

from tests.browser.methods_stage import FUND, UNION, Hand
from tests.browser.walker import a_pdf

TITLE, VILLAGE = "暑期留守儿童托管服务", "示例镇示例村"
ENTRY = "A0401"
SUPPLIER = "示例社会工作服务中心"
"""How each of the town's organizations is called, before its number."""
NAMED = {"purchasing": "庚主任", "finance": "己会计", "business": "壬经办", "supervision": "戊审计"}
REVIEWERS = ("centre-head", "accountant", "colleague", "supervisor")
"""Those people's logins, in the order of the sides."""
QUESTIONS = ("not_duty", "direct_duty", "goods_or_works", "financing", "hiring", "other")
OPENERS = {
    True: {"centre": "丙经办", "buyer": "乙主席", "supervisor": "戊审计"},
    False: {"centre": "甲经办", "buyer": "乙主席", "supervisor": "戊审计"},
}


@dataclass(frozen=True)
class Plan:
    """What a clerk types of one method; ``price_only`` where nothing but the price may count."""

    method: str
    amount: str
    publish_on: str
    entrusted: bool = True
    reason: str = ""
    agent: str = "示例采购代理有限公司"
    price_only: bool = False

    @property
    def clerk(self) -> str:
        """The login of who drafts."""
        return "centre-clerk" if self.entrusted else "clerk"


def collect(hand: Hand) -> None:
    """The centre's clerk writes down what a village asked for on a visit."""
    hand.sign_in("centre-clerk")
    hand.go("/centre/needs")
    hand.press("登记需求")
    hand.choose("channel", "走访")
    hand.choose("catalogue_code", ENTRY)
    hand.write(
        brought_by=VILLAGE, title=TITLE, content="村里六十名留守儿童暑假无人照看，想要日间托管。",
        people_kind="留守儿童", people_count="60", location="示例镇示例村活动室", wished_from="2026-07-06",
        wished_until="2026-08-28", contact_name="村支书", contact_phone="0826-2000001",
    )  # fmt: skip
    hand.press("保存")
    hand.done("需求已登记")


def adopt(hand: Hand, plan: Plan) -> str:
    """The drafter ticks the wish, and a draft begins with its words; returns the project's id."""
    hand.sign_in(plan.clerk)
    hand.go("/centre/needs?state=collected")
    hand.page.get_by_role("checkbox", name=f"选择 {TITLE}").check()
    hand.press("采纳所选需求立项")
    expect(hand.page.locator("#title")).to_have_value(VILLAGE + TITLE)
    if plan.entrusted:
        hand.choose("buyer_id", UNION)
    hand.press("采纳并开始起草")
    hand.done("需求已采纳")
    expect(hand.page.locator("#people_count")).to_have_value("60")
    expect(hand.page.locator("#need")).to_have_value(re.compile("六十名留守儿童"))
    found = re.search(r"/centre/projects/([0-9a-f-]{36})", hand.path)
    assert found, hand.path
    return found[1]


def draft(hand: Hand, plan: Plan) -> None:
    """Everything that a wish cannot say; the times are worked out from the day of the notice."""
    page = hand.page
    for name in QUESTIONS:
        hand.tick(f"negative-{name}", "false")
    hand.tick("method", plan.method)
    hand.write(
        duty_basis="本单位职责清单第三条", contact_name="甲经办", contact_phone="0826-2000000",
        budget_fen=plan.amount, ceiling_fen=plan.amount, publish_on=plan.publish_on, method_reason=plan.reason,
        agent=plan.agent, funding__0__amount_fen=plan.amount,
    )  # fmt: skip
    for line in range(page.locator("[id^='cost_lines-'][id$='-quantity']").count()):
        hand.write(**{f"cost_lines__{line}__quantity": "100", f"cost_lines__{line}__unit_cost_fen": "100.00"})
    hand.choose("funding__0__fund_id", FUND)
    for seat, name in OPENERS[plan.entrusted].items():
        hand.choose(f"opener_{seat}_id", name)
    if plan.entrusted:
        hand.attach(page.locator("#mandate_file"), "委托书.pdf")
    if plan.price_only:
        _only_the_price(hand)
    hand.press("按规则推算")
    hand.press("保存草稿")
    hand.done("草稿已保存")


def _only_the_price(hand: Hand) -> None:
    """Take every row of the criteria but the last away, and let that be the price."""
    rows = hand.page.locator("#criteria .row__remove")
    for left in range(rows.count() - 1, 0, -1):
        rows.first.click()
        expect(rows).to_have_count(left if left > 1 else 0)
    hand.write(criteria__0__name="价格", criteria__0__weight_bp="100")
    hand.choose("criteria__0__kind", "价格")


def preparation(hand: Hand, project_id: str) -> None:
    """From the project's page to its preparation."""
    hand.go(f"/centre/projects/{project_id}")
    hand.follow("采购准备", within="aside")


def asked(hand: Hand) -> dict[str, str]:
    """Each thing on the page of the preparation, by its code, with what its tag says."""
    rows = hand.page.locator("[id^='preparation-']")
    found = {}
    for one in rows.all():
        row = one.locator("xpath=ancestor::tr")
        found[str(one.get_attribute("id")).removeprefix("preparation-")] = row.locator(".govuk-tag").last.inner_text()
    return found


def _open(hand: Hand, name: str) -> None:
    hand.page.get_by_role("link", name=f"去办理 {name}", exact=True).click()


def _paper(hand: Hand, name: str) -> None:
    paper: FilePayload = a_pdf(name)
    hand.page.set_input_files("#paper", [paper])


def evaluation(hand: Hand) -> None:
    """The evaluation beforehand."""
    _open(hand, "事前评估")
    hand.write(
        necessity="暑期无人看护", own_duty="关爱留守儿童", market="本区有四家", cost="按人日测算", result="安全过暑假"
    )
    hand.press("登记事前评估")
    hand.done("事前评估已登记")


def survey(hand: Hand) -> None:
    """Three answers of the market and what the public said."""
    _open(hand, "需求调查")
    for place in range(3):
        hand.write(**{
            f"answers__{place}__organization": f"示例机构{place + 1}", f"answers__{place}__asked_on": "2026-02-27",
            f"answers__{place}__summary": "能够提供",
        })  # fmt: skip
        hand.choose(f"answers__{place}__asked_how", "实地走访")
    hand.write(public_opinion="张榜七日，村民建议增加周末时段。")
    hand.press("登记需求调查")
    hand.done("需求调查已登记")


def sole(hand: Hand) -> None:
    """The one supplier, and why no other."""
    _open(hand, "单一来源的理由和供应商")
    hand.choose("organization_id", f"{SUPPLIER}1")
    hand.tick("ground", "only_one")
    hand.write(reason="只有一家取得该服务的许可。")
    _paper(hand, "批准材料.pdf")
    hand.press("填写单一来源的理由和供应商")
    hand.done("已登记")


def reviewers(hand: Hand) -> None:
    """A person for each of the four sides, and the outside adviser by name."""
    _open(hand, "一般性审查")
    for side, name in NAMED.items():
        hand.choose(side, name)
    hand.write(legal="示例律师")
    hand.press("指定审查人员")
    hand.done("审查人员已指定")


def minutes(hand: Hand) -> None:
    """The meeting that decided."""
    _open(hand, "立项会议纪要")
    hand.write(held_on="2026-03-02", attended="乙主席、壬经办、己会计", decision="同意立项")
    _paper(hand, "纪要.pdf")
    hand.press("登记会议纪要")
    hand.done("会议纪要已登记")


def filing(hand: Hand) -> None:
    """What the finance office filed."""
    _open(hand, "采购实施计划备案")
    hand.write(number="示备〔2026〕12 号", filed_on="2026-03-02")
    hand.press("登记采购实施计划备案")
    hand.done("采购实施计划备案已登记")


def draw(hand: Hand) -> list[str]:
    """Three of those that fit, by lot; returns their names."""
    _open(hand, "随机抽取受邀供应商")
    hand.write(wanted="3")
    hand.press("随机抽取受邀供应商")
    hand.done("受邀供应商已抽取")
    drawn = hand.page.locator("dt:text-is('受邀供应商') + dd").inner_text().split("、")
    assert len(drawn) == 3
    return drawn


ACTS: Mapping[str, Callable[[Hand], object]] = {
    "pre_evaluation": evaluation, "survey": survey, "sole_source": sole, "general_review": reviewers,
    "minutes": minutes, "plan_filing": filing,
}  # fmt: skip
"""What the drafter does on the page of the preparation, by what it is for."""


def early(hand: Hand, project_id: str, what: str, amount: str) -> None:
    """The centre's head tells everybody what is intended (``采购意向公开``) or of whom it is bought."""
    hand.sign_in("centre-head")
    preparation(hand, project_id)
    _open(hand, what)
    hand.write(title=TITLE, need="暑期日间托管六十人", budget_fen=amount, month="2026-04-01")
    hand.press("公开采购意向" if what == "采购意向公开" else "发布单一来源公示")
    hand.done("采购意向已公开" if what == "采购意向公开" else "单一来源公示已发布")


def submit(hand: Hand, plan: Plan, project_id: str) -> None:
    """The drafter hands it in."""
    hand.sign_in(plan.clerk)
    hand.go(f"/centre/projects/{project_id}/edit")
    hand.press("提交审批")
    hand.done("项目已提交审批")


def review(hand: Hand, plan: Plan, project_id: str) -> None:
    """Each side in its own sitting, the adviser on paper."""
    for login in REVIEWERS:
        hand.sign_in(login)
        preparation(hand, project_id)
        hand.press("出具审查意见")
        hand.tick("passes", "true")
        hand.write(opinion="同意")
        hand.press("出具审查意见")
        hand.done("审查意见已提交")
    hand.sign_in(plan.clerk)
    preparation(hand, project_id)
    _open(hand, "重点审查")
    hand.tick("passes", "true")
    hand.write(opinion="合法合规")
    _paper(hand, "法律意见.pdf")
    hand.press("登记法律顾问的意见")
    hand.done("法律顾问的意见已登记")


def approve(hand: Hand, project_id: str) -> None:
    """The buyer's head approves."""
    hand.sign_in("head")
    hand.go(f"/centre/projects/{project_id}")
    hand.press("批准项目")
    hand.done("项目已批准")


def publish(hand: Hand, project_id: str) -> None:
    """The buyer's head publishes."""
    hand.sign_in("head")
    hand.go(f"/centre/projects/{project_id}")
    hand.press("发布公告")
