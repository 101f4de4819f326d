"""What stands between a draft and its approval: every gap and breach at once, each at its field."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.kit.money import WHOLE_BP, percent, yuan_grouped
from marketplace.procedures.rules import (
    METHODS,
    RuleSet,
    check_method,
    check_price_weight,
    lawful_methods,
    price_weight,
)
from marketplace.procedures.states import Standing
from marketplace.projects.rules import refusals as no
from marketplace.projects.rules.headings import bare_headings
from marketplace.projects.rules.plan import Plan
from marketplace.projects.rules.preparation import UNSCORED
from marketplace.projects.rules.steps import BadStep, parse_steps, points
from marketplace.projects.rules.times import TimeField, check_times, passed
from marketplace.projects.rules.wording import Concern, flags
from marketplace.projects.states import NEGATIVE_QUESTIONS, CriterionKind, MilestoneKind, NegativeQuestion

LABELS: Mapping[str, str] = {
    "title": N_("项目名称"),
    "need": N_("背景与需求"),
    "requirement": N_("服务内容与标准"),
    "duty_basis": N_("职责依据"),
    "people_kind": N_("服务对象"),
    "people_count": N_("服务人数"),
    "location": N_("服务地点"),
    "service_from": N_("服务开始"),
    "service_until": N_("服务结束"),
    "contact_name": N_("联系人"),
    "contact_phone": N_("联系电话"),
    "budget_fen": N_("预算金额"),
    "ceiling_fen": N_("最高限价"),
    "cost_lines": N_("费用测算"),
    "funding": N_("资金来源"),
    "criteria": N_("评分标准"),
    "milestones": N_("里程碑与付款"),
    "method": N_("采购方式"),
    "opener_centre_id": N_("开启人（经办单位）"),
    "opener_buyer_id": N_("开启人（购买主体）"),
    "opener_supervisor_id": N_("开启人（监督）"),
}
"""Fields that must be filled in, in the order of the page."""
ROW_LABELS = {
    "unit": N_("单位"),
    "quantity": N_("数量"),
    "unit_cost_fen": N_("单价"),
    "amount_fen": N_("金额"),
    "weight_bp": N_("权重"),
    "deliverable": N_("交付成果"),
    "evidence": N_("证明材料"),
    "due_on": N_("计划日期"),
    "share_bp": N_("付款比例"),
}


class Section(StrEnum):
    """The parts of the drafting page, in their order."""

    BASICS = "basics"
    MONEY = "money"
    METHOD = "method"
    NEGATIVE = "negative"
    CONDITIONS = "conditions"
    CRITERIA = "criteria"
    MILESTONES = "milestones"
    TIMES = "times"
    OPENERS = "openers"
    FILES = "files"


SECTION_NAMES = {
    Section.BASICS: N_("需求与对象"),
    Section.MONEY: N_("预算与资金"),
    Section.METHOD: N_("采购方式"),
    Section.NEGATIVE: N_("负面清单"),
    Section.CONDITIONS: N_("资格条件"),
    Section.CRITERIA: N_("评分标准"),
    Section.MILESTONES: N_("里程碑与付款"),
    Section.TIMES: N_("时间安排"),
    Section.OPENERS: N_("开启人"),
    Section.FILES: N_("文件"),
}
_SECTION_OF = {
    **dict.fromkeys(("budget_fen", "ceiling_fen", "cost_lines", "funding"), Section.MONEY),
    **dict.fromkeys(("method", "method_reason", "agent", "no_agent_reason", "no_agent_on"), Section.METHOD),
    **dict.fromkeys(("negative", "wording_note"), Section.NEGATIVE),
    "conditions": Section.CONDITIONS,
    "criteria": Section.CRITERIA,
    "milestones": Section.MILESTONES,
    **dict.fromkeys((name.value for name in TimeField), Section.TIMES),
    **dict.fromkeys(("opener_centre_id", "opener_buyer_id", "opener_supervisor_id"), Section.OPENERS),
    "mandate": Section.FILES,
    "preparation": Section.FILES,
}


def section_of(field: str) -> Section:
    """The part of the page that a field stands in: ``criteria-2-steps`` among the criteria."""
    return _SECTION_OF.get(field.partition("-")[0], Section.BASICS)


AGENT_RULE = "comparison_agency_required_min_fen"
TERM_RULE, TERM_MAX_RULE = "service_contract_term_years", "service_contract_term_max_years"
STEPS_MIN = 2
HEADED = ("need", "requirement")
"""Texts that templates begin with headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the gates must know beside the plan itself.

    ``keyless`` names the openers that are known to have no key, by their field; above this floor somebody knows.
    ``unprepared`` are the refusals of what handing in waits for (see :mod:`marketplace.projects.rules.preparation`).
    """

    rules: RuleSet
    calendar: Calendar
    today: date
    entry: str
    in_catalogue: bool
    entrusted: bool
    mandated: bool
    keyless: Mapping[str, str] = field(default_factory=dict)
    unprepared: tuple[DomainError, ...] = ()


def gates(plan: Plan, facts: Facts) -> list[DomainError]:
    """Everything that keeps the plan from being handed in, in the order of the page.

    Source:
        102号令第二条、第十条、第十四条、第十六条、第二十四条；采购法第二十二条；采购法条例第三十条.

    Raises:
        RuleMissing: a rule that is needed is not in force.
    """
    found: list[DomainError] = []
    checks: tuple[Callable[[Plan, Facts], Iterator[DomainError]], ...] = (
        _catalogue, _lacking, headings_left, _term, _money, _costs, _funding, _milestones, _criteria, _method, _agent,
        _negative, _mandate, _openers, _unprepared,
    )  # fmt: skip
    for check in checks:
        found += check(plan, facts)
    if plan.method is not None:
        found += check_times(facts.rules, facts.calendar, plan.method, plan.times)
    found += passed(plan.times, facts.today)
    return found


def _catalogue(_: Plan, facts: Facts) -> Iterator[DomainError]:
    if not facts.in_catalogue:
        yield no.NotInCatalogue(field="catalogue_code", entry=facts.entry)


def _lacking(plan: Plan, _: Facts) -> Iterator[DomainError]:
    for name, label in LABELS.items():
        if name == "criteria" and plan.method in UNSCORED:
            continue
        if getattr(plan, name) in (None, "", ()):
            yield no.Lacking(field=name, label=label)


def headings_left(plan: Plan, _: Facts | None = None) -> Iterator[DomainError]:
    """A refusal for each text in which headings stand without words under them."""
    for name in HEADED:
        bare = bare_headings(getattr(plan, name))
        if bare:
            yield no.HeadingsBare(field=name, label=LABELS[name], headings="」「".join(bare))


def _term(plan: Plan, facts: Facts) -> Iterator[DomainError]:
    if plan.service_from is None or plan.service_until is None:
        return
    if plan.service_until < plan.service_from:
        yield no.TimesOutOfOrder(
            field="service_until",
            later=LABELS["service_until"],
            earlier=LABELS["service_from"],
            given=plan.service_until.isoformat(),
            before=plan.service_from.isoformat(),
        )
        return
    usual, longest = facts.rules.find(TERM_RULE), facts.rules.find(TERM_MAX_RULE)
    if longest and plan.service_until >= years_later(plan.service_from, longest.number):
        yield no.TermTooLong(field="service_until", years=longest.number, basis=longest.basis)
    elif usual and not plan.term_reason and plan.service_until >= years_later(plan.service_from, usual.number):
        yield no.TermUnexplained(field="term_reason", years=usual.number, basis=usual.basis)


def years_later(day: date, years: int) -> date:
    """The same day ``years`` later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _money(plan: Plan, _: Facts) -> Iterator[DomainError]:
    if plan.budget_fen and plan.ceiling_fen and plan.ceiling_fen > plan.budget_fen:
        yield no.CeilingOverBudget(
            field="ceiling_fen", ceiling=yuan_grouped(plan.ceiling_fen), budget=yuan_grouped(plan.budget_fen)
        )


