"""An evaluation by its verbs: the checks, the lonely scoring, the report, the award."""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.model import Bid
from marketplace.bids.queries import opened_bids
from marketplace.bids.states import BidState
from marketplace.evaluation import commands
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries import award_of
from marketplace.evaluation.queries.parts import checks, members_of, ranking, sheet_of
from marketplace.evaluation.rules import refusals as no
from marketplace.evaluation.schemas import Composition, Declaration, Given, Sheet, Signature
from marketplace.flows import awarding
from marketplace.funds import queries as money
from marketplace.identity.rules import DutiesClash
from marketplace.kit.errors import IllegalMove, NotFound, Several
from marketplace.procedures.rules.choice import PanelNotExact
from marketplace.procedures.states import CountOutcome
from marketplace.projects.model import CostLine, Notice, Project, ProjectEdition
from marketplace.projects.states import NoticeKind
from tests.bids.support import World, a_bid
from tests.evaluation.support import (
    CHEAPER,
    NO_CONFLICT,
    OPINION,
    PRICES,
    Jury,
    a_check,
    a_funded_world,
    a_jury,
    a_sheet,
    an_award,
    appoint,
    check_all,
    checked,
    colleagues,
    confirm,
    convened,
    decided,
    ids_of,
    open_all,
    reported,
    scored,
    sign,
    state_of,
    submit,
    unseal,
)


def test_the_whole_way_ends_in_a_published_award(db: Session, world: World, now: datetime) -> None:
    award = an_award(db, world, now)
    assert state_of(db, world) == ("awarded", "published")
    assert award == award_of(db, world.project_id)
    assert award.price_fen == 3_000_000
    assert award.organization_id == world.bidders[0].organization_id
    assert award.notice_until
    assert award.signable_from
    assert award.published_at
    assert award.signable_from > award.published_at
    notice = db.scalars(select(Notice).where(Notice.project_id == world.project_id, Notice.kind == NoticeKind.RESULT))
    assert "30,000.00" in notice.one().reason


# the checks


def test_a_bid_is_checked_against_every_condition(db: Session, opened: World, now: datetime) -> None:
    jury = convened(db, opened, now)
    bid, new = opened_bids(db, opened.project_id)[0], a_check(db, opened.project_id)
    half = msgspec.structs.replace(new, findings=new.findings[:-1])
    silent = msgspec.structs.replace(
        new, findings=(msgspec.structs.replace(new.findings[0], met=False), *new.findings[1:])
    )
    vague = msgspec.structs.replace(new, conforms=False)
    for wrong, refusal in (
        (half, no.CheckIncomplete),
        (silent, no.FindingReasonNeeded),
        (vague, no.FindingReasonNeeded),
    ):
        with pytest.raises(refusal):
            commands.check_bid(db, jury.members[0], opened.project_id, bid.bid_id, wrong, now=opened.opens)
    with pytest.raises(NotFound):
        commands.check_bid(db, jury.members[0], opened.project_id, opened.project_id, new, now=opened.opens)
    assert commands.check_bid(db, jury.members[0], opened.project_id, bid.bid_id, new, now=opened.opens)
    bad = a_check(db, opened.project_id, conforms=False)
    assert not commands.check_bid(db, jury.members[2], opened.project_id, bid.bid_id, bad, now=opened.opens)


def test_checks_are_confirmed_whole_and_by_somebody_else(db: Session, opened: World, now: datetime) -> None:
    jury = convened(db, opened, now)
    with pytest.raises(no.ChecksMissing):
        confirm(db, opened, jury)
    check_all(db, opened, jury)
    with pytest.raises(no.CheckedByYourself):
        awarding.confirm_checks(db, jury.members[0], opened.project_id, now=opened.opens)
    assert confirm(db, opened, jury) is CountOutcome.ENOUGH
    assert {bid.state for bid in opened_bids(db, opened.project_id)} == {BidState.VALID}
    assert state_of(db, opened)[1] == "scoring"


def lower_ceiling(db: Session, world: World, ceiling_fen: int) -> None:
    """A ceiling that was not there when the bids came in: what was published is kept, and another edition begun."""
    project = db.get_one(Project, world.project_id)
    notice_id = db.scalars(select(Notice.id).where(Notice.project_id == project.id)).first()
    kept = ProjectEdition(
        project_id=project.id, number=project.edition, content={}, notice_id=notice_id, until=world.due
    )
    db.add(kept)
    db.flush()
    first, *others = db.scalars(select(CostLine).where(CostLine.project_id == project.id).order_by(CostLine.place))
    for line in others:
        db.delete(line)
    first.quantity_hundredths, first.unit_cost_fen, first.amount_fen = 100, ceiling_fen, ceiling_fen
    db.flush()
    project.edition, project.ceiling_fen = project.edition + 1, ceiling_fen
    db.flush()


