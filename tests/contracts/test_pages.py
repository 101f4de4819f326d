"""The pages of contracts, as drafter, head, supplier and public meet them."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from marketplace.contracts import queries
from marketplace.contracts.states import ContractState, Side
from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.web.contracts.forms import NotRead
from tests.contracts.support import PRICE, Deal, active, drafted, half_signed, seen, signed, submitted, to_sign
from tests.projects.desk import typed_of
from tests.web.conftest import Browser, OpenBrowser


@pytest.fixture
def client(open_browser: OpenBrowser, clock: ManualClock, deal: Deal) -> Browser:
    clock.set(deal.at)
    return open_browser()


def state_of(database: Database, deal: Deal) -> ContractState:
    with database.read() as db:
        return queries.contract_facts(db, deal.contract_id).state


def made(database: Database, step: Any, deal: Deal) -> Deal:
    with database.write() as db:
        found: Deal = step(db, deal)
        return found


def test_from_the_award_to_the_draft_and_its_hand_in(database: Database, deal: Deal, client: Browser) -> None:
    client.become(deal.drafter)
    listed = client.get("/centre/contracts")
    assert "待起草" in listed.text
    start = f"/centre/projects/{deal.project_id}/contract"
    assert "示例社会工作服务中心1" in client.get(start).text
    begun = client.post(start)
    assert begun.status_code == 303
    edit = begun.headers["location"]
    page = client.get(edit)
    assert page.status_code == 200
    for words in ("八项必备条款", "33,333.33", "叁万叁仟叁佰叁拾叁元叁角叁分", "不得", "转包", "示例资金1"):
        assert words in page.text, words
    typed = typed_of(page)
    assert typed["content"].startswith("乙方为留守儿童")
    wrong = client.post(edit, {**typed, "breach": " ", "quantity": "服务对象六十人。", "_do": "submit"})
    assert wrong.status_code == 422
    assert "第 8 条「违约责任」还没有写" in wrong.text
    assert "服务对象六十人。" in wrong.text
    again = client.post(edit, {**typed_of(wrong), "breach": typed["breach"], "_do": "submit"})
    assert again.status_code == 303, again.text
    deal.contract_id = _id(again.headers["location"])
    assert state_of(database, deal) is ContractState.SUBMITTED
    assert client.get(start).headers["location"] == f"/centre/contracts/{deal.contract_id}"


def test_who_may_not_draft_waits_and_a_second_press_opens_what_there_is(
    database: Database, deal: Deal, client: Browser
) -> None:
    start = f"/centre/projects/{deal.project_id}/contract"
    client.become(deal.approver)
    assert "生成合同草稿" not in client.get(start).text
    assert "等待经办起草" in client.get(start).text
    client.become(deal.drafter)
    assert "生成合同草稿" in client.get(start).text
    first, second = client.post(start), client.post(start)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == f"{second.headers['location']}/edit"


def test_a_service_that_ends_before_it_begins_is_told_also_in_a_draft(
    database: Database, deal: Deal, client: Browser
) -> None:
    made(database, drafted, deal)
    edit = f"/centre/contracts/{deal.contract_id}/edit"
    client.become(deal.drafter)
    typed = typed_of(client.get(edit))
    wrong = client.post(edit, {**typed, "service_until": "2026-01-01", "quality": "我的写法", "_do": "save"})
    assert wrong.status_code == 422
    assert "服务结束日期早于开始日期" in wrong.text
    assert "我的写法" in wrong.text
    assert 'value="2026-01-01"' in wrong.text


def _id(path: str) -> Any:
    from uuid import UUID

    found = re.search(r"[0-9a-f-]{36}", path)
    assert found
    return UUID(found[0])


def test_two_who_write_at_once_are_told_and_lose_nothing(database: Database, deal: Deal, client: Browser) -> None:
    made(database, drafted, deal)
    edit = f"/centre/contracts/{deal.contract_id}/edit"
    client.become(deal.drafter)
    mine = typed_of(client.get(edit))
    client.become(deal.buyer_clerk)
    theirs = typed_of(client.get(edit))
    assert client.post(edit, {**theirs, "quality": "另一位同事的写法", "_do": "save"}).status_code == 303
    client.become(deal.drafter)
    late = client.post(edit, {**mine, "quality": "我的写法", "_do": "save"})
    assert late.status_code == 422
    assert "刚被他人修改过" in late.text
    assert "我的写法" in late.text
    assert client.post(edit, {**typed_of(late), "_do": "save"}).status_code == 303


def test_the_head_approves_and_both_sign_what_they_read(
    database: Database, deal: Deal, client: Browser, clock: ManualClock
) -> None:
    made(database, submitted, deal)
    centre, org = f"/centre/contracts/{deal.contract_id}", f"/org/contracts/{deal.contract_id}"
    client.become(deal.supplier)
    assert client.get(org).status_code == 404
    assert "对方起草中" in client.get("/org/contracts").text
    client.become(deal.approver)
    assert "批准并生成合同正文" in client.get(centre).text
    pdf = client.get(f"{centre}/preview")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert client.post(f"{centre}/approve").status_code == 303
    client.become(deal.supplier)
    early = client.get(org)
    assert "起可以签订" in early.text
    with database.read() as db:
        digest = seen(db, deal.contract_id).sha256
    refused = client.post(f"{org}/sign", {"sha256": digest, "read": "true"})
    assert refused.status_code == 422
    assert "结果公示期未满" in refused.text
    clock.set(deal.signable_from)
    assert digest in client.get(org).text
    unread = client.post(f"{org}/sign", {"sha256": digest})
    assert unread.status_code == 422
    assert NotRead.text in unread.text
    other = client.post(f"{org}/sign", {"sha256": "0" * 64, "read": "true"})
    assert other.status_code == 422
    assert "合同正文在您打开之后已经更换" in other.text
    assert digest in other.text
    assert client.post(f"{org}/sign", {"sha256": digest, "read": "true"}).status_code == 303
    client.become(deal.buyer_head)
    assert client.post(f"{centre}/sign", {"sha256": digest, "read": "true"}).status_code == 303
    assert state_of(database, deal) is ContractState.ACTIVE
    client.become(deal.supplier)
    paper = client.get(f"{org}/paper")
    assert paper.headers["etag"] == f'"{digest}"'


def test_the_contract_is_published_in_time_and_everybody_reads_it(
    database: Database, deal: Deal, client: Browser, clock: ManualClock
) -> None:
    made(database, active, deal)
    clock.set(deal.at)
    public = f"/contracts/{deal.contract_id}"
    assert client.get(public).status_code == 404
    assert client.get(f"/api/v1/projects/{deal.project_id}/contract").status_code == 404
    client.become(deal.drafter)
    shown = client.get(f"/centre/contracts/{deal.contract_id}")
    assert "公告合同" in shown.text
    assert "采购法实施条例第五十条" in shown.text
    clock.set(deal.at + timedelta(days=10))
    assert "公告已逾期" in client.get(f"/centre/contracts/{deal.contract_id}").text
    assert "待公告的合同" in client.get("/centre").text
    assert client.post(f"/centre/contracts/{deal.contract_id}/publish").status_code == 303
    client.become(None)
    page = client.get(public)
    for words in ("合同公告", "33,333.33", "示例社会工作服务中心1", "首付款", "SM3"):
        assert words in page.text, words
    assert f"/projects/{deal.project_id}/contract" in client.get(f"/projects/{deal.project_id}").text
    assert client.get(f"/projects/{deal.project_id}/contract").headers["location"] == public
    assert client.get(f"/projects/{uuid4()}/contract").status_code == 404
    assert client.get(f"/api/v1/projects/{deal.project_id}/contract").json()["price_fen"] == PRICE
    assert client.get(f"{public}/paper").status_code == 404


def test_a_reason_is_asked_for_and_what_was_typed_comes_back(database: Database, deal: Deal, client: Browser) -> None:
    made(database, submitted, deal)
    page = f"/centre/contracts/{deal.contract_id}"
    client.become(deal.approver)
    empty = client.post(f"{page}/return", {"reason": ""})
    assert empty.status_code == 422
    assert "请填写「理由」" in empty.text
    assert client.post(f"{page}/return", {"reason": "服务数量要写清"}).status_code == 303
    client.become(deal.drafter)
    assert "服务数量要写清" in client.get(f"{page}/edit").text
    assert "退回修改的合同" in client.get("/centre").text
    client.become(deal.approver)
    assert client.post(f"{page}/cancel", {"reason": ""}).status_code == 422
    assert client.post(f"{page}/cancel", {"reason": "乙方放弃"}).status_code == 303
    assert "乙方放弃" in client.get(page).text


def test_strangers_find_nothing_and_roles_without_the_right_are_told(
    database: Database, deal: Deal, client: Browser, clock: ManualClock
) -> None:
    made(database, to_sign, deal)
    clock.set(deal.at)
    centre, org = f"/centre/contracts/{deal.contract_id}", f"/org/contracts/{deal.contract_id}"
    for stranger, path in ((deal.village.stranger, centre), (deal.losers[0], org), (deal.supplier, centre)):
        client.become(stranger)
        assert client.get(path).status_code == 404
        assert client.get(f"{path}/paper").status_code == 404 or stranger is deal.supplier
    client.become(deal.drafter)
    assert client.post(f"{centre}/approve").status_code == 403
    with database.read() as db:
        digest = seen(db, deal.contract_id).sha256
    denied = client.post(f"{centre}/sign", {"sha256": digest, "read": "true"})
    assert denied.status_code == 403
    assert client.get(f"/centre/contracts/{uuid4()}").status_code == 404
    client.become(deal.village.auditor)
    assert client.get(centre).status_code == 200


def test_every_act_of_the_pages_is_there_for_programs(database: Database, deal: Deal, client: Browser) -> None:
    client.become(deal.drafter)
    made_ = client.api("POST", "/api/v1/contracts", {"project_id": str(deal.project_id)})
    assert made_.status_code == 201, made_.text
    view, tag = made_.json(), made_.headers["etag"]
    deal.contract_id = _id(view["facts"]["id"])
    path = f"/api/v1/contracts/{deal.contract_id}"
    terms = {**view["terms"], "quality": "按采购文件的标准。"}
    assert client.api("PUT", f"{path}/terms", terms, headers={"if-match": '"99"'}).status_code == 409
    changed = client.api("PUT", f"{path}/terms", terms, headers={"if-match": tag})
    assert changed.status_code == 200, changed.text
    assert client.api("POST", f"{path}/submit").json()["number"].startswith("HT-2026-")
    assert client.api("POST", f"{path}/return", {"reason": "再看看"}).status_code == 403
    client.become(deal.approver)
    assert client.api("POST", f"{path}/return", {"reason": "再看看"}).status_code == 204
    assert len(client.api("GET", "/api/v1/contracts").json()) == 1
    client.become(deal.drafter)
    client.api("POST", f"{path}/submit")
    client.become(deal.approver)
    digest = client.api("POST", f"{path}/approve").json()["sha256"]
    assert client.api("GET", f"{path}/paper").content.startswith(b"%PDF")
    client.become(deal.supplier)
    early = client.api("POST", f"{path}/sign/supplier", {"sha256": digest})
    assert early.status_code == 409
    assert early.json()["type"].endswith("too_early_to_sign")
    client.become(deal.approver)
    assert client.api("POST", f"{path}/publish").status_code == 409
    assert client.api("POST", f"{path}/cancel", {"reason": "项目取消"}).status_code == 204
    assert client.api("GET", path).json()["facts"]["state"] == "cancelled"


def test_signing_by_program_lets_the_contract_take_effect(
    database: Database, deal: Deal, client: Browser, clock: ManualClock
) -> None:
    made(database, half_signed, deal)
    clock.set(deal.at)
    with database.read() as db:
        digest = seen(db, deal.contract_id).sha256
    path = f"/api/v1/contracts/{deal.contract_id}"
    client.become(deal.buyer_head)
    done = client.api("POST", f"{path}/sign/buyer", {"sha256": digest})
    assert done.json() == {"in_force": True}
    assert client.api("POST", f"{path}/publish").status_code == 204
    client.become(deal.supplier)
    assert client.api("GET", path).json()["facts"]["state"] == "active"


def test_todos_ask_only_for_what_the_reader_may_do_now(
    database: Database, deal: Deal, client: Browser, clock: ManualClock
) -> None:
    client.become(deal.drafter)
    assert "起草合同：" in client.get("/centre").text
    made(database, submitted, deal)
    assert "待审批的合同：" not in client.get("/centre").text
    client.become(deal.approver)
    assert "待审批的合同：" in client.get("/centre").text
    with database.write() as db:
        from marketplace.flows import contracting

        contracting.approve(db, deal.storage, deal.approver, deal.contract_id, now=deal.at)
    client.become(deal.supplier)
    assert "待签订的合同：" not in client.get("/org").text
    clock.set(deal.signable_from)
    assert "待签订的合同：" in client.get("/org").text
    with database.write() as db:
        signed(db, deal, Side.SUPPLIER, at=deal.signable_from)
    assert "待签订的合同：" not in client.get("/org").text
    client.become(deal.buyer_head)
    assert "待签订的合同：" in client.get("/centre").text
