"""Declarations, yearly reports, interests and clocks as they go into the register's verbs and come out to readers."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from marketplace.kit.fields import Line
from marketplace.suppliers.rules.declaration import Condition, holds
from marketplace.suppliers.states import InterestKind, SupplierState, YearlyState


class DeclarationText(Struct, frozen=True, kw_only=True):
    """The text of the declaration on a day: each condition with its sentence, a message id with ``since``."""

    edition: str
    since: date
    conditions: tuple[tuple[Condition, str], ...]


class DeclarationView(Struct, frozen=True, kw_only=True):
    """One signature under the declaration; ``valid_to`` is the last legal day of its year."""

    id: UUID
    edition: str
    clean_since: date
    signed_by: UUID
    signed_by_name: str
    signed_on: date
    signed_at: datetime
    valid_to: date

    def holds(self, on_day: date) -> bool:
        """Whether a bid may use it on a day: its text is the one in use, and its year is not over."""
        return holds(self.edition, self.valid_to, on_day)


class NewReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an organization's report of one year stands, as the registrar says."""

    year: int
    state: YearlyState
    source: Line = ""
    note: Line = ""


class ReportView(Struct, frozen=True, kw_only=True):
    """The newest entry about one year; ``due_on`` is that year's last day by the dated rules."""

    year: int
    state: YearlyState
    due_on: date | None
    source: str
    note: str
    recorded_at: datetime


class ReportLine(Struct, frozen=True, kw_only=True):
    """What became of one row of an imported table of yearly reports; with ``problems`` nothing was written."""

    number: int
    uscc: str
    year: int
    organization_id: UUID | None
    known: bool = False
    problems: tuple[tuple[str, dict[str, str]], ...] = ()


class NewInterest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tie to an organization of the register; without ``to_on`` it lasts."""

    organization_id: UUID
    kind: InterestKind
    from_on: date | None = None
    to_on: date | None = None
    note: Line = ""


class InterestView(Struct, frozen=True, kw_only=True):
    """A tie as its person, their head, the security administrator and supervision may read it."""

    id: UUID
    person_id: UUID
    person_name: str
    organization_id: UUID
    organization_name: str
    kind: InterestKind
    from_on: date | None
    to_on: date | None
    note: str
    by_person: bool
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdraw_reason: str
    counts: bool


class ClockLine(Struct, frozen=True, kw_only=True):
    """A proof that ends, ended, or waits to be looked at, for the centre's list."""

    organization_id: UUID
    name: str
    state: SupplierState
    kind: str
    item: str
    valid_to: date | None
    days: int | None
