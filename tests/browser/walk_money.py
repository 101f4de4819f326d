"""How what is payable is paid on pages: asked for, approved, ordered, paid outside, reconciled, traced."""

from playwright.sync_api import expect

from marketplace.kit.clock import Clock, legal_day
from tests.browser import walk_bidder as bidder
from tests.browser.walk_desks import TITLE
from tests.browser.walk_gifts import FUND as GIFTS
from tests.browser.walk_town import FINANCE
from tests.browser.walker import Walker

HERE, BOOKS = "/finance/payments", "/finance/reconciliation"
QUOTA, INVOICE = "95599000000000000002", "25512000000012345678"
APPROVE = "审批一笔付款"


def name_the_account(walker: Walker) -> None:
    """The accountant records from which account the fund is paid, and has its first statement fetched."""
    walker.sign_in("finance")
    walker.go(f"{HERE}/accounts")
    with walker.doing("登记付款账户"):
        walker.choose("custody", "指标")
        walker.write(number=QUOTA, name=FINANCE, bank_name="国家金库示例区支库")
        walker.press("登记")
        walker.done("付款账户已登记")
    walker.look("2-accounts")
    walker.go(BOOKS)
    walker.follow("国家金库示例区支库")
    walker.press("向银行取对账单")
    walker.done("已通知后台向银行取对账单")


def match_what_came(walker: Walker) -> None:
    """What the statement says came in is the appropriation; the book closes."""
    walker.sign_in("finance")
    walker.go(BOOKS)
    walker.look("2-books")
    with walker.doing("对账"):
        walker.follow("国家金库示例区支库")
        walker.task = ""
        walker.look("2-book")
        walker.task = "对账"
        walker.press("确认匹配")
        walker.done("已确认匹配")
    walker.sees("已对平")


def apply(walker: Walker, clock: Clock, milestone: str) -> str:
    """The accountant asks for the payment with the invoice; returns the application's address."""
    walker.sign_in("finance")
    walker.go(HERE)
    walker.look("9-list")
    with walker.doing("申请付款"):
        walker.page.get_by_role("link", name=f"申请付款 {milestone}").click()
        walker.write(invoice_no="发票", invoice_on=legal_day(clock.now()).isoformat())
        walker.press("提交付款申请")
        expect(walker.page.locator(".govuk-error-summary")).to_be_visible()
        walker.task = ""
        walker.look("9-apply-wrong")
        walker.task = "申请付款"
        walker.write(invoice_no=INVOICE)
        walker.press("提交付款申请")
        walker.done("付款申请已提交")
    walker.sees("等待审批")
    return walker.path


def approve(walker: Walker, application: str) -> None:
    """The head sees contract, acceptance and invoice side by side on one page, and approves there."""
    walker.sign_in("finance-head")
    walker.go("/finance")
    walker.look("9-head-desk")
    walker.go(application)
    walker.look("9-approve")
    with walker.doing(APPROVE):
        walker.press("批准付款（双人）")
        walker.done("付款已批准")


def order(walker: Walker) -> None:
    """The cashier orders what was approved: a file for the treasury, a transfer for the gift."""
    walker.sign_in("cashier")
    walker.go(f"{HERE}/execute")
    walker.look("9-execute")
    with walker.doing("执行付款"):
        walker.press("生成指令并发送")
        walker.done("已生成 1 个指令文件、1 笔平台转账")
    walker.page.locator("section[aria-labelledby='h-files'] tbody a").first.click()
    walker.sees(bidder.NAME)
    walker.look("9-instruction")


def see_paid(walker: Walker, application: str) -> None:
    """The accountant sees the application settled and the book closed."""
    walker.sign_in("finance")
    walker.go(application)
    walker.sees("已结清")
    walker.look("9-settled")
    walker.page.locator("section[aria-labelledby='h-payments'] tbody a").first.click()
    walker.sees("这笔钱从哪里来")
    walker.look("9-payment")


def reconcile(walker: Walker) -> None:
    """What the treasury paid is found by its number; nothing is left over on any day."""
    walker.sign_in("finance")
    walker.go(BOOKS)
    walker.look("9-books")
    walker.follow("国家金库示例区支库")
    walker.sees("已对平")
    walker.look("9-book")
    walker.go(f"{BOOKS}/gateway")
    walker.press("取支付平台流水")
    walker.done("已取回支付平台流水")
    walker.look("9-book-gateway")


def supplier_sees_it(walker: Walker, amount: str) -> None:
    """The supplier finds the sum among what it was paid."""
    walker.sign_in(bidder.LOGIN)
    walker.go("/org/claims")
    expect(walker.page.locator("section[aria-labelledby='h-asked']")).to_contain_text("已支付")
    walker.sees(amount)
    walker.look("10-claims")


def public_sees_it(walker: Walker, project_id: str, paid: str) -> None:
    """Anybody sees the project's whole life, and the way of the money."""
    walker.leave()
    walker.go(f"/projects/{project_id}")
    for words in ("结果公告", GIFTS, paid):
        walker.sees(words)
    walker.look("10-project")
    walker.go("/funds")
    expect(walker.page.locator("svg").first).to_be_visible()
    for words in (TITLE, bidder.NAME):
        walker.sees(words)
    walker.look("10-funds")


def trace(walker: Walker, number: str, code: str, paid: str) -> None:
    """Number and check code of a receipt lead anybody to where each fen of it is now."""
    walker.leave()
    walker.go("/trace")
    with walker.doing("查一笔资金"):
        walker.write(number=number, check_code="错误校验码")
        walker.press("查询")
        expect(walker.page.locator(".govuk-error-summary")).to_be_visible()
        walker.write(check_code=code)
        walker.press("查询")
        walker.sees("这些钱现在在哪里")
    walker.sees(paid)
    walker.look("10-trace")
