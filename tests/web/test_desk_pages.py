"""Desks, inbox, queue and the demo's mail: what waits is listed with its time, and one click leads to it."""

import ast
import importlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import marketplace
from marketplace.db.base import Database
from marketplace.flows import queue
from marketplace.funds.rules.gifts import GiftDiffers
from marketplace.identity import commands as identity
from marketplace.identity.credentials import safe_of
from marketplace.identity.queries import actor_of, memberships_of
from marketplace.identity.schemas import NewPerson
from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.kit.todo import Todo
from marketplace.notices import facts
from marketplace.outbox import rules
from marketplace.outbox.commands import emit, fail, hand_over, settle_event, take_in
from marketplace.outbox.model import Delivery, InboxEvent
from marketplace.outbox.queries import PAGE
from marketplace.outbox.states import DeliveryState, InboxAction
from marketplace.settings import Settings, master_key
from marketplace.web import i18n
from marketplace.web.access import ANONYMOUS, Visitor
from marketplace.web.desk.counts import KEPT_FOR, counted
from marketplace.web.desk.todos import TODOS, in_order
from marketplace.web.desk.views import due_words
from tests.identity.town import SAFE, a_person, an_organization
from tests.web.conftest import SECRET, Browser, OpenBrowser
from workers.consumers import assemble
from workers.main import drain

DESK_OF = {
    (Function.SUPPLIER, Role.CLERK): "/org",
    (Function.BUYER, Role.HEAD): "/centre",
    (Function.PROCURING_ENTITY, Role.CLERK): "/centre",
    (Function.FINANCE_OFFICE, Role.ACCOUNTANT): "/finance",
    (Function.SUPERVISOR, Role.AUDITOR): "/supervision",
    (Function.OPERATOR, Role.SYSTEM_ADMIN): "/admin",
}


def somebody(database: Database, now: datetime, function: Function, role: Role) -> Actor:
    with database.write() as db:
        organization = an_organization(db, function, now=now)
        return actor_of(db, a_person(db, organization, role, now=now, name="赵一"), organization)


def park(db: Session, now: datetime) -> UUID:
    """A job that failed too often."""
    emit(db, "identity.organization_closed", now=now, organization_id=uuid4())
    (sending,) = hand_over(db, now=now)
    for _ in range(rules.ATTEMPTS_MAX):
        fail(db, sending.delivery_id, LookupError("张三 510000"), now=now)
    db.flush()
    return sending.delivery_id


@pytest.fixture
def admin(database: Database, now: datetime, browser_of_site: Browser) -> Actor:
    actor = somebody(database, now, Function.OPERATOR, Role.SYSTEM_ADMIN)
    drain(assemble(database, ManualClock(now), Settings(secret_key=SECRET), safe=SAFE))
    browser_of_site.become(actor)
    return actor


@pytest.mark.parametrize(("post", "url"), DESK_OF.items())
def test_every_desk_opens_on_what_waits_today(
    browser_of_site: Browser, database: Database, now: datetime, post: tuple[Function, Role], url: str
) -> None:
    browser_of_site.become(somebody(database, now, *post))
    answer = browser_of_site.get(url)
    assert answer.status_code == 200
    assert "今日待办" in answer.text
    for other in set(DESK_OF.values()) - {url}:
        assert browser_of_site.get(other).status_code == 404


def test_a_desk_asks_who_it_is(browser_of_site: Browser) -> None:
    for url in set(DESK_OF.values()):
        assert browser_of_site.get(url).headers["location"].startswith("/sign-in")


def waiting() -> Iterator[object]:
    """Every function of the house that says what waits."""
    for path in sorted(Path(marketplace.__path__[0]).glob("*/queries*")):
        module = importlib.import_module(f"marketplace.{path.parent.name}.queries")
        names = (name for name in getattr(module, "__all__", ()) if name == "todos" or name.endswith("_todos"))
        yield from (getattr(module, name) for name in names)
    yield queue.todos


def test_every_domain_that_lets_people_wait_is_on_the_desk() -> None:
    assert set(waiting()) == set(TODOS)


def test_things_to_do_come_urgent_first_then_by_their_time(now: datetime) -> None:
    def todo(title: str, due_in_h: int | None = None, *, urgent: bool = False) -> Todo:
        due = None if due_in_h is None else now + timedelta(hours=due_in_h)
        return Todo(title=title, params={}, url="/", action="x", due_at=due, urgent=urgent)

    mixed = [todo("never"), todo("late", 9), todo("soon", 1), todo("urgent", urgent=True), todo("now", 2, urgent=True)]
    found = in_order(mixed)
    assert [one.title for one in found] == ["now", "urgent", "soon", "late", "never"]


