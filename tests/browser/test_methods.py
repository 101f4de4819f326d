"""Each of the seven methods in a real browser from a village's wish to the close of bidding, the days set by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from marketplace.bids.sealing.application import application_keys
from marketplace.kit.clock import LEGAL_ZONE
from tests.browser import methods_desk as desk
from tests.browser import walk_bidder as bidder
from tests.browser import walk_town as town
from tests.browser.methods_desk import Plan
from tests.browser.methods_stage import PASSPHRASES, SUPPLIERS, Stage, committing_urls, settled, stage

__all__ = ["committing_urls", "settled", "stage"]
pytestmark = pytest.mark.browser
FORMAL = (
    "mandate", "pre_evaluation", "survey", "public_opinion", "general_review", "key_review", "minutes",
    "plan_filing", "intention",
)  # fmt: skip
"""What procurement law demands from its threshold on of a service to the public that a centre runs."""


def at(text: str) -> datetime:
    """An instant of China, as written."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LEGAL_ZONE)


@dataclass(frozen=True)
class Method:
    """A method with what it demands and the days that its law gives, written out by hand."""

    plan: Plan
    asked: tuple[str, ...]
    publish_at: str
    due_at: str


BELOW = Method(
    Plan("below_threshold_comparison", "48000.00", "2026-03-02", entrusted=False, agent=""),
    asked=(),
    publish_at="2026-03-02 10:00",
    due_at="2026-03-09 17:00",
)
"""Monday the second and five working days: Monday the ninth."""
CONSULTATION = Method(
    Plan("competitive_consultation", "600000.00", "2026-04-01"), FORMAL, "2026-04-01 09:00", "2026-04-13 17:00"
)
"""Ten days are Saturday the eleventh; the next working day is the thirteenth."""
OPEN = Method(Plan("open_tender", "3000000.00", "2026-04-01"), FORMAL, "2026-04-01 09:00", "2026-04-21 17:00")
"""Twenty days."""
INVITED = Method(
    Plan("invited_tender", "3000000.00", "2026-04-01", reason="范围有限，经批准"),
    (*FORMAL, "invitation"), "2026-04-01 09:00", "2026-04-21 17:00",
)  # fmt: skip
"""Twenty days."""
NEGOTIATION = Method(
    Plan("competitive_negotiation", "600000.00", "2026-04-01", price_only=True, reason="性质特殊"),
    FORMAL, "2026-04-01 09:00", "2026-04-07 17:00",
)  # fmt: skip
"""Three working days: the second, the third and, after the holiday of the sixth, the seventh."""
INQUIRY = Method(
    Plan("inquiry", "600000.00", "2026-04-01", price_only=True, reason="规格统一"),
    FORMAL, "2026-04-01 09:00", "2026-04-07 17:00",
)  # fmt: skip
"""Three working days, as in a negotiation."""
SINGLE = Method(
    Plan("single_source", "3000000.00", "2026-04-01", price_only=True, reason="只有一家具备许可，经批准"),
    (*FORMAL, "sole_source", "publicity"), "2026-04-02 09:00", "2026-04-10 17:00",
)  # fmt: skip
"""Shown from the twenty-sixth of March; five working days are the second of April, five more to the close the tenth."""


def prepared(stage: Stage, method: Method) -> str:
    """From the wish to a draft with all that its method demands, and nothing else demanded; returns its id."""
    hand, plan = stage.hand, method.plan
    desk.collect(hand)
    project_id = desk.adopt(hand, plan)
    desk.draft(hand, plan)
    desk.preparation(hand, project_id)
    demanded = [one for one, tag in desk.asked(hand).items() if tag != "供参照"]
    assert sorted(demanded) == sorted(method.asked)
    hand.look(f"methods-{plan.method}")
    for what, act in desk.ACTS.items():
        if what in method.asked:
            act(hand)
    if "intention" in method.asked:
        desk.early(hand, project_id, "采购意向公开", plan.amount)
    return project_id


def approved(stage: Stage, method: Method) -> str:
    """The same, handed in, reviewed where that is demanded, and approved."""
    hand = stage.hand
    project_id = prepared(stage, method)
    desk.submit(hand, method.plan, project_id)
    if "general_review" in method.asked:
        desk.review(hand, method.plan, project_id)
    desk.approve(hand, project_id)
    return project_id


def published(stage: Stage, method: Method, project_id: str) -> None:
    """On the thirtieth day of the intention, not a day before; the deadline is the one written out."""
    hand, opens = stage.hand, at(method.publish_at)
    if "intention" in method.asked:
        stage.clock.set(opens - timedelta(days=1))
        desk.publish(hand, project_id)
        hand.refused("还差 1 ")
    stage.clock.set(opens)
    desk.publish(hand, project_id)
    hand.done("采购公告已发布")
    assert stage.due(project_id) == at(method.due_at)