def _costs(plan: Plan, _: Facts) -> Iterator[DomainError]:
    for index, line in enumerate(plan.cost_lines):
        yield from _row("cost_lines", index, unit=line.unit, quantity=line.quantity, unit_cost_fen=line.unit_cost_fen)
    if plan.ceiling_fen and plan.costs_fen > plan.ceiling_fen:
        yield no.CostsOverCeiling(
            field="cost_lines", given=yuan_grouped(plan.costs_fen), ceiling=yuan_grouped(plan.ceiling_fen)
        )


def _row(group: str, index: int, **values: object) -> Iterator[DomainError]:
    for name, value in values.items():
        if value in (None, "", 0):
            yield no.Lacking(field=f"{group}-{index}-{name}", label=ROW_LABELS[name])


def _funding(plan: Plan, _: Facts) -> Iterator[DomainError]:
    for index, line in enumerate(plan.funding):
        yield from _row("funding", index, amount_fen=line.amount_fen)
    if len({line.fund_id for line in plan.funding}) < len(plan.funding):
        yield no.FundTwice(field="funding")
    if plan.funding and plan.budget_fen and plan.funding_fen != plan.budget_fen:
        yield no.FundingNotBudget(
            field="funding",
            given=yuan_grouped(plan.funding_fen),
            budget=yuan_grouped(plan.budget_fen),
            difference=yuan_grouped(abs(plan.budget_fen - plan.funding_fen)),
        )


def _milestones(plan: Plan, _: Facts) -> Iterator[DomainError]:
    rows = plan.milestones
    for index, row in enumerate(rows):
        yield from _row("milestones", index, deliverable=row.deliverable, due_on=row.due_on, share_bp=row.share_bp)
        if row.kind is MilestoneKind.DELIVERABLE:
            yield from _row("milestones", index, evidence=row.evidence)
        if row.kind is MilestoneKind.ADVANCE and index > 0:
            yield no.AdvanceNotFirst(field=f"milestones-{index}-kind")
        before = rows[index - 1].due_on if index else None
        if before and row.due_on and row.due_on < before:
            yield no.MilestonesOutOfOrder(
                field=f"milestones-{index}-due_on",
                title=row.title,
                given=row.due_on.isoformat(),
                before=before.isoformat(),
            )
    total = sum(row.share_bp or 0 for row in rows)
    if rows and total != WHOLE_BP:
        yield no.MilestonesNotWhole(field="milestones", given=percent(total), difference=signed(WHOLE_BP - total))


