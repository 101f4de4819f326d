"""What goes into an evaluation, and what its readers see of panel, checks, points, ranking and award."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.bids.states import BidState
from marketplace.evaluation.states import EvaluationAction, EvaluationState, MemberState, SeatKind
from marketplace.kit.fields import BasisPoints, Digest, Paragraphs, Reason
from marketplace.procedures.rules import Rule
from marketplace.procedures.states import MethodCode

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


class EvaluationCard(Struct, frozen=True, kw_only=True):
    """An evaluation in a list; ``mine`` is the actor's own seat, ``acts`` what they may do now."""

    project_id: UUID
    number: str
    title: str
    buyer_name: str
    state: EvaluationState
    opened_at: datetime | None
    decide_by: date | None
    mine: MemberState | None
    acts: frozenset[EvaluationAction]


class MemberView(Struct, frozen=True, kw_only=True):
    """A member of a panel, as those see it who evaluate."""

    id: UUID
    person_id: UUID
    name: str
    organization_name: str
    kind: SeatKind
    state: MemberState
    declared_at: datetime | None
    left_reason: str
    locked_at: datetime | None
    signed_at: datetime | None
    dissent: str


class Demand(Struct, frozen=True, kw_only=True):
    """How the panel must be composed and by which rules; ``experts`` of exactly or at least ``members``.

    ``model``: the rules are written for larger purchases and followed here as a model. ``open``: seats to fill now.
    """

    members: int
    exactly: bool
    experts: int
    rules: tuple[Rule, ...]
    model: bool
    open: bool


class BidLine(Struct, frozen=True, kw_only=True):
    """An opened bid in its evaluation."""

    bid_id: UUID
    organization_id: UUID
    organization_name: str
    price_fen: int
    received_at: datetime
    state: BidState
    damaged: int
    check: CheckView | None


class RankLine(Struct, frozen=True, kw_only=True):
    """A place of the ranking with every member's quality points, by member; in hundredths of a point."""

    place: int
    bid_id: UUID
    organization_name: str
    price_fen: int
    price_bp: int
    quality_bp: int
    total_bp: int
    by_member: dict[UUID, int]


class EvaluationView(Struct, frozen=True, kw_only=True):
    """One evaluation as those see it who compose, judge, decide or supervise; points only once all are locked."""

    project_id: UUID
    number: str
    title: str
    buyer_name: str
    procuring_name: str
    method: MethodCode
    budget_fen: int
    ceiling_fen: int
    state: EvaluationState
    demand: Demand
    members: tuple[MemberView, ...]
    bids: tuple[BidLine, ...]
    mine: MemberView | None
    acts: frozenset[EvaluationAction]
    checked_at: datetime | None
    ranking: tuple[RankLine, ...]
    opinion: str
    report_digest: str
    reported_at: datetime | None
    decide_by: date | None
    decide_rule: Rule | None
    award: Award | None
    winner_name: str
    fail_reason: str


class ResultRow(Struct, frozen=True, kw_only=True):
    """A bidder in the published result; who did not pass the checks has neither place nor points."""

    organization_id: UUID
    organization_name: str
    price_fen: int
    place: int | None
    price_bp: int | None
    quality_bp: int | None
    total_bp: int | None


class PublicResult(Struct, frozen=True, kw_only=True):
    """The result as everybody may see it from its publication on, with the names of those who judged."""

    project_id: UUID
    number: str
    title: str
    winner_id: UUID
    winner_name: str
    price_fen: int
    decided_at: datetime
    published_at: datetime
    notice_until: date
    signable_from: datetime
    rows: tuple[ResultRow, ...]
    panel: tuple[tuple[str, SeatKind], ...]
    rules: tuple[Rule, ...]


class CriterionResult(Struct, frozen=True, kw_only=True):
    """What a bid got of a criterion, in hundredths of a point, and the members' reasons without their names."""

    name: str
    most_bp: int
    mean_bp: int
    reasons: tuple[str, ...]

    @property
    def lost_bp(self) -> int:
        """What it did not get."""
        return self.most_bp - self.mean_bp


class OwnResult(Struct, frozen=True, kw_only=True):
    """What a bidder learns: its own points one by one, the winner's sums, nothing of what others wrote.

    Who did not pass the checks learns why at once; ``result`` is None until the result is published.
    """

    project_id: UUID
    number: str
    title: str
    organization_id: UUID
    price_fen: int
    passed: bool
    reason: str
    place: int | None
    price: CriterionResult | None
    criteria: tuple[CriterionResult, ...]
    quality_bp: int
    total_bp: int
    result: PublicResult | None

    @property
    def won(self) -> bool:
        """Whether the award went to this bidder."""
        return self.result is not None and self.result.winner_id == self.organization_id
