"""The change feed: everything public in its order, nothing else, and nothing passed by."""

from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.actor import SYSTEM
from marketplace.projects import commands, queries
from marketplace.projects.schemas import Amendment
from marketplace.projects.states import PublicKind
from marketplace.web.projects.feed import ATOM
from tests.projects.village import KEY, Village, a_draft, an_open, closing
from tests.web.conftest import Browser

HOUR = timedelta(hours=1)
NUMBER_AT_ONCE = text("SET CONSTRAINTS ALL IMMEDIATE")
"""Inside a test's outer transaction nothing commits, so events are numbered as they are written."""


def a_life(db: Session, village: Village, now: datetime) -> None:
    """A project published, asked about, answered, corrected and opened; one cancelled; a draft cancelled unseen."""
    db.execute(NUMBER_AT_ONCE)
    project_id = an_open(db, village, now)
    question = commands.ask_question(
        db, village.supplier, project_id, "含午餐吗？", key=KEY, took_document=True, now=now + HOUR
    )
    commands.answer_question(db, village.centre_clerk, question, "含午餐。", now=now + 2 * HOUR)
    amendment = Amendment(reason="补充说明：接送由家长负责")
    commands.amend(db, village.centre_head, project_id, amendment, now=now + 3 * HOUR)
    commands.close_for_opening(db, SYSTEM, project_id, now=closing(db, project_id) + HOUR)
    other = an_open(db, village, now, title="乡村儿童阅读陪伴服务")
    commands.cancel(db, village.buyer_head, other, reason="预算调整", now=now + 5 * HOUR)
    unseen = a_draft(db, village, now, title="尚未公开的项目")
    commands.cancel(db, village.buyer_head, unseen, reason="不再需要", now=now)


def test_the_feed_tells_what_is_public_in_its_order(db: Session, village: Village, now: datetime) -> None:
    a_life(db, village, now)
    part = queries.events_after(db, 0)
    assert [one.kind.value for one in part.items] == [
        "tender", "answer", "amendment", "opening", "tender", "cancellation",
    ]  # fmt: skip
    first = part.items[0].n
    assert [one.n for one in part.items] == list(range(first, first + 6))
    assert (part.after, part.more) == (first + 5, False)
    assert (part.items[1].question, part.items[1].answer) == ("含午餐吗？", "含午餐。")
    assert part.items[5].reason == "预算调整"
    assert "尚未公开的项目" not in {one.project_title for one in part.items}


def test_whoever_goes_on_from_each_answer_sees_each_event_once(db: Session, village: Village, now: datetime) -> None:
    a_life(db, village, now)
    whole, seen, place = [one.n for one in queries.events_after(db, 0).items], [], 0
    for _ in range(3):
        part = queries.events_after(db, place, limit=2)
        seen += [one.n for one in part.items]
        place = part.after
    assert seen == whole
    assert queries.events_after(db, place).items == ()
    assert queries.events_after(db, place).after == place


def test_a_filter_does_not_hold_the_place_back(db: Session, village: Village, now: datetime) -> None:
    a_life(db, village, now)
    part = queries.events_after(db, 0, kind=PublicKind.ANSWER)
    assert [one.kind for one in part.items] == [PublicKind.ANSWER]
    assert part.after == queries.feed_end(db)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public_event SET n = 1", "DELETE FROM public_event", "UPDATE feed_end SET n = 0",
        "INSERT INTO public_event (id, n) VALUES (gen_random_uuid(), 9)",
    ],
)  # fmt: skip
def test_the_application_changes_no_place(db: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), db.begin_nested():
        db.execute(text(statement))


def test_programs_and_readers_of_news_follow_it(
    client: Browser, database: Database, village: Village, now: datetime
) -> None:
    with database.write() as db:
        a_life(db, village, now)
    part = client.api("GET", "/api/v1/events?after=0&limit=4").json()
    assert (len(part["items"]), part["more"]) == (4, True)
    rest = client.api("GET", f"/api/v1/events?after={part['after']}").json()
    assert [one["kind"] for one in rest["items"]] == ["tender", "cancellation"]
    assert client.api("GET", "/api/v1/events?after=-1").status_code == 422
    page = client.get("/feed.atom")
    assert page.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(page.text)  # noqa: S314 - our own answer
    titles = [one.findtext(f"{{{ATOM}}}title") or "" for one in feed.iter(f"{{{ATOM}}}entry")]
    assert len(titles) == 6
    assert titles[0].startswith("【终止公告】乡村儿童阅读陪伴服务")
    assert client.get("/feed.atom", headers={"if-none-match": page.headers["etag"]}).status_code == 304
