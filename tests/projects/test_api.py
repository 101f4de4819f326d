"""Projects by JSON: the same verbs and refusals as on the pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from marketplace.db.base import Database
from marketplace.projects import queries
from marketplace.projects.model import Project
from marketplace.projects.rules import FundingPlan
from marketplace.settings import Settings
from tests.projects.desk import a_market
from tests.projects.village import Village, a_draft, minuted, whole
from tests.web.conftest import SECRET, Browser, OpenBrowser


def test_the_same_by_json(
    database: Database, village: Village, open_browser: OpenBrowser, now: datetime, tmp_path: Any
) -> None:
    settings = Settings(home=tmp_path, secret_key=SECRET)
    fund = a_market(database, village, now, settings)
    client = open_browser(settings=settings)
    client.become(village.centre_clerk)
    base = "/api/v1/desk/projects"
    made = client.api(
        "POST", base, {"catalogue_code": "A0401", "title": "晒龙村托管服务", "buyer_id": str(village.buyer_id)}
    )
    assert made.status_code == 201, made.text
    project_id, etag = made.json()["project"]["id"], made.headers["etag"]
    assert len(client.api("GET", f"{base}/{project_id}/gates").json()) > 10
    upload = client.api(
        "POST", f"{base}/{project_id}/files?name=m.pdf&kind=mandate&title=mandate", content=b"%PDF-1.7 example",
        headers={"content-type": "application/pdf"},
    )  # fmt: skip
    assert upload.status_code == 201, upload.text
    with database.read() as db:
        plan = whole(queries.plan_of(db, db.get_one(Project, UUID(project_id))), village)
    plan = msgspec.structs.replace(plan, funding=(FundingPlan(fund_id=fund, amount_fen=5_000_000),))
    body = msgspec.to_builtins(plan)
    stale = client.api("PUT", f"{base}/{project_id}/plan", body, headers={"if-match": '"99"'})
    assert stale.status_code == 409
    saved = client.api("PUT", f"{base}/{project_id}/plan", body, headers={"if-match": etag})
    assert saved.status_code == 200, saved.text
    assert saved.headers["etag"] != etag
    assert client.api("GET", f"{base}/{project_id}/gates").json() == []
    assert client.api("POST", f"{base}/{project_id}/submit").json()["number"].startswith("QT-2026-")
    client.become(village.buyer_head)
    returned = client.api("POST", f"{base}/{project_id}/return", {"reason": "请核对"})
    assert returned.json()["return_reason"] == "请核对"
    client.become(village.centre_clerk)
    client.api("POST", f"{base}/{project_id}/submit")
    with database.write() as db:
        minuted(db, village.centre_clerk, UUID(project_id), now)
    client.become(village.buyer_head)
    assert client.api("POST", f"{base}/{project_id}/approve").json()["project"]["state"] == "approved"
    client.become(village.centre_head)
    opened = client.api("POST", f"{base}/{project_id}/publish", {})
    assert opened.status_code == 200, opened.text
    asked_and_corrected_by_json(client, village, project_id)
    client.become(village.centre_head)
    ended = client.api("POST", f"{base}/{project_id}/cancel", {"reason": "采购任务取消"})
    assert ended.json()["project"]["state"] == "cancelled"


def asked_and_corrected_by_json(client: Browser, village: Village, project_id: str) -> None:
    base = "/api/v1/desk/projects"
    listed = client.get("/api/v1/projects?q=托管").json()
    assert [one["id"] for one in listed["items"]] == [project_id]
    shown = client.get(f"/api/v1/projects/{project_id}").json()
    assert (shown["ceiling_fen"], len(shown["milestones"]), shown["files"]) == (5_000_000, 3, [])
    moved = {"reason": "顺延响应截止", "bids_due_at": "2026-03-12T17:00:00+08:00",
             "opening_at": "2026-03-12T18:00:00+08:00", "result_on": "2026-03-17"}  # fmt: skip
    assert client.api("POST", f"{base}/{project_id}/amend", moved).status_code == 200
    assert [one["kind"] for one in client.get(f"/api/v1/projects/{project_id}/notices").json()] == [
        "tender",
        "amendment",
    ]
    client.become(village.supplier)
    refused = client.api("POST", f"/api/v1/projects/{project_id}/questions", {"content": "可以吗？"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/ask_after_taking")
    client.api("POST", f"/api/v1/projects/{project_id}/document-taking")
    asked = client.api("POST", f"/api/v1/projects/{project_id}/questions", {"content": "可以吗？"})
    assert asked.status_code == 201
    client.become(village.centre_clerk)
    (waiting,) = client.get("/api/v1/desk/questions").json()
    answered = client.api("POST", f"/api/v1/desk/questions/{waiting['id']}/answer", {"answer": "可以。"})
    assert answered.status_code == 200
    assert client.get(f"/api/v1/projects/{project_id}/questions").json()[0]["answer"] == "可以。"
    assert [one["id"] for one in client.get(f"{base}?state=open").json()["items"]] == [project_id]


def test_a_file_is_taken_off_by_json(database: Database, village: Village, client: Browser, now: datetime) -> None:
    with database.write() as db:
        draft = a_draft(db, village, now)
    client.become(village.centre_clerk)
    base = f"/api/v1/desk/projects/{draft}"
    (file,) = client.get(base).json()["project"]["files"]
    assert client.api("DELETE", f"{base}/files/{file['id']}").status_code == 204
    assert client.get(base).json()["project"]["files"] == []
