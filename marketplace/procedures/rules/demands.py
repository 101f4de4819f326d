"""What a method and an amount demand before the notice: survey, conditions, reservation, limits of the method."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.procedures.rules.methods import METHODS
from marketplace.procedures.rules.ruleset import Rule, RuleSet
from marketplace.procedures.states import MethodCode

SURVEY_AMOUNT_RULE, SURVEY_COUNT_RULE = "demand_survey_mandatory_amount_fen", "demand_survey_min_respondents"
SURVEY_REUSE_RULE = "demand_survey_reuse_window_days"
TRACK_RECORD_RULE, VIOLATION_RULE = "track_record_contracts_max", "major_violation_lookback_years"
CONDITIONS_RULE, NEGATIVE_RULE = "qualification_conditions_count", "negative_list_questions_count"
RESERVED_RULE, RESERVED_SHARE_RULE = "sme_reserved_amount_fen", "sme_reserved_share_percent"
WHOLE_PERCENT = Decimal(100)


class SurveyTooSmall(DomainError):
    """A demand survey asked fewer than it must."""

    kind, code = Kind.INVALID, "survey_too_small"
    text = N_("需求调查有 {given} 个答复，一般不少于 {needed} 个（{basis}）。请补充调查，或写明不足的理由。")


class TooManyTrackRecords(DomainError):
    """More similar contracts are asked as a condition than may be."""

    kind, code = Kind.INVALID, "too_many_track_records"
    text = N_("类似业绩要求了 {given} 份，作为资格条件不得超过 {most} 份（{basis}）。请减少，并写明“类似”的范围。")


class Survey(Struct, frozen=True):
    """The demand survey of a purchase: how many answers, whether it is a must, and the rows behind it."""

    respondents: int
    must: bool
    rules: tuple[Rule, ...]


class Reserved(Struct, frozen=True):
    """The part, in percent of the budget, that is in principle kept for small and medium firms."""

    percent: Decimal
    rules: tuple[Rule, ...]


class Demand(Struct, frozen=True):
    """One demand in words: a title, a sentence with its values, and the rows behind it (message ids)."""

    title: str
    text: str
    values: dict[str, object]
    rules: tuple[Rule, ...]


def survey_demand(rules: RuleSet, amount_fen: int, *, public_service: bool) -> Survey | None:
    """Whether the market must be asked before the purchase, and how many at least; None where no row is in force.

    Source:
        需求办法第十条、第十一条: from the amount on, and for a service to the public at any amount.
    """
    least, limit = rules.find(SURVEY_COUNT_RULE), rules.find(SURVEY_AMOUNT_RULE)
    if least is None or limit is None:
        return None
    return Survey(least.number, public_service or amount_fen >= limit.number, (least, limit))


def check_survey(survey: Survey, answers: int) -> list[DomainError]:
    """The refusal of a survey with too few answers."""
    if answers >= survey.respondents:
        return []
    return [SurveyTooSmall(field="answers", given=answers, needed=survey.respondents, basis=survey.rules[0].basis)]


def survey_reusable(rules: RuleSet, calendar: Calendar, made_on: date, on: date) -> bool:
    """Whether a survey of the same subject made on one day may still stand in for a new one on another.

    Source:
        需求办法第十一条: within the year before.
    """
    rule = rules.find(SURVEY_REUSE_RULE)
    return rule is not None and made_on <= on <= calendar.add(made_on, rule.number, rule.period).nominal


def check_track_records(rules: RuleSet, asked: int) -> list[DomainError]:
    """The refusal of more similar contracts than may be asked as a condition.

    Source:
        需求办法第十八条.
    """
    rule = rules.find(TRACK_RECORD_RULE)
    if rule is None or asked <= rule.number:
        return []
    return [TooManyTrackRecords(field="conditions", given=asked, most=rule.number, basis=rule.basis)]


def clean_since(rules: RuleSet, on: date) -> date | None:
    """The first day of the years in which a supplier must be free of major violations; None without a row.

    Source:
        采购法第二十二条第一款第五项.
    """
    rule = rules.find(VIOLATION_RULE)
    if rule is None:
        return None
    try:
        return on.replace(year=on.year - rule.number)
    except ValueError:
        return date(on.year - rule.number, 3, 1)


def reserved_for_small(rules: RuleSet, amount_fen: int) -> Reserved | None:
    """How much is in principle kept for small and medium firms; None where no row is in force.

    Source:
        财库〔2020〕46号 (△).
    """
    limit, share = rules.find(RESERVED_RULE), rules.find(RESERVED_SHARE_RULE)
    if limit is None or share is None:
        return None
    if amount_fen <= limit.number:
        return Reserved(WHOLE_PERCENT, (limit,))
    return Reserved(share.value, (share, limit))


def demands(rules: RuleSet, method: MethodCode, amount_fen: int) -> tuple[Demand, ...]:
    """What amount and method demand besides time, tier, panel and price, in the order of the work."""
    found: list[Demand] = []
    if not METHODS[method].model:
        survey, reuse = survey_demand(rules, amount_fen, public_service=False), rules.find(SURVEY_REUSE_RULE)
        if survey and survey.must:
            text = N_("必须开展，答复不少于 {n} 个")
            found.append(Demand(N_("需求调查"), text, {"n": survey.respondents}, survey.rules))
        elif survey:
            text = N_("面向公众的服务必须开展，其他项目按需要；答复不少于 {n} 个")
            found.append(Demand(N_("需求调查"), text, {"n": survey.respondents}, survey.rules))
        if survey and reuse:
            text = N_("{n} 日内就同一标的做过的可以沿用")
            found.append(Demand(N_("沿用以前的调查"), text, {"n": reuse.number}, (reuse,)))
        reserved = reserved_for_small(rules, amount_fen)
        if reserved:
            text = N_("预算的 {n}% 原则上预留")
            found.append(Demand(N_("预留给中小企业"), text, {"n": f"{reserved.percent:f}"}, reserved.rules))
    found += _always(rules)
    limits = [(limit, rule) for limit in METHODS[method].limits if (rule := rules.find(limit.rule_id)) is not None]
    found += [Demand(limit.title, limit.text, {"n": f"{rule.value:f}"}, (rule,)) for limit, rule in limits]
    return tuple(found)


def _always(rules: RuleSet) -> list[Demand]:
    found: list[Demand] = []
    negative, conditions = rules.find(NEGATIVE_RULE), rules.find(CONDITIONS_RULE)
    violation, records = rules.find(VIOLATION_RULE), rules.find(TRACK_RECORD_RULE)
    since = clean_since(rules, rules.day)
    if negative:
        found.append(Demand(N_("负面清单"), N_("{n} 个问题都答“否”"), {"n": negative.number}, (negative,)))
    if conditions:
        found.append(Demand(N_("供应商基本条件"), N_("{n} 项都须具备"), {"n": conditions.number}, (conditions,)))
    if violation and since:
        text = N_("{since} 起没有重大违法记录")
        found.append(Demand(N_("重大违法记录"), text, {"since": since.isoformat()}, (violation,)))
    if records:
        text = N_("作为条件最多要求 {n} 份，并写明范围")
        found.append(Demand(N_("类似业绩"), text, {"n": records.number}, (records,)))
    return found
