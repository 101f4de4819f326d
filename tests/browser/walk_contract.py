"""How the contract comes about on its pages: drafted, approved, signed by both, published."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser import walk_bidder as bidder
from tests.browser.walk_desks import TITLE
from tests.browser.walker import Walker

DESK, ORG = "/centre/contracts", "/org/contracts"


def draft(walker: Walker, project_id: str) -> str:
    """The clerk drafts from award and bid, and submits; returns the contract's id."""
    walker.sign_in("clerk")
    walker.go(f"/centre/projects/{project_id}/contract")
    walker.look("7-begin")
    with walker.doing("起草合同"):
        walker.press("生成合同草稿")
        expect(walker.page.locator("h1")).to_contain_text(TITLE)
        walker.task = ""
        walker.look("7-draft")
        walker.task = "起草合同"
        walker.write(content="")
        walker.press("提交审批")
        walker.refused("服务内容")
        walker.write(content="乙方在示例镇示例村开设托管点，为留守儿童提供日间托管陪伴服务。")
        walker.press("提交审批")
        walker.done("合同已提交审批")
    walker.look("7-submitted")
    return walker.path.rsplit("/", 1)[1]


def approve(walker: Walker, contract_id: str) -> None:
    """The head, who did not draft it, approves; it cannot be signed before the period is over."""
    walker.sign_in("head")
    walker.go(DESK)
    walker.look("7-list")
    with walker.doing("审批合同"):
        walker.follow(TITLE)
        walker.press("批准并生成合同正文")
        walker.done("合同已批准")
    walker.sees("结果公示期未满")
    expect(walker.page.get_by_role("button", name="签订合同")).to_have_count(0)
    paper = walker.page.request.get(f"{walker.base}{DESK}/{contract_id}/paper")
    assert paper.ok
    assert paper.body().startswith(b"%PDF")
    walker.look("7-approved")


def sign_both(walker: Walker, contract_id: str) -> None:
    """Supplier and buyer sign what they read; with the second signature it is in force."""
    for login, house, word in ((bidder.LOGIN, ORG, "您已签订"), ("head", DESK, "合同生效")):
        walker.sign_in(login)
        walker.go(house)
        task = f"签订合同（{login}）"
        with walker.doing(task):
            walker.follow(TITLE)
            walker.press("签订合同")
            walker.refused("请先阅读合同正文")
            walker.task = ""
            walker.look(f"7-sign-{login}")
            walker.task = task
            walker.tick("read", "true")
            walker.press("签订合同")
            walker.done(word)
    walker.look("7-in-force")
    walker.sign_in("clerk")
    walker.go(f"{DESK}/{contract_id}")
    with walker.doing("公告合同"):
        walker.press("公告合同")
        walker.done("合同公告已发布")
    walker.leave()
    walker.go(f"/contracts/{contract_id}")
    walker.sees(bidder.NAME)
    walker.look("7-public")


def milestone_of(walker: Walker, title: str) -> str:
    """The id of a milestone, from the supplier's list."""
    walker.sign_in(bidder.LOGIN)
    walker.go("/org/milestones")
    link = walker.page.locator("main").get_by_role("link", name=title).first
    return urlsplit(str(link.get_attribute("href"))).path.rsplit("/", 1)[1]
