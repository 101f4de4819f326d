"""The panel by its verbs: who may sit, who is drawn, who declares, steps back and is replaced."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bids
from marketplace.bids.sealing.keys import Seat
from marketplace.evaluation import commands
from marketplace.evaluation.model import Evaluation, PanelMember
from marketplace.evaluation.queries.parts import checks, members_of
from marketplace.evaluation.rules import refusals as no
from marketplace.evaluation.schemas import Declaration, Sheet
from marketplace.evaluation.states import MemberState, SeatKind
from marketplace.identity.queries import actor_of
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import Function, Role
from marketplace.kit.errors import IllegalMove
from marketplace.procedures.rules.choice import PanelEven, PanelTooSmall
from tests.bids.support import World
from tests.evaluation.support import (
    NO_CONFLICT,
    a_check,
    a_jury,
    appoint,
    check_all,
    colleagues,
    composed,
    confirm,
    convened,
    ids_of,
    join,
    state_of,
)
from tests.identity.town import a_person, an_organization


def test_a_panel_that_is_not_what_the_rules_ask_is_refused(db: Session, opened: World, now: datetime) -> None:
    with pytest.raises(PanelTooSmall):
        appoint(db, opened, a_jury(db, opened, now, 6))
    with pytest.raises(PanelEven):
        appoint(db, opened, a_jury(db, opened, now, 8))
    with pytest.raises(no.NobodyNamed):
        appoint(db, opened, a_jury(db, opened, now), representatives=())
    assert db.get(Evaluation, opened.project_id) is None


def test_members_sit_for_the_side_they_come_from(db: Session, opened: World, now: datetime) -> None:
    composed(db, opened, now)
    kinds = [one.kind for one in members_of(db, opened.project_id)]
    assert (kinds.count(SeatKind.BUYER), kinds.count(SeatKind.CENTRE), kinds.count(SeatKind.EXPERT)) == (1, 6, 0)


def test_strangers_and_bidders_cannot_be_named(db: Session, opened: World, now: datetime) -> None:
    jury = a_jury(db, opened, now)
    for stranger, refusal in (
        (opened.openers[Seat.SUPERVISOR], no.NotARepresentative),
        (opened.bidders[0], no.BidderOnPanel),
    ):
        with pytest.raises(refusal):
            appoint(db, opened, jury, representatives=ids_of([*jury.members[:-1], stranger]))


def test_a_bidders_colleague_is_barred_also_when_of_the_desk(db: Session, opened: World, now: datetime) -> None:
    jury = a_jury(db, opened, now)
    bidder = opened.bidders[0].organization_id
    assert bidder
    join(db, jury.members[-1], bidder, now)
    with pytest.raises(no.BidderOnPanel):
        appoint(db, opened, jury)
    with pytest.raises(DutiesClash):
        composed_then_joined(db, opened, now)


def composed_then_joined(db: Session, opened: World, now: datetime) -> None:
    """Somebody enters a bidder's service after being appointed: they cannot take their seat."""
    jury = composed(db, opened, now)
    bidder = opened.bidders[1].organization_id
    assert bidder
    join(db, jury.members[-1], bidder, now)
    commands.declare(db, jury.members[-1], opened.project_id, NO_CONFLICT, now=opened.opens)


