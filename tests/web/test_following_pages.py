"""A person follows and saves by page and program, changes how often, and ends it from a mail without signing in."""

from datetime import datetime

import pytest
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.projects.model import Following
from tests.projects.conftest import client, settled, shared_urls, village
from tests.projects.village import Village, an_open
from tests.web.conftest import Browser, browser_of_site, open_browser

__all__ = ["browser_of_site", "client", "open_browser", "settled", "shared_urls", "village"]


def test_a_project_is_followed_from_its_page_and_ended_from_the_list(
    client: Browser, database: Database, village: Village, now: datetime
) -> None:
    with database.write() as db:
        project_id = an_open(db, village, now)
    assert "关注这个项目" not in client.get(f"/projects/{project_id}").text
    client.become(village.supplier)
    assert "还没有关注" in client.get("/following").text
    assert "关注这个项目" in client.get(f"/projects/{project_id}").text
    assert client.post(f"/following/projects/{project_id}", {}).status_code == 303
    with database.read() as db:
        row = db.scalars(select(Following)).one()
    assert client.post(f"/following/{row.id}", {"frequency": "weekly"}).status_code == 303
    assert '<option value="weekly" selected>' in client.get("/following").text
    client.become(village.stranger)
    assert client.post(f"/following/{row.id}/stop", {}).status_code == 404
    client.become(village.supplier)
    assert client.post(f"/following/{row.id}/stop", {}).status_code == 303
    assert "还没有关注" in client.get("/following").text


def test_a_search_is_saved_with_its_filters(client: Browser, village: Village) -> None:
    client.become(village.supplier)
    assert "/following/new?q=" in client.get("/projects?q=养老&band=4&sort=closing").text
    form = client.get("/following/new?q=养老&band=4")
    assert "保存这次查找" in form.text
    wrong = client.post("/following/new?q=养老&band=4", {"name": "", "frequency": "daily"})
    assert wrong.status_code == 422
    assert client.post("/following/new?q=养老&band=4", {"name": "养老", "frequency": "daily"}).status_code == 303
    (saved,) = client.api("GET", "/api/v1/following").json()
    assert (saved["title"], saved["frequency"]) == ("养老", "daily")
    assert saved["asked"] == {"q": "养老", "min_fen": 10_000_000, "max_fen": 50_000_000}
    assert "band=4" in client.get("/following").text
    assert client.api("DELETE", f"/api/v1/following/{saved['id']}").status_code == 204
    assert client.api("GET", "/api/v1/following").json() == []


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_link_in_a_mail_asks_once_and_ends_it(
    client: Browser, database: Database, village: Village, *, is_signed_in: bool
) -> None:
    client.become(village.supplier)
    made = client.api("POST", "/api/v1/following/searches", {"name": "全部", "frequency": "at_once"})
    assert made.status_code == 201, made.text
    with database.read() as db:
        link = f"/following/stop/{db.scalars(select(Following)).one().stop_key}"
    client.become(village.stranger if is_signed_in else None)
    assert "停止提醒" in client.get(link).text
    with database.read() as db:
        assert db.scalars(select(Following)).one(), "looking at the link ends nothing"
    assert "已停止提醒「全部」" in client.post(link, {}).text
    assert client.get(link).status_code == 404