@pytest.mark.parametrize(
    ("hours", "words", "english"),
    [
        (-72, "已逾期 3 天", "3 days overdue"),
        (-1, "今天 08:00 已过", "Was due today at 08:00"),
        (8, "今天 17:00 前", "Today before 17:00"),
        (24, "明天 09:00 前", "Tomorrow before 09:00"),
        (24 * 5, "还有 5 天", None),
    ],
)
def test_a_time_is_told_in_words(now: datetime, hours: int, words: str, english: str | None) -> None:
    assert due_words(now + timedelta(hours=hours), now) == words
    with i18n.speaking("en"):
        assert english is None or due_words(now + timedelta(hours=hours), now) == english


@pytest.mark.usefixtures("admin")
def test_a_parked_job_waits_on_the_administrators_desk_and_is_replayed_with_a_reason(
    browser_of_site: Browser, database: Database, now: datetime
) -> None:
    with database.write() as db:
        job = park(db, now)
    assert "1 个后台任务停放" in browser_of_site.get("/admin").text
    shown = browser_of_site.get("/admin/queues").text
    assert "LookupError" in shown
    one = browser_of_site.get(f"/admin/queues/{job}")
    assert "张三" not in one.text
    refused = browser_of_site.post(f"/admin/queues/{job}/replay", {"reason": ""})
    assert refused.status_code == 422
    assert browser_of_site.post(f"/admin/queues/{job}/replay", {"reason": "邮件服务器已恢复"}).status_code == 303
    assert browser_of_site.get(f"/admin/queues/{job}").status_code == 404
    with database.read() as db:
        assert db.get_one(Delivery, job).state is DeliveryState.PENDING
        entry = db.scalars(select(JournalEntry).where(JournalEntry.act == "job.replayed")).one()
    assert (entry.thing_id, entry.reason) == (job, "邮件服务器已恢复")


@pytest.mark.usefixtures("admin")
def test_the_list_of_events_says_when_more_wait_than_it_shows(
    browser_of_site: Browser, database: Database, now: datetime
) -> None:
    for count, is_cut in ((PAGE - 1, False), (2, True)):
        with database.write() as db:
            for _ in range(count):
                event = take_in(db, "gateway", f"evt_{uuid4()}", "transfer.created", {"object_id": "tr_9"}, now=now)
                assert event is not None
                settle_event(db, event, InboxAction.PARK, now=now, reason=rules.GAVE_UP)
        shown = browser_of_site.get("/admin/queues").text
        assert (f"这里列出最早收到的 {PAGE} 件" in shown) is is_cut


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    ("act", "state", "done"), [("replay", "received", "event.replayed"), ("ignore", "ignored", "event.ignored")]
)
def test_an_event_that_could_not_be_processed_is_shown_and_decided_by_an_administrator(
    browser_of_site: Browser, database: Database, now: datetime, act: str, state: str, done: str
) -> None:
    with database.write() as db:
        event = take_in(db, "gateway", "evt_9", "checkout.session.completed", {"object_id": "cs_9"}, now=now)
        (sending,) = hand_over(db, now=now)
        for _ in range(rules.ATTEMPTS_MAX):
            fail(db, sending.delivery_id, GiftDiffers(), now=now)
    listed = browser_of_site.get("/admin/queues").text
    for told in ("checkout.session.completed", "evt_9", "2026-03-02", GiftDiffers.text):
        assert told in listed
    assert "没有停放的任务" in listed
    standing = browser_of_site.api("GET", "/api/v1/queue/backlog").json()
    assert (standing["parked"], standing["events"]) == (1, 1)
    url = f"/admin/queues/events/{event}"
    assert "cs_9" in browser_of_site.get(url).text
    assert [one["event_id"] for one in browser_of_site.api("GET", "/api/v1/queue/events").json()] == ["evt_9"]
    kept = browser_of_site.post(f"{url}/{act}", {"reason": ""})
    assert (kept.status_code, "理由" in kept.text) == (422, True)
    assert browser_of_site.post(f"{url}/forget", {"reason": "已核对"}).status_code == 404
    assert browser_of_site.post(f"{url}/{act}", {"reason": "已与平台核对"}).status_code == 303
    assert browser_of_site.get(url).status_code == 404
    with database.read() as db:
        assert db.scalars(select(InboxEvent.state)).one() == state
        entry = db.scalars(select(JournalEntry).where(JournalEntry.thing_kind == "inbox_event")).one()
    assert (entry.act, entry.reason) == (done, "已与平台核对")


