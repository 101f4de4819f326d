"""What a social organization does on its pages: registers, takes the document, asks, hands in, replaces."""

import re

from playwright.sync_api import expect

from marketplace.suppliers.states import Nature
from tests.browser.walk_desks import TITLE
from tests.browser.walker import Walker
from tests.identity.town import PASSWORD, code_for
from tests.suppliers.shelf import KINDS, OWN_PROOFS, SCOPE

NAME, LOGIN = "示例萤火社会工作服务中心", "firefly"
BID = "有准备的组织申报一次"


def register(walker: Walker) -> None:
    """The public form, the papers, and handing them in."""
    walker.leave()
    walker.go("/suppliers")
    walker.go("/suppliers/register")
    walker.look("4-register")
    with walker.doing("登记入库"):
        walker.write(
            uscc=code_for(KINDS[Nature.SOCIAL_SERVICE_AGENCY], 77), name=NAME, legal_representative="己代表",
            service_scope=SCOPE, contact_name="庚联络", contact_phone="0826-2000077",
            contact_email="firefly@example.com", login=LOGIN, password=PASSWORD,
        )  # fmt: skip
        walker.choose("nature", "社会服务机构")
        walker.tick("declared", "true")
        walker.press("登记")
        walker.done("登记成功")
    walker.sign_in(LOGIN)
    walker.go("/org/profile")
    with walker.doing("完成资料"):
        _complete_data(walker)
    walker.look("4-submitted")


def _complete_data(walker: Walker) -> None:
    page = walker.page
    walker.press("提交审核")
    walker.refused("请至少选择一类")
    walker.follow("基本资料与服务类别")
    walker.tick("services", "A04")
    walker.tick("services", "A10")
    walker.tick("serves_minors", "true")
    walker.press("保存")
    walker.done("资料已保存")
    walker.follow("收款账户")
    walker.write(bank_name="示例银行示例支行", account_number="6222000000001234")
    walker.press("保存")
    walker.done("收款账户已保存")
    for kind in (*OWN_PROOFS, "minors_check"):
        walker.attach(page.locator(f"#file-{kind}"), f"{kind}.pdf")
        walker.press("上传", within=f"form.upload:has(#file-{kind})", exact=False)
        expect(page.locator(f"#item-{kind}")).to_contain_text(f"{kind}.pdf")
    walker.press("提交审核")
    walker.sees("等待中心核对")


def take_and_ask(walker: Walker, question: str) -> None:
    """Find the project among the open ones, take its document, and ask."""
    walker.sign_in(LOGIN)
    walker.go("/projects")
    walker.page.locator("#q").fill("托管")
    walker.press("查找")
    walker.look("4-projects")
    walker.follow(TITLE)
    address = walker.path
    with walker.doing(BID):
        walker.press("报名并领取文件")
        expect(walker.page).to_have_url(re.compile("/org/bids/"))
    walker.look("4-tasks")
    walker.go(address)
    with walker.doing("提问"):
        walker.write(content=question)
        walker.press("提交问题")
        walker.sees(question)


def hand_in(walker: Walker, project_id: str) -> str:
    """The five pages of the bid; returns the code that reopens it."""
    walker.sign_in(LOGIN)
    with walker.doing(BID):
        walker.go(f"/org/bids/{project_id}")
        walker.page.locator("main").get_by_role("button", name="开始填写").click()
        price(walker, "440.00")
        _plan(walker)
        _answers(walker)
        walker.choose("kind", "服务方案")
        walker.attach(walker.page.locator("#file"), "服务方案.pdf")
        walker.press("加密上传")
        walker.done("文件已加密保存")
        walker.follow("附件齐了，去检查并递交")
        walker.sees("44,000.00")
        walker.write(contact_name="庚联络", contact_phone="0826-2000077")
        walker.tick("declared", "true")
        walker.press("密封递交")
        walker.done("申报已密封递交")
    walker.look("4-handed")
    return code_of(walker)


def price(walker: Walker, unit: str) -> None:
    """The page of the price: one line of a hundred units."""
    walker.write(
        cost_lines__0__name="托管陪伴", cost_lines__0__unit="人日", cost_lines__0__quantity="100",
        cost_lines__0__unit_price_fen=unit,
    )  # fmt: skip
    walker.press("保存并继续")
    expect(walker.page).to_have_url(re.compile("/plan$"))


def _plan(walker: Walker) -> None:
    walker.write(
        approach="每周五天日间陪伴，由两名持证社工带队，每天签到交接。", schedule="四月摸底，五月至六月实施。",
        staff__0__name="辛社工", staff__0__post="项目负责人", staff__0__qualification="助理社会工作师",
        staff__0__years="5",
    )  # fmt: skip
    walker.press("保存并继续")
    expect(walker.page).to_have_url(re.compile("/answers$"))


def _answers(walker: Walker) -> None:
    page = walker.page
    for number in range(page.locator("textarea[id^='criterion_']").count()):
        walker.write(**{f"criterion_{number}": "做法和数量见服务方案对应部分。"})
    for number in range(page.locator("input[id^='condition_']").count()):
        walker.tick(f"condition_{number}", "true")
    walker.press("保存并继续")
    expect(page).to_have_url(re.compile("/files$"))


def code_of(walker: Walker) -> str:
    """The code on the receipt in sight."""
    code = walker.page.locator(".code-block--large").inner_text().strip()
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){5}", code)
    return code


def reopen(walker: Walker, project_id: str, code: str) -> None:
    """Open the draft again with the code."""
    walker.go(f"/org/bids/{project_id}")
    walker.sees("密封在箱")
    walker.write(code=code)
    walker.press("打开草稿")
    walker.sees("要填写的内容")


def replace(walker: Walker, project_id: str, code: str) -> tuple[str, str]:
    """A lower price instead; returns the new code and the digest on the new receipt."""
    with walker.doing("替换申报"):
        reopen(walker, project_id, code)
        walker.go(f"/org/bids/{project_id}/price")
        price(walker, "420.00")
        walker.go(f"/org/bids/{project_id}/confirm")
        walker.sees("42,000.00")
        walker.press("密封递交")
        walker.done("申报已密封递交")
    walker.sees("第 2 次")
    return code_of(walker), walker.page.locator("dt:text-is('SHA-256') + dd").inner_text().strip()
