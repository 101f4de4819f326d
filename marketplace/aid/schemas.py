"""Shapes of aid that go in and out; none of those that come out by default carries a name, number or account whole."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.aid.states import (
    AccessPurpose,
    EntitlementState,
    ProgrammeKind,
    Purpose,
    PurposeRule,
    RosterAction,
    RosterState,
    Sex,
    Stage,
)
from marketplace.funds.rules import SourceKind
from marketplace.funds.states import ApplicationState
from marketplace.kit.fields import BankAccount, CatalogueCode, Count, Fen, Line, Name, Paragraphs, Reason, Title

Year = Annotated[int, Meta(ge=2000, le=2100, description="year of the programme")]
ResidentId = Annotated[str, Meta(min_length=15, max_length=20, description="resident ID number, eighteen characters")]


class NewRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a programme: whom it helps and with how much a head, in fen."""

    group_name: Title
    stage: Stage
    rate_fen: Fen
    sex: Sex = Sex.ANY
    heads_max: Count | None = None
    group_name_en: Line = ""


class NewProgramme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A programme of the actor's organization; ``organizers`` run it too."""

    name: Title
    year: Year
    source: SourceKind | None = None
    rates: tuple[NewRate, ...] = ()
    kind: ProgrammeKind = ProgrammeKind.AID
    purpose: Purpose = Purpose.STUDY
    rule: PurposeRule = PurposeRule.EXCLUSIVE
    catalogue_codes: tuple[CatalogueCode, ...] = ()
    note: Paragraphs = ""
    name_en: Line = ""


class NewActivity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something held together; ``held`` is a day or year as it is known, or empty."""

    name: Title
    held: Line = ""
    place: Line = ""
    partners: Line = ""
    note: Paragraphs = ""
    name_en: Line = ""


class NewRoster(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A roster of a programme, to be paid from one fund."""

    programme_id: UUID
    fund_id: UUID
    title: Title


class NewEntitlement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person on a roster; the amount is the programme's rate for the stage."""

    name: Name
    resident_id: ResidentId
    stage: Stage
    bank_name: Name
    account_number: BankAccount
    guardian_consent: bool = False


