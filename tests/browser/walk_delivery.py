"""How a milestone is proved and judged on its pages: reported, sent back, verified, accepted in part."""

from playwright.sync_api import expect

from tests.browser import walk_bidder as bidder
from tests.browser.walker import Walker, a_photo

MIDDLE = "中期款"
ORG, DESK = "/org/milestones", "/centre/acceptance"
LACKS = "缺少三月下旬的签到表，请补齐后重新提交。"


def deliver(walker: Walker, milestone_id: str) -> None:
    """From the report to the accepted part of the milestone."""
    report(walker, milestone_id)
    send_back(walker, milestone_id)
    report_again(walker, milestone_id)
    verify(walker, milestone_id)
    accept(walker, milestone_id)


def report(walker: Walker, milestone_id: str) -> None:
    """The supplier attaches photos and sign-in sheets, writes what was done, and hands in."""
    walker.sign_in(bidder.LOGIN)
    walker.go(ORG)
    walker.look("8-mine")
    with walker.doing("提交里程碑"):
        walker.follow(MIDDLE)
        for place in range(walker.page.locator("input[name='ticked']").count()):
            walker.tick("ticked", str(place))
        walker.attach(walker.page.locator("#file-0"), "签到表.pdf")
        walker.page.locator("#camera-1").set_input_files(files=[a_photo("活动照片.png")])
        walker.press("提交验收")
        expect(walker.page.locator(".govuk-error-summary")).to_be_visible()
        walker.task = ""
        walker.look("8-report-wrong")
        walker.task = "提交里程碑"
        walker.write(content="开设托管点一处，完成过半托管人日，每天签到交接。", people_served="58", sessions="24")
        walker.press("提交验收")
        walker.done("已提交，等待核验")
    walker.sees("签到表.pdf")
    walker.look("8-reported")


def send_back(walker: Walker, milestone_id: str) -> None:
    """The clerk finds it among what waits, and sends it back with a reason and a day."""
    walker.sign_in("clerk")
    walker.go(DESK)
    walker.look("8-desk")
    with walker.doing("退回里程碑"):
        walker.go(f"{DESK}/{milestone_id}")
        walker.page.locator("summary", has_text="退回整改").click()
        walker.write(reason=LACKS)
        walker.press("退回整改")
        walker.done("已退回承接主体整改")
    walker.look("8-returned")


def report_again(walker: Walker, milestone_id: str) -> None:
    """The supplier reads why, adds a file, and hands in again; nothing has to be typed twice."""
    walker.sign_in(bidder.LOGIN)
    walker.go("/org")
    walker.go(f"{ORG}/{milestone_id}")
    walker.sees(LACKS)
    with walker.doing("补齐后重新提交"):
        walker.attach(walker.page.locator("#file-0"), "三月下旬签到表.pdf")
        walker.press("提交验收")
        walker.done("已提交，等待核验")
    walker.sees("第 2 次提交")


def verify(walker: Walker, milestone_id: str) -> None:
    """The clerk verifies; whoever verified or drafted cannot accept."""
    walker.sign_in("clerk")
    walker.go(f"{DESK}/{milestone_id}")
    with walker.doing("核验里程碑"):
        walker.press("核验通过")
        walker.done("已核验。请由另一位同事验收")
    expect(walker.page.get_by_role("button", name="提交验收结论")).to_have_count(0)
    walker.look("8-verified")


def accept(walker: Walker, milestone_id: str) -> None:
    """Another colleague accepts ninety hundredths of it."""
    walker.sign_in("colleague")
    walker.go(f"{DESK}/{milestone_id}")
    with walker.doing("验收里程碑"):
        walker.tick("decision", "part")
        walker.write(asked="30", satisfied="28", opinion="多数家长满意，希望增加周三的课业辅导。")
        walker.press("提交验收结论")
        walker.refused("请填写通过的比例")
        walker.task = ""
        walker.look("8-accept-wrong")
        walker.task = "验收里程碑"
        walker.write(share_bp="90", reason="周三的课业辅导少做了两次。")
        walker.press("提交验收结论")
        walker.done("通过的金额已转为应付")
    walker.look("8-accepted")
