"""The drafting page warns of order splitting with why and what to do, and lets the draft be saved."""

from datetime import datetime

from marketplace.db.base import Database
from marketplace.projects.model import Project
from tests.projects.village import Village, a_draft
from tests.web.conftest import Browser


def test_a_draft_that_may_be_one_of_several_parts_is_told_so(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    with database.write() as db:
        first = a_draft(db, village, now)
    client.become(village.centre_clerk)
    edit = f"/centre/projects/{first}/edit"
    assert "拆分提醒" not in client.get(edit).text
    with database.write() as db:
        for project_id in (first, a_draft(db, village, now)):
            db.get_one(Project, project_id).budget_fen = 15_000_000
    page = client.get(edit)
    assert page.status_code == 200
    assert "同一目录条目还有 1 个项目" in page.text
    assert "300,000.00" in page.text
    assert "达到「政府采购」" in page.text
