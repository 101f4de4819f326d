"""The pages of wishes and their JSON: hand in, write down, answer, adopt, and what everybody may read."""

from datetime import datetime
from uuid import UUID

from marketplace.db.base import Database
from marketplace.projects import commands, queries
from marketplace.projects.model import Need
from marketplace.projects.states import NeedState
from tests.projects.village import Village, a_draft, an_open
from tests.projects.wishes import a_need, an_own
from tests.web.conftest import Browser

TYPED = {"title": "暑期看护", "content": "村里留守儿童暑期缺少看护。", "people_count": "30"}


def state_of(database: Database, need_id: UUID) -> NeedState:
    with database.read() as db:
        return db.get_one(Need, need_id).state


def made_of(location: str) -> UUID:
    return UUID(location.rpartition("/")[2])


def test_a_supplier_hands_in_follows_and_withdraws_its_wish(
    database: Database, village: Village, client: Browser
) -> None:
    client.become(village.supplier)
    assert "还没有提出过需求" in client.get("/needs/mine").text
    wrong = client.post("/needs/mine/new", {"title": "暑期看护", "content": ""})
    assert wrong.status_code == 422
    assert 'value="暑期看护"' in wrong.text, "nothing typed is lost"
    answer = client.post("/needs/mine/new", TYPED)
    need = made_of(answer.headers["location"])
    assert "暑期看护" in client.get(f"/needs/mine/{need}").text
    assert "暑期看护" in client.get("/needs/mine").text
    assert client.get(f"/needs/mine/{need}/edit").status_code == 200
    assert client.post(f"/needs/mine/{need}/edit", {**TYPED, "title": "寒假看护"}).status_code == 303
    assert "寒假看护" in client.get(f"/needs/mine/{need}").text
    assert client.get("/centre/needs").status_code == 403
    assert client.post(f"/needs/mine/{need}/withdraw", {}).status_code == 303
    assert state_of(database, need) is NeedState.WITHDRAWN
    client.become(village.stranger)
    assert client.post(f"/needs/mine/{need}/withdraw", {}).status_code == 404


