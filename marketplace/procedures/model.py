"""Tables of purchasing law: editions of the rule set, its rows, and the yearly notices of rest days."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.procedures.states import ANY_METHOD, Comparison, DayKind, MethodCode, RuleUnit, Topic

_METHODS = ", ".join(f"'{word}'" for word in (ANY_METHOD, *MethodCode))


class RuleEdition(Keyed):
    """One addition to the rules. A project keeps the number of the newest edition on its publishing day."""

    __tablename__ = "rule_edition"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("reason <> ''", name="reasoned"),
    )

    version: Mapped[int] = mapped_column(unique=True)
    reason: Mapped[str]
    person_id: Mapped[UUID | None]
    at: Mapped[datetime]


class RuleRow(Keyed):
    """One dated number with its basis. Rows are added, never edited: a correction is a row of a later edition."""

    __tablename__ = "rule_row"
    __table_args__ = (
        UniqueConstraint(
            "rule_id", "region", "unit_id", "valid_from", "version",
            name="uq_rule_row_place_and_day", postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("rule_id ~ '^[a-z][a-z0-9_]+$'", name="rule_id_form"),
        CheckConstraint("name <> '' AND basis <> ''", name="named_and_based"),
        CheckConstraint(f"method IN ({_METHODS})", name="method_known"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("unit = 'percent' OR value = trunc(value)", name="value_whole"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates_in_order"),
        CheckConstraint("NOT (practice AND confirmed)", name="practice_is_not_law"),
        CheckConstraint("region ~ '^([0-9]{2}){0,3}$'", name="region_form"),
    )  # fmt: skip

    version: Mapped[int] = mapped_column(ForeignKey("rule_edition.version"), index=True)
    rule_id: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    topic: Mapped[Topic] = mapped_column(state_enum(Topic))
    method: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric)
    unit: Mapped[RuleUnit] = mapped_column(state_enum(RuleUnit))
    comparison: Mapped[Comparison] = mapped_column(state_enum(Comparison))
    basis: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    confirmed: Mapped[bool]
    practice: Mapped[bool]
    note: Mapped[str]
    note_en: Mapped[str]
    region: Mapped[str]
    unit_id: Mapped[UUID | None]


class CalendarYear(Keyed):
    """The notice of one year as it was entered last."""

    __tablename__ = "calendar_year"
    __table_args__ = (
        CheckConstraint("year BETWEEN 1949 AND 2200", name="year_sane"),
        CheckConstraint("basis <> ''", name="based"),
        CheckConstraint("revision > 0", name="revision_positive"),
    )

    year: Mapped[int] = mapped_column(unique=True)
    basis: Mapped[str]
    revision: Mapped[int]
    person_id: Mapped[UUID | None]
    at: Mapped[datetime]


class CalendarDay(Row):
    """A day off, or a weekend day worked instead."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("extract(year FROM day) = year", name="in_its_year"),
        CheckConstraint("kind <> 'makeup' OR extract(isodow FROM day) IN (6, 7)", name="makeup_on_weekend"),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("calendar_year.year"), index=True)
    kind: Mapped[DayKind] = mapped_column(state_enum(DayKind))
    name: Mapped[str]
