"""What a new row of a rule must keep to: a number that fits its unit, a day to come, no quarrel with other rows."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.procedures.rules.ruleset import Rule
from marketplace.procedures.states import RuleUnit

_DAY = timedelta(days=1)
WHOLE_PERCENT = 100


class RuleValueBad(DomainError):
    """A number that cannot stand in the row."""

    kind, code = Kind.INVALID, "rule_value_bad"
    text = N_("数值 {given} 不能用在这条规则里。请填写不小于 0 的整数；比例可以有小数，不超过 100。")


class RuleBackdated(DomainError):
    """The first day of a new row is not to come."""

    kind, code = Kind.INVALID, "rule_backdated"
    text = N_("生效日期 {given} 不晚于今天。规则不追溯，已发布的项目按发布当日的规则。请填写 {offered} 或更晚。")


class RuleEndsEarly(DomainError):
    """The last day of a new row lies before its first."""

    kind, code = Kind.INVALID, "rule_ends_early"
    text = N_("失效日期 {given} 早于生效日期 {first}。请填写 {first} 或更晚，长期有效的留空。")


class RuleSameDay(DomainError):
    """Another row of the rule begins on the same day."""

    kind, code = Kind.INVALID, "rule_same_day"
    text = N_("第 {version} 版已有一行自 {first} 起生效，录入后不能改动。请把生效日期改为 {offered} 或更晚。")


class RuleOverlaps(DomainError):
    """The new row reaches into the days of a later one."""

    kind, code = Kind.INVALID, "rule_overlaps"
    text = N_("第 {version} 版已有一行自 {first} 起生效，与这一行重叠。请把失效日期填为 {offered} 或更早。")


class RuleStillHeld(DomainError):
    """The new row begins within the stated days of an earlier one."""

    kind, code = Kind.INVALID, "rule_still_held"
    text = N_("第 {version} 版的一行写明到 {last} 为止，与这一行重叠。请把生效日期改为 {offered} 或更晚。")


def check_amendment(
    history: Iterable[Rule], *, value: Decimal, valid_from: date, valid_to: date | None, today: date
) -> list[DomainError]:
    """Everything wrong with a further row, each at its field; ``history`` are the rows of the same rule and place."""
    rows = tuple(history)
    found: list[DomainError] = []
    percent = any(row.unit is RuleUnit.PERCENT for row in rows)
    good = value.is_finite() and value >= 0 and (value <= WHOLE_PERCENT if percent else value == int(value))
    if not good:
        found.append(RuleValueBad(field="value", given=f"{value:f}"))
    if valid_from <= today:
        offered = (today + _DAY).isoformat()
        found.append(RuleBackdated(field="valid_from", given=valid_from.isoformat(), offered=offered))
    if valid_to is not None and valid_to < valid_from:
        given, first = valid_to.isoformat(), valid_from.isoformat()
        found.append(RuleEndsEarly(field="valid_to", given=given, first=first))
    return found or list(_quarrels(rows, valid_from, valid_to))


def _quarrels(rows: Iterable[Rule], valid_from: date, valid_to: date | None) -> Iterator[DomainError]:
    for row in rows:
        first = row.valid_from or date.min
        said = {"version": row.version, "first": first.isoformat()}
        if first == valid_from:
            yield RuleSameDay(field="valid_from", offered=(first + _DAY).isoformat(), **said)
        elif valid_from < first and (valid_to is None or valid_to >= first):
            yield RuleOverlaps(field="valid_to", offered=(first - _DAY).isoformat(), **said)
        elif first < valid_from and row.valid_to is not None and row.valid_to >= valid_from:
            last, offered = row.valid_to.isoformat(), (row.valid_to + _DAY).isoformat()
            yield RuleStillHeld(field="valid_from", version=row.version, last=last, offered=offered)
