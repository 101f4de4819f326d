"""What goes into the rules and the calendar, and what comes out of them for pages and files."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.kit.days import YearNotice
from marketplace.kit.fields import Line, Name, Paragraphs
from marketplace.procedures.rules import Rule
from marketplace.procedures.states import ANY_METHOD, Comparison, DayKind, MethodCode, RuleUnit, Topic

RuleId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]+$(?!\n)", max_length=80)]
Year = Annotated[int, Meta(ge=1949, le=2200)]


class NewRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dated number, as it is entered. ``region`` is the start of a division code; empty: the whole country."""

    rule_id: RuleId
    name: Name
    topic: Topic
    value: Decimal
    unit: RuleUnit
    comparison: Comparison
    basis: Name
    method: str = ANY_METHOD
    valid_from: date | None = None
    valid_to: date | None = None
    confirmed: bool = False
    practice: bool = False
    note: Line = ""
    name_en: Line = ""
    note_en: Line = ""
    region: Annotated[str, Meta(pattern=r"^(\d{2}){0,3}$(?!\n)")] = ""
    unit_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.method != ANY_METHOD and self.method not in set(MethodCode):
            raise ValueError("method must be 'any' or one of the methods")
        if not self.value.is_finite() or self.value < 0:
            raise ValueError("value must be zero or more")
        if self.unit is not RuleUnit.PERCENT and self.value != int(self.value):
            raise ValueError("only a percentage may have a fraction")
        if self.practice and self.confirmed:
            raise ValueError("a unit's own practice is not confirmed law")
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("valid_from must not be after valid_to")

    def at_version(self, version: int) -> Rule:
        """The row as edition ``version`` holds it."""
        return Rule(version=version, **{name: getattr(self, name) for name in self.__struct_fields__})


class RuleAmendment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further row of a rule that is there: its number in the rule's own unit (money in fen), basis and days."""

    value: Decimal
    basis: Name
    valid_from: date
    reason: Name
    valid_to: date | None = None
    confirmed: bool = False
    note: Line = ""


class NewDay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One day of a yearly notice."""

    day: date
    kind: DayKind
    name: Name


class NewYear(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A yearly notice, as it is entered."""

    year: Year
    basis: Name
    days: Annotated[tuple[NewDay, ...], Meta(min_length=1, max_length=150)]

    def __post_init__(self) -> None:
        if len({entry.day for entry in self.days}) != len(self.days):
            raise ValueError("a day stands in the notice only once")
        self.notice()

    def notice(self) -> YearNotice:
        """The days as the kit counts with them.

        Raises:
            ValueError: a day of another year, or a make-up day that is no weekend day.
        """
        by_kind = {kind: frozenset(entry.day for entry in self.days if entry.kind is kind) for kind in DayKind}
        return YearNotice(self.year, by_kind[DayKind.HOLIDAY], by_kind[DayKind.MAKEUP])


class Edition(Struct, frozen=True, kw_only=True):
    """One addition to the rules and how many rows it brought."""

    version: int
    reason: Paragraphs
    at: datetime
    rows: int


class CalendarYearView(Struct, frozen=True, kw_only=True):
    """The notice of one year, with its days in order."""

    year: int
    basis: str
    revision: int
    at: datetime
    days: tuple[NewDay, ...]
