"""Reads of the rules and the calendar: a snapshot for a day, the history of a row, the days of a year."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from uuid import UUID

import holidays
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.kit.days import Calendar, YearNotice
from marketplace.kit.errors import NotFound
from marketplace.procedures.model import CalendarDay, CalendarYear, RuleEdition, RuleRow
from marketplace.procedures.rules import Rule, RuleSet, snapshot
from marketplace.procedures.schemas import CalendarYearView, Edition, NewDay
from marketplace.procedures.states import DayKind

_RULE_COLUMNS = tuple(getattr(RuleRow, name) for name in Rule.__struct_fields__)
GUESSED_YEARS = range(2010, 2060)
"""Years for which rest days are guessed from the statutory holidays until the notice is entered."""


def rule_version(db: Session) -> int:
    """The number of the newest edition of the rules; 0 when there is none."""
    return db.scalar(select(func.max(RuleEdition.version))) or 0


def rules(
    db: Session, *, day: date, version: int | None = None, region: str = "", unit_id: UUID | None = None
) -> RuleSet:
    """The rules in force on ``day`` for a place and an organization, as edition ``version`` (the newest) knew them."""
    known = rule_version(db) if version is None else version
    query = select(*_RULE_COLUMNS).where(RuleRow.version <= known)
    rows = [Rule(**row) for row in db.execute(query).mappings()]
    return snapshot(rows, day=day, version=known, region=region, unit_id=unit_id)


def all_rules(db: Session) -> tuple[Rule, ...]:
    """Every row ever entered, in the order of its entry, for tables and downloads."""
    query = select(*_RULE_COLUMNS).order_by(RuleRow.version, RuleRow.topic, RuleRow.rule_id)
    return tuple(Rule(**row) for row in db.execute(query).mappings())


def rule_history(db: Session, rule_id: str) -> tuple[Rule, ...]:
    """All rows of one rule, the newest edition first.

    Raises:
        NotFound: no edition has such a rule.
    """
    query = select(*_RULE_COLUMNS).where(RuleRow.rule_id == rule_id)
    order = (RuleRow.version.desc(), RuleRow.valid_from.desc().nulls_last())
    rows = tuple(Rule(**row) for row in db.execute(query.order_by(*order)).mappings())
    if not rows:
        raise NotFound
    return rows


def amendable(db: Session, rule_id: str) -> tuple[Rule, ...]:
    """The rows of a rule that hold for the whole country, the newest edition first: what a further row stands beside.

    Raises:
        NotFound: there is none.
    """
    rows = tuple(row for row in rule_history(db, rule_id) if not row.region and row.unit_id is None)
    if not rows:
        raise NotFound
    return rows


def editions(db: Session) -> tuple[Edition, ...]:
    """All editions of the rules, the newest first."""
    rows = select(RuleRow.version, func.count().label("rows")).group_by(RuleRow.version).subquery()
    query = (
        select(RuleEdition.version, RuleEdition.reason, RuleEdition.at, rows.c.rows)
        .join(rows, rows.c.version == RuleEdition.version)
        .order_by(RuleEdition.version.desc())
    )
    return tuple(Edition(**row) for row in db.execute(query).mappings())


def calendar(db: Session) -> Calendar:
    """All yearly notices, with guesses for the years that have none."""
    days: Mapping[int, dict[DayKind, set[date]]] = {
        year: {kind: set() for kind in DayKind} for year in db.scalars(select(CalendarYear.year))
    }
    for year, day, kind in db.execute(select(CalendarDay.year, CalendarDay.day, CalendarDay.kind)):
        days[year][kind].add(day)
    notices = {
        year: YearNotice(year, frozenset(kinds[DayKind.HOLIDAY]), frozenset(kinds[DayKind.MAKEUP]))
        for year, kinds in days.items()
    }
    return Calendar(notices, _guesses())


@lru_cache(maxsize=1)
def _guesses() -> Mapping[int, YearNotice]:
    guessed = holidays.country_holidays("CN", years=GUESSED_YEARS)
    return {
        year: YearNotice(
            year,
            frozenset(day for day in guessed if day.year == year),
            frozenset(day for day in guessed.weekend_workdays if day.year == year),
        )
        for year in GUESSED_YEARS
    }


def calendar_years(db: Session) -> tuple[int, ...]:
    """The years whose notice is entered, in order."""
    return tuple(db.scalars(select(CalendarYear.year).order_by(CalendarYear.year)))


def calendar_year(db: Session, year: int) -> CalendarYearView:
    """The notice of one year.

    Raises:
        NotFound: it is not entered.
    """
    head = db.execute(
        select(CalendarYear.year, CalendarYear.basis, CalendarYear.revision, CalendarYear.at).where(
            CalendarYear.year == year
        )
    ).mappings()
    row = head.one_or_none()
    if row is None:
        raise NotFound
    days = select(CalendarDay.day, CalendarDay.kind, CalendarDay.name).where(CalendarDay.year == year)
    entries = db.execute(days.order_by(CalendarDay.day)).mappings()
    return CalendarYearView(**row, days=tuple(NewDay(**entry) for entry in entries))
