"""What method and amount demand before a notice: the borders, and the acts by which it is done."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import Role
from marketplace.kit.clock import at_legal
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound, Several
from marketplace.procedures.rules import SurveyTooSmall
from marketplace.procedures.states import MethodCode
from marketplace.projects import commands, queries
from marketplace.projects.model import ReviewOpinion
from marketplace.projects.queries.preparation import reviewer_candidates
from marketplace.projects.rules import CriterionPlan
from marketplace.projects.rules import preparation as law
from marketplace.projects.rules import preparing as no
from marketplace.projects.rules.refusals import DrafterPublishes, OnlyPriceCounts
from marketplace.projects.schemas.preparing import (
    NewAnswer,
    NewEvaluation,
    NewExemption,
    NewFiling,
    NewMinutes,
    NewOpinion,
    NewReviewer,
    NewSoleSource,
    NewSurvey,
)
from marketplace.projects.states import By, ExemptGround, Preparation, ProjectState, ReviewFunction, SoleGround
from tests.procedures.reference import CALENDAR, rules_on
from tests.projects.test_gates import a_plan, told
from tests.projects.test_preparation_methods import (
    BEGIN,
    SHOWN,
    WAN,
    Case,
    approved,
    begun,
    noon,
    papered,
    reviewed,
    tried,
)
from tests.projects.village import Village, a_draft, a_paper, a_submitted, an_approved, an_open, minuted, somebody

M, P = MethodCode, Preparation
DEMANDED = [
    ("below ten thousand", M.BELOW_THRESHOLD_COMPARISON, 999_999, "A0401", ""),
    ("just below fifty thousand", M.BELOW_THRESHOLD_COMPARISON, 4_999_999, "A0401", ""),
    ("from fifty thousand on a meeting", M.BELOW_THRESHOLD_COMPARISON, 5_000_000, "A0401", "minutes"),
    ("just below the threshold", M.BELOW_THRESHOLD_COMPARISON, 29_999_999, "A0401", "minutes"),
    (
        "at the threshold for the public", M.COMPETITIVE_CONSULTATION, 30_000_000, "A0401",
        "pre_evaluation survey public_opinion general_review key_review minutes plan_filing intention",
    ),
    (
        "at the threshold for the office", M.COMPETITIVE_CONSULTATION, 30_000_000, "B0101",
        "pre_evaluation general_review minutes plan_filing intention",
    ),
    (
        "ten million for the office", M.OPEN_TENDER, 1_000_000_000, "B0101",
        "pre_evaluation survey general_review key_review minutes plan_filing intention",
    ),
    (
        "invited", M.INVITED_TENDER, 200_000_000, "B0101",
        "pre_evaluation general_review minutes plan_filing intention invitation",
    ),
]  # fmt: skip


def a_case(method: MethodCode | None, amount: int | None, code: str = "A0401", **given: Any) -> law.Case:
    return law.Case(rules=rules_on(BEGIN), method=method, amount_fen=amount, catalogue_code=code, **given)


@pytest.mark.parametrize(("case", "method", "amount", "code", "wanted"), DEMANDED, ids=[one[0] for one in DEMANDED])
def test_exactly_what_method_and_amount_need_is_demanded(
    case: str, method: MethodCode, amount: int, code: str, wanted: str
) -> None:
    found = law.preparations(a_case(method, amount, code))
    assert [one.what.value for one in found if one.binding] == wanted.split(), case
    assert all(one.basis for one in found)


def test_a_model_is_shown_and_never_demanded() -> None:
    found = law.preparations(a_case(M.BELOW_THRESHOLD_COMPARISON, 4_999_999))
    assert [(one.what, one.binding) for one in found] == [(P.SURVEY, False), (P.PUBLIC_OPINION, False)]
    assert law.lacking(a_case(M.BELOW_THRESHOLD_COMPARISON, 4_999_999), law.Prepared(), CALENDAR, BEGIN) == []
    assert law.preparations(a_case(None, None)) == ()
    [mandate] = law.preparations(a_case(None, None, entrusted=True))
    assert (mandate.what, mandate.confirmed, mandate.name) == (P.MANDATE, False, "委托书")


def test_everything_that_lacks_is_told_with_its_step() -> None:
    case = a_case(M.SINGLE_SOURCE, 200_000_000, entrusted=True)
    found = law.lacking(case, law.Prepared(), CALENDAR, BEGIN)
    assert [(demand.what.value, demand.by.value, type(one).__name__) for demand, one in found] == [
        ("mandate", "submit", "NotPrepared"),
        ("pre_evaluation", "submit", "NotPrepared"),
        ("survey", "submit", "NotPrepared"),
        ("public_opinion", "submit", "NotPrepared"),
        ("sole_source", "submit", "NotPrepared"),
        ("general_review", "approve", "ReviewIncomplete"),
        ("key_review", "approve", "ReviewIncomplete"),
        ("minutes", "approve", "NotPrepared"),
        ("plan_filing", "publish", "NotPrepared"),
        ("intention", "publish", "NotPrepared"),
        ("publicity", "publish", "NotPrepared"),
    ]
    assert {demand.by for demand, _ in law.lacking(case, law.Prepared(), CALENDAR, BEGIN, by=By.APPROVE)} == {
        By.APPROVE
    }


@pytest.mark.parametrize(
    ("done", "error"),
    [
        ({"intention_on": date(2026, 3, 2)}, None),
        ({"intention_on": date(2026, 3, 3)}, law.IntentionTooShort),
        ({"exempt": True}, None),
        ({}, law.NotPrepared),
    ],
)
def test_an_intention_is_public_thirty_days(done: dict[str, Any], error: type[DomainError] | None) -> None:
    found = law.lacking(a_case(M.INQUIRY, 30_000_000), law.Prepared(**done), CALENDAR, SHOWN, by=By.PUBLISH)
    kinds = {demand.what: type(one) for demand, one in found}
    assert kinds.get(P.INTENTION) is error


@pytest.mark.parametrize(("invited", "error"), [(0, law.NotPrepared), (2, law.TooFewInvited), (3, None)])
def test_three_are_invited(invited: int, error: type[DomainError] | None) -> None:
    case = a_case(M.INVITED_TENDER, 200_000_000)
    found = law.lacking(case, law.Prepared(invited=invited), CALENDAR, SHOWN, by=By.PUBLISH)
    assert {demand.what: type(one) for demand, one in found}.get(P.INVITATION) is error


@pytest.mark.parametrize(
    ("made_on", "answers", "reason", "error"),
    [
        (date(2025, 3, 2), 3, "", None),
        (date(2025, 3, 1), 3, "", law.SurveyOutdated),
        (date(2026, 3, 1), 2, "", SurveyTooSmall),
        (date(2026, 3, 1), 2, "全区只有两家", None),
    ],
)
def test_a_survey_has_three_answers_of_the_last_year_or_a_reason(
    made_on: date, answers: int, reason: str, error: type[DomainError] | None
) -> None:
    done = law.Prepared(survey_on=made_on, survey_answers=answers, survey_reason=reason)
    found = law.lacking(a_case(M.INQUIRY, 30_000_000), done, CALENDAR, BEGIN, by=By.SUBMIT)
    assert {demand.what: type(one) for demand, one in found}.get(P.SURVEY) is error


def test_a_changed_plan_makes_the_review_void() -> None:
    done = law.Prepared(overtaken=True)
    found = law.lacking(a_case(M.INQUIRY, 30_000_000), done, CALENDAR, BEGIN, by=By.APPROVE)
    assert [type(one) for _, one in found][:2] == [law.ReviewVoid, law.ReviewVoid]
    assert law.plan_digest(a_plan()) == law.plan_digest(a_plan(contact_name="另一人"))
    assert law.plan_digest(a_plan()) != law.plan_digest(a_plan(ceiling_fen=4_700_000))


def test_without_their_rows_nothing_is_made_up() -> None:
    rules = rules_on(BEGIN)
    bare = type(rules)(rules.day, rules.version, {
        name: row for name, row in rules.rules.items()
        if name not in {law.INTENTION_RULE, law.INVITED_RULE, law.PUBLICITY_RULE, law.GROUNDS_RULE,
                        "demand_survey_min_respondents"}
    })  # fmt: skip
    for method in (M.SINGLE_SOURCE, M.INVITED_TENDER):
        case = law.Case(rules=bare, method=method, amount_fen=200_000_000, catalogue_code="A0401")
        found = {one.what for one in law.preparations(case)}
        assert not found & {P.INTENTION, P.INVITATION, P.PUBLICITY, P.SURVEY, P.KEY_REVIEW}
        assert law.lacking(case, law.Prepared(survey_on=BEGIN), CALENDAR, BEGIN)


@pytest.mark.parametrize("method", [M.INQUIRY, M.COMPETITIVE_NEGOTIATION, M.SINGLE_SOURCE])
def test_where_only_the_price_counts_nothing_else_is_weighed(method: MethodCode) -> None:
    given = {"method": method, "method_reason": "经会议研究"}
    assert (OnlyPriceCounts, "criteria") in told(a_plan(**given))
    price = CriterionPlan(name="价格", kind=a_plan().criteria[0].kind, weight_bp=10_000)
    for criteria in ((), (price,)):
        assert "criteria" not in [field for _, field in told(a_plan(**given, criteria=criteria))]


def a_formal(db: Session, village: Village, now: datetime) -> Case:
    return begun(db, village, now, M.COMPETITIVE_CONSULTATION, 60 * WAN, SHOWN)


def test_a_survey_says_who_answered_when_or_why_nobody(db: Session, village: Village, now: datetime) -> None:
    case, clerk = a_formal(db, village, now), village.centre_clerk
    one = NewAnswer(organization="示例机构", asked_on=date(2026, 3, 2), summary="能够提供")
    ahead = NewAnswer(organization="示例机构", asked_on=date(2026, 3, 3), summary="能够提供")
    for new, error in [
        (NewSurvey(), no.ReasonMissing),
        (NewSurvey(answers=(one,)), SurveyTooSmall),
        (NewSurvey(answers=(one, one)), no.RespondentTwice),
        (NewSurvey(answers=(ahead,)), no.DayAhead),
        (NewSurvey(reused_id=uuid4()), NotFound),
        (NewSurvey(answers=(one,), reason="只有一家", document_id=uuid4()), NotFound),
    ]:
        with pytest.raises(error):
            commands.record_survey(db, clerk, case.project_id, new, now=now)
    commands.record_survey(db, clerk, case.project_id, NewSurvey(answers=(one,), reason="只有一家"), now=now)
    seen = queries.preparing(db, clerk, case.project_id, now=now).survey
    assert seen is not None
    assert (len(seen.answers), seen.reason) == (1, "只有一家")


def test_a_survey_of_the_same_entry_is_reused_within_a_year(db: Session, village: Village, now: datetime) -> None:
    first, second, clerk = a_formal(db, village, now), a_formal(db, village, now), village.centre_clerk
    papered(first, now)
    made = queries.preparing(db, clerk, first.project_id, now=now).survey
    assert made is not None
    [offered] = queries.reusable_surveys(db, clerk, second.project_id, now=at_legal(date(2027, 3, 2), 9))
    assert offered.id == made.id
    late = at_legal(date(2027, 3, 3), 9)
    assert queries.reusable_surveys(db, clerk, second.project_id, now=late) == ()
    with pytest.raises(law.SurveyOutdated):
        commands.record_survey(db, clerk, second.project_id, NewSurvey(reused_id=made.id), now=late)
    commands.record_survey(db, clerk, second.project_id, NewSurvey(reused_id=made.id), now=now)
    again = queries.preparing(db, clerk, second.project_id, now=now).survey
    assert again is not None
    assert (again.reused, len(again.answers)) == (True, 3)
    with pytest.raises(no.SurveyElsewhere):
        commands.record_survey(db, clerk, first.project_id, NewSurvey(reused_id=again.id), now=now)


def test_handing_in_and_approving_wait_for_what_is_demanded(db: Session, village: Village, now: datetime) -> None:
    case, clerk = a_formal(db, village, now), village.centre_clerk
    with pytest.raises(Several) as lacks:
        commands.submit(db, clerk, case.project_id, now=now)
    assert {one.field for one in lacks.value.errors} == {
        "preparation-pre_evaluation", "preparation-survey", "preparation-public_opinion",
    }  # fmt: skip
    papered(case, now)
    commands.submit(db, clerk, case.project_id, now=now)
    with pytest.raises(Several):
        commands.approve(db, village.buyer_head, case.project_id, now=now)
    assert [one.title for one in queries.review_todos(db, village.auditor, now=now)] == ["等待审查：{title}"]
    reviewed(case, now)
    assert queries.review_todos(db, village.auditor, now=now) == []
    with pytest.raises(no.AlreadyReviewed):
        commands.review(db, village.auditor, case.project_id, NewOpinion(passes=True), now=now)
    commands.approve(db, village.buyer_head, case.project_id, now=now)
    assert case.row.state is ProjectState.APPROVED


def test_a_review_that_does_not_pass_sends_it_back_and_a_changed_plan_asks_anew(
    db: Session, village: Village, now: datetime
) -> None:
    case, clerk = a_formal(db, village, now), village.centre_clerk
    papered(case, now)
    with pytest.raises(IllegalMove):
        commands.review(db, village.auditor, case.project_id, NewOpinion(passes=True), now=now)
    commands.submit(db, clerk, case.project_id, now=now)
    with pytest.raises(no.OpinionMissing):
        commands.review(db, village.auditor, case.project_id, NewOpinion(passes=False), now=now)
    legal = ReviewFunction.LEGAL
    with pytest.raises(no.PaperMissing):
        commands.record_opinion(db, clerk, case.project_id, legal, NewOpinion(passes=True, opinion="可"), now=now)
    with pytest.raises(NotFound):
        commands.record_opinion(
            db, clerk, case.project_id, ReviewFunction.FINANCE, NewOpinion(passes=True), now=now
        )  # fmt: skip
    reviewed(case, now)
    commands.return_(db, village.buyer_head, case.project_id, reason="限价偏高", now=now)
    plan = queries.plan_of(db, case.row)
    lower = msgspec.structs.replace(plan, ceiling_fen=59 * WAN, cost_lines=(
        msgspec.structs.replace(plan.cost_lines[0], unit_cost_fen=59 * WAN),))  # fmt: skip
    commands.edit(db, clerk, case.project_id, lower, version=case.row.version, now=now)
    commands.submit(db, clerk, case.project_id, now=now)
    assert queries.prepared(db, case.row).overtaken
    with pytest.raises(Several) as void:
        commands.approve(db, village.buyer_head, case.project_id, now=now)
    assert {type(one) for one in void.value.errors} == {law.ReviewVoid}
    refusing = NewOpinion(passes=False, opinion="限价缺少依据")
    commands.review(db, village.auditor, case.project_id, refusing, now=now)
    assert case.row.state is ProjectState.DRAFT
    assert case.row.return_reason == "监督审查未通过：限价缺少依据"


def test_only_who_may_review_is_offered_as_a_reviewer(db: Session, village: Village, now: datetime) -> None:
    case = a_formal(db, village, now)
    somebody(db, village.buyer_id, Role.ACCOUNTANT, now)
    offered = {one for one, _ in reviewer_candidates(db, case.project_id)}
    named = (village.buyer_clerk, village.buyer_head, village.centre_head, village.auditor)
    assert offered == {one.person_id for one in named}


def test_who_drafts_does_not_review_and_nobody_speaks_for_two_sides(
    db: Session, village: Village, now: datetime
) -> None:
    case, clerk = a_formal(db, village, now), village.centre_clerk
    business, finance = ReviewFunction.BUSINESS, ReviewFunction.FINANCE
    head = NewReviewer(function=business, reviewer_id=village.buyer_head.person_id)
    for new, error, spot in [
        ((NewReviewer(function=business, reviewer_id=clerk.person_id),), DutiesClash, ""),
        ((head, NewReviewer(function=finance, reviewer_id=village.buyer_head.person_id)), no.ReviewerTwice, "finance"),
        ((NewReviewer(function=business, reviewer_id=village.supplier.person_id),), no.NoReviewer, "business"),
    ]:
        with pytest.raises(error) as refused:
            commands.name_reviewers(db, clerk, case.project_id, new, now=now)
        assert refused.value.field == spot, "at the field of the page's form"
    with pytest.raises(ValueError, match="one of both"):
        NewReviewer(function=business)
    commands.name_reviewers(db, clerk, case.project_id, (head,), now=now)
    with pytest.raises(no.NotReviewer):
        commands.review(db, village.auditor, case.project_id, NewOpinion(passes=True), now=now)
    row = ReviewOpinion(
        project_id=case.project_id, at=now, digest=bytes(32), function=business, reviewer_id=clerk.person_id,
        passes=True, drafter_ids=[clerk.person_id],
    )  # fmt: skip
    db.add(row)
    with pytest.raises(IntegrityError, match="drafter_does_not_review"):
        db.flush()


def test_an_exemption_has_a_ground_and_lets_the_notice_pass(db: Session, village: Village, now: datetime) -> None:
    case = a_formal(db, village, now)
    approved(case, now)
    reason = NewExemption(ground=ExemptGround.SMALL, reason="年度内零星采购")
    assert [type(one) for one in tried(case, noon(SHOWN))] == [law.NotPrepared]
    commands.exempt_intention(db, village.centre_head, case.project_id, reason, now=now)
    assert tried(case, noon(SHOWN)) == []
    seen = queries.preparing(db, village.centre_clerk, case.project_id, now=now).exemption
    assert seen == reason


PEOPLE = ("buyer_clerk", "buyer_head", "centre_clerk", "centre_head", "auditor", "supplier", "stranger")
WHO = """
prepare yes yes yes yes 404 404 404
intend  403 yes 403 yes 404 404 404
"""
"""Who may prepare and intend a project before it is public: the drafting desks; heads who wrote nothing in it."""


def tell(db: Session, actor: Any, act: str, project_id: Any, now: datetime) -> str:
    point = db.begin_nested()
    try:
        if act == "prepare":
            filed = NewFiling(number="备1", filed_on=date(2026, 3, 2))
            commands.file_plan(db, actor, project_id, filed, now=now)
        else:
            exempt = NewExemption(ground=ExemptGround.URGENT, reason="突发需要")
            commands.exempt_intention(db, actor, project_id, exempt, now=now)
    except NotFound:
        return "404"
    except (Forbidden, DrafterPublishes):
        return "403"
    except IllegalMove:
        return "409"
    finally:
        point.rollback()
    return "yes"


def test_who_may_prepare_and_intend_in_every_state(db: Session, village: Village, now: datetime) -> None:
    table = {line.split()[0]: line.split()[1:] for line in WHO.split("\n") if line}
    for make in (a_draft, a_submitted, an_approved):
        project_id = make(db, village, now)
        for act, wanted in table.items():
            assert [tell(db, getattr(village, who), act, project_id, now) for who in PEOPLE] == wanted, make
    project_id = an_open(db, village, now)
    assert tell(db, village.buyer_head, "prepare", project_id, now) == "409"
    assert tell(db, village.buyer_head, "intend", project_id, now) == "409"


def test_minutes_and_papers_are_refused_when_they_cannot_be(db: Session, village: Village, now: datetime) -> None:
    project_id, clerk = a_draft(db, village, now), village.centre_clerk
    paper = a_paper(db, clerk, now)
    held = NewMinutes(held_on=date(2026, 3, 3), attended="李示例", decision="同意", document_id=paper)
    with pytest.raises(no.DayAhead):
        commands.record_minutes(db, clerk, project_id, held, now=now)
    foreign = a_paper(db, village.stranger, now)
    sole = NewSoleSource(
        organization_id=village.buyer_id, ground=SoleGround.ONLY_ONE, reason="唯一", document_id=foreign
    )
    with pytest.raises(no.MethodElsewise):
        commands.name_sole_source(db, clerk, project_id, sole, now=now)
    wrong = NewMinutes(held_on=date(2026, 3, 2), attended="李示例", decision="同意", document_id=foreign)
    with pytest.raises(NotFound):
        commands.record_minutes(db, clerk, project_id, wrong, now=now)
    minuted(db, clerk, project_id, now)
    evaluation = NewEvaluation(**dict.fromkeys(NewEvaluation.__struct_fields__, "已论证"))
    commands.record_evaluation(db, clerk, project_id, evaluation, now=now + timedelta(hours=1))
    seen = queries.preparing(db, clerk, project_id, now=now)
    assert seen.evaluation == evaluation
    assert seen.minutes is not None
