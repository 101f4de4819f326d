"""What buyers, finance, the centre and the openers do on their pages, a function for each task."""

import re

from playwright.sync_api import expect

from tests.browser.walk_gifts import FUND as GIFTS
from tests.browser.walk_gifts import USABLE
from tests.browser.walk_town import PASSPHRASES, UNION
from tests.browser.walker import Walker

FISCAL = "2026 年群众服务专项"
ENTRY, TITLE = "A0401", "示例镇留守儿童托管陪伴服务"
BUDGET = "48000.00"
"""Below fifty thousand yuan, where a panel of three is enough."""


def browse_the_catalogue(walker: Walker) -> None:
    """Anybody finds an entry by two characters, and measures the legal times."""
    page = walker.page
    walker.go("/")
    walker.look("1-home")
    walker.follow("服务目录", within="nav.nav")
    walker.look("1-catalogue")
    page.locator("#q").fill("儿童")
    walker.press("查找")
    walker.sees("儿童福利服务")
    walker.look("1-found")
    walker.follow("儿童福利服务")
    expect(page.locator("h1")).to_contain_text("儿童福利服务")
    walker.sees("C05010200")
    walker.look("1-entry")
    walker.go("/rules/ruler")
    walker.choose("method", place=1)
    walker.write(amount_fen="50000", start="2026-03-09", term_months="6")
    walker.press("量一量")
    walker.sees("从发布公告到签订合同")
    walker.look("1-ruler")


def bring_money_in(walker: Walker) -> None:
    """Finance opens a fund, records an appropriation with a slip, and corrects it."""
    walker.sign_in("finance")
    walker.look("2-desk")
    walker.go("/finance/funds")
    walker.follow("建立资金")
    walker.write(name=FISCAL, basis_document_no="示财预〔2026〕1 号")
    walker.tick("source", "fiscal_fund")
    walker.tick("custody", "quota")
    walker.choose("buyer_id", UNION)
    walker.look("2-new-fund")
    walker.press("建立资金")
    walker.done("可以登记到账了")
    walker.page.locator("main").get_by_role("button", name="登记到账").click()
    walker.write(amount_fen="35000.00", value_date="2026-03-02", document_no="示财指〔2026〕7 号", payer="示例区财政局")
    walker.press("登记到账")
    walker.done("每一分钱都有了编号")
    walker.sees("1–3,500,000")
    walker.page.locator("main").get_by_role("button", name="更正").click()
    walker.look("2-correct")
    walker.write(amount_fen="350000.00", reason="少打一个零，依据指标文件改正。")
    walker.press("作废原收据并重新登记")
    walker.done("已更正")
    walker.sees("3,500,001–38,500,000")
    walker.look("2-receipt")
    walker.follow("查看被更正的收据")
    walker.sees("本收据已作废")
    walker.go("/finance/funds")
    walker.sees("350,000.00")
    walker.look("2-funds")


def enrol(walker: Walker, login: str) -> None:
    """An opener sets a passphrase on its own page."""
    walker.sign_in(login)
    walker.go("/openings")
    walker.page.locator("aside").get_by_role("button", name="设置开启口令").click()
    walker.write(passphrase=PASSPHRASES[login], repeated_passphrase=PASSPHRASES[login])
    walker.press("保存口令")
    walker.done("开启口令已设置")


def post_the_project(walker: Walker) -> str:
    """The union's clerk drafts from a catalogue entry, is told what is missing, completes it; returns its id."""
    page = walker.page
    walker.sign_in("clerk")
    walker.look("3-desk")
    walker.go("/centre/projects")
    with walker.doing("从模板发布项目"):
        walker.page.locator("main").get_by_role("button", name="新建项目").first.click()
        walker.choose("catalogue_code", ENTRY)
        walker.write(title=TITLE)
        walker.press("开始起草")
        walker.done("草稿已建好")
        walker.press("提交审批")
        expect(page.locator(".govuk-error-summary")).to_contain_text("服务人数")
        expect(page.locator(".draft__list")).to_contain_text("缺")
        page.locator(".govuk-error-summary").get_by_role("link", name="服务人数").click()
        expect(page.locator("#people_count")).to_be_focused()
        walker.task = ""
        walker.look("3-missing")
        walker.task = "从模板发布项目"
        _complete(walker)
        walker.press("提交审批")
        walker.done("项目已提交审批")
    walker.look("3-submitted")
    found = re.search(r"/centre/projects/([0-9a-f-]{36})", walker.path)
    assert found, walker.path
    return found[1]


