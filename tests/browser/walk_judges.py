"""What those who judge do on their pages: compose, declare, check, score alone, sign; then decide and publish."""

from playwright.sync_api import expect

from tests.browser import walk_bidder as bidder
from tests.browser.walk_desks import TITLE
from tests.browser.walker import Walker

JUDGES = ("clerk", "colleague", "expert")
BASE = "/centre/evaluation"
OPINION = "三家单位均响应采购文件的要求，推荐综合得分第一的单位为成交候选人。"
PRICE = "42,000.00"
REASON = "方案写明了人员、时间和交接办法，与采购文件的要求一致。"


def judge(walker: Walker, project_id: str) -> None:
    """From the opened bids to the published result."""
    compose(walker, project_id)
    for login in JUDGES:
        declare(walker, login, project_id)
    check(walker, project_id)
    for login in JUDGES:
        score(walker, login, project_id)
    report(walker, project_id)
    for login in JUDGES:
        sign(walker, login, project_id)
    decide(walker, project_id)
    publish(walker, project_id)


def compose(walker: Walker, project_id: str) -> None:
    """The clerk names two people and lets one expert be drawn; fewer than the rule asks for are refused."""
    walker.sign_in("clerk")
    walker.go(BASE)
    walker.look("6-list")
    walker.follow(TITLE)
    walker.look("6-evaluation")
    with walker.doing("组建评审小组"):
        walker.page.locator("main").get_by_role("button", name="组建评审小组").click()
        walker.sees("3 人")
        for name in ("甲经办", "壬经办"):
            walker.page.get_by_label(name).check()
        walker.press("聘请成员")
        walker.refused("评审小组现有 2 人")
        walker.write(experts="1")
        walker.press("聘请成员")
        walker.done("评审成员已聘请")
    walker.go(f"{BASE}/{project_id}/panel")
    walker.sees("癸专家")
    walker.look("6-panel")


def declare(walker: Walker, login: str, project_id: str) -> None:
    """A member looks at the bidders and says that nothing keeps them from judging."""
    walker.sign_in(login)
    walker.go(f"{BASE}/{project_id}")
    with walker.doing(f"声明是否回避（{login}）"):
        walker.page.locator("main").get_by_role("button", name="声明是否回避").click()
        walker.sees(bidder.NAME)
        walker.tick("recuse", "false")
        walker.press("提交声明")
        walker.done("已声明无需回避")
    if login == "expert":
        walker.look("6-expert")


def check(walker: Walker, project_id: str) -> None:
    """One member records what was found of each bid, another one confirms it."""
    page = walker.page
    walker.sign_in("clerk")
    walker.go(f"{BASE}/{project_id}/checks")
    with walker.doing("审查全部申报"):
        for place in range(page.get_by_role("link", name="审查 ").count()):
            page.locator("main tbody tr").nth(place).get_by_role("link").click()
            if not place:
                walker.task = ""
                walker.look("6-check")
                walker.task = "审查全部申报"
            for number in range(page.locator("input[name^='met_'][value='true']").count()):
                walker.tick(f"met_{number}", "true")
            walker.tick("conforms", "true")
            walker.press("记录审查结果")
            walker.done("审查结果已记录")
    walker.sees("记录人不能复核")
    walker.look("6-checks")
    walker.sign_in("colleague")
    walker.go(f"{BASE}/{project_id}/checks")
    with walker.doing("复核审查结果"):
        walker.press("复核无误，确认结果")
        walker.done("可以开始打分")


def score(walker: Walker, login: str, project_id: str) -> None:
    """A member picks a step and writes a reason for each bid under each criterion, saves, and locks the sheet."""
    page, task = walker.page, f"打分（{login}）"
    walker.sign_in(login)
    walker.go(f"{BASE}/{project_id}")
    with walker.doing(task):
        page.locator("main").get_by_role("button", name="去打分").click()
        heads = [one.inner_text() for one in page.locator("table.sheet thead th").all()][1:]
        for field in [str(one.get_attribute("id")) for one in page.locator("select[id^='points_']").all()]:
            column = int(field.rsplit("_", 1)[1])
            walker.choose(field, place=1 if heads[column] == bidder.NAME else 2)
        for field in [str(one.get_attribute("id")) for one in page.locator("textarea[id^='reason_']").all()]:
            walker.write(**{field: REASON})
        if login == "expert":
            walker.write(reason_0_0="")
            walker.press("提交评分（锁定）")
            expect(page.locator(".govuk-error-summary")).to_be_visible()
            walker.task = ""
            walker.look("6-sheet-wrong")
            walker.task = task
            walker.write(reason_0_0=REASON)
        walker.press("提交评分（锁定）")
        walker.done("评分已提交并锁定")
    if login == "expert":
        walker.go(f"{BASE}/{project_id}/scores")
        walker.sees("已提交并锁定")
        walker.look("6-sheet")


def report(walker: Walker, project_id: str) -> None:
    """A member writes what the panel recommends."""
    walker.sign_in("clerk")
    walker.go(f"{BASE}/{project_id}/report")
    expect(walker.page.locator("section[aria-labelledby='ranking'] tbody tr").first).to_contain_text(bidder.NAME)
    with walker.doing("写评审报告"):
        walker.write(opinion=OPINION)
        walker.press("保存评审报告")
        walker.done("评审报告已写好")
    walker.look("6-report")


def sign(walker: Walker, login: str, project_id: str) -> None:
    """A member signs the report as it stands."""
    walker.sign_in(login)
    walker.go(f"{BASE}/{project_id}/report")
    with walker.doing(f"签署评审报告（{login}）"):
        walker.press("我已阅读，签署报告")
        walker.done("已签署")


def decide(walker: Walker, project_id: str) -> None:
    """The head, who did not judge, finds it among today's things and decides."""
    walker.sign_in("head")
    walker.go("/centre")
    walker.sees("请确定")
    walker.go(f"{BASE}/{project_id}/report")
    with walker.doing("确定结果"):
        walker.press("确定排名第一的单位")
        walker.done("结果已确定")
    walker.look("6-decided")


def publish(walker: Walker, project_id: str) -> None:
    """The clerk publishes; everybody reads the result, and each bidder where it lost points."""
    walker.sign_in("clerk")
    walker.go(f"{BASE}/{project_id}/report")
    with walker.doing("公告结果"):
        walker.press("公告结果")
        walker.done("结果已公告")
    walker.leave()
    walker.go(f"/projects/{project_id}/result")
    for words in (bidder.NAME, PRICE, "癸专家"):
        walker.sees(words)
    walker.look("6-result")
    walker.sign_in(bidder.LOGIN)
    walker.go(f"/org/bids/{project_id}/result")
    walker.sees("排名第一")
    walker.sees(REASON)
    walker.look("6-own-result")