def test_a_price_above_the_ceiling_is_invalid(db: Session, world: World, now: datetime) -> None:
    for bidder, price in zip(world.bidders, PRICES, strict=True):
        a_bid(db, world, bidder, now, price)
    lower_ceiling(db, world, 3_500_000)  # no bidder could hand in above the ceiling; the check looks all the same
    unseal(db, world)
    jury = convened(db, world, now)
    check_all(db, world, jury)
    found = checks(db, world.project_id)
    passed = [found[bid.bid_id].passed for bid in opened_bids(db, world.project_id)]
    assert sorted(passed) == [False, False, True]
    assert any("35,000.00" in one.reason for one in found.values())


def test_too_few_valid_bids_fail_the_project_and_free_its_money(db: Session, tmp_path: Path, now: datetime) -> None:
    world, village, fund_id = a_funded_world(db, tmp_path, now)
    open_all(db, world, now, CHEAPER)
    jury = convened(db, world, now, 3)
    check_all(db, world, jury, failing=1)
    assert money.fund(db, fund_id).balances_fen == {"reserved": 4_000_000}
    assert confirm(db, world, jury) is CountOutcome.REPEAT
    assert state_of(db, world) == ("unsuccessful", "failed")
    assert money.fund(db, fund_id).balances_fen == {"available": 4_000_000}
    states = sorted(db.scalars(select(Bid.state).where(Bid.project_id == world.project_id)))
    assert states == [BidState.DISQUALIFIED, BidState.VALID, BidState.VALID]
    assert "2 份" in db.get_one(Project, world.project_id).end_reason
    assert village


# the scoring


def test_a_score_is_one_of_the_stated_steps(db: Session, opened: World, now: datetime) -> None:
    jury = checked(db, opened, now)
    sheet = a_sheet(db, opened.project_id)
    odd = msgspec.structs.replace(sheet.scores[0], points_bp=sheet.scores[0].points_bp - 1)  # type: ignore[operator]
    with pytest.raises(no.NotAStep):
        commands.save_scores(db, jury.members[0], opened.project_id, Sheet(scores=(odd,)), now=opened.opens)
    foreign = msgspec.structs.replace(sheet.scores[0], bid_id=opened.project_id)
    with pytest.raises(no.NothingToScore):
        commands.save_scores(db, jury.members[0], opened.project_id, Sheet(scores=(foreign,)), now=opened.opens)


def test_drafts_are_kept_and_a_gap_keeps_a_sheet_open(db: Session, opened: World, now: datetime) -> None:
    jury = checked(db, opened, now)
    member, sheet = jury.members[0], a_sheet(db, opened.project_id)
    first = msgspec.structs.replace(sheet.scores[0], reason="")
    commands.save_scores(db, member, opened.project_id, Sheet(scores=(first,)), now=opened.opens)
    commands.save_scores(db, member, opened.project_id, Sheet(), now=opened.opens)
    seat = members_of(db, opened.project_id)[0]
    assert list(sheet_of(db, seat.id).values()) == [first]
    with pytest.raises(Several) as refusal:
        commands.submit_scores(db, member, opened.project_id, Sheet(scores=sheet.scores[:-1]), now=opened.opens)
    assert {type(one) for one in refusal.value.errors} == {no.ScoreMissing, no.ScoreReasonMissing}
    said = [str(one) for one in refusal.value.errors]
    assert len(set(said)) == len(said), "each says which score it means"
    submit(db, opened, member)
    with pytest.raises(IllegalMove):
        commands.save_scores(db, member, opened.project_id, sheet, now=opened.opens)


def test_with_the_last_sheet_the_bids_are_ranked(db: Session, opened: World, now: datetime) -> None:
    jury = checked(db, opened, now)
    for member in jury.members[:-1]:
        submit(db, opened, member)
    assert state_of(db, opened)[1] == "scoring"
    assert ranking(db, opened.project_id) == []
    submit(db, opened, jury.members[-1], best=1)
    assert state_of(db, opened)[1] == "scored"
    prices = {bid.bid_id: bid.price_fen for bid in opened_bids(db, opened.project_id)}
    found = [(row.place, prices[row.bid_id], row.price_bp) for row in ranking(db, opened.project_id)]
    assert found[0] == (1, 3_000_000, 2000)
    assert {price: bp for _, price, bp in found} == {3_000_000: 2000, 3_600_000: 1667, 4_200_000: 1429}


# the report


def test_members_sign_the_report_they_read(db: Session, opened: World, now: datetime) -> None:
    jury = scored(db, opened, now)
    first = commands.write_report(db, jury.members[0], opened.project_id, OPINION, now=opened.opens)
    second = commands.write_report(db, jury.members[1], opened.project_id, OPINION + "并说明理由。", now=opened.opens)
    assert first != second
    with pytest.raises(no.ReportChanged):
        commands.sign_report(db, jury.members[0], opened.project_id, Signature(digest=first), now=opened.opens)
    sign(db, opened, jury.members[0], dissent="第二名的团队更稳定，建议重新权衡。")
    with pytest.raises(no.ReportSigned):
        commands.write_report(db, jury.members[1], opened.project_id, OPINION, now=opened.opens)
    for member in jury.members[1:]:
        sign(db, opened, member)
    row = db.get_one(Evaluation, opened.project_id)
    assert row.state.value == "reported"
    assert row.decide_by
    assert [one.dissent for one in members_of(db, opened.project_id) if one.dissent]


