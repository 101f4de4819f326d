"""Verbs of purchasing law: add dated rules, import a year's notice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.rules import Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, Kind, raise_all
from marketplace.kit.i18n import N_
from marketplace.outbox.commands import emit
from marketplace.procedures import queries
from marketplace.procedures.model import CalendarDay, CalendarYear, RuleEdition, RuleRow
from marketplace.procedures.rules.amending import check_amendment
from marketplace.procedures.schemas import NewRule, NewYear, RuleAmendment


class NothingToAdd(DomainError):
    """An edition without rules."""

    kind, code = Kind.INVALID, "nothing_to_add"
    text = N_("没有要录入的规则。请至少填写一条。")


class SameRuleTwice(DomainError):
    """One edition says two things about the same rule, place and first day."""

    kind, code = Kind.INVALID, "same_rule_twice"
    text = N_("规则「{rule}」在同一批中出现了两次。请只保留一条。")


def add_rules(db: Session, actor: Actor, rows: Sequence[NewRule], *, reason: str, now: datetime) -> int:
    """Add dated rows as one new edition and return its number. Nothing earlier changes; projects keep their edition.

    Raises:
        NotFound, Forbidden: the actor may not keep the rules.
        NothingToAdd: no row was given.
        SameRuleTwice: two rows speak of the same rule, place and first day.
    """
    require(actor, Right.EDIT_RULES, {})
    newest = db.execute(select(RuleEdition.id).order_by(RuleEdition.version.desc()).limit(1)).scalar_one_or_none()
    if newest is not None:
        lock(db, RuleEdition, newest)
    if not rows:
        raise NothingToAdd
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        key = (row.rule_id, row.region, row.unit_id, row.valid_from)
        if key in seen:
            raise SameRuleTwice(rule=row.rule_id)
        seen.add(key)
    last = db.scalar(select(RuleEdition.version).order_by(RuleEdition.version.desc()).limit(1)) or 0
    edition = RuleEdition(version=last + 1, reason=reason, person_id=actor.person_id, at=now)
    db.add(edition)
    db.flush()  # rows refer to the edition by its number; there is no relationship that would order them
    db.add_all(
        RuleRow(version=edition.version, **{name: getattr(row, name) for name in row.__struct_fields__}) for row in rows
    )
    db.flush()  # a refused row must be refused here, not at the commit
    ids = sorted(row.rule_id for row in rows)
    record(
        db, actor, "rules.added", "rule_edition", edition.id,
        now=now, reason=reason, version=edition.version, rules=ids,
    )  # fmt: skip
    emit(db, "rules.added", now=now, version=edition.version)
    return edition.version


def amend_rule(db: Session, actor: Actor, rule_id: str, new: RuleAmendment, *, now: datetime) -> int:
    """Add a further row to a rule, in force from a day to come, and return the edition; no earlier row changes.

    Raises:
        NotFound, Forbidden: there is no such rule, or the actor may not keep the rules.
        RuleValueBad: the number does not fit the rule's unit.
        RuleBackdated, RuleEndsEarly: the days are not to come, or not in order.
        RuleSameDay, RuleOverlaps, RuleStillHeld: another row of the rule stands in the way.
        NothingToAdd, SameRuleTwice: never; one row is added.
    """
    require(actor, Right.EDIT_RULES, {})
    newest = db.execute(select(RuleEdition.id).order_by(RuleEdition.version.desc()).limit(1)).scalar_one_or_none()
    if newest is not None:
        lock(db, RuleEdition, newest)
    rows = queries.amendable(db, rule_id)
    raise_all(
        check_amendment(rows, value=new.value, valid_from=new.valid_from, valid_to=new.valid_to, today=legal_day(now))
    )
    like = rows[0]
    row = NewRule(
        rule_id=rule_id,
        name=like.name,
        name_en=like.name_en,
        topic=like.topic,
        method=like.method,
        value=new.value,
        unit=like.unit,
        comparison=like.comparison,
        basis=new.basis,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        confirmed=new.confirmed,
        practice=like.practice and not new.confirmed,
        note=new.note,
    )
    return add_rules(db, actor, [row], reason=new.reason, now=now)


def import_year(db: Session, actor: Actor, notice: NewYear, *, now: datetime) -> bool:
    """Enter a year's notice, or put an amended one in its place; the same notice again changes nothing.

    Returns whether anything changed. Deadlines fixed earlier stay as they were fixed.

    Raises:
        NotFound, Forbidden: the actor may not keep the calendar.
    """
    require(actor, Right.EDIT_RULES, {})
    year_id = db.execute(select(CalendarYear.id).where(CalendarYear.year == notice.year)).scalar_one_or_none()
    year = lock(db, CalendarYear, year_id) if year_id is not None else None
    if year is None:
        year = CalendarYear(year=notice.year, revision=0)
        db.add(year)
    elif _is_same(db, year, notice):
        return False
    year.basis, year.revision, year.person_id, year.at = notice.basis, year.revision + 1, actor.person_id, now
    db.flush()  # days refer to the year by its number; there is no relationship that would order them
    db.execute(delete(CalendarDay).where(CalendarDay.year == notice.year))
    db.add_all(CalendarDay(year=notice.year, day=day.day, kind=day.kind, name=day.name) for day in notice.days)
    db.flush()
    record(
        db, actor, "calendar.imported", "calendar_year", year.id,
        now=now, reason=notice.basis, year=notice.year, revision=year.revision, days=len(notice.days),
    )  # fmt: skip
    emit(db, "calendar.imported", now=now, year=notice.year)
    return True


def _is_same(db: Session, year: CalendarYear, notice: NewYear) -> bool:
    columns = (CalendarDay.day, CalendarDay.kind, CalendarDay.name)
    stored = {tuple(row) for row in db.execute(select(*columns).where(CalendarDay.year == notice.year))}
    return year.basis == notice.basis and stored == {(day.day, day.kind, day.name) for day in notice.days}
