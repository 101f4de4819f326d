"""A further row of a rule: what it must keep to, and that no earlier row changes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.journal.model import JournalEntry
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.procedures import commands, queries
from marketplace.procedures.rules.amending import (
    RuleBackdated,
    RuleEndsEarly,
    RuleOverlaps,
    RuleSameDay,
    RuleStillHeld,
    RuleValueBad,
    check_amendment,
)
from marketplace.procedures.schemas import RuleAmendment
from seed.reference import rule_rows
from tests.procedures.reference import ROWS
from tests.procedures.test_commands import BUYER, CLERK

TODAY = date(2026, 3, 2)
BASE = next(row for row in ROWS if row.rule_id == "comparison_response_days")
SHARE = next(row for row in ROWS if row.rule_id == "late_payment_daily_rate_percent")
CLOSED = msgspec.structs.replace(BASE, valid_from=date(2026, 4, 1), valid_to=date(2026, 6, 30), version=2)


def told(*rows: Any, value: str = "6", begins: str = "2026-03-03", ends: str = "") -> list[tuple[type, str]]:
    found = check_amendment(
        rows or (BASE,),
        value=Decimal(value),
        valid_from=date.fromisoformat(begins),
        valid_to=date.fromisoformat(ends) if ends else None,
        today=TODAY,
    )
    assert all(str(one) for one in found)
    return [(type(one), one.field) for one in found]


def amendment(**changes: Any) -> RuleAmendment:
    known = {"value": Decimal(6), "basis": "内控制度第三条", "valid_from": date(2026, 4, 1), "reason": "制度修订"}
    return RuleAmendment(**{**known, **changes})


def test_a_row_that_begins_tomorrow_is_right() -> None:
    assert told() == []
    assert told(SHARE, value="0.04") == []
    assert told(CLOSED, begins="2026-03-03", ends="2026-03-31") == []
    assert told(CLOSED, begins="2026-07-01") == []


@pytest.mark.parametrize("value", ["-1", "2.5", "NaN", "Infinity"])
def test_a_number_that_does_not_fit_is_named_at_its_field(value: str) -> None:
    assert told(value=value) == [(RuleValueBad, "value")]


def test_a_share_is_at_most_a_hundred() -> None:
    assert told(SHARE, value="100") == []
    assert told(SHARE, value="100.01") == [(RuleValueBad, "value")]


def test_a_row_is_not_backdated_and_ends_after_it_begins() -> None:
    assert told(begins="2026-03-02") == [(RuleBackdated, "valid_from")]
    assert told(begins="2026-03-10", ends="2026-03-10") == []
    assert told(begins="2026-03-10", ends="2026-03-09") == [(RuleEndsEarly, "valid_to")]
    assert told(value="-1", begins="2026-03-01", ends="2026-02-01") == [
        (RuleValueBad, "value"), (RuleBackdated, "valid_from"), (RuleEndsEarly, "valid_to"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("begins", "ends", "refusal", "field", "offered"),
    [
        ("2026-04-01", "", RuleSameDay, "valid_from", "2026-04-02"),
        ("2026-03-10", "", RuleOverlaps, "valid_to", "2026-03-31"),
        ("2026-03-10", "2026-04-01", RuleOverlaps, "valid_to", "2026-03-31"),
        ("2026-06-30", "", RuleStillHeld, "valid_from", "2026-07-01"),
    ],
)
def test_a_row_that_stands_in_the_way_is_named_with_what_to_do(
    begins: str, ends: str, refusal: type[DomainError], field: str, offered: str
) -> None:
    assert told(CLOSED, begins=begins, ends=ends) == [(refusal, field)]
    [error] = check_amendment(
        (CLOSED,), value=Decimal(6), valid_from=date.fromisoformat(begins),
        valid_to=date.fromisoformat(ends) if ends else None, today=TODAY,
    )  # fmt: skip
    assert offered in str(error)


def test_a_further_row_holds_from_its_day_and_changes_no_earlier_one(db: Session, now: datetime) -> None:
    commands.add_rules(db, CLERK, rule_rows(), reason="初始规则", now=now)
    before = queries.rule_history(db, "comparison_response_days")
    assert commands.amend_rule(db, CLERK, "comparison_response_days", amendment(), now=now) == 2
    new, *rest = queries.rule_history(db, "comparison_response_days")
    assert tuple(rest) == before
    assert (new.value, new.basis, new.valid_from, new.version, new.practice) == (
        Decimal(6), "内控制度第三条", date(2026, 4, 1), 2, True,
    )  # fmt: skip
    numbers = [
        queries.rules(db, day=date(2026, month, day)).number("comparison_response_days")
        for month, day in ((3, 31), (4, 1))
    ]
    assert numbers == [5, 6]
    assert queries.rules(db, day=date(2026, 4, 1), version=1).number("comparison_response_days") == 5
    reasons = db.scalars(select(JournalEntry.reason).where(JournalEntry.act == "rules.added")).all()
    assert "制度修订" in reasons


def test_only_who_keeps_the_rules_adds_to_a_rule_that_is_there(db: Session, now: datetime) -> None:
    commands.add_rules(db, CLERK, rule_rows(), reason="初始规则", now=now)
    with pytest.raises(Forbidden):
        commands.amend_rule(db, BUYER, "comparison_response_days", amendment(), now=now)
    with pytest.raises(NotFound):
        commands.amend_rule(db, CLERK, "no_such_rule", amendment(), now=now)
    with pytest.raises(RuleBackdated):
        commands.amend_rule(db, CLERK, "comparison_response_days", amendment(valid_from=date(2026, 3, 2)), now=now)
    assert queries.rule_version(db) == 1