# the award


def test_who_scored_or_stepped_back_does_not_decide(db: Session, opened: World, now: datetime) -> None:
    jury = a_jury(db, opened, now, 6)
    members = [*jury.members, jury.head]
    commands.appoint(
        db, jury.composer, opened.project_id, Composition(representatives=ids_of(members)), now=opened.opens
    )
    for member in members:
        commands.declare(db, member, opened.project_id, NO_CONFLICT, now=opened.opens)
    whole = Jury(jury.composer, jury.head, members)
    check_all(db, opened, whole)
    confirm(db, opened, whole)
    for member in members:
        submit(db, opened, member)
    commands.write_report(db, members[0], opened.project_id, OPINION, now=opened.opens)
    for member in members:
        sign(db, opened, member)
    with pytest.raises(DutiesClash):
        awarding.decide(db, jury.head, opened.project_id, now=opened.opens)


def test_a_recused_head_does_not_decide(db: Session, opened: World, now: datetime) -> None:
    jury = a_jury(db, opened, now, 7)
    members = [*jury.members[:-1], jury.head]
    commands.appoint(
        db, jury.composer, opened.project_id, Composition(representatives=ids_of(members)), now=opened.opens
    )
    recusal = Declaration(recuse=True, reason="曾任其中一家单位理事")
    commands.declare(db, jury.head, opened.project_id, recusal, now=opened.opens)
    appoint(db, opened, jury, representatives=ids_of(jury.members[-1:]))
    for member in jury.members:
        commands.declare(db, member, opened.project_id, NO_CONFLICT, now=opened.opens)
    check_all(db, opened, jury)
    confirm(db, opened, jury)
    for member in jury.members:
        submit(db, opened, member)
    commands.write_report(db, jury.members[0], opened.project_id, OPINION, now=opened.opens)
    for member in jury.members:
        sign(db, opened, member)
    with pytest.raises(no.RecusedDecides):
        awarding.decide(db, jury.head, opened.project_id, now=opened.opens)


def test_no_award_fails_the_project_with_its_reason(db: Session, opened: World, now: datetime) -> None:
    jury = reported(db, opened, now)
    awarding.decline(db, jury.head, opened.project_id, reason="采购任务取消", now=opened.opens)
    assert state_of(db, opened) == ("unsuccessful", "failed")
    assert db.get_one(Project, opened.project_id).end_reason == "采购任务取消"
    assert award_of(db, opened.project_id) is None


def test_nothing_is_signable_before_the_result_is_published(db: Session, opened: World, now: datetime) -> None:
    decided(db, opened, now)
    award = award_of(db, opened.project_id)
    assert award
    assert (award.published_at, award.notice_until, award.signable_from) == (None, None, None)


def test_the_everyday_comparison_runs_with_exactly_five_people(db: Session, tmp_path: Path, now: datetime) -> None:
    world, village, _ = a_funded_world(db, tmp_path, now)
    open_all(db, world, now, CHEAPER)
    third = colleagues(db, world, 1, now)
    five = {village.buyer_clerk, village.buyer_head, village.centre_clerk, village.centre_head, *third}
    members = [village.centre_clerk, village.buyer_clerk, *third]
    jury = Jury(composer=village.centre_clerk, head=village.buyer_head, members=members)
    with pytest.raises(PanelNotExact):
        appoint(db, world, jury, representatives=ids_of(members[:2]))
    appoint(db, world, jury)
    for member in members:
        commands.declare(db, member, world.project_id, NO_CONFLICT, now=world.opens)
    check_all(db, world, jury)
    confirm(db, world, jury)
    for member in members:
        submit(db, world, member)
    commands.write_report(db, members[0], world.project_id, OPINION, now=world.opens)
    for member in members:
        sign(db, world, member)
    awarding.decide(db, village.buyer_head, world.project_id, now=world.opens)
    awarding.publish_result(db, village.centre_clerk, world.project_id, now=world.opens)
    acted = {one.person_id for one in members} | {village.buyer_head.person_id}
    assert acted <= {one.person_id for one in five}
    assert state_of(db, world) == ("awarded", "published")


def test_a_sheet_holds_reasons(db: Session, opened: World, now: datetime) -> None:
    jury = checked(db, opened, now)
    given = a_sheet(db, opened.project_id).scores[0]
    blank = Given(bid_id=given.bid_id, criterion_id=given.criterion_id, points_bp=given.points_bp, reason="  ")
    commands.save_scores(db, jury.members[0], opened.project_id, Sheet(scores=(blank,)), now=opened.opens)
    seat = members_of(db, opened.project_id)[0]
    assert sheet_of(db, seat.id)[given.bid_id, given.criterion_id].reason == ""
