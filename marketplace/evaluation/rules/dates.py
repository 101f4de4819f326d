"""The days an evaluation's end keeps: until when the award is confirmed, how long the result is shown."""

from datetime import date, datetime, timedelta

from msgspec import Struct

from marketplace.kit.clock import at_legal
from marketplace.kit.days import Calendar
from marketplace.procedures.rules import METHODS, Rule, RuleSet
from marketplace.procedures.states import Comparison, Event, MethodCode

CONFIRM_RULE = "award_confirmation_days"
_DAY = timedelta(days=1)


class Period(Struct, frozen=True, kw_only=True):
    """How long a result is shown before anybody signs; ``rules`` are the rows it follows from.

    ``notice_until`` is the last day of its period and ``signable_from`` the first instant at which signing may begin.
    """

    notice_until: date
    signable_from: datetime
    rules: tuple[Rule, ...]


def decide_by(rules: RuleSet, calendar: Calendar, reported_on: date) -> date:
    """The last day to confirm the result reported on a day.

    Source:
        采购法条例第四十三条: five working days from the report.

    Raises:
        RuleMissing: the row is not in force.
    """
    rule = rules.get(CONFIRM_RULE)
    return calendar.add(reported_on, rule.number, rule.period).rolled


def result_period(rules: RuleSet, calendar: Calendar, method: MethodCode, published_on: date) -> Period:
    """What follows from publishing a result on a day: the day itself is not counted, signing begins after its last.

    Where a rule also sets a first day for the contract, signing waits for that day. Without any rule the day of the
    publication is the whole period.

    Source:
        财政部令第87号 (△); below the threshold the unit's own rule (practice).
    """
    until, first, used = published_on, published_on + _DAY, list[Rule]()
    for span in METHODS[method].spans:
        rule = rules.find(span.rule_id)
        if span.first is not Event.NOTICE or rule is None or rule.comparison is not Comparison.MIN:
            continue
        end = calendar.add(published_on, rule.number, rule.period).nominal
        if span.last is Event.SHOWN:
            until, first = max(until, end), max(first, end + _DAY)
        elif span.last is Event.SIGN:
            first = max(first, end)
        else:
            continue
        used.append(rule)
    return Period(notice_until=until, signable_from=at_legal(first), rules=tuple(used))
