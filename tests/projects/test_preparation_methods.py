"""Each formal method from the draft to the close of bidding, with the border days of its preparation written out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.queries import asked_of
from marketplace.bids.schemas import Answer, Contact, CostLine, DraftChange, StaffMember
from marketplace.bids.schemas import Plan as BidPlan
from marketplace.bids.sealing.keys import Seat
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.errors import DomainError, IllegalMove, Several
from marketplace.procedures import queries as law
from marketplace.procedures.rules.timetable import TooEarly
from marketplace.procedures.states import MethodCode
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules import CostPlan, CriterionPlan, FundingPlan, Times, propose
from marketplace.projects.rules import preparation as lacks
from marketplace.projects.rules.preparing import (
    AlreadyDrawn,
    AlreadyPublic,
    DrawTooFew,
    MayNotTakePart,
    MethodElsewise,
    NoSupplier,
    SoleSourceFirst,
    TooFewFit,
)
from marketplace.projects.schemas.preparing import (
    DrawOrder,
    NewAnswer,
    NewEvaluation,
    NewFiling,
    NewIntention,
    NewMinutes,
    NewOpinion,
    NewReviewer,
    NewSoleSource,
    NewSurvey,
)
from marketplace.projects.states import (
    AskedHow,
    CriterionKind,
    NoticeKind,
    ProjectState,
    PublicKind,
    ReviewFunction,
    SoleGround,
)
from tests.bids.support import KEYS, PASSPHRASES
from tests.procedures.reference import rules_on
from tests.projects.village import Village, a_draft, a_paper, closing
from tests.suppliers.shelf import a_qualified

WAN = 1_000_000
FOUR = (ReviewFunction.PURCHASING, ReviewFunction.FINANCE, ReviewFunction.BUSINESS, ReviewFunction.SUPERVISION)


@dataclass
class Case:
    """A formal project under way."""

    db: Session
    village: Village
    project_id: UUID
    reviewers: dict[ReviewFunction, Actor]

    @property
    def row(self) -> Project:
        return self.db.get_one(Project, self.project_id)


def plan_for(village: Village, method: MethodCode, amount_fen: int, **given: Any) -> dict[str, Any]:
    """What a draft of ``method`` writes beside the village's: amounts, criteria, a reason."""
    criteria: tuple[CriterionPlan, ...] = (
        CriterionPlan(name="价格", kind=CriterionKind.PRICE, weight_bp=2_000),
        CriterionPlan(name="服务方案", weight_bp=8_000, steps="80 方案完整\n40 方案基本完整"),
    )
    if method in lacks.UNSCORED:
        criteria = ()
    return {
        "method": method,
        "method_reason": "服务内容须与供应商商定，经会议研究",
        "budget_fen": amount_fen,
        "ceiling_fen": amount_fen,
        "cost_lines": (CostPlan(item="服务", unit="项", quantity=Decimal(1), unit_cost_fen=amount_fen),),
        "funding": (FundingPlan(fund_id=UUID(int=1), amount_fen=amount_fen),),
        "agent": "示例采购代理有限公司",
        "criteria": criteria,
    } | given


def begun(db: Session, village: Village, now: datetime, method: MethodCode, amount_fen: int, publish_on: date) -> Case:
    """A draft with lawful times from ``publish_on`` on, with its reviewers named."""
    seats = {Seat.CENTRE: village.centre_clerk, Seat.BUYER: village.buyer_clerk, Seat.SUPERVISOR: village.auditor}
    for seat, opener in seats.items():
        bids.enrol_opener_key(db, KEYS, opener, PASSPHRASES[seat], now=now)
    project_id = a_draft(db, village, now)
    row = db.get_one(Project, project_id)
    times = propose(queries.rules_for(db, row, publish_on), law.calendar(db), method, publish_on)
    plan = queries.plan_of(db, row)
    start = legal_day(times.bids_due_at) + timedelta(days=60) if times.bids_due_at else publish_on
    shift = start - (plan.service_from or start)
    moved = tuple(
        msgspec.structs.replace(one, due_on=one.due_on + shift if one.due_on else None) for one in plan.milestones
    )
    until = (plan.service_until or start) + shift
    written = plan_for(village, method, amount_fen, service_from=start, service_until=until, milestones=moved)
    written |= {name: getattr(times, name) for name in Times.__struct_fields__}
    plan = msgspec.structs.replace(plan, **written)
    commands.edit(db, village.centre_clerk, project_id, plan, version=row.version, now=now)
    people = dict(
        zip(FOUR, (village.centre_head, village.buyer_clerk, village.buyer_head, village.auditor), strict=True)
    )
    named = [NewReviewer(function=side, reviewer_id=one.person_id) for side, one in people.items()]
    named.append(NewReviewer(function=ReviewFunction.LEGAL, outside_name="示例律师"))
    commands.name_reviewers(db, village.centre_clerk, project_id, tuple(named), now=now)
    return Case(db, village, project_id, people)


