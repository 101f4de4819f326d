"""Rules are added and never edited; a year's notice is entered, and amended whole."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.procedures import commands, queries
from marketplace.procedures.schemas import NewRule, NewYear
from marketplace.procedures.states import Comparison, DayKind, RuleUnit, Topic
from seed.reference import calendar_years, rule_rows

DAY = date(2026, 3, 2)
CLERK = Actor(uuid4(), uuid4(), frozenset({Function.PROCURING_ENTITY}), frozenset({Role.CLERK}))
BUYER = Actor(uuid4(), uuid4(), frozenset({Function.BUYER}), frozenset({Role.CLERK}))


def new_rule(**changes: Any) -> NewRule:
    known: dict[str, Any] = {
        "rule_id": "trial_days", "name": "试行期限", "topic": Topic.NOTICE, "value": Decimal(3),
        "unit": RuleUnit.WORKING_DAYS, "comparison": Comparison.MIN, "basis": "试行办法第一条",
    }  # fmt: skip
    return NewRule(**{**known, **changes})


def test_the_reference_rules_come_back_as_they_were_entered(db: Session, now: datetime) -> None:
    assert commands.add_rules(db, SYSTEM, rule_rows(), reason="初始规则", now=now) == 1
    stored = {row.rule_id: row for row in queries.all_rules(db)}
    assert stored == {row.rule_id: row.at_version(1) for row in rule_rows()}
    assert stored["late_payment_daily_rate_percent"].value == Decimal("0.05")
    rules = queries.rules(db, day=DAY)
    assert (rules.version, len(rules.rules)) == (1, 146)
    assert "emergency_top_up_percent" in queries.rules(db, day=date(2026, 10, 1)).rules
    [edition] = queries.editions(db)
    assert (edition.version, edition.rows, edition.reason) == (1, 147, "初始规则")


def test_a_project_keeps_the_edition_of_its_publishing_day(db: Session, now: datetime) -> None:
    commands.add_rules(db, CLERK, [new_rule()], reason="试行", now=now)
    assert commands.add_rules(db, CLERK, [new_rule(value=Decimal(5))], reason="更正", now=now) == 2
    assert queries.rules(db, day=DAY).number("trial_days") == 5
    assert queries.rules(db, day=DAY, version=1).number("trial_days") == 3
    assert [row.version for row in queries.rule_history(db, "trial_days")] == [2, 1]
    entries = db.scalars(select(JournalEntry).where(JournalEntry.act == "rules.added")).all()
    assert {(entry.person_id, entry.reason) for entry in entries} == {
        (CLERK.person_id, "试行"),
        (CLERK.person_id, "更正"),
    }


def test_a_units_own_rule_is_seen_by_that_unit_alone(db: Session, now: datetime) -> None:
    unit = uuid4()
    commands.add_rules(db, SYSTEM, [new_rule(), new_rule(unit_id=unit, value=Decimal(9))], reason="内控制度", now=now)
    assert queries.rules(db, day=DAY, unit_id=unit).number("trial_days") == 9
    assert queries.rules(db, day=DAY, unit_id=uuid4()).number("trial_days") == 3


def test_only_who_keeps_the_rules_may_add_to_them(db: Session, now: datetime) -> None:
    with pytest.raises(Forbidden):
        commands.add_rules(db, BUYER, [new_rule()], reason="试行", now=now)
    with pytest.raises(Forbidden):
        commands.import_year(db, BUYER, calendar_years()[0], now=now)


def test_an_edition_has_rules_and_says_each_once(db: Session, now: datetime) -> None:
    with pytest.raises(commands.NothingToAdd):
        commands.add_rules(db, CLERK, [], reason="试行", now=now)
    with pytest.raises(commands.SameRuleTwice, match="trial_days"):
        commands.add_rules(db, CLERK, [new_rule(), new_rule(value=Decimal(4))], reason="试行", now=now)
    assert queries.rule_version(db) == 0
    with pytest.raises(NotFound):
        queries.rule_history(db, "trial_days")


@pytest.mark.parametrize(
    "statement", ["UPDATE rule_row SET value = 1", "DELETE FROM rule_row", "DELETE FROM rule_edition"]
)
def test_the_application_cannot_edit_a_rule(committing: Database, now: datetime, statement: str) -> None:
    with committing.write() as db:
        commands.add_rules(db, SYSTEM, [new_rule()], reason="试行", now=now)
    with pytest.raises(ProgrammingError, match="permission denied"), committing.write() as db:
        db.execute(text(statement))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "lottery"}, {"value": Decimal(-1)}, {"value": Decimal("0.5")}, {"value": Decimal("NaN")},
        {"practice": True, "confirmed": True}, {"valid_from": "2026-02-02", "valid_to": "2026-02-01"},
        {"rule_id": "No Id"}, {"region": "5"}, {"name": ""},
    ],
)  # fmt: skip
def test_a_row_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    plain = {**msgspec.to_builtins(new_rule()), **change}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(plain, NewRule)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "lottery"}, {"value": Decimal(-1)}, {"value": Decimal("0.5")}, {"practice": True, "confirmed": True},
        {"valid_from": date(2026, 2, 2), "valid_to": date(2026, 2, 1)}, {"rule_id": "No Id"}, {"region": "5"},
        {"basis": ""}, {"topic": "luck"},
    ],
)  # fmt: skip
def test_the_database_refuses_it_too(db: Session, now: datetime, change: dict[str, Any]) -> None:
    commands.add_rules(db, SYSTEM, [new_rule()], reason="试行", now=now)
    names = (
        "version", "rule_id", "name", "name_en", "topic", "method", "value", "unit", "comparison", "basis",
        "valid_from", "valid_to", "confirmed", "practice", "note", "note_en", "region", "unit_id",
    )  # fmt: skip
    chosen = ", ".join(f":{name}" if name in change else ("'other'" if name == "rule_id" else name) for name in names)
    statement = f"INSERT INTO rule_row (id, {', '.join(names)}) SELECT gen_random_uuid(), {chosen} FROM rule_row"
    with pytest.raises(IntegrityError, match="violates check"), db.begin_nested():
        db.execute(text(statement), change)


def test_the_notice_of_2026_comes_back_as_it_was_entered(db: Session, now: datetime) -> None:
    [notice] = calendar_years()
    assert commands.import_year(db, CLERK, notice, now=now)
    view = queries.calendar_year(db, 2026)
    assert (view.basis, view.revision, view.days) == (notice.basis, 1, notice.days)
    assert queries.calendar_years(db) == (2026,)
    calendar = queries.calendar(db)
    assert calendar.add_working_days(date(2026, 9, 22), 7).nominal == date(2026, 10, 9)
    with pytest.raises(NotFound):
        queries.calendar_year(db, 2027)


def test_the_same_notice_again_changes_nothing(db: Session, now: datetime) -> None:
    [notice] = calendar_years()
    assert [commands.import_year(db, CLERK, notice, now=now) for _ in range(2)] == [True, False]
    assert db.scalar(select(func.count()).select_from(JournalEntry).where(JournalEntry.act == "calendar.imported")) == 1


def test_an_amended_notice_takes_the_place_of_the_first(db: Session, now: datetime) -> None:
    [notice] = calendar_years()
    commands.import_year(db, CLERK, notice, now=now)
    amended = msgspec.structs.replace(notice, days=tuple(day for day in notice.days if day.kind is DayKind.HOLIDAY))
    assert commands.import_year(db, CLERK, amended, now=now)
    assert queries.calendar_year(db, 2026).revision == 2
    assert not queries.calendar(db).is_working_day(date(2026, 1, 4))


def test_a_year_without_a_notice_is_guessed_from_the_statutory_holidays(db: Session) -> None:
    calendar = queries.calendar(db)
    assert not calendar.is_working_day(date(2027, 10, 1))
    assert calendar.add_working_days(date(2027, 9, 30), 1).unknown_years == (2027,)


@pytest.mark.parametrize(
    "days",
    [
        [],
        [{"day": "2025-01-01", "kind": "holiday", "name": "元旦"}],
        [{"day": "2026-01-05", "kind": "makeup", "name": "元旦"}],
        [{"day": "2026-01-01", "kind": "holiday", "name": "元旦"}] * 2,
    ],
)
def test_a_notice_that_contradicts_itself_is_refused(days: list[dict[str, str]]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"year": 2026, "basis": "通知", "days": days}, NewYear)


@pytest.mark.parametrize(
    ("day", "kind"), [("2025-01-01", "holiday"), ("2026-01-05", "makeup"), ("2026-01-03", "feast")]
)
def test_the_database_refuses_such_days_too(db: Session, now: datetime, day: str, kind: str) -> None:
    commands.import_year(db, SYSTEM, calendar_years()[0], now=now)
    db.execute(text("DELETE FROM calendar_day"))
    with pytest.raises(IntegrityError, match="violates check"), db.begin_nested():
        db.execute(text("INSERT INTO calendar_day VALUES (:day, 2026, :kind, '元旦')"), {"day": day, "kind": kind})
