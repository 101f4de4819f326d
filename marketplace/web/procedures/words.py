"""How rules are said in words: their numbers with unit and direction, and how far they may be trusted."""

from datetime import date

from msgspec import Struct

from marketplace.kit.days import Unit
from marketplace.kit.i18n import N_
from marketplace.kit.money import FEN_PER_WAN, FEN_PER_YUAN, wan, yuan_grouped
from marketplace.procedures.rules import Bar, Rule
from marketplace.procedures.states import Comparison, RuleUnit
from marketplace.web.i18n import CHINESE, locale, ngettext, say

THIRDS = "_expert_thirds"
MMDD = "_mmdd"
_COUNTED = (
    ("_years", N_("{n} 年")),
    ("_months", N_("{n} 个月")),
    ("_per_year", N_("每年 {n} 次")),
    ("_points", N_("{n} 分")),
    ("_size", N_("{n} 人")),
    ("suppliers", N_("{n} 家")),
    ("user_choice", N_("{n} 家")),
    ("_invited", N_("{n} 家")),
    ("_respondents", N_("{n} 个")),
    ("_age", N_("{n} 周岁")),
    ("contracts_max", N_("{n} 份")),
    ("_award", N_("{n} 轮")),
    ("", N_("{n} 项")),
)
_UNITS = {
    RuleUnit.WORKING_DAYS: N_("{n} 个工作日"),
    RuleUnit.CALENDAR_DAYS: N_("{n} 日"),
    RuleUnit.MINUTES: N_("{n} 分钟"),
}
_PERIODS = {
    Unit.WORKING_DAYS: N_("{n} 个工作日"),
    Unit.CALENDAR_DAYS: N_("{n} 日"),
    Unit.MONTHS: N_("{n} 个月"),
    Unit.YEARS: N_("{n} 年"),
}
_DIRECTIONS = {
    Comparison.MIN: N_("不少于 {value}"),
    Comparison.MAX: N_("不超过 {value}"),
    Comparison.EXACTLY: "{value}",
}
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


class Mark(Struct, frozen=True):
    """A word beside a rule that says how far it may be trusted, and its colour."""

    label: str
    tone: str


CONFIRMED = Mark(N_("已核对"), "green")
UNCONFIRMED = Mark(N_("△ 待确认"), "yellow")
PRACTICE = Mark(N_("△ 单位做法"), "orange")
MODEL = Mark(N_("参照执行"), "grey")
ESTIMATED = Mark(N_("估算"), "purple")


def marks(*, confirmed: bool, practice: bool) -> tuple[Mark, ...]:
    """How far a rule may be trusted."""
    if practice:
        return (PRACTICE,)
    return (CONFIRMED,) if confirmed else (UNCONFIRMED,)


def bar_marks(bar: Bar) -> tuple[Mark, ...]:
    """How far a bar may be trusted: its rule, whether it binds here, and whether its days are an estimate."""
    found = marks(confirmed=bar.confirmed, practice=bar.practice)
    return (*found, *((MODEL,) if bar.model else ()), *((ESTIMATED,) if bar.estimated else ()))


def named(thing: Rule | Bar) -> str:
    """The name of a rule in the present language."""
    return thing.name if locale() == CHINESE or not thing.name_en else thing.name_en


def noted(rule: Rule) -> str:
    """The note of a rule in the present language."""
    return rule.note if locale() == CHINESE or not rule.note_en else rule.note_en


def plain_number(rule: Rule) -> str:
    """The number of a rule with its unit."""
    number = f"{rule.value:f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    if rule.unit is RuleUnit.FEN:
        return amount(rule.number)
    if rule.unit is RuleUnit.PERCENT:
        return f"{number}%"
    if rule.unit in _UNITS:
        return _several(_UNITS[rule.unit], rule.number)
    if rule.rule_id.endswith(THIRDS):
        return say(N_("三分之二"))
    return _several(next(text for ending, text in _COUNTED if rule.rule_id.endswith(ending)), rule.number)


def _several(text: str, count: int) -> str:
    return ngettext(text, text, count).format(n=count)


def amount(fen: int) -> str:
    """An amount of a rule: in 万元 where that is short and the language has the word, else in yuan."""
    if fen and fen % (FEN_PER_WAN // 10) == 0 and locale() == CHINESE:
        return f"{wan(fen)} 万元"
    shown = f"{fen // FEN_PER_YUAN:,}" if fen % FEN_PER_YUAN == 0 else yuan_grouped(fen)
    return say(N_("{amount} 元"), amount=shown)


def value(rule: Rule) -> str:
    """The number of a rule with unit and direction: 不少于 20 日."""
    if rule.rule_id.endswith(MMDD):
        month, day = divmod(rule.number, 100)
        return say(N_("每年 {month} 月 {day} 日前"), month=month, day=day)
    return say(_DIRECTIONS[rule.comparison], value=plain_number(rule))


def length(bar: Bar) -> str:
    """How long a bar is, with its direction: 不超过 7 个工作日."""
    return say(_DIRECTIONS[bar.comparison], value=_several(_PERIODS[bar.unit], bar.count))


def weekday(day: date) -> str:
    """The day of the week."""
    return say(_WEEKDAYS[day.weekday()])
