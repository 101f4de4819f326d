"""What goes into an evaluation, and what its readers see of panel, checks, points, ranking and award."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.evaluation.states import SeatKind
from marketplace.kit.fields import BasisPoints, Digest, Paragraphs, Reason

Note = Annotated[str, Meta(max_length=1_000, description="text of a few lines, may be empty")]


class Composition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to sit on a panel: representatives by name, experts by number, for those are drawn by lot."""

    representatives: tuple[UUID, ...] = ()
    experts: Annotated[int, Meta(ge=0, le=15)] = 0


class Declaration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member says after seeing who bids: nothing keeps them from judging, or they step back, and why."""

    recuse: bool
    reason: Note = ""


class Finding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a bid meets one condition; what is not met has a reason."""

    condition_id: UUID
    met: bool
    reason: Note = ""


class NewCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found of one bid: condition by condition, and whether it conforms to the document else."""

    findings: tuple[Finding, ...]
    conforms: bool = True
    reason: Note = ""


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for a bid under a criterion, in hundredths of a point, and why; both may be missing in a draft."""

    bid_id: UUID
    criterion_id: UUID
    points_bp: BasisPoints | None = None
    reason: Note = ""


class Sheet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's points, as many as are given so far."""

    scores: tuple[Given, ...] = ()


class Opinion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The panel's opinion, in the report."""

    opinion: Reason


class Signature(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's signature under the report with this digest; who disagrees says so here."""

    digest: Digest
    dissent: Paragraphs = ""


class Award(Struct, frozen=True, kw_only=True):
    """The decision for a bid. Nothing is published before ``published_at``; signing may begin at ``signable_from``."""

    project_id: UUID
    bid_id: UUID
    organization_id: UUID
    price_fen: int
    decided_by: UUID | None
    decided_at: datetime
    published_at: datetime | None
    notice_until: date | None
    signable_from: datetime | None
    id: UUID


class Eligible(Struct, frozen=True, kw_only=True):
    """Somebody who may be named to a panel, and for whom."""

    person_id: UUID
    name: str
    organization_id: UUID
    organization_name: str
    kind: SeatKind


class CheckView(Struct, frozen=True, kw_only=True):
    """What was found of one bid. ``reason`` is empty for one that passed."""

    bid_id: UUID
    findings: tuple[Finding, ...]
    conforms: bool
    passed: bool
    reason: str
    person_id: UUID | None
    at: datetime


class ReportRow(Struct, frozen=True, kw_only=True):
    """A line of the ranking; points in hundredths."""

    place: int
    bid_id: UUID
    organization_id: UUID
    price_fen: int
    price_bp: int
    quality_bp: int
    total_bp: int


class SheetFacts(Struct, frozen=True, kw_only=True):
    """One member's locked points with their reasons."""

    person_id: UUID
    scores: tuple[Given, ...]


class ReportFacts(Struct, frozen=True, kw_only=True):
    """All that a report says; members sign its digest."""

    project_id: UUID
    panel: tuple[tuple[UUID, SeatKind], ...]
    refused: tuple[tuple[UUID, str], ...]
    ranking: tuple[ReportRow, ...]
    sheets: tuple[SheetFacts, ...]
    opinion: str
