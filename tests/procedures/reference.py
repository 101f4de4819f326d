"""The reference rows and the calendar of 2026 as plain values, for rules that need no database."""

from datetime import date

from marketplace.kit.days import Calendar
from marketplace.procedures.rules import RuleSet, snapshot
from seed.reference import calendar_years, rule_rows

ROWS = [row.at_version(1) for row in rule_rows()]
CALENDAR = Calendar({year.year: year.notice() for year in calendar_years()})


def rules_on(day: date = date(2026, 3, 2)) -> RuleSet:
    """The reference rules in force on ``day``."""
    return snapshot(ROWS, day=day, version=1)