def papered(case: Case, now: datetime) -> None:
    """The evaluation, the survey with public opinion, and the filing."""
    db, clerk = case.db, case.village.centre_clerk
    said = dict.fromkeys(NewEvaluation.__struct_fields__, "已论证")
    commands.record_evaluation(db, clerk, case.project_id, NewEvaluation(**said), now=now)
    answers = tuple(
        NewAnswer(organization=f"示例机构{n}", asked_how=AskedHow.VISIT, asked_on=legal_day(now), summary="能够提供")
        for n in range(3)
    )
    survey = NewSurvey(answers=answers, public_opinion="张榜十日，村民建议增加周末时段")
    commands.record_survey(db, clerk, case.project_id, survey, now=now)
    filing = NewFiling(number="备〔2026〕001号", filed_on=legal_day(now))
    commands.file_plan(db, clerk, case.project_id, filing, now=now)


def reviewed(case: Case, now: datetime) -> None:
    """All sides let it pass, the legal adviser on paper."""
    for one in case.reviewers.values():
        commands.review(case.db, one, case.project_id, NewOpinion(passes=True, opinion="同意"), now=now)
    clerk = case.village.centre_clerk
    paper = NewOpinion(passes=True, opinion="合法合规", document_id=a_paper(case.db, clerk, now))
    commands.record_opinion(case.db, clerk, case.project_id, ReviewFunction.LEGAL, paper, now=now)


def intended(case: Case, now: datetime) -> None:
    new = NewIntention(
        title="留守儿童托管服务采购意向", need="暑期托管", budget_fen=case.row.budget_fen or 1, month=legal_day(now)
    )
    commands.publish_intention(case.db, case.village.centre_head, case.project_id, new, now=now)


def approved(case: Case, now: datetime) -> None:
    papered(case, now)
    commands.submit(case.db, case.village.centre_clerk, case.project_id, now=now)
    reviewed(case, now)
    commands.approve(case.db, case.village.buyer_head, case.project_id, now=now)


def published(case: Case, now: datetime, times: Times | None = None) -> None:
    budget = case.row.budget_fen or 0
    bids.seal_project(case.db, KEYS, case.village.centre_head, case.project_id, now=now)
    with case.db.begin_nested():
        commands.publish(
            case.db, case.village.centre_head, case.project_id, reserved_fen=budget, sealed=True, now=now, times=times
        )


def tried(case: Case, now: datetime) -> list[DomainError]:
    """What refuses a publication at ``now``; nothing of it stays."""
    point = case.db.begin_nested()
    try:
        published(case, now)
    except Several as found:
        return list(found.errors)
    except DomainError as found:
        return [found]
    finally:
        point.rollback()
    return []


def bid_of(case: Case, bidder: Actor, now: datetime) -> None:
    """Take the document, write a whole bid, hand it in."""
    db, project_id = case.db, case.project_id
    bids.take_document(db, bidder, project_id, received_at=now, now=now)
    asked, price = asked_of(db, project_id), (case.row.ceiling_fen or 0) // 2
    change = DraftChange(
        cost_lines=(CostLine(name="服务", unit="项", quantity_hundredths=100, unit_price_fen=price),),
        plan=BidPlan(approach="分三个阶段开展", schedule="签约后两周开始", quality="每月抽查", risks="有替补人员"),
        staff=(StaffMember(name="甲社工", post="负责人", qualification="社会工作师", years=5),),
        criteria={one.id: Answer(text="见方案") for one in asked.criteria},
        conditions={one.id: Answer(met=True, text="符合") for one in asked.conditions},
        contact=Contact(name="联络人", phone="0826-2000000"),
        declared=True,
    )  # fmt: skip
    bids.save_draft(db, KEYS, bidder, project_id, change, received_at=now)
    bids.submit(db, KEYS, bidder, project_id, received_at=now, now=now)


def closed(case: Case) -> None:
    """The deadline comes; half a minute later the project goes to its evaluation."""
    due = closing(case.db, case.project_id)
    commands.close_for_opening(case.db, SYSTEM, case.project_id, now=due + timedelta(seconds=31))
    assert case.row.state is ProjectState.EVALUATION


