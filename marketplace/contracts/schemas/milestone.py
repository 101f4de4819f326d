"""What goes into delivery — reports, findings, acceptances — and what comes out of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.contracts.states import EvidenceKind, Finding, MilestoneAction, MilestoneState
from marketplace.documents.schemas import DocumentView
from marketplace.kit.fields import BasisPoints, FenOrZero, Line, Paragraphs, Reason, Title
from marketplace.kit.money import percent
from marketplace.kit.text import Hidden
from marketplace.projects.states import MilestoneKind

Attempt = Annotated[int, Meta(ge=1, le=1_000, description="which report, counted from 1")]
People = Annotated[int, Meta(ge=0, le=10_000_000, description="how many people")]
Times = Annotated[int, Meta(ge=0, le=1_000_000, description="how many times")]
Place = Annotated[int, Meta(ge=0, le=100, description="place in a list, from 0")]
Hours = Annotated[Decimal, Meta(description="hours of service, at most two decimals")]
HOURS_MAX = 1_000_000


class PlannedMilestone(Struct, frozen=True, kw_only=True):
    """A milestone as the parties have agreed it; ``evidence`` holds one item a line."""

    place: int
    kind: MilestoneKind
    title: Title
    share_bp: Annotated[int, Meta(ge=1, le=10_000)]
    amount_fen: FenOrZero
    deliverable: Paragraphs = ""
    evidence: Paragraphs = ""
    due_on: date | None = None


class MilestoneFacts(Struct, frozen=True, kw_only=True):
    """A milestone's bare facts, for the packages above; amounts in fen, ``share_bp`` in hundredths of a percent."""

    id: UUID
    contract_id: UUID
    place: int
    kind: MilestoneKind
    title: str
    deliverable: str
    evidence: tuple[str, ...]
    due_on: date | None
    share_bp: int
    amount_fen: int
    state: MilestoneState
    attempts: int
    mend_by: date | None
    reported_by: UUID | None
    reported_at: datetime | None
    verified_by: UUID | None
    verified_at: datetime | None
    accepted_by: UUID | None
    accepted_at: datetime | None
    accepted_bp: int | None
    accepted_fen: int | None

    @property
    def percent(self) -> str:
        """The share as a percentage with two decimals and no sign."""
        return percent(self.share_bp)


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the supplier says was done. ``attempt`` counts from 1; ``version`` is the draft's as read, 0 for none.

    While it is a draft anything may still be missing.
    """

    attempt: Attempt
    version: Annotated[int, Meta(ge=0)] = 0
    content: Paragraphs = ""
    people_served: People | None = None
    sessions: Times | None = None
    hours: Hours | None = None
    ticked: list[Place] = []

    def __post_init__(self) -> None:
        if self.hours is None:
            return
        if not (self.hours.is_finite() and 0 <= self.hours <= HOURS_MAX):
            raise ValueError("hours must not be negative")
        if self.hours * 100 != int(self.hours * 100):
            raise ValueError("hours have at most two decimals")

    @property
    def hours_hundredths(self) -> int | None:
        """The hours as they are stored."""
        return None if self.hours is None else int(self.hours * 100)


class SendBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a report goes back, and the day by which it is to be mended. ``attempt`` is the report that was read."""

    attempt: Attempt
    reason: Reason
    mend_by: date


class Confirm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the clerk notes beside the confirmation; may be empty. ``attempt`` is the report that was read."""

    attempt: Attempt
    note: Line = ""


class AcceptanceForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a milestone is accepted, and what the people said who were served.

    ``share_bp`` is 10000 for all of it, 0 for nothing, between them for a part; anything but all needs ``reason``.
    ``attempt`` is the report that was read.

    Source:
        采购法条例第四十五条: for public services those served take part, and their opinion is recorded.
    """

    attempt: Attempt
    share_bp: BasisPoints
    asked: People
    satisfied: People
    opinion: Annotated[str, Meta(min_length=2, max_length=4_000, pattern=r"\S")]
    reason: Annotated[str, Meta(max_length=2_000)] = ""


class EvidenceView(Struct, frozen=True, kw_only=True):
    """A file of a report, for the parties only; ``item`` is the place, from 0, of what it proves."""

    id: UUID
    kind: EvidenceKind
    item: int | None
    added_at: datetime
    document: DocumentView


class FindingView(Struct, frozen=True, kw_only=True):
    """What somebody found who looked at a report."""

    finding: Finding
    reason: str
    mend_by: date | None
    person_id: UUID
    person_name: str
    at: datetime


class ReportView(Struct, frozen=True, kw_only=True):
    """One attempt to prove a milestone; a draft while ``submitted_at`` is None. ``version`` 0: not saved yet."""

    attempt: int
    version: int
    content: str
    people_served: int | None
    sessions: int | None
    hours: Decimal | None
    ticked: tuple[int, ...]
    saved_at: datetime | None
    submitted_at: datetime | None
    submitted_by_name: str
    files: tuple[EvidenceView, ...]
    findings: tuple[FindingView, ...]


class AcceptanceView(Struct, frozen=True, kw_only=True):
    """The decision over a milestone."""

    share_bp: int
    amount_fen: int
    opinion: str
    asked: int
    satisfied: int
    reason: str
    person_name: str
    at: datetime


class MilestoneCard(Struct, frozen=True, kw_only=True):
    """A milestone in a list; ``late_days`` counts the days since it (or its mending) was due, 0 while there is time.

    ``actions`` are what the reader may do now.
    """

    id: UUID
    contract_id: UUID
    contract_number: str
    project_id: UUID
    project_title: str
    supplier_name: str
    place: int
    title: str
    kind: MilestoneKind
    state: MilestoneState
    share_bp: int
    amount_fen: int
    due_on: date | None
    waits_until: date | None
    late_days: int
    accepted_fen: int | None
    actions: frozenset[MilestoneAction]


class Bar(Struct, frozen=True, kw_only=True):
    """What bars somebody in person: the duty they did, the one closed to them, and the rule, each a message id."""

    done: str
    duty: str
    rule: str


class MilestoneDossier(Struct, frozen=True, kw_only=True):
    """A milestone as its parties see it: what was agreed, each report with what was found, the decision.

    ``draft`` is the report to write now, None where none may be written; ``barred`` tells why a
    step that the reader's post allows is closed to them in person.
    """

    card: MilestoneCard
    facts: MilestoneFacts
    buyer_name: str
    requirement: str
    people_planned: int | None
    draft: ReportView | None
    reports: tuple[ReportView, ...]
    acceptance: AcceptanceView | None
    barred: Bar | None


class PublicMilestone(Struct, frozen=True, kw_only=True):
    """A milestone as everybody may see it: its state, dates and counts, never a paper, a name or a small group."""

    place: int
    title: str
    kind: MilestoneKind
    state: MilestoneState
    share_bp: int
    amount_fen: int
    due_on: date | None
    reported_at: datetime | None
    accepted_at: datetime | None
    accepted_fen: int | None
    people_served: int | Hidden | None
    asked: int | Hidden | None
    satisfied: int | Hidden | None


class Accepted(Struct, frozen=True, kw_only=True):
    """What an acceptance did: the fen that became payable, and whether it was the contract's last."""

    milestone_id: UUID
    contract_id: UUID
    project_id: UUID
    amount_fen: FenOrZero
    last: bool


class NewEvidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an uploaded file is, and which evidence item it proves."""

    kind: EvidenceKind
    item: Place | None = None
