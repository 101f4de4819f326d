"""The ruler as a calendar to subscribe to, by the letter of RFC 5545."""

import html
import re
from urllib.parse import parse_qs

import pytest

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.web.procedures.ics import escaped, folded
from seed import reference
from tests.web.conftest import Browser

ASKED = "method=below_threshold_comparison&start=2026-03-02&term_months=3&amount_fen=126000"


@pytest.fixture
def site(browser_of_site: Browser, database: Database, clock: ManualClock) -> Browser:
    reference.load(database, clock)
    return browser_of_site


def test_texts_are_escaped_and_lines_folded_without_cutting_a_character() -> None:
    assert escaped("一；a;b,c\\d\r\ne\x07") == "一；a\\;b\\,c\\\\d\\ne"
    pieces = folded("SUMMARY:" + "期限" * 60)
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == "SUMMARY:" + "期限" * 60
    assert folded("a" * 75) == ["a" * 75]
    assert folded("a" * 76) == ["a" * 75, " a"]


def test_every_bar_to_the_archive_is_an_event_with_its_basis(site: Browser) -> None:
    answer = site.get(f"/rules/ruler.ics?{ASKED}")
    assert answer.headers["content-type"].startswith("text/calendar")
    text = answer.content.decode()
    assert all(line.endswith("\r") for line in text.split("\n")[:-1])
    plain = text.replace("\r\n ", "").split("\r\n")
    assert plain[0] == "BEGIN:VCALENDAR"
    assert plain.count("BEGIN:VEVENT") == plain.count("END:VEVENT") == 15
    start = plain.index("SUMMARY:比选文件发出至响应截止")
    assert plain[start - 2 : start] == ["DTSTART;VALUE=DATE:20260309", "DTEND;VALUE=DATE:20260310"]
    assert "单位做法" in plain[start + 1]
    ids = [line for line in plain if line.startswith("UID:")]
    assert len(set(ids)) == len(ids)
    again = site.get(f"/rules/ruler.ics?{ASKED}&close=2026-03-10").content.decode()
    assert set(ids) == {line for line in again.split("\r\n") if line.startswith("UID:")}


def test_a_day_beyond_the_notices_says_that_it_is_an_estimate(site: Browser) -> None:
    text = site.get(f"/rules/ruler.ics?{ASKED.replace('term_months=3', 'term_months=12')}").content.decode()
    assert "SUMMARY:估算：" in text


def test_the_ruler_offers_its_calendar_and_a_wrong_address_has_none(site: Browser) -> None:
    page = site.get(f"/rules/ruler?{ASKED}").text
    [link] = re.findall(r"/rules/ruler\.ics\?([^\"]*)", page)
    assert parse_qs(html.unescape(link)) == parse_qs(ASKED)
    assert site.get("/rules/ruler.ics?method=lottery").status_code == 404
