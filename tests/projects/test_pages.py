"""The pages of projects as their readers meet them."""

from datetime import datetime
from typing import Any

from marketplace.db.base import Database
from tests.projects.village import a_draft, a_submitted, a_village, an_approved, an_open

pytest_plugins = ["tests.web.conftest"]


def test_pages_draw(database: Database, open_browser: Any, now: datetime) -> None:
    with database.write() as db:
        village = a_village(db, now)
        draft = a_draft(db, village, now, title="草稿项目一二三")
        submitted = a_submitted(db, village, now, title="待审批项目")
        approved = an_approved(db, village, now, title="待发布项目")
        opened = an_open(db, village, now)
    browser = open_browser()
    for path in ("/projects", f"/projects/{opened}", f"/projects/{opened}/text", "/p/QT-2026-0003", "/notices"):
        found = browser.get(path)
        assert found.status_code in (200, 303), (path, found.text)
    browser.become(village.centre_clerk)
    for path in (
        "/centre/projects", "/centre/projects/new", f"/centre/projects/{draft}", f"/centre/projects/{draft}/edit",
        f"/centre/projects/{submitted}", f"/centre/projects/{approved}", f"/centre/projects/{opened}",
        f"/centre/projects/{opened}/amend", "/centre/questions",
    ):  # fmt: skip
        found = browser.get(path)
        assert found.status_code == 200, (path, browser.logged[-2].get("where")[5:])