def _complete(walker: Walker) -> None:
    walker.write(
        duty_basis="本单位职责清单第三条", people_count="60", location="示例镇示例村",
        contact_name="甲经办", contact_phone="0826-2000000", budget_fen=BUDGET, ceiling_fen=BUDGET,
    )  # fmt: skip
    lines = walker.page.locator("[id^='cost_lines-'][id$='-quantity']").count()
    for line in range(lines):
        walker.write(**{f"cost_lines__{line}__quantity": "100", f"cost_lines__{line}__unit_cost_fen": "120.00"})
    walker.choose("funding__0__fund_id", FISCAL)
    walker.write(funding__0__amount_fen="41000.00")
    walker.press("增加一笔资金")
    walker.choose("funding__1__fund_id", GIFTS)
    walker.write(funding__1__amount_fen=USABLE)
    for question in ("not_duty", "direct_duty", "goods_or_works", "financing", "hiring", "other"):
        walker.tick(f"negative-{question}", "false")
    walker.choose("opener_centre_id", "甲经办")
    walker.choose("opener_buyer_id", "乙主席")
    walker.choose("opener_supervisor_id", "戊审计")


def approve_and_publish(walker: Walker) -> None:
    """The head finds it among today's things, approves and publishes."""
    walker.sign_in("head")
    walker.go("/centre")
    walker.look("3-head-desk")
    with walker.doing("审批并发布"):
        walker.page.locator("main").get_by_role("link", name=TITLE).first.click()
        walker.press("批准项目")
        walker.done("项目已批准")
        walker.press("发布公告")
        walker.done("采购公告已发布")
    walker.look("3-published")


def qualify(walker: Walker, name: str) -> None:
    """The centre's clerk writes down what was found of each item and takes the organization in."""
    page = walker.page
    walker.sign_in("centre-clerk")
    walker.go("/centre/suppliers")
    walker.look("4-queue")
    with walker.doing("审核一个组织"):
        walker.follow(f"审核 {name}")
        walker.sees("项没有核对符合")
        walker.task = ""
        walker.look("4-check")
        walker.task = "审核一个组织"
        for place in range(page.locator("[id^='checks-'][id$='-result']").count()):
            row = {"valid_to": "2027-12-31"}
            walker.choose(f"checks__{place}__result", "符合")
            walker.write(**{f"checks__{place}__{key}": text for key, text in row.items()})
            kind = page.locator(f"input[name='checks-{place}-kind']").input_value()
            if kind.endswith("_list"):
                walker.attach(page.locator(f"[id='checks-{place}-file']"), f"{kind}.pdf")
        walker.press("保存核对结果")
        walker.sees("各项都已核对符合")
        walker.press("通过入库")
        walker.done("已通过入库")


def answer_the_question(walker: Walker, words: str) -> None:
    """The union's clerk answers for everybody."""
    walker.sign_in("clerk")
    walker.go("/centre/questions")
    walker.look("4-questions")
    with walker.doing("答复提问"):
        walker.page.locator("main table").get_by_role("link").first.click()
        walker.write(answer=words)
        walker.press("公开答复")
        walker.done("答复已公开")


def open_the_box(walker: Walker, project_id: str) -> None:
    """Two of the three openers give their passphrases; the second one opens every bid."""
    walker.sign_in("clerk")
    walker.go("/openings")
    walker.look("5-openings")
    walker.follow(TITLE)
    with walker.doing("开启（每位开启人）"):
        walker.write(passphrase="不是这一句，是另一句")
        walker.press("验证我的口令")
        expect(walker.page.locator(".govuk-error-summary")).to_be_visible()
        walker.write(passphrase=PASSPHRASES["clerk"])
        walker.press("验证我的口令")
        walker.done("您的口令已验证")
    expect(walker.page.locator("nav.nav [aria-current]")).to_have_text("开启")
    walker.look("5-first")
    walker.sign_in("supervisor")
    walker.go(f"/openings/{project_id}")
    walker.write(passphrase=PASSPHRASES["supervisor"])
    walker.press("输入口令并开启全部申报")
    walker.done("全部申报已开启")