def noon(day: date) -> datetime:
    return at_legal(day, 12)


def bidders(db: Session, folder: Path, now: datetime, count: int) -> list[Actor]:
    return [a_qualified(db, folder, n + 1, now=now, serves_minors=True) for n in range(count)]


BEGIN = date(2026, 3, 2)
SHOWN = date(2026, 4, 1)
"""Thirty days after the second of March."""
ALL_OPEN = [
    (MethodCode.COMPETITIVE_CONSULTATION, 60 * WAN, date(2026, 4, 13)),
    (MethodCode.OPEN_TENDER, 300 * WAN, date(2026, 4, 21)),
    (MethodCode.COMPETITIVE_NEGOTIATION, 60 * WAN, date(2026, 4, 7)),
    (MethodCode.INQUIRY, 60 * WAN, date(2026, 4, 7)),
]
"""Method, amount, and its first lawful closing day for a notice of the first of April (the sixth is a day of rest)."""


@pytest.mark.parametrize(("method", "amount", "closes"), ALL_OPEN, ids=[one[0].value for one in ALL_OPEN])
def test_a_method_open_to_all_comes_from_the_draft_to_the_close_of_bidding(
    db: Session, village: Village, now: datetime, tmp_path: Path, method: MethodCode, amount: int, closes: date
) -> None:
    case = begun(db, village, now, method, amount, SHOWN)
    intended(case, noon(BEGIN))
    approved(case, noon(BEGIN))
    [refusal] = tried(case, noon(date(2026, 3, 31)))
    assert isinstance(refusal, lacks.IntentionTooShort)
    assert (refusal.params["short"], refusal.params["offered"]) == (1, "2026-04-01")
    published(case, noon(SHOWN))
    assert legal_day(closing(db, case.project_id)) == closes
    [one, *_] = bidders(db, tmp_path, noon(SHOWN), 1)
    bid_of(case, one, noon(date(2026, 4, 2)))
    closed(case)


def test_an_invited_tender_is_open_to_those_alone_who_were_drawn(
    db: Session, village: Village, now: datetime, tmp_path: Path
) -> None:
    case = begun(db, village, now, MethodCode.INVITED_TENDER, 300 * WAN, SHOWN)
    clerk, at = village.centre_clerk, noon(SHOWN)
    intended(case, noon(BEGIN))
    with pytest.raises(TooFewFit) as few:
        commands.draw_invited(db, clerk, case.project_id, DrawOrder(wanted=3), now=now)
    assert few.value.params["given"] == 0
    people = bidders(db, tmp_path, noon(BEGIN), 5)
    with pytest.raises(DrawTooFew):
        commands.draw_invited(db, clerk, case.project_id, DrawOrder(wanted=2), now=now)
    approved(case, noon(BEGIN))
    assert [type(one) for one in tried(case, at)] == [lacks.NotPrepared]
    taken = commands.draw_invited(db, clerk, case.project_id, DrawOrder(wanted=3), now=now, seed=bytes(32))
    with pytest.raises(AlreadyDrawn):
        commands.draw_invited(db, clerk, case.project_id, DrawOrder(wanted=3), now=now)
    view = queries.preparing(db, clerk, case.project_id, now=now).draw
    assert view is not None
    again = lacks.drawn([one.organization_id for one in view.pool], bytes.fromhex(view.seed), 3)
    assert taken == again, "anybody can draw again"
    assert len(view.pool) == 5
    published(case, at)
    assert legal_day(closing(db, case.project_id)) == date(2026, 4, 21)
    for one in people:
        if one.organization_id in taken:
            bid_of(case, one, at)
        else:
            with pytest.raises(MayNotTakePart):
                bids.take_document(db, one, case.project_id, received_at=at, now=at)
    closed(case)