def test_only_administrators_see_events_that_could_not_be_processed(
    browser_of_site: Browser, database: Database, now: datetime
) -> None:
    with database.write() as db:
        event = take_in(db, "gateway", "evt_9", "transfer.created", {"object_id": "tr_9"}, now=now)
        (sending,) = hand_over(db, now=now)
        for _ in range(rules.ATTEMPTS_MAX):
            fail(db, sending.delivery_id, LookupError(), now=now)
    url = f"/admin/queues/events/{event}"
    assert browser_of_site.get(url).headers["location"].startswith("/sign-in")
    browser_of_site.become(somebody(database, now, Function.FINANCE_OFFICE, Role.ACCOUNTANT))
    assert browser_of_site.get(url).status_code == 403
    assert browser_of_site.post(f"{url}/replay", {"reason": "已核对"}).status_code == 403
    for act in ("replay", "ignore"):
        asked = browser_of_site.api("POST", f"/api/v1/queue/events/{event}/{act}", {"reason": "已核对"})
        assert asked.status_code == 403
    assert browser_of_site.api("GET", "/api/v1/queue/events").status_code == 403


@pytest.mark.usefixtures("admin")
def test_a_parked_job_is_discarded_with_a_reason_and_what_was_typed_is_kept(
    browser_of_site: Browser, database: Database, now: datetime
) -> None:
    with database.write() as db:
        job = park(db, now)
    assert browser_of_site.post(f"/admin/queues/{job}/discard", {"reason": "x"}).status_code == 422
    assert browser_of_site.post(f"/admin/queues/{job}/discard", {"reason": "单位已注销"}).status_code == 303
    assert "没有停放的任务" in browser_of_site.get("/admin/queues").text


def test_only_the_system_administrator_sees_and_decides_about_the_queue(
    browser_of_site: Browser, database: Database, now: datetime
) -> None:
    with database.write() as db:
        job = park(db, now)
    for function, role in ((Function.OPERATOR, Role.AUDIT_ADMIN), (Function.BUYER, Role.HEAD)):
        browser_of_site.become(somebody(database, now, function, role))
        assert browser_of_site.get("/admin/queues").status_code == 403
        assert browser_of_site.get(f"/admin/queues/{job}").status_code == 403
        assert browser_of_site.post(f"/admin/queues/{job}/replay", {"reason": "有理由"}).status_code == 403
        assert (
            browser_of_site.api("POST", f"/api/v1/queue/parked/{job}/discard", {"reason": "有理由"}).status_code == 403
        )


@pytest.mark.usefixtures("admin")
def test_the_queue_answers_programs_too(browser_of_site: Browser, database: Database, now: datetime) -> None:
    with database.write() as db:
        job = park(db, now)
    assert browser_of_site.api("GET", "/api/v1/queue/backlog").json()["parked"] == 1
    assert [one["delivery_id"] for one in browser_of_site.api("GET", "/api/v1/queue/parked").json()] == [str(job)]
    assert browser_of_site.api("GET", f"/api/v1/queue/parked/{job}").json()["error_class"] == "LookupError"
    assert browser_of_site.api("POST", f"/api/v1/queue/parked/{job}/replay", {"reason": ""}).status_code == 422
    done = browser_of_site.api("POST", f"/api/v1/queue/parked/{job}/replay", {"reason": "已修复"})
    assert done.json()["pending"] == 1
    again = browser_of_site.api("POST", f"/api/v1/queue/parked/{job}/discard", {"reason": "已修复"})
    assert again.status_code == 409
    assert (
        browser_of_site.api("POST", f"/api/v1/queue/parked/{uuid4()}/replay", {"reason": "已修复"}).status_code == 404
    )


def told(database: Database, clock: ManualClock, actor: Actor) -> None:
    """Tell somebody of a change of their roles."""
    assert actor.person_id is not None
    with database.write() as db:
        membership = memberships_of(db, actor.person_id)[0]
        emit(db, "identity.roles_changed", now=clock.now(), membership_id=membership.id)
    drain(assemble(database, clock, Settings(secret_key=SECRET), safe=SAFE))


def test_a_notice_stands_in_the_inbox_until_it_is_followed(
    browser_of_site: Browser, database: Database, clock: ManualClock
) -> None:
    actor = somebody(database, clock.now(), Function.BUYER, Role.CLERK)
    browser_of_site.become(actor)
    assert "还没有消息" in browser_of_site.get("/inbox").text
    told(database, clock, actor)
    assert "岗位有调整" in browser_of_site.get("/centre").text
    (notice,) = browser_of_site.api("GET", "/api/v1/notices?unread=true").json()
    followed = browser_of_site.get(f"/inbox/{notice['id']}")
    assert followed.headers["location"] == notice["url"]
    assert "没有未读的消息" in browser_of_site.get("/inbox?only=unread").text
    assert browser_of_site.api("GET", "/api/v1/notices").json()[0]["read_at"] is not None


def test_anothers_notice_is_not_found(browser_of_site: Browser, database: Database, clock: ManualClock) -> None:
    owner = somebody(database, clock.now(), Function.BUYER, Role.CLERK)
    told(database, clock, owner)
    browser_of_site.become(owner)
    (notice,) = browser_of_site.api("GET", "/api/v1/notices").json()
    browser_of_site.become(somebody(database, clock.now(), Function.BUYER, Role.CLERK))
    assert browser_of_site.get(f"/inbox/{notice['id']}").status_code == 404
    assert browser_of_site.api("POST", "/api/v1/notices/read", {"ids": [notice["id"]]}).json() == {"count": 0}


