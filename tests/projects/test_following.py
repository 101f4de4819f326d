"""Who follows a project or saved a search is told as often as they said, once, and until they end it."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace.kit.clock import at_legal
from marketplace.kit.errors import NotFound
from marketplace.notices.facts import facts_of
from marketplace.notices.rules import Party
from marketplace.outbox.model import Message
from marketplace.outbox.schemas import Envelope
from marketplace.projects import commands, queries
from marketplace.projects.model import Following
from marketplace.projects.rules import refusals as no
from marketplace.projects.rules.following import FOLLOWED_MAX, next_due
from marketplace.projects.schemas import Amendment
from marketplace.projects.schemas.feed import NewSearch, SearchAsked
from marketplace.projects.states import Frequency
from tests.projects.village import Village, a_draft, an_open

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ONCE, DAILY, WEEKLY = Frequency.AT_ONCE, Frequency.DAILY, Frequency.WEEKLY


@pytest.fixture(autouse=True)
def _numbered_at_once(db: Session) -> None:
    """Nothing commits inside a test's outer transaction, so events are numbered as they are written."""
    db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def words(db: Session) -> list[Message]:
    return list(db.scalars(select(Message).where(Message.topic == "following.found").order_by(Message.n)))


def correct(db: Session, village: Village, project_id: UUID, now: datetime) -> None:
    commands.amend(db, village.centre_head, project_id, Amendment(reason="补充说明：接送由家长负责"), now=now)


@pytest.mark.parametrize(
    ("frequency", "now", "due"),
    [
        (ONCE, at_legal(date(2026, 3, 2), 9), at_legal(date(2026, 3, 2), 9)),
        (DAILY, at_legal(date(2026, 3, 2), 7, 59), at_legal(date(2026, 3, 2), 8)),
        (DAILY, at_legal(date(2026, 3, 2), 8), at_legal(date(2026, 3, 3), 8)),
        (WEEKLY, at_legal(date(2026, 3, 2), 7), at_legal(date(2026, 3, 2), 8)),
        (WEEKLY, at_legal(date(2026, 3, 2), 8), at_legal(date(2026, 3, 9), 8)),
        (WEEKLY, at_legal(date(2026, 3, 8), 23), at_legal(date(2026, 3, 9), 8)),
    ],
)
def test_a_word_is_due_at_once_at_eight_or_on_monday(frequency: Frequency, now: datetime, due: datetime) -> None:
    assert next_due(frequency, now) == due


def test_what_happens_to_a_followed_project_is_told_once(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    commands.follow_project(db, village.supplier, project_id, frequency=ONCE, now=now)
    assert commands.tell_due(db, now=now) == 0, "what happened before is known to whoever saved it"
    correct(db, village, project_id, now)
    assert commands.tell_due(db, now=now + MINUTE) == 1
    assert commands.tell_due(db, now=now + MINUTE) == 0
    (word,) = words(db)
    envelope = Envelope(
        delivery_id=word.id, message_id=word.id, consumer="notices", topic=word.topic, payload=word.payload,
        emitted_at=now, attempts=0,
    )  # fmt: skip
    facts = facts_of(db, envelope)
    assert facts.people == {Party.PERSON: (village.supplier.person_id,)}
    assert (facts.params["count"], facts.params["kinds"]) == (1, ["更正公告"])
    assert facts.url == f"/projects/{project_id}"
    commands.stop_by_key(db, UUID(facts.params["stop_path"].rpartition("/")[2]))
    assert facts_of(db, envelope).people == {Party.PERSON: ()}, "who ended it meanwhile is told nothing"


def test_the_daily_word_gathers_a_day(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    commands.follow_project(db, village.supplier, project_id, frequency=DAILY, now=now)
    correct(db, village, project_id, now)
    correct(db, village, project_id, now + MINUTE)
    assert commands.tell_due(db, now=now + MINUTE) == 0
    assert commands.tell_due(db, now=at_legal(date(2026, 3, 3), 8)) == 1
    assert len(words(db)[0].payload["event_ids"]) == 2
    assert commands.tell_due(db, now=at_legal(date(2026, 3, 4), 8)) == 0


def test_a_saved_search_finds_new_projects_that_fit(db: Session, village: Village, now: datetime) -> None:
    an_open(db, village, now)
    for name, asked in (
        ("阅读", SearchAsked(q="阅读")),
        ("别的类别", SearchAsked(branch="B01")),
        ("五万以上", SearchAsked(min_fen=5_000_000, buyer_id=village.buyer_id)),
    ):
        commands.save_search(db, village.supplier, NewSearch(name=name, frequency=ONCE, asked=asked), now=now)
    project_id = an_open(db, village, now, title="乡村儿童阅读陪伴服务")
    assert commands.tell_due(db, now=now + MINUTE) == 2
    correct(db, village, project_id, now)
    assert commands.tell_due(db, now=now + MINUTE) == 0, "a search tells of new projects, not of what becomes of them"
    told = {db.get_one(Following, UUID(word.payload["following_id"])).name for word in words(db)}
    assert told == {"阅读", "五万以上"}


def test_a_project_is_followed_once_and_only_when_public(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    first = commands.follow_project(db, village.supplier, project_id, frequency=ONCE, now=now)
    assert commands.follow_project(db, village.supplier, project_id, frequency=WEEKLY, now=now) == first
    assert village.supplier.person_id
    (shown,) = queries.followed(db, village.supplier.person_id)
    assert (shown.project_id, shown.frequency) == (project_id, WEEKLY)
    with pytest.raises(NotFound):
        commands.follow_project(db, village.supplier, a_draft(db, village, now), frequency=ONCE, now=now)


def test_what_another_follows_is_nobodys_to_see_or_end(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    mine = commands.follow_project(db, village.supplier, project_id, frequency=ONCE, now=now)
    with pytest.raises(NotFound):
        commands.stop_following(db, village.stranger, mine)
    with pytest.raises(NotFound):
        commands.tell_how_often(db, village.stranger, mine, frequency=DAILY, now=now)
    with pytest.raises(NotFound):
        commands.stop_by_key(db, mine)
    commands.tell_how_often(db, village.supplier, mine, frequency=DAILY, now=now)
    commands.stop_following(db, village.supplier, mine)
    assert village.supplier.person_id
    assert queries.followed(db, village.supplier.person_id) == ()


def test_nobody_follows_without_end(db: Session, village: Village, now: datetime) -> None:
    for n in range(FOLLOWED_MAX):
        commands.save_search(db, village.supplier, NewSearch(name=f"查找 {n}", frequency=WEEKLY), now=now)
    with pytest.raises(no.TooManyFollowed):
        commands.save_search(db, village.supplier, NewSearch(name="又一个", frequency=WEEKLY), now=now)
