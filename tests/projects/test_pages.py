"""The pages of projects and their JSON, as their readers meet them."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from marketplace.bids.commands import take_document
from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules.refusals import HeadingsBare
from marketplace.projects.states import ProjectState
from marketplace.settings import Settings
from tests.projects.desk import a_market, typed_of
from tests.projects.village import Village, a_draft, a_submitted, an_approved, an_open, closing
from tests.web.conftest import SECRET, Browser, OpenBrowser

PASSPHRASE = "春天里我们去看油菜花海"


def titled(page: Any) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip()


def state_of(database: Database, project_id: UUID) -> ProjectState:
    with database.read() as db:
        return db.get_one(Project, project_id).state


def test_the_public_meets_the_list_and_the_one_page(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        opened = an_open(db, village, now, title="晒龙村托管服务")
        draft = a_draft(db, village, now, title="没有公开的草稿")
        number = db.get_one(Project, opened).number
    shown = client.get("/projects")
    assert "晒龙村托管服务" in shown.text
    assert "没有公开的草稿" not in shown.text
    page = client.get(f"/projects/{opened}")
    assert titled(page).startswith("晒龙村托管服务")
    for part in ("50,000", "采购公告", "评分标准（100 分）", "资格条件", "里程碑与付款", "问答（0）", "时间安排"):
        assert part in page.text, part
    assert client.get(f"/projects/{draft}").status_code == 404
    assert client.get(f"/projects/{uuid4()}").status_code == 404
    assert client.get(f"/p/{number}").headers["location"] == f"/projects/{opened}"
    assert client.get("/p/QT-2026-0000").status_code == 404
    lines = client.get(f"/projects/{opened}/text")
    assert lines.headers["content-type"].startswith("text/plain")
    assert lines.text.startswith("【采购公告】晒龙村托管服务\n项目编号：QT-2026-")
    assert lines.text.rstrip().endswith(f"/p/{number}")
    assert "采购公告" in client.get("/notices").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=托管", True), ("q=康复", False), ("state=open", True), ("state=awarded", False), ("band=4", False),
        ("band=3", True), ("branch=A04", True), ("branch=A03", False), ("days=14", True), ("sort=closing", True),
        ("state=nonsense&buyer=nonsense&band=99&days=x&branch=%25%25", True),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_its_address(
    database: Database, village: Village, client: Browser, now: datetime, query: str, found: bool
) -> None:
    with database.write() as db:
        an_open(db, village, now, title="晒龙村托管服务")
    page = client.get(f"/projects?{query}")
    assert page.status_code == 200
    assert ("晒龙村托管服务" in page.text) is found


def test_a_broken_cursor_is_told(client: Browser) -> None:
    for cursor in ("nonsense", "WyJhIiwiYiJd"):
        assert client.get(f"/projects?after={cursor}").status_code == 422


def test_the_page_offers_each_visitor_their_own_next_step(
    database: Database, village: Village, client: Browser, now: datetime, clock: ManualClock
) -> None:
    with database.write() as db:
        opened = an_open(db, village, now)
    assert "登录后报名" in client.get(f"/projects/{opened}").text
    client.become(village.supplier)
    assert "报名并领取文件" in client.get(f"/projects/{opened}").text
    with database.write() as db:
        take_document(db, village.supplier, opened, received_at=now, now=now)
    page = client.get(f"/projects/{opened}").text
    assert "填写申报" in page
    assert "您的问题" in page
    client.become(village.centre_clerk)
    assert "在工作台办理" in client.get(f"/projects/{opened}").text
    client.become(village.supplier)
    with database.read() as db:
        clock.set(closing(db, opened) + timedelta(seconds=1))
    late = client.get(f"/projects/{opened}").text
    assert "填写申报" not in late
    assert "待开启" in late


def test_a_question_is_asked_answered_and_comes_back_when_wrong(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        opened = an_open(db, village, now)
        take_document(db, village.supplier, opened, received_at=now, now=now)
    client.become(village.supplier)
    empty = client.post(f"/projects/{opened}/questions", {"content": " "})
    assert empty.status_code == 422
    assert "请填写「您的问题」" in empty.text
    done = client.post(f"/projects/{opened}/questions", {"content": "是否限本村儿童？"})
    assert done.status_code == 303
    assert "我的提问" in client.get(f"/projects/{opened}").text
    client.become(None)
    assert "是否限本村儿童" not in client.get(f"/projects/{opened}").text
    client.become(village.centre_clerk)
    waiting = client.get("/centre/questions")
    path = re.search(r"/centre/questions/[0-9a-f-]{36}", waiting.text)
    assert path
    wrong = client.post(path[0], {"answer": ""})
    assert wrong.status_code == 422
    assert "是否限本村儿童" in wrong.text
    assert client.post(path[0], {"answer": "不限。"}).status_code == 303
    client.become(None)
    assert "是否限本村儿童" in client.get(f"/projects/{opened}").text
    client.become(village.stranger)
    assert client.get(path[0]).status_code == 404


def test_a_project_is_posted_from_a_template_on_four_pages(
    database: Database, village: Village, open_browser: OpenBrowser, now: datetime, tmp_path: Any
) -> None:
    settings = Settings(home=tmp_path, secret_key=SECRET)
    fund = a_market(database, village, now, settings)
    client = open_browser(settings=settings)
    client.become(village.centre_clerk)
    assert client.get("/centre/projects/new").status_code == 200
    begun = client.post(
        "/centre/projects/new",
        {"catalogue_code": "A0401", "title": "晒龙村托管服务", "buyer_id": str(village.buyer_id)},
    )
    assert begun.status_code == 303, begun.text
    edit = begun.headers["location"]
    typed = typed_of(client.get(edit))
    typed |= {
        "duty_basis": "职责清单第三条", "people_count": "60", "location": "井河镇晒龙村", "contact_name": "李示例",
        "contact_phone": "0826-2000000", "budget_fen": "50,000", "ceiling_fen": "48000",
        "funding-0-fund_id": str(fund), "funding-0-amount_fen": "50000.00",
        "opener_centre_id": str(village.centre_clerk.person_id),
        "opener_buyer_id": str(village.buyer_clerk.person_id),
        "opener_supervisor_id": str(village.auditor.person_id),
    }  # fmt: skip
    for index in range(4):
        typed |= {f"cost_lines-{index}-quantity": "100", f"cost_lines-{index}-unit_cost_fen": "120"}
    for question in ("not_duty", "direct_duty", "goods_or_works", "financing", "hiring", "other"):
        typed[f"negative-{question}"] = "false"
    files = {"mandate_file": ("委托书.pdf", b"%PDF-1.7 example", "application/pdf")}
    handed_in = client.post(edit, typed | {"_do": "submit"}, files=files)
    assert handed_in.status_code == 303, re.findall(r"error-summary.*?</div>", handed_in.text, re.DOTALL)
    project_id = UUID(handed_in.headers["location"].rsplit("/", 1)[1])
    assert state_of(database, project_id) is ProjectState.SUBMITTED
    review = f"/centre/projects/{project_id}"
    minutes = {"held_on": "2026-03-02", "attended": "李示例、张示例", "decision": "同意立项"}
    paper = {"paper": ("会议纪要.pdf", b"%PDF-1.7 example", "application/pdf")}
    assert client.post(f"{review}/preparation/minutes", minutes, files=paper).status_code == 303
    assert client.post(f"{review}/approve").status_code == 403, "a clerk, and a drafter"
    client.become(village.buyer_head)
    assert "批准项目" in client.get(review).text
    assert client.post(f"{review}/approve").status_code == 303
    client.become(village.centre_head)
    published = client.post(f"{review}/publish")
    assert published.status_code == 303, published.text
    assert published.headers["location"] == f"/projects/{project_id}"
    page = client.get(f"/projects/{project_id}")
    assert "资金已落实" in page.text
    assert "委托书" not in page.text


def test_a_wrong_form_comes_back_with_everything_typed_and_a_message_at_each_field(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now)
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{draft}/edit"
    typed = typed_of(client.get(edit)) | {
        "title": "改了的名称", "budget_fen": "五万", "bids_due_at": "明天下午", "people_count": "0",
        "criteria-1-steps": "没有分数的一档", "cost_lines-0-quantity": "1.005",
    }  # fmt: skip
    page = client.post(edit, typed | {"_do": "save"})
    assert page.status_code == 422
    for text in ("改了的名称", "五万", "明天下午", "没有分数的一档", "1.005"):
        assert text in page.text
    for field in ("budget_fen", "bids_due_at", "people_count"):
        assert f'id="{field}-error"' in page.text, field
    english = client.post(edit, typed | {"_do": "save"}, headers={"accept-language": "en"})
    assert "Project title" in english.text
    assert "五万" in english.text
    with database.read() as db:
        assert db.get_one(Project, draft).title != "改了的名称"


def test_a_stale_form_keeps_what_was_typed(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now)
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{draft}/edit"
    typed = typed_of(client.get(edit))
    with database.write() as db:
        row = db.get_one(Project, draft)
        commands.edit(db, village.buyer_clerk, draft, queries.plan_of(db, row), version=row.version, now=now)
    page = client.post(edit, typed | {"title": "我改的名称", "_do": "save"})
    assert page.status_code == 422
    assert "刚被他人修改过" in page.text
    assert "我改的名称" in page.text
    again = client.post(edit, typed_of(page) | {"_do": "save"})
    assert again.status_code == 303, "read again, and written over knowingly"


def test_a_lacking_draft_is_saved_and_told_what_is_missing_at_its_fields(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now, location="", people_count=None)
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{draft}/edit"
    page = client.post(edit, typed_of(client.get(edit)) | {"title": "存下来的名称", "_do": "submit"})
    assert page.status_code == 422
    assert 'href="#location"' in page.text
    assert "还缺「服务地点」" in page.text
    with database.read() as db:
        assert db.get_one(Project, draft).title == "存下来的名称"
    assert state_of(database, draft) is ProjectState.DRAFT


def test_bare_headings_of_a_template_are_told_with_a_link_and_nothing_is_handed_in_or_published(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now, requirement="一、服务内容：\n二、服务数量：60 人")
        approved = an_approved(db, village, now)
        db.get_one(Project, approved).requirement = "一、服务内容："  # as approved before this was asked
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{draft}/edit"
    page = client.post(edit, typed_of(client.get(edit)) | {"_do": "submit"})
    assert page.status_code == 422
    assert 'href="#requirement"' in page.text
    assert "「一、服务内容」下面还没有内容" in page.text
    assert state_of(database, draft) is ProjectState.DRAFT
    with pytest.raises(HeadingsBare), database.write() as db:
        commands.publish(db, village.centre_head, approved, reserved_fen=5_000_000, sealed=True, now=now)


def test_times_are_worked_out_without_saving_and_rows_come_and_go(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now)
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{draft}/edit"
    typed = typed_of(client.get(edit)) | {"publish_on": "2026-03-16"}
    page = client.post(edit, typed | {"_do": "propose"})
    assert page.status_code == 200
    assert typed_of(page)["bids_due_at"] == "2026-03-23 17:00"
    with database.read() as db:
        assert db.get_one(Project, draft).publish_on != date(2026, 3, 16)
    more = typed_of(client.post(edit, typed | {"_rows": "add:milestones"}))
    assert "milestones-3-title" in more
    less = typed_of(client.post(edit, typed | {"_rows": "remove:milestones:0"}))
    assert less["milestones-0-title"] == typed["milestones-1-title"]


def test_files_come_and_go_without_losing_what_was_typed(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now)
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{draft}/edit"
    typed = typed_of(client.get(edit)) | {"title": "正在改的名称"}
    paper = {"tender_file": ("采购文件.docx", b"PK\x03\x04 content", "application/octet-stream")}
    with_one = client.post(edit, typed | {"_do": "save", "budget_fen": "五万"}, files=paper)
    assert with_one.status_code == 422
    assert "采购文件.docx" in with_one.text, "the file stays, though the form was wrong"
    assert "正在改的名称" in with_one.text
    empty = client.post(edit, typed | {"_do": "save"}, files={"tender_file": ("空.pdf", b"", "application/pdf")})
    assert empty.status_code == 422
    assert 'id="tender_file-error"' in empty.text
    file_id = re.findall(r'value="remove:([0-9a-f-]{36})"', with_one.text)[-1]
    gone = client.post(edit, typed | {"_do": f"remove:{file_id}"})
    assert gone.status_code == 200
    assert "采购文件.docx" not in gone.text
    assert "正在改的名称" in gone.text
    for nothing in (file_id, "nonsense"):
        assert client.post(edit, typed | {"_do": f"remove:{nothing}"}).status_code == 404


def test_what_is_not_ones_own_is_not_found_and_what_is_not_ones_post_is_forbidden(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        draft, submitted, approved = (maker(db, village, now) for maker in (a_draft, a_submitted, an_approved))
    paths = (f"/centre/projects/{draft}", f"/centre/projects/{draft}/edit", f"/api/v1/desk/projects/{draft}")
    for person in (village.stranger, village.supplier):
        client.become(person)
        for path in paths:
            assert client.get(path).status_code == 404, path
        assert client.post(f"/centre/projects/{submitted}/approve").status_code == 404
    client.become(village.centre_clerk)
    assert client.get(f"/centre/projects/{submitted}/edit").status_code == 409
    for path in (f"/centre/projects/{submitted}/approve", f"/centre/projects/{approved}/publish"):
        refused = client.post(path)
        assert refused.status_code == 403
        assert "权限" in refused.text
    client.become(village.supplier)
    assert client.get("/centre/projects/new").status_code in (403, 404)
    client.become(None)
    assert client.get(f"/centre/projects/{draft}").status_code in (302, 303, 401)


def test_a_head_sends_back_and_cancels_with_a_reason(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        submitted = a_submitted(db, village, now)
    client.become(village.buyer_head)
    review = f"/centre/projects/{submitted}"
    assert client.post(f"{review}/return", {"reason": ""}).status_code == 422
    assert client.post(f"{review}/return", {"reason": "请核实人数"}).status_code == 303
    assert "请核实人数" in client.get(review).text
    assert client.post(f"{review}/cancel", {"reason": "不再需要"}).status_code == 303
    assert state_of(database, submitted) is ProjectState.CANCELLED
    assert client.post(f"{review}/explode", {"reason": "没有这个动作"}).status_code == 404


def test_a_correction_is_published_from_its_form(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        opened = an_open(db, village, now)
    client.become(village.centre_head)
    path = f"/centre/projects/{opened}/amend"
    typed = typed_of(client.get(path))
    assert typed["bids_due_at"] == "2026-03-10 17:00"
    early = client.post(path, typed | {"reason": "提前截止时间", "bids_due_at": "2026-03-09 17:00"})
    assert early.status_code == 422
    assert 'id="bids_due_at-error"' in early.text
    later = {"bids_due_at": "2026-03-12 17:00", "opening_at": "2026-03-12 18:00", "result_on": "2026-03-17"}
    assert client.post(path, typed | later | {"reason": "顺延响应截止"}).status_code == 303
    page = client.get(f"/projects/{opened}").text
    assert "更正公告" in page
    assert "2026-03-12 17:00" in page


def test_a_new_draft_with_nothing_typed_says_what_to_fill_in(village: Village, client: Browser) -> None:
    client.become(village.centre_clerk)
    page = client.post("/centre/projects/new", {"title": ""})
    assert page.status_code == 422
    assert "请填写「项目名称」" in page.text
