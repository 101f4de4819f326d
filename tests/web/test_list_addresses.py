"""Odd addresses of the public list: each is answered plainly, none breaks it."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from marketplace.db import search
from marketplace.db.base import Database
from marketplace.web.paging import cursor
from tests.projects.conftest import client, settled, shared_urls, village
from tests.projects.village import Village, an_open
from tests.web.conftest import Browser, browser_of_site, open_browser

__all__ = ["browser_of_site", "client", "open_browser", "settled", "shared_urls", "village"]

TITLE, NOTHING = "留守儿童暑期托管服务", "没有符合条件的项目"


@pytest.fixture
def listed(client: Browser, database: Database, village: Village, now: datetime) -> Browser:
    """A list of one project."""
    with database.write() as db:
        an_open(db, village, now, title=TITLE)
    return client


FOUND = (
    "托管",
    "托 管",
    "　托管　",
    "ＬＳＥＴ",
    "托",
    "留守儿童　托管",
    "liushou",
    "托管 " * 40,
    "A0401",
    "ａ0401",
)


def test_words_are_found_however_they_are_typed(listed: Browser) -> None:
    for q in FOUND:
        answer = listed.get("/projects?" + urlencode({"q": q}))
        assert answer.status_code == 200, q
        assert TITLE in answer.text, q


SIGNS = (
    "%",
    "_",
    "%%",
    "托_管",
    "托%管",
    "\\",
    "'",
    '"><script>',
    "😀",
    "😀😀",
    "灯",
    "灯谜",
    "QT-2026-999999",
    "a\x00b",
)


def test_signs_are_only_signs(listed: Browser) -> None:
    for q in SIGNS:
        answer = listed.get("/projects?" + urlencode({"q": q}))
        assert answer.status_code == 200, q
        assert TITLE not in answer.text, q
        assert "<script>" not in answer.text, q
        assert NOTHING in answer.text, q


FILTERS = (
    "state=nonsense",
    "q=%00",
    "state=draft%00",
    "buyer=1",
    "branch=%25",
    "branch=A0401A0401",
    "band=9",
    "band=99999999999999",
    "days=365",
    "days=-1",
    "sort=random",
    "limit=0",
    "q=" + "长" * 5_000,
    "unknown=1",
    "q=&state=&buyer=",
    "state=open&state=awarded",
)


def test_a_filter_that_is_none_of_ours_asks_for_nothing_more(listed: Browser) -> None:
    for query in FILTERS:
        assert listed.get("/projects?" + query).status_code == 200, query


PLACES = (
    "x",
    "!!!",
    "0" * 1_999,
    cursor(["a", "b"]),
    cursor([1]),
    cursor([10**30, 10**30]),
    cursor(["2026-01-01", "1"]),
    cursor(["9999999-01-01T00:00:00+00:00", "00000000-0000-0000-0000-000000000000"]),
    "%00",
    "😀",
)


def test_a_place_that_is_none_is_refused_with_a_way_back(listed: Browser) -> None:
    for place in PLACES:
        answer = listed.get("/projects?" + urlencode({"after": place}))
        assert answer.status_code in {400, 422}, place
        assert "请从列表开头重新浏览" in answer.text, place


def test_a_place_of_another_filter_is_only_a_place(listed: Browser) -> None:
    late = cursor([datetime(9999, 1, 1, tzinfo=UTC).isoformat(), "00000000-0000-0000-0000-000000000000"])
    for query in ("", "sort=closing&", "q=" + "托管&", "state=awarded&"):
        assert listed.get(f"/projects?{query}after={late}").status_code == 200


def test_a_single_character_says_how_far_it_was_looked_for(listed: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    hint = "输入两个字可以找遍全部项目"
    assert hint in listed.get("/projects?q=托").text
    assert hint not in listed.get("/projects?q=托管").text
    monkeypatch.setattr(search, "NEAR", 1)
    answer = listed.get("/projects?q=灯").text
    assert "往后继续找" in answer
    assert NOTHING not in answer
