"""The reference rules of a day, with one row's number changed where a test of the tests asks for it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from marketplace.procedures.rules import RuleSet
from tests.procedures.reference import rules_on

DAY = date(2026, 3, 2)
RulesAt = Callable[..., RuleSet]


def true_rules(day: date = DAY) -> RuleSet:
    """The rules as they are."""
    return rules_on(day)


def moved(rule_id: str, by: int) -> RulesAt:
    """The rules with the number of one row moved."""

    def at(day: date = DAY) -> RuleSet:
        rules = rules_on(day)
        row = rules.find(rule_id)
        if row is None:
            return rules
        other = msgspec.structs.replace(row, value=row.value + Decimal(by))
        return RuleSet(day, rules.version, {**rules.rules, rule_id: other})

    return at
