"""The dry check says before handing in what handing in would refuse, and what only comes out later."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.bids import commands
from marketplace.bids.queries.dry import DryCheck, Verdict, dry_check
from marketplace.bids.rules import (
    AboveCeiling,
    DraftIsLocked,
    NotQualified,
    Part,
    TooLate,
)
from marketplace.bids.schemas import DraftChange, Plan
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import Several
from marketplace.suppliers.commands import check, debar
from marketplace.suppliers.schemas import NewDebarment
from marketplace.web.bids import ROUTES
from tests.bids.support import KEYS, SECOND, World, a_bid, a_draft, a_file
from tests.suppliers.shelf import centre, passed
from tests.web.conftest import OpenBrowser


def tried(db: Session, world: World, who: Actor, at: datetime) -> DryCheck:
    assert who.organization_id
    return dry_check(db, KEYS, world.project_id, who.organization_id, storage=world.storage, received_at=at)


def codes(check: DryCheck, verdict: Verdict) -> list[str]:
    return [one.code for one in check.findings if one.verdict is verdict]


def test_a_complete_draft_would_be_taken_and_is(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    found = tried(db, world, who, now)
    assert (found.may_be_handed_in, codes(found, Verdict.REFUSED), codes(found, Verdict.INVALID)) == (True, [], [])
    commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    with pytest.raises(DraftIsLocked):
        tried(db, world, who, now)


def test_what_is_missing_is_told_all_at_once_in_the_words_of_the_refusal(
    db: Session, world: World, now: datetime
) -> None:
    who = world.bidders[0]
    commands.take_document(db, who, world.project_id, received_at=now, now=now)
    nothing = tried(db, world, who, now)
    assert codes(nothing, Verdict.REFUSED) == [
        "bid_price_missing", "bid_plan_missing", "bid_staff_missing", "bid_criteria_missing",
        "bid_conditions_missing", "bid_confirmation_missing",
    ]  # fmt: skip
    commands.save_draft(db, KEYS, who, world.project_id, DraftChange(), received_at=now)
    with pytest.raises(Several) as refused:
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    assert [one.code for one in refused.value.errors] == codes(tried(db, world, who, now), Verdict.REFUSED)
    assert [one.part for one in nothing.findings if one.verdict is Verdict.REFUSED] == [
        Part.PRICE, Part.PLAN, Part.STAFF, Part.CRITERIA, Part.CONDITIONS, Part.CONFIRMATION
    ]  # fmt: skip


def test_a_price_above_the_ceiling_is_told_with_both_amounts(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now, price_fen=900_000_000)
    (found,) = (one for one in tried(db, world, who, now).findings if one.verdict is Verdict.REFUSED)
    assert (found.code, found.part, found.params["price"]) == ("bid_above_ceiling", Part.PRICE, "9,000,000.00")
    with pytest.raises(AboveCeiling):
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)


def test_an_answer_taken_out_again_is_missing(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    change = DraftChange(plan=Plan(approach="只有做法"))
    commands.save_draft(db, KEYS, who, world.project_id, change, received_at=now)
    assert codes(tried(db, world, who, now), Verdict.REFUSED) == ["bid_plan_missing"]


def test_a_debarred_organization_would_be_refused_and_is(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    debarment = NewDebarment(source="示例监管部门", reason="示例理由", from_on=legal_day(now))
    assert who.organization_id
    debar(db, centre(db, Role.HEAD, now=now), who.organization_id, debarment, now=now)
    assert codes(tried(db, world, who, now), Verdict.REFUSED) == ["supplier_debarred"]
    with pytest.raises(NotQualified):
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)


def test_a_proof_that_ends_before_the_deadline_is_told_and_one_that_has_ended_is_refused(
    db: Session, world: World, now: datetime
) -> None:
    who, own = world.bidders[0], world.bidders[0].organization_id
    assert own
    a_draft(db, world, who, now)
    ends = legal_day(now)
    check(db, centre(db, now=now), own, [passed("certificate", valid_to=ends)], now=now)
    told = tried(db, world, who, now)
    assert (codes(told, Verdict.REFUSED), codes(told, Verdict.INVALID)) == ([], ["supplier_expired"])
    assert told.may_be_handed_in
    later = now + timedelta(days=1)
    refused = tried(db, world, who, later)
    assert (codes(refused, Verdict.REFUSED), codes(refused, Verdict.INVALID)) == (["supplier_expired"], [])
    with pytest.raises(NotQualified):
        commands.submit(db, KEYS, who, world.project_id, received_at=later, now=later)


def test_a_file_that_no_longer_opens_is_told(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    a_file(db, world, who, b"plan " * 1000, now)
    assert codes(tried(db, world, who, now), Verdict.INVALID) == []
    for path in world.storage.root.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    found = tried(db, world, who, now)
    assert codes(found, Verdict.INVALID) == ["file_damaged"]
    assert found.may_be_handed_in


def test_the_six_conditions_are_told_and_do_not_stop(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    assert "declaration_missing" in codes(tried(db, world, who, now), Verdict.NOTE)


def test_after_the_deadline_there_is_nothing_to_check(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    with pytest.raises(TooLate):
        tried(db, world, who, world.due + SECOND)


def test_checking_stores_nothing(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    a_bid(db, world, world.bidders[1], now)
    count = text(
        "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM journal_entry),"
        " (SELECT max(version) FROM bid_draft)"
    )
    before: Any = db.execute(count).one()
    tried(db, world, who, now)
    assert db.execute(count).one() == before


def test_the_page_and_the_program_say_the_same(open_browser: OpenBrowser, world: World) -> None:
    site = open_browser(routes=ROUTES)
    site.become(world.bidders[0])
    base = f"/org/bids/{world.project_id}"
    assert site.get(f"{base}/check").status_code == 404
    assert site.api("GET", f"/api/v1/projects/{world.project_id}/bid/check").status_code == 409
    site.post(f"{base}/take")
    page = site.get(f"{base}/check")
    assert page.status_code == 200
    assert "现在递交会被退回" in page.text
    for part in ("price", "plan", "answers", "confirm"):
        assert f'href="{base}/{part}"' in page.text
    found = site.api("GET", f"/api/v1/projects/{world.project_id}/bid/check").json()["findings"]
    assert next(one["code"] for one in found if one["verdict"] == "refused") == "bid_price_missing"
    assert f'href="{base}/check"' in site.get(base).text
