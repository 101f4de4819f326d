"""The whole spine in a real browser, from catalogue to the last settled fen: each step by its role, time by hand."""

import sys
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from marketplace.bids.sealing.application import application_keys
from tests.browser import walk_bidder as bidder
from tests.browser import walk_contract as contract
from tests.browser import walk_delivery as delivery
from tests.browser import walk_desks as desks
from tests.browser import walk_gifts as gifts
from tests.browser import walk_judges as judges
from tests.browser import walk_money as money
from tests.browser import walk_town as town
from tests.browser.walk_stage import Stage, stage
from tests.browser.walker import Walker
from tests.standin.conftest import standin, standin_process

__all__ = ["stage", "standin", "standin_process"]
pytestmark = pytest.mark.browser
QUESTION, ANSWER = "周末是否也需要开放托管点？", "周末不开放，只在周一至周五日间开放。"
FISCAL_RECEIPT = "SJ-2026-0002"
PAGES_MAX = {"从模板发布项目": 5, bidder.BID: 6, "审批并发布": 2, money.APPROVE: 1}


def test_from_the_catalogue_to_the_last_settled_fen(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    walker = stage.walker
    desks.browse_the_catalogue(walker)
    gift = _money_comes_in(stage)
    project_id = _posted(walker)
    code, sha256 = _bids_come_in(stage, project_id)
    _too_late(stage, project_id, code)
    desks.open_the_box(walker, project_id)
    _the_public_sees_the_list(walker, project_id, sha256)
    judges.judge(walker, project_id)
    milestone_id = _contract(stage, project_id)
    delivery.deliver(walker, milestone_id)
    _settle(stage)
    _everybody_sees_it(stage, project_id, gift)
    _efforts(walker, capsys)


def _money_comes_in(stage: Stage) -> tuple[str, str]:
    """An appropriation that the treasury's statement confirms, and a gift through the gateway; its number and code."""
    walker = stage.walker
    desks.bring_money_in(walker)
    stage.standin.open_account(money.QUOTA, town.FINANCE, fen=0, kind="quota")
    stage.standin.credit(money.QUOTA, 35_000_000, town.FINANCE, purpose="用款额度", now=stage.clock.now())
    money.name_the_account(walker)
    stage.work()
    money.match_what_came(walker)
    gifts.allow(walker)
    link = gifts.invite(walker)
    gifts.give(walker, link)
    stage.heard()
    stage.work()
    return gifts.given(walker, link)


def _posted(walker: Walker) -> str:
    for login in town.PASSPHRASES:
        desks.enrol(walker, login)
    project_id = desks.post_the_project(walker)
    desks.approve_and_publish(walker)
    return project_id


def _bids_come_in(stage: Stage, project_id: str) -> tuple[str, str]:
    """One organization on the pages, two others beside them; the code and the digest of its last receipt."""
    walker = stage.walker
    bidder.register(walker)
    desks.qualify(walker, bidder.NAME)
    bidder.take_and_ask(walker, QUESTION)
    desks.answer_the_question(walker, ANSWER)
    _everybody_reads_the_answer(walker, project_id)
    code, sha256 = bidder.replace(walker, project_id, bidder.hand_in(walker, project_id))
    _others_bid(stage, project_id)
    return code, sha256


def _contract(stage: Stage, project_id: str) -> str:
    """The contract from draft to publication, the period waited out; the id of its middle milestone."""
    walker = stage.walker
    contract_id = contract.draft(walker, project_id)
    contract.approve(walker, contract_id)
    stage.until(stage.signable_from(project_id))
    contract.sign_both(walker, contract_id)
    stage.work()
    milestone_id = contract.milestone_of(walker, delivery.MIDDLE)
    stage.until(stage.due_on(milestone_id))
    return milestone_id


def _settle(stage: Stage) -> None:
    """The accepted part is asked for, approved, ordered, paid over both rails, and reconciled."""
    walker = stage.walker
    application = money.apply(walker, stage.clock, delivery.MIDDLE)
    money.approve(walker, application)
    money.order(walker)
    stage.work()
    stage.heard()
    stage.work(scheduled=True)
    money.see_paid(walker, application)
    money.reconcile(walker)
    stage.sound()


def _everybody_sees_it(stage: Stage, project_id: str, gift: tuple[str, str]) -> None:
    walker = stage.walker
    money.supplier_sees_it(walker, "15,120.00")
    money.public_sees_it(walker, project_id, "15,120.00")
    money.trace(walker, FISCAL_RECEIPT, stage.check_code(FISCAL_RECEIPT), "12,915.00")
    money.trace(walker, *gift, "2,205.00")


def _everybody_reads_the_answer(walker: Walker, project_id: str) -> None:
    walker.leave()
    walker.go(f"/projects/{project_id}")
    walker.sees(QUESTION)
    walker.sees(ANSWER)
    expect(walker.page.locator("main")).not_to_contain_text(bidder.NAME)
    walker.look("4-project")


def _others_bid(stage: Stage, project_id: str) -> None:
    keys, now = application_keys(stage.settings), stage.clock.now()
    for number, price_fen in ((1, 4_300_000), (2, 4_500_000)):
        with stage.database.write() as db:
            who = town.another_bidder(db, stage.folder, number, now=now)
            town.another_bid(db, keys, who, UUID(project_id), price_fen, now=now)


def _too_late(stage: Stage, project_id: str, code: str) -> None:
    """A replacement that arrives a millisecond after the deadline is refused; what lies in the box stays."""
    walker, due = stage.walker, stage.due(project_id)
    stage.until(due - timedelta(minutes=5))
    walker.sign_in(bidder.LOGIN)
    bidder.reopen(walker, project_id, code)
    walker.go(f"/org/bids/{project_id}/confirm")
    stage.clock.set(due + timedelta(milliseconds=1))
    walker.press("密封递交")
    walker.refused("递交截止时间已过")
    walker.look("5-too-late")
    walker.sign_in("clerk")
    walker.go(f"/openings/{project_id}")
    walker.sees("现在还不能开启")
    stage.until(due + timedelta(seconds=30))


def _the_public_sees_the_list(walker: Walker, project_id: str, sha256: str) -> None:
    walker.leave()
    walker.go(f"/projects/{project_id}")
    walker.look("5-project")
    walker.follow("开启记录")
    expect(walker.page.locator("main tbody tr")).to_have_count(3)
    for words in (bidder.NAME, "42,000.00", "43,000.00", "45,000.00", sha256):
        walker.sees(words)
    expect(walker.page.locator("main")).not_to_contain_text("44,000.00")
    walker.sees("2026-03-10 17:00:30")
    walker.look("5-opening")


def _efforts(walker: Walker, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        f"  {task}：{len(effort.pages)} 页（打开 {effort.opened} 次），填写 {effort.typed} 项"
        for task, effort in walker.efforts.items()
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    for task, most in PAGES_MAX.items():
        assert len(walker.efforts[task].pages) <= most, (task, walker.efforts[task].pages)
