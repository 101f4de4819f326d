"""A bid that was handed in before a correction of substance is confirmed, replaced, or stays sealed."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries, rules
from marketplace.bids.sealing.keys import Seat
from marketplace.bids.states import BID, BidState
from marketplace.journal.model import JournalEntry
from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from marketplace.projects.queries import plan_of
from marketplace.projects.rules import ConditionPlan
from marketplace.projects.rules.amending import standing
from marketplace.projects.rules.refusals import QuestionOpen
from tests.bids.support import KEYS, PASSPHRASES, SECOND, World, a_bid, a_change, opened

MOVES = """
draft      submit            sealed
sealed     replace           sealed
sealed     confirm           sealed
sealed     withdraw          withdrawn
withdrawn  submit            sealed
sealed     open              opened
sealed     report_unreadable unreadable
sealed     leave_sealed      unconfirmed
opened     admit             valid
opened     disqualify        disqualified
"""


def test_the_moves_of_a_bid_are_these() -> None:
    written = {(source, action): target for source, action, target in map(str.split, MOVES.strip().splitlines())}
    assert {(str(s), str(a)): str(t) for (s, a), t in BID.moves.items()} == written


def correct(db: Session, world: World, now: datetime, **changed: Any) -> None:
    """A correction of substance, proposed by the centre's clerk and published by its head."""
    clerk, plan = world.openers[Seat.CENTRE], plan_of(db, db.get_one(Project, world.project_id))
    given: dict[str, Any] = {"requirement": plan.requirement + "\n每周另加一次入户。"} | changed
    proposal = msgspec.structs.replace(standing(plan, "按答疑补充服务内容"), **given)
    made = projects.propose_amendment(db, clerk, world.project_id, proposal, now=now)
    projects.publish_amendment(db, world.head, made, now=now)


def confirm(db: Session, world: World, who: Any, at: datetime) -> Any:
    return commands.confirm(db, KEYS, who, world.project_id, received_at=at, now=at)


def mine(db: Session, world: World, who: Any) -> Any:
    return queries.my_bid(db, KEYS, world.project_id, who.organization_id)


def test_what_was_confirmed_or_replaced_is_opened_and_the_rest_stays_sealed(
    db: Session, world: World, now: datetime
) -> None:
    confirms, replaces, forgets = world.bidders
    for who in world.bidders:
        a_bid(db, world, who, now)
    assert not mine(db, world, confirms).must_confirm
    with pytest.raises(rules.NothingToConfirm):
        confirm(db, world, confirms, now)
    correct(db, world, now)
    assert [mine(db, world, who).must_confirm for who in world.bidders] == [True] * 3
    (todo,) = queries.to_confirm(db, KEYS, confirms, now=now)
    assert todo.urgent
    receipt = confirm(db, world, confirms, now)
    assert (receipt.entry, receipt.confirms, receipt.edition, receipt.withdrawal) == (2, 1, 2, False)
    assert receipt.sha256 == mine(db, world, confirms).receipts[0].sha256
    assert queries.to_confirm(db, KEYS, confirms, now=now) == []
    commands.start_over(db, KEYS, replaces, world.project_id, received_at=now)
    commands.save_draft(db, KEYS, replaces, world.project_id, a_change(db, world, 2_900_000), received_at=now)
    commands.submit(db, KEYS, replaces, world.project_id, received_at=now, now=now)
    found = opened(db, world, world.opens)
    assert (found.readable, found.unreadable, found.unconfirmed) == (2, 0, 1)
    listed = queries.opening_list(db, world.project_id)
    assert listed.unconfirmed == 1
    assert {(row.organization_id, row.price_fen) for row in listed.rows} == {
        (confirms.organization_id, 3_000_000),
        (replaces.organization_id, 2_900_000),
    }
    assert mine(db, world, forgets).state is BidState.UNCONFIRMED


def test_a_confirmed_bid_is_confirmed_again_after_the_next_correction(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_bid(db, world, who, now)
    for number in (2, 3):
        correct(db, world, now)
        assert confirm(db, world, who, now).entry == number
    assert [one.confirms for one in mine(db, world, who).receipts] == [None, 1, 1]
    found = opened(db, world, world.opens)
    assert (found.readable, found.unconfirmed) == (1, 0)


def test_what_is_asked_anew_is_answered_by_replacing(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_bid(db, world, who, now)
    plan = plan_of(db, db.get_one(Project, world.project_id))
    added = (*plan.conditions, ConditionPlan(content="带队人员有急救证"))
    correct(db, world, now, conditions=added, ceiling_fen=plan.costs_fen)
    with pytest.raises(rules.ReplaceInstead, match="带队人员有急救证"):
        confirm(db, world, who, now)
    assert mine(db, world, who).asked_anew[0] == "带队人员有急救证"


def test_a_lower_ceiling_cannot_be_confirmed_blindly(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_bid(db, world, who, now)
    plan = plan_of(db, db.get_one(Project, world.project_id))
    line = msgspec.structs.replace(plan.cost_lines[0], unit_cost_fen=100)
    correct(db, world, now, cost_lines=(line,), ceiling_fen=4_000_000)
    with pytest.raises(rules.ReplaceInstead, match="最高限价降为"):
        confirm(db, world, who, now)


def test_only_a_sealed_bid_is_confirmed_and_only_in_time(db: Session, world: World, now: datetime) -> None:
    who, other, third = world.bidders
    a_bid(db, world, who, now)
    correct(db, world, now)
    commands.take_document(db, other, world.project_id, received_at=now, now=now)
    with pytest.raises(NotFound):
        confirm(db, world, other, now)
    with pytest.raises(rules.DocumentNotTaken):
        confirm(db, world, third, now)
    with pytest.raises(rules.TooLate):
        confirm(db, world, who, world.due + SECOND)
    commands.withdraw(db, KEYS, who, world.project_id, received_at=now, now=now)
    with pytest.raises(IllegalMove):
        confirm(db, world, who, now)


def test_a_confirmation_tells_nobody(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_bid(db, world, who, now)
    correct(db, world, now)
    receipt = confirm(db, world, who, now)
    entry = db.get_one(JournalEntry, receipt.journal_entry_id)
    assert (entry.act, entry.person_id, entry.organization_id) == ("bid.entered", None, None)


def test_the_box_stays_closed_while_a_question_waits(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_bid(db, world, who, now)
    projects.ask_question(db, who, world.project_id, "是否限本村？", key=bytes(32), took_document=True, now=now)
    with pytest.raises(QuestionOpen):
        commands.contribute(db, world.openers[Seat.CENTRE], world.project_id, PASSPHRASES[Seat.CENTRE], now=world.opens)