def test_experts_are_drawn_from_those_who_are_free_to_judge(db: Session, opened: World, now: datetime) -> None:
    jury = a_jury(db, opened, now, 4)
    pool = an_organization(db, Function.PROCURING_ENTITY, now=now, name="示例评审专家库")
    people = [a_person(db, pool, Role.EXPERT, now=now, login=f"expert{n}", name=f"专家{n}") for n in range(4)]
    buyer_expert = a_person(db, pool, Role.EXPERT, now=now, login="buyerexpert")
    buyer = opened.openers[Seat.BUYER].organization_id
    assert buyer
    join(db, actor_of(db, buyer_expert, pool), buyer, now)
    with pytest.raises(no.ExpertsShort):
        appoint(db, opened, jury, experts=5)
    appoint(db, opened, jury, experts=3)
    drawn = [one.person_id for one in members_of(db, opened.project_id) if one.kind is SeatKind.EXPERT]
    assert len(drawn) == 3
    assert set(drawn) <= set(people)
    for person_id in drawn:
        commands.declare(db, actor_of(db, person_id, pool), opened.project_id, NO_CONFLICT, now=opened.opens)
    spare = actor_of(db, (set(people) - set(drawn)).pop(), pool)
    with pytest.raises(no.NotOnPanel):
        commands.declare(db, spare, opened.project_id, NO_CONFLICT, now=opened.opens)


def test_nobody_judges_before_declaring(db: Session, opened: World, now: datetime) -> None:
    jury = composed(db, opened, now)
    for member in jury.members[:-1]:
        commands.declare(db, member, opened.project_id, NO_CONFLICT, now=opened.opens)
    bid = opened_bids(db, opened.project_id)[0]
    with pytest.raises(no.DeclareFirst):
        commands.check_bid(
            db, jury.members[-1], opened.project_id, bid.bid_id, a_check(db, opened.project_id), now=opened.opens
        )
    with pytest.raises(no.DeclareFirst):
        commands.save_scores(db, jury.members[-1], opened.project_id, Sheet(), now=opened.opens)
    assert state_of(db, opened)[1] == "declaring"


def test_who_steps_back_says_why_and_is_replaced(db: Session, opened: World, now: datetime) -> None:
    jury = composed(db, opened, now)
    last = jury.members[-1]
    with pytest.raises(no.RecusalReasonNeeded):
        commands.declare(db, last, opened.project_id, Declaration(recuse=True, reason=" "), now=opened.opens)
    recusal = Declaration(recuse=True, reason="配偶在其中一家单位任职")
    commands.declare(db, last, opened.project_id, recusal, now=opened.opens)
    for member in jury.members[:-1]:
        commands.declare(db, member, opened.project_id, NO_CONFLICT, now=opened.opens)
    assert state_of(db, opened)[1] == "declaring"
    with pytest.raises(no.SitsAlready):
        appoint(db, opened, jury, representatives=ids_of([last]))
    [substitute] = colleagues(db, opened, 1, now)
    appoint(db, opened, jury, representatives=ids_of([substitute]))
    commands.declare(db, substitute, opened.project_id, NO_CONFLICT, now=opened.opens)
    assert state_of(db, opened)[1] == "checking"
    with pytest.raises(no.NotOnPanel):
        commands.declare(db, last, opened.project_id, NO_CONFLICT, now=opened.opens)


def test_only_who_has_not_declared_can_be_dismissed(db: Session, opened: World, now: datetime) -> None:
    jury = composed(db, opened, now)
    commands.declare(db, jury.members[0], opened.project_id, NO_CONFLICT, now=opened.opens)
    seats = members_of(db, opened.project_id)
    with pytest.raises(IllegalMove):
        commands.dismiss(db, jury.composer, opened.project_id, seats[0].id, reason="意见不合", now=opened.opens)
    commands.dismiss(db, jury.composer, opened.project_id, seats[-1].id, reason="出差", now=opened.opens)
    assert db.get_one(PanelMember, seats[-1].id).state is MemberState.DISMISSED


def test_what_a_recused_member_recorded_is_recorded_anew(db: Session, opened: World, now: datetime) -> None:
    jury = convened(db, opened, now)
    check_all(db, opened, jury)
    recusal = Declaration(recuse=True, reason="发现与其中一家单位有业务往来")
    commands.declare(db, jury.members[0], opened.project_id, recusal, now=opened.opens)
    assert checks(db, opened.project_id) == {}
    with pytest.raises(no.PanelNotWhole):
        confirm(db, opened, jury)
