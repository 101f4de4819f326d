"""Yearly reports: until when one is due by the dated rules, what a table of results says, and what is wrong in it."""

from collections.abc import Mapping
from datetime import date

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_code
from marketplace.procedures.rules import RuleSet
from marketplace.suppliers.rules.codes import uscc_problem
from marketplace.suppliers.states import Nature, YearlyState

DUE_RULES: Mapping[Nature, str] = {
    Nature.FOUNDATION: "foundation_annual_report_mmdd",
    Nature.SOCIAL_GROUP: "social_group_annual_report_mmdd",
    Nature.SOCIAL_SERVICE_AGENCY: "private_nonenterprise_annual_report_mmdd",
}
"""The dated row by which each nature's report is due; the others report elsewhere and owe none here."""
FIRST_YEAR = 2000
YEARLY_COLUMNS = {
    "uscc": N_("统一社会信用代码"),
    "year": N_("年度"),
    "result": N_("结论"),
    "source": N_("来源"),
    "note": N_("说明"),
}
YEARLY_NEEDED = ("uscc", "year", "result", "source")


class YearUnfit(DomainError):
    """A year that is not over yet, or long before any of this, has no report."""

    kind, code = Kind.INVALID, "year_unfit"
    text = N_("年度应在 {first} 至 {last} 之间：年报在次年报送。")


class ReportNotOwed(DomainError):
    """The organization's kind sends no yearly report to a registrar of social organizations."""

    kind, code = Kind.INVALID, "report_not_owed"
    text = N_("只有社会团体、社会服务机构和基金会报送年报。「{name}」不需要登记。")


class MissingTooEarly(DomainError):
    """Nobody is late before the day has passed."""

    kind, code = Kind.INVALID, "missing_too_early"
    text = N_("{year} 年度的年报截止日是 {due_on}，当天过后才能登记为未报。")


class ResultUnknown(DomainError):
    """A table says something else than the four results."""

    kind, code = Kind.INVALID, "result_unknown"
    text = N_("结论「{given}」不正确，应为合格、基本合格、不合格或未报。")


class NotInRegister(DomainError):
    """A code that no organization of the register has."""

    kind, code = Kind.INVALID, "not_in_register"
    text = N_("名录中没有代码为 {uscc} 的组织。")


class ReportSourceMissing(DomainError):
    """An entry does not say where the result was read."""

    kind, code = Kind.INVALID, "report_source_missing"
    text = N_("请写明结论的来源，例如登记机关的公告。")


RESULT_WORDS: Mapping[str, YearlyState] = {
    "合格": YearlyState.PASSED,
    "基本合格": YearlyState.BASIC,
    "不合格": YearlyState.FAILED,
    "未报": YearlyState.MISSING,
}
"""What a table may say, as the registrars' notices do."""


def due_on(rules: RuleSet, nature: Nature, year: int) -> date | None:
    """The last day for the report of a year, by the row in force; None for natures that owe none.

    Raises:
        RuleMissing: no row is in force.

    Source:
        基金会管理条例第三十六条; 社会团体登记管理条例第二十八条; 民办非企业单位登记管理暂行条例第二十三条.
    """
    rule = DUE_RULES.get(nature)
    if rule is None:
        return None
    month, day = divmod(rules.number(rule), 100)
    return date(year + 1, month, day)


def report_problems(
    rules: RuleSet, nature: Nature, name: str, *, year: int, state: YearlyState, source: str, today: date
) -> list[DomainError]:
    """What is wrong with an entry about one organization's report."""
    if not FIRST_YEAR <= year < today.year:
        return [YearUnfit(field="year", first=FIRST_YEAR, last=today.year - 1)]
    due = due_on(rules, nature, year)
    if due is None:
        return [ReportNotOwed(field="year", name=name)]
    found: list[DomainError] = []
    if state is YearlyState.MISSING and today <= due:
        found.append(MissingTooEarly(field="state", year=year, due_on=due))
    if not source.strip():
        found.append(ReportSourceMissing(field="source"))
    return found


def read_row(row: Mapping[str, str], last_year: int) -> tuple[str, int, YearlyState | None, list[DomainError]]:
    """A row's code, year and result, with what is wrong in them."""
    found: list[DomainError] = []
    wrong = uscc_problem(row.get("uscc", ""))
    if wrong is not None:
        found.append(wrong)
    digits = row.get("year", "").removesuffix("年度").removesuffix("年")
    year = int(digits) if digits.isdecimal() and len(digits) == len("2026") else 0
    if not year:
        found.append(YearUnfit(first=FIRST_YEAR, last=last_year))
    state = RESULT_WORDS.get(row.get("result", ""))
    if state is None:
        found.append(ResultUnknown(given=row.get("result", "")))
    return clean_code(row.get("uscc", "")), year, state, found


def year_owed(rules: RuleSet, nature: Nature, today: date) -> int | None:
    """The newest year whose report is due by now; None for natures that owe none."""
    due = due_on(rules, nature, today.year - 1)
    if due is None:
        return None
    return today.year - 1 if today > due else today.year - 2