def test_a_single_source_is_shown_five_working_days_and_open_to_the_named_one_alone(
    db: Session, village: Village, now: datetime, tmp_path: Path
) -> None:
    case = begun(db, village, now, MethodCode.SINGLE_SOURCE, 300 * WAN, SHOWN)
    clerk, head = village.centre_clerk, village.centre_head
    named, other = bidders(db, tmp_path, noon(BEGIN), 2)
    shown = NewIntention(title="单一来源公示", need="只有一家能做", budget_fen=300 * WAN, month=SHOWN)
    with pytest.raises(SoleSourceFirst):
        commands.publicize_sole_source(db, head, case.project_id, shown, now=now)
    intended(case, noon(BEGIN))
    papered(case, noon(BEGIN))
    with pytest.raises(lacks.NotPrepared):
        commands.submit(db, clerk, case.project_id, now=noon(BEGIN))
    assert named.organization_id
    assert village.buyer_id
    sole = NewSoleSource(
        organization_id=named.organization_id, ground=SoleGround.ONLY_ONE, reason="只有一家具备条件",
        document_id=a_paper(db, clerk, now),
    )  # fmt: skip
    wrong = msgspec.structs.replace(sole, organization_id=village.buyer_id)
    with pytest.raises(NoSupplier):
        commands.name_sole_source(db, clerk, case.project_id, wrong, now=now)
    commands.name_sole_source(db, clerk, case.project_id, sole, now=now)
    approved(case, noon(BEGIN))
    assert [type(one) for one in tried(case, noon(SHOWN))] == [lacks.NotPrepared]
    commands.publicize_sole_source(db, head, case.project_id, shown, now=noon(date(2026, 3, 26)))
    [refusal] = tried(case, noon(SHOWN))
    assert isinstance(refusal, lacks.PublicityTooShort), "26 March and five working days are 2 April"
    assert (refusal.params["short"], refusal.params["offered"]) == (1, "2026-04-02")
    row = case.row
    later = propose(
        queries.rules_for(db, row, date(2026, 4, 2)), law.calendar(db), MethodCode.SINGLE_SOURCE, date(2026, 4, 2)
    )
    published(case, noon(date(2026, 4, 2)), times=later)
    at = noon(date(2026, 4, 3))
    with pytest.raises(MayNotTakePart):
        bids.take_document(db, other, case.project_id, received_at=at, now=at)
    bid_of(case, named, at)
    closed(case)


def test_below_the_open_tender_line_or_on_another_ground_a_single_source_is_not_shown() -> None:
    def asked(amount_fen: int, ground: SoleGround) -> set[str]:
        case = lacks.Case(
            rules=rules_on(BEGIN), method=MethodCode.SINGLE_SOURCE, amount_fen=amount_fen, catalogue_code="A0401",
            ground=ground,
        )  # fmt: skip
        return {one.what.value for one in lacks.preparations(case)}

    assert "publicity" not in asked(199_999_999, SoleGround.ONLY_ONE)
    assert "publicity" in asked(200_000_000, SoleGround.ONLY_ONE)
    assert "publicity" not in asked(200_000_000, SoleGround.EMERGENCY)


def test_an_intention_tells_its_own_few_facts_and_is_given_once(db: Session, village: Village, now: datetime) -> None:
    case = begun(db, village, now, MethodCode.COMPETITIVE_CONSULTATION, 60 * WAN, SHOWN)
    assert queries.intentions(db) == ()
    intended(case, now)
    [shown] = queries.intentions(db)
    assert (shown.title, shown.month, shown.kind) == (
        "留守儿童托管服务采购意向",
        date(2026, 3, 1),
        NoticeKind.INTENTION,
    )
    assert case.row.state is ProjectState.DRAFT
    with pytest.raises(AlreadyPublic):
        intended(case, now)
    with pytest.raises(MethodElsewise):
        commands.draw_invited(db, village.centre_clerk, case.project_id, DrawOrder(), now=now)
    commands.cancel(db, village.centre_head, case.project_id, reason="不再采购", now=now)
    assert queries.intentions(db) == ()
    with pytest.raises(IllegalMove):
        intended(case, now)


def test_a_closing_day_too_early_says_by_how_many_days(db: Session, village: Village, now: datetime) -> None:
    case = begun(db, village, now, MethodCode.COMPETITIVE_CONSULTATION, 60 * WAN, SHOWN)
    plan = queries.plan_of(db, case.row)
    early = at_legal(date(2026, 4, 9), 17)
    moved = msgspec.structs.replace(
        plan, bids_due_at=early, opening_at=early, answers_due_at=noon(date(2026, 4, 2)),
        questions_due_at=noon(date(2026, 4, 1)),
    )  # fmt: skip
    commands.edit(db, village.centre_clerk, case.project_id, moved, version=case.row.version, now=now)
    found = queries.missing(db, village.centre_clerk, case.project_id, now=now)
    [refusal] = [one for one in found if isinstance(one, TooEarly)]
    assert (refusal.params["short"], refusal.params["earliest"], refusal.params["offered"]) == (
        2, "2026-04-11", "2026-04-13",
    )  # fmt: skip


def test_the_public_feed_names_an_intention_by_its_own_title() -> None:
    assert PublicKind(NoticeKind.INTENTION) is PublicKind.INTENTION
    assert NewMinutes.__struct_fields__[0] == "held_on"