def test_a_clerk_writes_down_a_villages_wish_and_adopts_it(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    client.become(village.centre_clerk)
    assert client.get("/centre/needs/new").status_code == 200
    half = client.post("/centre/needs/new", {**TYPED, "brought_by": "示例镇甲村"})
    assert half.status_code == 422
    assert "请写明提出单位和提出方式" in half.text
    said = {**TYPED, "brought_by": "示例镇甲村", "channel": "visit", "contact_phone": "0826-2000001"}
    need = made_of(client.post("/centre/needs/new", said).headers["location"])
    assert client.post(f"/centre/needs/{need}/edit", {**said, "people_count": "31"}).status_code == 303
    assert "0826-2000001" in client.get(f"/centre/needs/{need}/edit").text
    listed = client.get("/centre/needs?state=collected&q=暑期&branch=&waiting=").text
    assert "示例镇甲村" in listed
    assert client.get("/centre/needs?waiting=1").status_code == 200
    assert client.post(f"/centre/needs/{need}/show", {"is_shown": "true"}).status_code == 303
    chosen = client.get(f"/centre/needs/adopt?need_ids={need}")
    assert "示例镇甲村暑期看护" in chosen.text
    assert "没有选择需求" in client.get("/centre/needs/adopt").text
    lacking = client.post("/centre/needs/adopt", {"need_ids": str(need), "title": "托管服务"})
    assert lacking.status_code == 422
    typed = {
        "need_ids": str(need), "title": "托管服务", "catalogue_code": "A0401", "buyer_id": str(village.buyer_id),
    }  # fmt: skip
    answer = client.post("/centre/needs/adopt", typed)
    assert answer.status_code == 303
    project = answer.headers["location"].split("/")[3]
    assert "示例镇甲村提出：暑期看护" in client.get(answer.headers["location"]).text
    assert "回应的需求" in client.get(f"/centre/projects/{project}").text
    again = client.post("/centre/needs/adopt", typed)
    assert "已不是待采纳状态" in again.text
    assert client.post(f"/centre/needs/{need}/free", {}).status_code == 303
    assert state_of(database, need) is NeedState.COLLECTED
    draft_id = UUID(project)
    joined = client.post(f"/centre/needs/{need}/join", {"project_id": str(draft_id)})
    assert joined.status_code == 303
    client.become(None)
    shown = client.get("/needs").text
    assert "暑期看护" in shown
    assert "正在立项" in shown
    assert "0826-2000001" not in shown


def test_a_wish_is_declined_with_its_reason_merged_and_reopened(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        one, two = an_own(db, village.supplier, now), a_need(db, village, now, title="合办的需求")
    client.become(village.centre_head)
    assert client.post(f"/centre/needs/{one}/decline", {"reason": ""}).status_code == 422
    assert client.post(f"/centre/needs/{one}/decline", {"reason": "已有同类服务"}).status_code == 303
    client.become(village.supplier)
    assert "已有同类服务" in client.get(f"/needs/mine/{one}").text
    client.become(village.centre_head)
    assert client.post(f"/centre/needs/{one}/reopen", {}).status_code == 303
    assert client.post(f"/centre/needs/{one}/merge", {"into_id": str(one)}).status_code == 422
    assert client.post(f"/centre/needs/{one}/merge", {"into_id": str(two)}).status_code == 303
    assert "合办的需求" in client.get(f"/centre/needs/{one}").text
    assert client.post(f"/centre/needs/{one}/join", {"project_id": ""}).status_code == 422
    client.become(village.auditor)
    assert client.get(f"/centre/needs/{one}").status_code == 200
    client.become(village.supplier)
    assert "合办的需求" in client.get(f"/needs/mine/{one}").text


def test_the_same_by_json(database: Database, village: Village, client: Browser, now: datetime) -> None:
    with database.write() as db:
        project = a_draft(db, village, now)
        other = str(a_need(db, village, now, title="另一条"))
    client.become(village.centre_clerk)
    body = {"title": "暑期看护", "content": "缺少看护。", "brought_by": "甲村", "channel": "phone"}
    made = client.api("POST", "/api/v1/needs", body)
    assert made.status_code == 201, made.text
    need, desk = made.json()["id"], "/api/v1/desk/needs"
    assert (
        client.api("POST", "/api/v1/needs", {**body, "channel": None})
        .json()["type"]
        .endswith("need_brought_by_missing")
    )
    assert client.api("PUT", f"/api/v1/needs/{need}", {**body, "title": "看护"}).json()["card"]["title"] == "看护"
    assert client.api("POST", f"{desk}/{need}/show", {"is_shown": True}).json()["is_shown"] is True
    assert need in [row["card"]["id"] for row in client.api("GET", "/api/v1/needs").json()["items"]]
    assert need in [row["card"]["id"] for row in client.api("GET", "/api/v1/needs/mine").json()["items"]]
    assert client.api("POST", f"{desk}/{need}/merge", {"into_id": other}).status_code == 200
    assert client.api("POST", f"{desk}/{need}/reopen").status_code == 200
    assert client.api("POST", f"{desk}/{need}/decline", {"reason": "不在目录内"}).json()["reason"] == "不在目录内"
    assert client.api("POST", f"{desk}/{need}/reopen").status_code == 200
    assert client.api("POST", f"{desk}/{need}/join", {"project_id": str(project)}).status_code == 200
    assert client.api("POST", f"{desk}/{need}/free").json()["card"]["state"] == "collected"
    asked = {"need_ids": [need], "title": "托管", "catalogue_code": "A0401", "buyer_id": str(village.buyer_id)}
    assert client.api("POST", f"{desk}/adoptions", asked).status_code == 201
    assert client.api("GET", f"/api/v1/needs/{need}").json()["card"]["state"] == "adopted"
    assert client.api("POST", f"/api/v1/needs/{need}/withdraw", {}).status_code == 409
    assert client.api("GET", f"{desk}?state=adopted").json()["total"] >= 1


def test_the_days_list_has_one_line_for_all_wishes(database: Database, village: Village, now: datetime) -> None:
    with database.write() as db:
        a_need(db, village, now)
        (todo,) = queries.need_todos(db, village.centre_clerk, now=now)
        assert int(todo.params["count"]) >= 1
        commands.decline(db, village.centre_clerk, a_need(db, village, now), reason="重复", now=now)


def test_an_earlier_project_is_found_as_a_template_and_says_what_stays_behind(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        source = an_open(db, village, now, title="晒龙村托管服务")
    client.become(village.stranger)
    page = client.get("/centre/projects/new?find=晒龙")
    assert f"copy={source}" in page.text
    assert "不带过来" in page.text
    assert "没有符合条件的项目" in client.get("/centre/projects/new?find=找不到的").text
