"""沿用上次: what an organization said before is offered again, from its own opened bids and register alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET, structs
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries
from marketplace.bids.queries.reuse import Earlier, Saved, filled, last_bid
from marketplace.bids.rules import DocumentNotTaken, DraftIsLocked, NothingToReuse, TooLate
from marketplace.bids.schemas import Answer, Contact, Content, DraftChange, DraftView, Plan, StaffMember
from marketplace.db.base import Database
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.projects.model import Project
from marketplace.suppliers import commands as suppliers
from marketplace.suppliers.rules.declaration import EDITION
from marketplace.suppliers.rules.declaration import Condition as General
from marketplace.web.bids import ROUTES
from tests.bids.support import KEYS, SECOND, World, a_bid, a_change, a_draft, a_world, opened
from tests.suppliers.shelf import of
from tests.web.conftest import OpenBrowser

FULL = Plan(approach="上次的做法", schedule="上次的进度", quality="上次的质量保证", risks="上次的应急")


def another(db: Session, first: World, folder: Path, at: datetime) -> World:
    """A later project, open to the same organizations."""
    return replace(a_world(db, folder / f"later-{at:%d%H%M}", at, bidders=0), bidders=first.bidders)


def told(db: Session, world: World, who: Actor) -> Saved:
    return queries.saved_data(db, KEYS, world.project_id, of(who))


def earlier(db: Session, world: World, who: Actor) -> Earlier:
    found = told(db, world, who).earlier
    assert found is not None
    return found


def reuse(db: Session, world: World, who: Actor, at: datetime) -> DraftView:
    return commands.reuse_last(db, KEYS, who, world.project_id, received_at=at)


def bid_with_everything(db: Session, world: World, who: Actor, at: datetime) -> None:
    """A bid whose plan has all four sections and whose conditions have their proofs beside them."""
    a_draft(db, world, who, at)
    asked = queries.asked_of(db, world.project_id)
    change = DraftChange(
        plan=FULL, conditions={one.id: Answer(text=f"证明{n}", met=True) for n, one in enumerate(asked.conditions)}
    )
    commands.save_draft(db, KEYS, who, world.project_id, change, received_at=at)
    commands.submit(db, KEYS, who, world.project_id, received_at=at, now=at)


@pytest.fixture
def later(db: Session, world: World, tmp_path: Path, now: datetime) -> World:
    """A project published after the bids of ``world`` were opened, where the first bidder took the document."""
    bid_with_everything(db, world, world.bidders[0], now)
    a_bid(db, world, world.bidders[1], now)
    opened(db, world, world.opens)
    found = another(db, world, tmp_path, world.opens + timedelta(hours=1))
    commands.take_document(
        db, world.bidders[0], found.project_id, received_at=found.due - SECOND, now=found.due - SECOND
    )
    return found


def test_the_empty_parts_are_filled_from_the_last_opened_bid(db: Session, later: World) -> None:
    who, asked = later.bidders[0], queries.asked_of(db, later.project_id)
    offer = earlier(db, later, who)
    assert (offer.sections, offer.people, offer.answers, offer.proofs) == (
        3, 1, len(asked.criteria), len(asked.conditions),
    )  # fmt: skip
    assert offer.same_service
    draft = reuse(db, later, who, later.due)
    assert draft.plan == Plan(approach="上次的做法", quality="上次的质量保证", risks="上次的应急")
    assert draft.staff == (StaffMember(name="陈示例", post="社工", years=5),)
    assert {one.text for one in draft.criteria.values()} == {"做法见服务方案"}
    assert set(draft.criteria) == {one.id for one in asked.criteria}


def test_price_schedule_files_confirmations_contact_and_declaration_are_asked_each_time(
    db: Session, later: World
) -> None:
    draft = reuse(db, later, later.bidders[0], later.due)
    assert (draft.price_fen, draft.cost_lines, draft.files, draft.declared) == (0, (), (), False)
    assert (draft.plan.schedule, draft.contact) == ("", Contact())
    asked = queries.asked_of(db, later.project_id)
    assert [draft.conditions[one.id] for one in asked.conditions] == [
        Answer(text=f"证明{n}", met=False) for n in range(len(asked.conditions))
    ]


def test_what_is_written_stays_and_a_second_click_finds_nothing(db: Session, later: World) -> None:
    who, asked = later.bidders[0], queries.asked_of(db, later.project_id)
    first, condition = asked.criteria[0].id, asked.conditions[0].id
    own = DraftChange(
        plan=Plan(approach="这次的做法"),
        staff=(StaffMember(name="新示例", post="督导"),),
        criteria={first: Answer(text="这次的响应")},
        conditions={condition: Answer(met=True)},
    )
    commands.save_draft(db, KEYS, who, later.project_id, own, received_at=later.due)
    offer = earlier(db, later, who)
    assert (offer.sections, offer.people, offer.answers) == (2, 0, len(asked.criteria) - 1)
    draft = reuse(db, later, who, later.due)
    assert draft.plan == Plan(approach="这次的做法", quality="上次的质量保证", risks="上次的应急")
    assert [one.name for one in draft.staff] == ["新示例"]
    assert draft.criteria[first].text == "这次的响应"
    assert draft.conditions[condition] == Answer(text="证明0", met=True)
    assert told(db, later, who).earlier is None
    with pytest.raises(NothingToReuse):
        reuse(db, later, who, later.due)
    assert queries.my_bid(db, KEYS, later.project_id, of(who)).draft == draft  # type: ignore[union-attr]


def test_an_answer_goes_only_to_the_same_words(db: Session, later: World) -> None:
    who, asked = later.bidders[0], queries.asked_of(db, later.project_id)
    last = last_bid(db, asked, of(who))
    assert last is not None
    other = structs.replace(
        asked,
        criteria=tuple(structs.replace(one, name=f"{one.name}（改）") for one in asked.criteria),
        conditions=tuple(structs.replace(one, content=f"{one.content}（改）") for one in asked.conditions),
    )
    found = filled(Content(organization_id=of(who)), other, last)
    assert (found.sections, found.people, found.answers, found.proofs) == (3, 1, 0, 0)
    assert (found.change.criteria, found.change.conditions) == (UNSET, UNSET)


def test_nothing_sealed_is_read(db: Session, world: World, tmp_path: Path, now: datetime) -> None:
    who = world.bidders[0]
    bid_with_everything(db, world, who, now)
    second = another(db, world, tmp_path, now + timedelta(hours=1))
    commands.take_document(db, who, second.project_id, received_at=second.due, now=second.due)
    assert told(db, second, who).earlier is None
    with pytest.raises(NothingToReuse):
        reuse(db, second, who, second.due)
    opened(db, world, world.opens)
    assert earlier(db, second, who).project_id == world.project_id


def test_another_organizations_bid_is_never_offered(db: Session, later: World) -> None:
    stranger = later.bidders[2]
    commands.take_document(db, stranger, later.project_id, received_at=later.due, now=later.due)
    assert told(db, later, stranger).earlier is None
    with pytest.raises(NothingToReuse):
        reuse(db, later, stranger, later.due)


def test_the_same_service_goes_before_a_later_bid_for_another(
    db: Session, world: World, later: World, tmp_path: Path
) -> None:
    who = world.bidders[0]
    a_draft(db, later, who, later.due)
    commands.submit(db, KEYS, who, later.project_id, received_at=later.due, now=later.due)
    opened(db, later, later.opens)
    third = another(db, world, tmp_path, later.opens + timedelta(hours=1))
    assert earlier(db, third, who).project_id == later.project_id
    db.execute(update(Project).where(Project.id == later.project_id).values(catalogue_code="A0901"))
    db.expire_all()
    assert earlier(db, third, who).project_id == world.project_id
    db.execute(update(Project).where(Project.id == world.project_id).values(catalogue_code="A0901"))
    db.expire_all()
    other = earlier(db, third, who)
    assert (other.project_id, other.same_service) == (later.project_id, False)


def test_reusing_is_writing_and_refused_like_it(db: Session, later: World) -> None:
    who = later.bidders[0]
    with pytest.raises(TooLate):
        reuse(db, later, who, later.due + SECOND)
    with pytest.raises(DocumentNotTaken):
        reuse(db, later, later.bidders[1], later.due)
    with pytest.raises(Forbidden):
        reuse(db, later, replace(who, roles=frozenset({Role.ACCOUNTANT})), later.due)
    with pytest.raises(NotFound):
        reuse(db, replace(later, project_id=later.bidders[0].person_id), who, later.due)  # type: ignore[arg-type]
    a_bid(db, later, who, later.due)
    assert told(db, later, who).earlier is None
    with pytest.raises(DraftIsLocked):
        reuse(db, later, who, later.due)


def test_offering_and_reusing_leave_no_trace_that_somebody_bids(db: Session, later: World) -> None:
    traces = text("SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM journal_entry)")
    before: Any = db.execute(traces).one()
    told(db, later, later.bidders[0])
    reuse(db, later, later.bidders[0], later.due)
    assert db.execute(traces).one() == before


def test_contact_and_declaration_come_from_the_register(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    before = told(db, world, who)
    assert before.contact == Contact(name="联络1", phone="0826-2000001")
    assert (before.declaration, before.declared) == (None, False)
    suppliers.declare(db, who, of(who), frozenset(General), edition=EDITION, now=now)
    after = told(db, world, who)
    assert after.declared
    assert after.declaration is not None
    assert (after.declaration.signed_on, after.declaration.signed_by_name) == (legal_day(now), "联络1")


def test_a_declaration_that_ends_before_the_deadline_is_asked_anew(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    suppliers.declare(db, who, of(who), frozenset(General), edition=EDITION, now=now - timedelta(days=365))
    found = told(db, world, who)
    assert found.declaration is not None
    assert not found.declaration.holds
    assert not found.declared


def test_the_task_list_offers_it_once_and_the_program_does_the_same(
    open_browser: OpenBrowser, database: Database, later: World, clock: ManualClock
) -> None:
    clock.set(later.due - SECOND)
    site = open_browser(routes=ROUTES)
    who = later.bidders[0]
    site.become(who)
    base, api = f"/org/bids/{later.project_id}", f"/api/v1/projects/{later.project_id}/bid"
    page = site.get(base)
    assert "沿用上次" in page.text
    assert "服务方案 3 段" in page.text
    assert f'action="{base}/reuse"' in page.text
    assert "Use my last bid" in site.get(base, headers={"accept-language": "en"}).text
    assert site.api("GET", f"{api}/saved-data").json()["earlier"]["sections"] == 3
    assert site.post(f"{base}/reuse").headers["location"] == base
    assert "上次的做法" in site.get(f"{base}/plan").text
    assert "沿用上次" not in site.get(base).text
    again = site.post(f"{base}/reuse")
    assert again.status_code == 422
    assert "没有可以沿用的内容" in again.text
    refused = site.api("POST", f"{api}/reuse")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nothing_to_reuse")
    with database.write() as db:
        commands.start_over(db, KEYS, who, later.project_id, received_at=later.due)
    site.become(replace(who, roles=frozenset({Role.DRAFTER})))
    found = site.api("POST", f"{api}/reuse")
    assert (found.status_code, found.json()["plan"]["approach"]) == (200, "上次的做法")
    assert found.headers["etag"] == f'"{found.json()["version"]}"'
    site.become(later.bidders[1])
    assert site.post(f"{base}/reuse").status_code == 404
    assert site.api("GET", f"{api}/saved-data").status_code == 409


def test_a_colleague_who_sees_no_money_gets_no_price_back_from_the_program(
    open_browser: OpenBrowser, database: Database, world: World, now: datetime
) -> None:
    site = open_browser(routes=ROUTES)
    who = world.bidders[0]
    with database.write() as db:
        commands.take_document(db, who, world.project_id, received_at=now, now=now)
        commands.save_draft(db, KEYS, who, world.project_id, a_change(db, world), received_at=now)
    api = f"/api/v1/projects/{world.project_id}/bid"
    for roles, price in ((who.roles, 3_000_000), (frozenset({Role.DRAFTER}), 0)):
        site.become(replace(who, roles=roles))
        saved = site.api("PATCH", api, {"contact": {"name": "陈示例", "phone": "13800000000"}}).json()
        assert (saved["price_fen"], bool(saved["cost_lines"])) == (price, price > 0)
    site.become(who)
    assert site.api("GET", api).json()["draft"]["price_fen"] == 3_000_000


def test_the_last_page_is_prefilled_and_says_which_declaration_it_stands_on(
    open_browser: OpenBrowser, database: Database, world: World, now: datetime
) -> None:
    site = open_browser(routes=ROUTES)
    who = world.bidders[0]
    site.become(who)
    base = f"/org/bids/{world.project_id}"
    site.post(f"{base}/take")
    page = site.get(f"{base}/confirm").text
    assert 'value="联络1"' in page
    assert 'value="0826-2000001"' in page
    assert "还没有签过声明" in page
    assert "checked" not in page
    with database.write() as db:
        suppliers.declare(db, who, of(who), frozenset(General), edition=EDITION, now=now)
    page = site.get(f"{base}/confirm").text
    assert "2026-03-02" in page
    assert "沿用，不用重填" in page
    assert 'href="/org/profile/declaration"' in page
    assert "checked" in page
    typed = site.post(f"{base}/confirm", {"contact_name": "陈", "contact_phone": "13800000000"})
    assert typed.status_code == 422
    assert "请阅读并勾选声明" in typed.text
    contact = DraftChange(contact=Contact(name="王示例", phone="13900000000"))
    with database.write() as db:
        commands.save_draft(db, KEYS, who, world.project_id, contact, received_at=now)
    assert 'value="王示例"' in site.get(f"{base}/confirm").text
