"""The page of a project's preparation: tasks with their basis, one form each, the same by JSON, and the intentions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from marketplace.db.base import Database
from marketplace.procedures.states import MethodCode
from tests.projects.test_preparation_methods import SHOWN, WAN, Case, begun, intended
from tests.projects.village import Village, a_draft
from tests.web.conftest import Browser


def a_formal(database: Database, village: Village, now: datetime) -> UUID:
    with database.write() as db:
        return begun(db, village, now, MethodCode.COMPETITIVE_CONSULTATION, 60 * WAN, SHOWN).project_id


def test_every_task_stands_on_the_page_with_its_basis_and_a_form(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    project_id = a_formal(database, village, now)
    here = f"/centre/projects/{project_id}/preparation"
    client.become(village.centre_clerk)
    page = client.get(here)
    assert page.status_code == 200
    for word in (
        "事前评估",
        "需求调查",
        "一般性审查",
        "重点审查",
        "采购实施计划备案",
        "采购意向公开",
        "采购法条例第二十九条",
    ):
        assert word in page.text, word
    assert f'href="{here}/evaluation"' in page.text, "a link leads to each form"
    assert f'action="{here}/evaluation"' in client.get(f"{here}/evaluation").text
    for act in ("minutes", "evaluation", "survey", "filing", "sole", "reviewers", "legal", "opinion", "intention",
                "exemption", "publicity", "draw"):  # fmt: skip
        assert client.get(f"{here}/{act}").status_code == 200, act
    assert client.get(f"{here}/other").status_code == 404
    kept = client.post(f"{here}/filing", {"number": "备2026-1", "filed_on": "2026-03-09"})
    assert kept.status_code == 422
    assert "备2026-1" in kept.text, "nothing typed is lost"
    assert client.post(f"{here}/filing", {"number": "备2026-1", "filed_on": "2026-03-02"}).status_code == 303
    paper = {"paper": ("纪要.pdf", b"%PDF-1.7 example", "application/pdf")}
    minutes = {"held_on": "2026-03-02", "attended": "李示例", "decision": "同意"}
    assert client.post(f"{here}/minutes", minutes, files=paper).status_code == 303
    api = f"/api/v1/desk/projects/{project_id}/preparation"
    shown = client.api("GET", api).json()
    assert shown["filing"]["number"] == "备2026-1"
    refused = client.api("POST", f"{api}/filing", {"number": "备2026-2", "filed_on": "2026-03-09"})
    assert refused.status_code == 422
    assert "day_ahead" in refused.text
    client.become(village.stranger)
    assert client.get(here).status_code == 404


def test_the_everyday_project_is_asked_for_no_more_than_mandate_and_minutes(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        project_id = a_draft(db, village, now)
    client.become(village.centre_clerk)
    tasks = client.api("GET", f"/api/v1/desk/projects/{project_id}/preparation").json()["tasks"]
    assert [one["demand"]["what"] for one in tasks if one["demand"]["binding"]] == ["mandate", "minutes"]
    assert [one["demand"]["what"] for one in tasks if one["code"]] == []


def test_an_intention_is_public_and_the_draft_is_not(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    project_id = a_formal(database, village, now)
    assert "目前没有公开的采购意向" in client.get("/intentions").text
    with database.write() as db:
        intended(Case(db, village, project_id, {}), now)
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # as a commit does: the event gets its place
    assert "留守儿童托管服务采购意向" in client.get("/intentions").text
    assert client.get("/api/v1/intentions").json()["items"][0]["budget_fen"] == 60_000_000
    assert client.get(f"/projects/{project_id}").status_code == 404
    [event] = client.get("/api/v1/events").json()["items"]
    assert (event["kind"], event["project_title"]) == ("intention", "留守儿童托管服务采购意向")