def test_all_notices_are_marked_as_read_at_once(
    browser_of_site: Browser, database: Database, clock: ManualClock
) -> None:
    actor = somebody(database, clock.now(), Function.BUYER, Role.CLERK)
    browser_of_site.become(actor)
    for _ in range(3):
        told(database, clock, actor)
    assert browser_of_site.post("/inbox/read").status_code == 303
    assert "已将 3 条消息标为已读" in browser_of_site.get("/inbox").text


def test_a_long_inbox_goes_on_on_the_next_page(
    browser_of_site: Browser, database: Database, clock: ManualClock
) -> None:
    actor = somebody(database, clock.now(), Function.BUYER, Role.CLERK)
    browser_of_site.become(actor)
    for _ in range(31):
        told(database, clock, actor)
        clock.advance(timedelta(minutes=1))
    first = browser_of_site.get("/inbox").text
    onward = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser_of_site.get(onward)
    assert second.text.count('href="/inbox/') == 1
    assert browser_of_site.get("/inbox?after=nonsense").status_code == 422


def test_the_demo_shows_its_mail_and_other_installations_have_no_such_page(
    open_browser: OpenBrowser, database: Database, clock: ManualClock
) -> None:
    settings = Settings(secret_key=SECRET, public_url="http://testserver.local", demo=True)
    with database.write() as db:
        organization = an_organization(db, Function.BUYER, now=clock.now(), name="示例区妇联")
        head = actor_of(db, a_person(db, organization, Role.HEAD, now=clock.now()), organization)
    browser = open_browser(settings=settings)
    safe = safe_of(master_key(settings), demo=True)
    with database.write() as db:
        new = NewPerson(name="孙三", email="new@example.com", login="new")
        identity.invite(db, safe, head, organization, new, roles=[Role.CLERK], now=clock.now())
    drain(assemble(database, clock, settings))
    shown = browser.get("/demo/mail").text
    assert "孙三" in shown
    link = shown.partition('href="http://testserver.local')[2].partition('"')[0]
    assert link.startswith("/invitation/")
    assert browser.get(link).status_code == 200
    assert open_browser().get("/demo/mail").status_code == 404


def test_the_header_counts_what_waits_and_what_is_unread(database: Database, clock: ManualClock) -> None:
    actor = somebody(database, clock.now(), Function.OPERATOR, Role.SYSTEM_ADMIN)
    load = counted(lambda _: Visitor(actor=actor), database, clock)

    def seen(path: str) -> tuple[int, int]:
        visitor = load({"path": path})  # type: ignore[typeddict-item] # all that is read of it
        return visitor.todo_count, visitor.unread_count

    drain(assemble(database, clock, Settings(secret_key=SECRET), safe=SAFE))
    assert seen("/account") == (0, 0)
    with database.write() as db:
        park(db, clock.now())
    assert seen("/account") == (0, 0)
    assert seen("/admin") == (1, 0)
    assert seen("/account") == (1, 0)
    clock.advance(KEPT_FOR)
    told(database, clock, actor)
    assert seen("/account") == (1, 1)
    assert seen("/api/v1/todos") == (0, 0)
    assert counted(lambda _: ANONYMOUS, database, clock)({"path": "/"}) is ANONYMOUS  # type: ignore[typeddict-item]


def test_the_figures_for_supervisors_of_processes_tell_of_the_queue(
    browser_of_site: Browser, database: Database, now: datetime
) -> None:
    with database.write() as db:
        park(db, now)
    figures = browser_of_site.get("/metrics").text
    assert 'marketplace_deliveries{state="parked"} 1.0' in figures
    assert "marketplace_delivery_overdue_seconds 0.0" in figures


def addresses() -> Iterator[str]:
    """Every address that a notice may lead to, its ids filled in."""
    whole = list(ast.walk(ast.parse(Path(facts.__file__).read_text("utf-8"))))
    pieces = {id(part) for node in whole if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in whole:
        if id(node) in pieces:
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else str(UUID(int=7))
            for part in parts
        )
        if re.match(r"/[a-z]+", text) and not text.startswith("/changes/"):
            yield text.partition("?")[0]


def test_every_notice_leads_to_a_page_that_exists(browser_of_site: Browser) -> None:
    known = [
        re.compile(re.sub(r"\{[^}]+\}", "[^/]+", route.path) + "/?") for route in browser_of_site.client.app.routes
    ]
    found = sorted(set(addresses()))
    assert len(found) > 5
    assert [url for url in found if not any(path.fullmatch(url) for path in known)] == []
