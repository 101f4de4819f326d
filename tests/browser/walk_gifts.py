"""A directed gift on its pages: basis, fund, invitation, the donor's payment at the gateway, the receipt."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.walk_town import UNION
from tests.browser.walker import Walker

FUND, DONOR, GIVEN, USABLE = "暖心假期定向捐赠", "陈七念", "8000.00", "7000.00"


def allow(walker: Walker) -> None:
    """The office's head records why it may take gifts, with the paper that says so."""
    walker.sign_in("finance-head")
    walker.go("/finance/gifts")
    walker.sees("在线收款关闭")
    with walker.doing("登记受赠依据"):
        walker.follow("登记依据")
        walker.write(document_no="示例民政〔2026〕8 号", dated_on="2026-02-01")
        walker.press("登记依据")
        walker.refused("上传依据文件")
        walker.task = ""
        walker.look("2-basis")
        walker.task = "登记受赠依据"
        walker.attach(walker.page.locator("#paper"), "依据.pdf")
        walker.press("登记依据")
        walker.sees("待有关部门确认")


def invite(walker: Walker) -> str:
    """The accountant opens a fund at the gateway and invites one donor; returns the path of the secret link."""
    walker.sign_in("finance")
    walker.go("/finance/funds/new")
    walker.write(name=FUND, basis_document_no="捐赠协议 3 号", clause="只用于留守儿童假期托管", catalogue_codes="A0401")
    walker.tick("source", "donation_fund")
    walker.tick("custody", "gateway")
    walker.choose("buyer_id", UNION)
    walker.press("建立资金")
    walker.done("可以登记到账了")
    walker.go("/finance/gifts")
    with walker.doing("邀请捐赠人"):
        walker.page.locator("main").get_by_role("button", name="邀请捐赠人").click()
        walker.choose("fund_id", FUND)
        walker.write(donor=DONOR, email="donor@example.com", suggested_fen=GIVEN, expires_on="2026-04-01")
        walker.press("发出邀请")
        walker.sees("邀请已发出")
    walker.look("2-invited")
    link = walker.page.locator("[data-gift-link]").inner_text()
    return urlsplit(link).path


def give(walker: Walker, link: str) -> None:
    """The donor opens the link, agrees, pays at the gateway's own page, and comes back."""
    walker.leave()
    walker.go(link)
    walker.sees("只用于留守儿童假期托管")
    walker.look("2-donor")
    with walker.doing("捐赠一笔"):
        walker.press("同意约定，去付款")
        walker.task = ""
        walker.look("2-donor-agreed")
        walker.task = "捐赠一笔"
        walker.page.locator("main").get_by_role("button", name="去支付平台付款").click()
        expect(walker.page.locator("main")).to_contain_text("8,000.00")
        walker.press("确认付款")
        walker.sees("捐赠付款结果")
    walker.look("2-back")


def given(walker: Walker, link: str) -> tuple[str, str]:
    """The donor looks again: it has arrived; returns the receipt's number and its check code."""
    walker.follow("刷新本页")
    walker.sees("已到账，谢谢")
    walker.go(link)
    walker.sees("48.00 元是支付平台收取的手续费")
    walker.look("2-gift")
    told = walker.page.locator("main").inner_text()
    return told.partition("收据号")[2].split()[0], told.partition("校验码")[2].split()[0]