def taken_and_handed_in(stage: Stage, project_id: str) -> str:
    """One organization finds the notice, takes the document and hands in on its pages; returns the receipt's code."""
    hand = stage.hand
    hand.sign_in(bidder.LOGIN)
    hand.go(f"/projects/{project_id}")
    hand.press("报名并领取文件")
    hand.done("报名成功")
    return bidder.hand_in(hand, project_id)


def others(stage: Stage, project_id: str, logins: tuple[str, ...]) -> None:
    """Further bids without a browser."""
    for number, login in enumerate(logins):
        with stage.database.write() as db:
            town.another_bid(
                db, application_keys(stage.settings), stage.hand.actors[login], UUID(project_id),
                4_500_000 + number * 100_000, now=stage.clock.now(),
            )  # fmt: skip


def closed(stage: Stage, project_id: str, code: str) -> None:
    """A replacement a millisecond after the deadline is refused; half a minute later the box can be opened."""
    hand, due = stage.hand, stage.due(project_id)
    stage.clock.set(due - timedelta(minutes=5))
    hand.sign_in(bidder.LOGIN)
    bidder.reopen(hand, project_id, code)
    hand.go(f"/org/bids/{project_id}/confirm")
    stage.clock.set(due + timedelta(milliseconds=1))
    hand.press("密封递交")
    hand.refused("递交截止时间已过")
    hand.sign_in("supervisor")
    hand.go(f"/openings/{project_id}")
    hand.sees("现在还不能开启")
    stage.clock.set(due + timedelta(seconds=31))
    hand.go("/openings")
    hand.sees("可以开启")
    hand.go(f"/openings/{project_id}")
    expect(hand.page.get_by_role("button", name="验证我的口令")).to_be_visible()


def opened(stage: Stage, project_id: str, bids: int) -> None:
    """Two of the three openers open every bid."""
    hand = stage.hand
    for login, word in (("supervisor", "验证我的口令"), ("head", "输入口令并开启全部申报")):
        hand.sign_in(login)
        hand.go(f"/openings/{project_id}")
        hand.write(passphrase=PASSPHRASES[login])
        hand.press(word)
    hand.done("全部申报已开启")
    hand.leave()
    hand.go(f"/projects/{project_id}")
    hand.follow("开启记录")
    expect(hand.page.locator("main tbody tr")).to_have_count(bids)


def turned_away(stage: Stage, project_id: str, login: str) -> None:
    """Who was not invited is told so when it wants the document."""
    hand = stage.hand
    hand.sign_in(login)
    hand.go(f"/projects/{project_id}")
    hand.press("报名并领取文件")
    hand.sees("只向受邀（或指定）的承接主体开放")


def bidding(stage: Stage, method: Method, project_id: str, further: tuple[str, ...], turned: str = "") -> None:
    """From the notice to the close: one bid on the pages, ``further`` ones beside it, ``turned`` away who may not."""
    published(stage, method, project_id)
    if turned:
        turned_away(stage, project_id, turned)
    code = taken_and_handed_in(stage, project_id)
    others(stage, project_id, further)
    closed(stage, project_id, code)


def test_a_comparison_below_the_threshold_comes_from_the_wish_to_the_close(stage: Stage) -> None:
    bidding(stage, BELOW, approved(stage, BELOW), SUPPLIERS[1:3])


@pytest.mark.parametrize("method", [CONSULTATION, NEGOTIATION, INQUIRY], ids=lambda one: one.plan.method)
def test_a_method_open_to_all_comes_from_the_wish_to_the_close(stage: Stage, method: Method) -> None:
    bidding(stage, method, approved(stage, method), SUPPLIERS[1:3])


def test_an_open_tender_comes_from_the_wish_to_the_opened_box(stage: Stage) -> None:
    project_id = approved(stage, OPEN)
    bidding(stage, OPEN, project_id, SUPPLIERS[1:3])
    opened(stage, project_id, bids=3)


def test_an_invited_tender_comes_from_the_wish_to_the_close_among_those_who_were_drawn(stage: Stage) -> None:
    hand, project_id = stage.hand, approved(stage, INVITED)
    desk.publish(hand, project_id)
    hand.refused("还缺「随机抽取受邀供应商」")
    hand.sign_in(INVITED.plan.clerk)
    desk.preparation(hand, project_id)
    names = desk.draw(hand)
    drawn = [login for number, login in enumerate(SUPPLIERS, 1) if f"{desk.SUPPLIER}{number}" in names]
    assert len(drawn) == 3
    [left_out] = set(SUPPLIERS) - set(drawn)
    seats = hand.actors[drawn[0]], hand.actors[left_out]
    hand.actors |= {bidder.LOGIN: seats[0], "left-out": seats[1]}
    bidding(stage, INVITED, project_id, tuple(drawn[1:]), turned="left-out")


def test_a_single_source_comes_from_the_wish_to_the_close_with_the_named_one(stage: Stage) -> None:
    project_id = approved(stage, SINGLE)
    stage.clock.set(at("2026-03-26 09:00"))
    desk.early(stage.hand, project_id, "单一来源公示", SINGLE.plan.amount)
    bidding(stage, SINGLE, project_id, (), turned="second")