class NewAccess(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why somebody wants to read plain personal data."""

    reason: Reason


class RateView(Struct, frozen=True, kw_only=True):
    """One line of a programme."""

    id: UUID
    group_name: str
    group_name_en: str
    stage: Stage
    sex: Sex
    rate_fen: int
    heads_max: int | None


class ProgrammeView(Struct, frozen=True, kw_only=True):
    """A programme with its lines and organizers."""

    id: UUID
    kind: ProgrammeKind
    organization_id: UUID
    organization: str
    organizers: tuple[str, ...]
    name: str
    name_en: str
    year: int
    story: str
    purpose: Purpose
    rule: PurposeRule
    source: SourceKind | None
    catalogue_codes: tuple[str, ...]
    note: str
    rates: tuple[RateView, ...]


class Subtotal(Struct, frozen=True, kw_only=True):
    """Heads × rate = sum, for one line of the programme."""

    group_name: str
    stage: Stage
    rate_fen: int
    heads: int
    total_fen: int
    paid_heads: int
    heads_max: int | None


class RowView(Struct, frozen=True, kw_only=True):
    """One line of a roster, masked; ``problems`` are message ids with their places."""

    id: UUID
    person_id: UUID
    row_number: int
    name: str
    resident_id: str
    stage: Stage
    amount_fen: int
    bank_name: str
    account: str
    under_14: bool
    guardian_consent: bool
    state: EntitlementState
    payment_id: UUID | None


class RosterCard(Struct, frozen=True, kw_only=True):
    """A roster in a list."""

    id: UUID
    number: str
    title: str
    programme: str
    year: int
    organization: str
    state: RosterState
    heads: int
    total_fen: int
    paid_fen: int
    at: datetime


class RosterView(Struct, frozen=True, kw_only=True):
    """A roster with its rows, sums and what this actor may do now."""

    id: UUID
    number: str
    title: str
    state: RosterState
    revision: int
    programme: ProgrammeView
    organization_id: UUID
    organization: str
    fund_id: UUID
    fund: str
    fund_holder_id: UUID
    fund_available_fen: int
    heads: int
    total_fen: int
    paid_heads: int
    paid_fen: int
    subtotals: tuple[Subtotal, ...]
    rows: tuple[RowView, ...]
    consents_missing: int
    drafted_by: str
    drafted_at: datetime
    submitted_by: str
    submitted_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    returned_reason: str
    application_id: UUID | None
    application_number: str
    application_state: ApplicationState | None
    paid_at: datetime | None
    actions: frozenset[RosterAction]
    may_read_people: bool
    sheet: "SheetView | None"


class SheetView(Struct, frozen=True, kw_only=True):
    """The last sheet taken in: how many lines and how many of them were wrong."""

    lines: int
    wrong: int
    at: datetime


Problem = tuple[str, dict[str, str]]
"""A sentence as a message id, with what its places hold."""


class ImportLine(Struct, frozen=True, kw_only=True):
    """What became of one line of a sheet; ``row`` holds it as it was typed, so that nothing is lost."""

    number: int
    outcome: str
    row: dict[str, str]
    name: str
    problems: tuple[Problem, ...] = ()
    fields: tuple[str, ...] = ()
    hints: tuple[Problem, ...] = ()


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of a sheet, line by line; ``total_fen`` is the sum of what was taken in."""

    lines: tuple[ImportLine, ...]
    total_fen: int

    @property
    def taken(self) -> int:
        """Lines that are in the roster now because of this sheet."""
        return sum(line.outcome == "taken" for line in self.lines)

    @property
    def known(self) -> int:
        """Lines whose person was in the roster before."""
        return sum(line.outcome == "known" for line in self.lines)

    @property
    def wrong(self) -> int:
        """Lines that were not taken in."""
        return sum(line.outcome == "wrong" for line in self.lines)


class PlainPerson(Struct, frozen=True, kw_only=True):
    """One person in plain words, given out only after the reading was written down."""

    name: str
    resident_id: str
    bank_name: str
    account_number: str


class RosterPayee(Struct, frozen=True, kw_only=True):
    """Who is paid for one entitlement, for the payment application alone; the account stays sealed for its place."""

    entitlement_id: UUID
    row_number: int
    name: str
    bank_name: str
    account_sealed: bytes
    account_place: str
    account_last4: str
    amount_fen: int


class AccessView(Struct, frozen=True, kw_only=True):
    """One reading of plain data."""

    at: datetime
    person: str
    purpose: AccessPurpose
    row_number: int | None
    reason: str


class ActivityView(Struct, frozen=True, kw_only=True):
    """Something held together."""

    id: UUID
    organization: str
    partners: str
    name: str
    name_en: str
    held: str
    place: str
    note: str


class PublicLine(Struct, frozen=True, kw_only=True):
    """One group of a programme in public: ``heads`` and ``paid_fen`` are None where the group is too small."""

    group_name: str
    group_name_en: str
    rate_fen: int
    heads: int | None
    paid_fen: int | None


class PublicProgramme(Struct, frozen=True, kw_only=True):
    """A programme in public: counts and sums of what was paid, never a name."""

    id: UUID
    kind: ProgrammeKind
    name: str
    name_en: str
    year: int
    organizers: tuple[str, ...]
    source: SourceKind | None
    note: str
    heads: int | None
    paid_fen: int | None
    lines: tuple[PublicLine, ...]


class ReportLine(Struct, frozen=True, kw_only=True):
    """What reached people through one programme."""

    name: str
    heads: int
    total_fen: int


class AidReport(Struct, frozen=True, kw_only=True):
    """What reached people, from movements of the ledger that ended in ``paid``."""

    story: str
    heads: int
    total_fen: int
    programmes: tuple[ReportLine, ...]
