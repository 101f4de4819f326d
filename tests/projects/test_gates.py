"""What keeps a draft from being handed in: each gate alone, and all of them told at once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.clock import at_legal
from marketplace.kit.errors import DomainError
from marketplace.procedures.states import MethodCode
from marketplace.projects.rules import (
    CostPlan,
    CriterionPlan,
    Facts,
    FundingPlan,
    MilestonePlan,
    NegativeAnswers,
    Plan,
    TemplateCode,
    gates,
    prefill,
    propose,
)
from marketplace.projects.rules import refusals as no
from marketplace.projects.rules.headings import bare_headings
from marketplace.projects.states import CriterionKind, MilestoneKind
from tests.procedures.reference import CALENDAR, rules_on

TODAY = date(2026, 3, 2)
RULES = rules_on(TODAY)
ANSWERS = NegativeAnswers(**dict.fromkeys(NegativeAnswers.__struct_fields__, False))
TIMES = propose(RULES, CALENDAR, MethodCode.BELOW_THRESHOLD_COMPARISON, date(2026, 3, 3))
FACTS = Facts(
    rules=RULES,
    calendar=CALENDAR,
    today=TODAY,
    entry="A0401",
    in_catalogue=True,
    entrusted=True,
    mandated=True,
)


def a_plan(**given: Any) -> Plan:
    """A plan that passes every gate."""
    begun = prefill(TemplateCode.CARE, title="留守儿童托管", procurement_code="C05010200", times=TIMES, today=TODAY)
    added: dict[str, Any] = {
        "duty_basis": "职责清单第三条",
        "people_count": 60,
        "location": "示例镇",
        "contact_name": "李示例",
        "contact_phone": "0826-2000000",
        "budget_fen": 5_000_000,
        "ceiling_fen": 4_800_000,
        "cost_lines": (CostPlan(item="托管", unit="人日", quantity=Decimal(600), unit_cost_fen=8_000),),
        "funding": (
            FundingPlan(fund_id=UUID(int=1), amount_fen=3_000_000),
            FundingPlan(fund_id=UUID(int=2), amount_fen=2_000_000),
        ),
        "negative": ANSWERS,
        "opener_centre_id": UUID(int=11),
        "opener_buyer_id": UUID(int=12),
        "opener_supervisor_id": UUID(int=13),
    }
    return msgspec.structs.replace(begun, **(added | given))


def told(plan: Plan, **facts: Any) -> list[tuple[type[DomainError], str]]:
    known = {name: getattr(FACTS, name) for name in Facts.__dataclass_fields__} | facts
    return [(type(one), one.field) for one in gates(plan, Facts(**known))]


def test_a_whole_plan_passes() -> None:
    assert told(a_plan()) == []


@pytest.mark.parametrize(
    "name",
    ["need", "requirement", "duty_basis", "people_kind", "location", "contact_name", "contact_phone"],
)
def test_a_text_that_is_demanded_is_missed(name: str) -> None:
    assert told(a_plan(**{name: ""})) == [(no.Lacking, name)]


@pytest.mark.parametrize(
    "name",
    ["people_count", "service_from", "method", "budget_fen", "ceiling_fen", "opener_centre_id", "bids_due_at"],
)
def test_a_fact_that_is_demanded_is_missed(name: str) -> None:
    assert (no.Lacking, name) in told(a_plan(**{name: None}))


def _milestones(**given: Any) -> tuple[MilestonePlan, ...]:
    rows = a_plan().milestones
    return (rows[0], msgspec.structs.replace(rows[1], **given), *rows[2:])


def _criteria(index: int, **given: Any) -> tuple[CriterionPlan, ...]:
    rows = list(a_plan().criteria)
    rows[index] = msgspec.structs.replace(rows[index], **given)
    return tuple(rows)


def _answers(**given: Any) -> NegativeAnswers:
    return msgspec.structs.replace(ANSWERS, **given)


def _costs(**given: Any) -> tuple[CostPlan, ...]:
    return (msgspec.structs.replace(a_plan().cost_lines[0], **given),)


GATES: list[tuple[str, Callable[[], dict[str, Any]], type[DomainError], str]] = [
    ("ceiling above budget", lambda: {"ceiling_fen": 5_000_001}, no.CeilingOverBudget, "ceiling_fen"),
    ("costs over ceiling", lambda: {"cost_lines": _costs(quantity=Decimal(601))}, no.CostsOverCeiling, "cost_lines"),
    ("no costs", lambda: {"cost_lines": ()}, no.Lacking, "cost_lines"),
    ("cost without quantity", lambda: {"cost_lines": _costs(quantity=None)}, no.Lacking, "cost_lines-0-quantity"),
    ("cost without unit", lambda: {"cost_lines": _costs(unit="")}, no.Lacking, "cost_lines-0-unit"),
    ("no funding", lambda: {"funding": ()}, no.Lacking, "funding"),
    (
        "funding below budget",
        lambda: {"funding": (FundingPlan(fund_id=UUID(int=1), amount_fen=4_999_999),)},
        no.FundingNotBudget,
        "funding",
    ),
    (
        "a fund twice",
        lambda: {"funding": (FundingPlan(fund_id=UUID(int=1), amount_fen=2_500_000),) * 2},
        no.FundTwice,
        "funding",
    ),
    ("99.99 percent", lambda: {"milestones": _milestones(share_bp=3_999)}, no.MilestonesNotWhole, "milestones"),
    ("no date", lambda: {"milestones": _milestones(due_on=None)}, no.Lacking, "milestones-1-due_on"),
    ("no evidence", lambda: {"milestones": _milestones(evidence="")}, no.Lacking, "milestones-1-evidence"),
    (
        "a second advance",
        lambda: {"milestones": _milestones(kind=MilestoneKind.ADVANCE)},
        no.AdvanceNotFirst,
        "milestones-1-kind",
    ),
    (
        "dates out of order",
        lambda: {"milestones": _milestones(due_on=date(2026, 3, 20))},
        no.MilestonesOutOfOrder,
        "milestones-1-due_on",
    ),
    ("no price", lambda: {"criteria": a_plan().criteria[1:]}, no.PriceCriterionCount, "criteria"),
    ("100.01 points", lambda: {"criteria": _criteria(0, weight_bp=2_001)}, no.CriteriaNotHundred, "criteria"),
    ("no steps", lambda: {"criteria": _criteria(1, steps="")}, no.StepsMissing, "criteria-1-steps"),
    ("one step", lambda: {"criteria": _criteria(1, steps="30 好方案")}, no.StepsMissing, "criteria-1-steps"),
    ("top is not weight", lambda: {"criteria": _criteria(1, steps="29 甲\n10 乙")}, no.StepsNotTop, "criteria-1-steps"),
    ("steps alike", lambda: {"criteria": _criteria(1, steps="30 甲\n10 乙\n10 丙")}, no.StepsAlike, "criteria-1-steps"),
    ("on the list", lambda: {"negative": _answers(hiring=True)}, no.OnNegativeList, "negative-hiring"),
    (
        "no answer",
        lambda: {"negative": _answers(financing=None)},
        no.NegativeUnanswered,
        "negative-financing",
    ),
    ("a suspect word", lambda: {"requirement": "设置公益性岗位 3 个"}, no.WordingUnexplained, "wording_note"),
    ("openers alike", lambda: {"opener_buyer_id": UUID(int=11)}, no.OpenersAlike, "opener_supervisor_id"),
    ("longer than three years", lambda: {"service_until": date(2029, 4, 1)}, no.TermTooLong, "service_until"),
    ("longer than a year", lambda: {"service_until": date(2027, 4, 1)}, no.TermUnexplained, "term_reason"),
    ("ends before it begins", lambda: {"service_until": date(2026, 3, 31)}, no.TimesOutOfOrder, "service_until"),
    (
        "single source without reason",
        lambda: {"method": MethodCode.SINGLE_SOURCE},
        no.MethodUnexplained,
        "method_reason",
    ),
    ("first day has passed", lambda: {"publish_on": date(2026, 2, 27)}, no.DayPassed, "publish_on"),
    (
        "questions after answers",
        lambda: {"questions_due_at": datetime(2026, 3, 10, 10, tzinfo=UTC)},
        no.TimesOutOfOrder,
        "answers_due_at",
    ),
    (
        "closing on a Sunday",
        lambda: {"bids_due_at": at_legal(date(2026, 3, 15), 17), "opening_at": at_legal(date(2026, 3, 16), 9),
                 "result_on": date(2026, 3, 18)},
        no.NotWorkingDay,
        "bids_due_at",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "given_", "error", "field"), GATES, ids=[gate[0] for gate in GATES])
def test_each_gate_tells_its_field(
    case: str, given_: Callable[[], dict[str, Any]], error: type[DomainError], field: str
) -> None:
    assert (error, field) in told(a_plan(**given_()))


def test_a_service_of_exactly_one_year_needs_no_reason() -> None:
    assert told(a_plan(service_from=date(2026, 4, 1), service_until=date(2027, 3, 31))) == []


def test_an_explained_word_and_an_explained_term_pass() -> None:
    plan = a_plan(requirement="辅导学生规划岗位", wording_note="岗位指职业规划课内容，不涉及用工。")
    assert told(plan) == []
    assert told(a_plan(service_until=date(2027, 6, 30), term_reason="预算有保障，内容固定。")) == []


BARE = [
    ("", ()),
    ("一、服务内容：\n二、服务数量：\n三、质量标准：", ("一、服务内容", "二、服务数量", "三、质量标准")),
    ("一、服务内容：日间看护\n二、服务数量：", ("二、服务数量",)),
    ("一、服务内容：\n日间看护，每周五天。\n二、服务数量：60 人", ()),
    ("一、服务内容：\n1. 日间看护\n2. 作业辅导", ()),
    ("一、服务内容：\n（一）看护：\n（二）辅导：每天两小时", ("（一）看护",)),
    ("一、服务内容:  \n\n　…………\n二、服务数量：60 人", ("一、服务内容",)),
    ("一、服务内容：……\n二、服务数量：——", ("一、服务内容", "二、服务数量")),
    ("要求如下：\n一、日间看护。\n二、作业辅导。", ()),
    ("日间看护。\n另外：", ("另外",)),
    ("1.5 小时为一节：\n每天两节", ()),
    ("1.看护：\n2.辅导：每天", ("1.看护",)),
]


@pytest.mark.parametrize(("text", "bare"), BARE)
def test_a_heading_without_words_under_it_is_bare(text: str, bare: tuple[str, ...]) -> None:
    assert bare_headings(text) == bare


@given(st.text(alphabet="一二、：:（）()1.\n 。…字a", max_size=60))
def test_any_text_can_be_looked_through_and_a_word_at_each_lines_end_leaves_none_bare(text: str) -> None:
    assert len(bare_headings(text)) <= len(text.splitlines())
    assert bare_headings("\n".join(line + "字" for line in text.splitlines())) == ()


@pytest.mark.parametrize("code", TemplateCode)
def test_only_the_general_template_has_headings_to_write_under(code: TemplateCode) -> None:
    begun = prefill(code, title="服务", procurement_code="C05010200", times=TIMES, today=TODAY)
    assert (begun.requirement and bare_headings(begun.requirement)) == (GENERAL_BARE if code == "general" else ())


GENERAL_BARE = ("一、服务内容", "二、服务数量", "三、质量标准", "四、服务时间和方式")


def test_the_refusal_names_every_bare_heading_at_its_field() -> None:
    begun = prefill(TemplateCode.GENERAL, title="服务", procurement_code="C05010200", times=TIMES, today=TODAY)
    plan = a_plan(requirement=begun.requirement, need="背景：")
    found = [one for one in gates(plan, FACTS) if isinstance(one, no.HeadingsBare)]
    assert [one.field for one in found] == ["need", "requirement"]
    assert "「服务内容与标准」中的「一、服务内容」「二、服务数量」「三、质量标准」「四、" in str(found[1])


def test_what_only_the_database_knows_stands_in_the_way_too() -> None:
    assert told(a_plan(), in_catalogue=False) == [(no.NotInCatalogue, "catalogue_code")]
    assert told(a_plan(), mandated=False) == [(no.MandateMissing, "mandate")]
    assert told(a_plan(), mandated=False, entrusted=False) == []
    keyless = {"opener_buyer_id": "李示例"}
    assert told(a_plan(), keyless=keyless) == [(no.OpenerWithoutKey, "opener_buyer_id")]


def test_from_a_hundred_thousand_yuan_an_agent_or_a_dated_reason_is_named() -> None:
    big = {"budget_fen": 10_000_000, "funding": (FundingPlan(fund_id=UUID(int=1), amount_fen=10_000_000),)}
    below = {"budget_fen": 9_999_999, "funding": (FundingPlan(fund_id=UUID(int=1), amount_fen=9_999_999),)}
    assert told(a_plan(**big)) == [(no.AgentMissing, "agent")]
    assert told(a_plan(**below)) == []
    assert told(a_plan(**big, agent="示例代理公司")) == []
    assert told(a_plan(**big, no_agent_reason="会议决定自行组织")) == [(no.AgentMissing, "agent")]
    assert told(a_plan(**big, no_agent_reason="会议决定自行组织", no_agent_on=date(2026, 2, 20))) == []


def test_the_method_must_be_lawful_for_the_amount() -> None:
    plan = a_plan(
        budget_fen=60_000_000,
        funding=(FundingPlan(fund_id=UUID(int=1), amount_fen=60_000_000),),
        agent="示例代理公司",
    )
    found = gates(plan, FACTS)
    assert [(one.code, one.field) for one in found] == [("method_unlawful", "method")]


def test_the_price_weight_keeps_its_bounds_at_its_own_row() -> None:
    rows = list(a_plan().criteria)
    rows[0] = msgspec.structs.replace(rows[0], weight_bp=900)
    rows[1] = msgspec.structs.replace(rows[1], weight_bp=4_100, steps="41 甲\n10 乙")
    found = gates(a_plan(criteria=tuple(rows)), FACTS)
    assert [(one.code, one.field) for one in found] == [("price_weight_outside", "criteria-0-weight_bp")]


def test_everything_is_told_at_once_in_the_order_of_the_page() -> None:
    fields = [field for _, field in told(Plan(title="什么也没填"), mandated=False)]
    assert len(fields) > 25
    assert fields.index("need") < fields.index("negative-not_duty") < fields.index("mandate")


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=8))
def test_only_exactly_one_hundred_percent_passes(shares: list[int]) -> None:
    rows = tuple(
        MilestonePlan(
            title=f"第{index}期", deliverable="成果", evidence="记录", due_on=date(2026, 5, 1), share_bp=share
        )
        for index, share in enumerate(shares, 1)
    )
    refused = (no.MilestonesNotWhole, "milestones") in told(a_plan(milestones=rows))
    assert refused == (sum(shares) != 10_000)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=6))
def test_only_exactly_one_hundred_points_pass(weights: list[int]) -> None:
    rows = (
        CriterionPlan(name="价格", kind=CriterionKind.PRICE, weight_bp=2_000),
        *(
            CriterionPlan(name=f"第{index}项", weight_bp=weight, steps=f"{weight / 100:.2f} 全部做到\n0 没有做到")
            for index, weight in enumerate(weights, 1)
        ),
    )
    found = told(a_plan(criteria=rows))
    assert ((no.CriteriaNotHundred, "criteria") in found) == (sum(weights) != 8_000)
    assert not [field for error, field in found if field.endswith("-steps")]


@given(
    st.decimals(min_value=Decimal("0.01"), max_value=Decimal(10_000), places=2),
    st.integers(1, 10**9),
)
def test_a_cost_line_comes_to_quantity_times_unit_cost_half_up(quantity: Decimal, unit_cost: int) -> None:
    line = CostPlan(item="科目", unit="次", quantity=quantity, unit_cost_fen=unit_cost)
    exact = quantity * unit_cost
    assert line.amount_fen is not None
    assert abs(line.amount_fen - exact) <= Decimal("0.5")
    assert line.amount_fen - exact != Decimal("-0.5")


@pytest.mark.parametrize("quantity", [Decimal(0), Decimal(-1), Decimal("1.005"), Decimal("NaN"), Decimal(10_000_001)])
def test_a_quantity_is_positive_with_two_decimals(quantity: Decimal) -> None:
    with pytest.raises(ValueError, match="quantity"):
        CostPlan(item="科目", quantity=quantity)