def signed(difference_bp: int) -> str:
    """A difference in hundredths with its sign: ``5.00``, ``-0.50``."""
    return ("-" if difference_bp < 0 else "") + percent(abs(difference_bp))


def _criteria(plan: Plan, facts: Facts) -> Iterator[DomainError]:
    rows = plan.criteria
    if plan.method in UNSCORED:
        if any(row.kind is not CriterionKind.PRICE or row.weight_bp != WHOLE_BP for row in rows):
            yield no.OnlyPriceCounts(field="criteria", method=METHODS[plan.method].name)
        return
    for index, row in enumerate(rows):
        yield from _row("criteria", index, weight_bp=row.weight_bp)
        if row.kind is CriterionKind.QUALITY:
            yield from _steps(index, row.name, row.weight_bp, row.steps)
    prices = [(index, row) for index, row in enumerate(rows) if row.kind is CriterionKind.PRICE]
    if rows and len(prices) != 1:
        yield no.PriceCriterionCount(field="criteria")
    total = sum(row.weight_bp or 0 for row in rows)
    if rows and total != WHOLE_BP:
        yield no.CriteriaNotHundred(field="criteria", given=points(total), difference=signed(WHOLE_BP - total))
    bounds = price_weight(facts.rules, plan.method) if plan.method else None
    if bounds and len(prices) == 1 and prices[0][1].weight_bp:
        index, row = prices[0]
        for refusal in check_price_weight(bounds, Decimal(row.weight_bp or 0) / 100):
            refusal.field = f"criteria-{index}-weight_bp"
            yield refusal


def _steps(index: int, name: str, weight_bp: int | None, typed: str) -> Iterator[DomainError]:
    spot = f"criteria-{index}-steps"
    try:
        steps = parse_steps(typed, field=spot)
    except BadStep as refusal:
        yield refusal
        return
    if len(steps) < STEPS_MIN:
        yield no.StepsMissing(field=spot, name=name)
        return
    top = max(step.score_bp for step in steps)
    if weight_bp is not None and top != weight_bp:
        yield no.StepsNotTop(field=spot, name=name, top=points(top), weight=points(weight_bp))
    if len({step.score_bp for step in steps}) < len(steps):
        yield no.StepsAlike(field=spot, name=name)


def _method(plan: Plan, facts: Facts) -> Iterator[DomainError]:
    if plan.method is None or plan.budget_fen is None:
        return
    yield from check_method(facts.rules, plan.method, plan.budget_fen)
    standing = {choice.method: choice.standing for choice in lawful_methods(facts.rules, plan.budget_fen)}
    if standing[plan.method] is Standing.NEEDS_APPROVAL and not plan.method_reason:
        yield no.MethodUnexplained(field="method_reason", method=METHODS[plan.method].name)


def _agent(plan: Plan, facts: Facts) -> Iterator[DomainError]:
    limit = facts.rules.find(AGENT_RULE)
    if limit is None or plan.budget_fen is None or plan.budget_fen < limit.number:
        return
    if not plan.agent and not (plan.no_agent_reason and plan.no_agent_on):
        yield no.AgentMissing(field="agent", limit=yuan_grouped(limit.number), basis=limit.basis)


def _negative(plan: Plan, _: Facts) -> Iterator[DomainError]:
    for question in NegativeQuestion:
        answer = plan.negative.answer(question)
        if answer is None:
            yield no.NegativeUnanswered(field=f"negative-{question}", question=NEGATIVE_QUESTIONS[question])
        elif answer:
            yield no.OnNegativeList(field=f"negative-{question}", question=NEGATIVE_QUESTIONS[question])
    words = dict.fromkeys(flag.word for flag in flags(plan) if flag.concern is Concern.NEGATIVE_LIST)
    if words and not plan.wording_note:
        yield no.WordingUnexplained(field="wording_note", words="、".join(words))


def _mandate(_: Plan, facts: Facts) -> Iterator[DomainError]:
    if facts.entrusted and not facts.mandated:
        yield no.MandateMissing(field="mandate")


def _openers(plan: Plan, facts: Facts) -> Iterator[DomainError]:
    named: list[UUID] = [person for person in plan.openers if person is not None]
    if len(set(named)) < len(named):
        yield no.OpenersAlike(field="opener_supervisor_id")
    for spot, name in facts.keyless.items():
        yield no.OpenerWithoutKey(field=spot, name=name)


def _unprepared(_: Plan, facts: Facts) -> Iterator[DomainError]:
    yield from facts.unprepared
