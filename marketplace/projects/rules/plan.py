"""What a project says of itself: one struct of everything its drafters may write, each limit stated once."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.fields import BasisPoints, Count, Fen, Instant, Line, Name, Paragraphs, Title
from marketplace.procedures.states import MethodCode
from marketplace.projects.states import CriterionKind, MilestoneKind, NegativeQuestion

ROWS_MAX = 60
QUANTITY_MAX = 10_000_000
Quantity = Annotated[Decimal, Meta(description="how many units, at most two decimals")]


class CostPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the unit cost sheet; what it comes to is computed."""

    item: Name
    unit: Line = ""
    quantity: Quantity | None = None
    unit_cost_fen: Fen | None = None

    def __post_init__(self) -> None:
        if self.quantity is None:
            return
        if not (self.quantity.is_finite() and 0 < self.quantity <= QUANTITY_MAX):
            raise ValueError("quantity must be above zero and at most 10 000 000")
        if self.quantity * 100 != int(self.quantity * 100):
            raise ValueError("quantity has at most two decimals")

    @property
    def quantity_hundredths(self) -> int | None:
        """The quantity as it is stored."""
        return None if self.quantity is None else int(self.quantity * 100)

    @property
    def amount_fen(self) -> int | None:
        """Quantity times unit cost, rounded half up to the fen; None while either is missing."""
        if self.quantity_hundredths is None or self.unit_cost_fen is None:
            return None
        return (self.quantity_hundredths * self.unit_cost_fen + 50) // 100


class FundingPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a fund is to give."""

    fund_id: UUID
    amount_fen: Fen | None = None


class ConditionPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition of this project, beside the general ones of the law, and the paper that proves it."""

    content: Name
    proof: Line = ""


class CriterionPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A criterion. ``weight_bp`` in hundredths of a point; ``steps`` one a line: points, a space, what earns them."""

    name: Name
    kind: CriterionKind = CriterionKind.QUALITY
    weight_bp: BasisPoints | None = None
    steps: Paragraphs = ""


class MilestonePlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment and what it waits for. ``evidence`` names one kind of proof a line; ``share_bp`` of the price."""

    title: Name
    kind: MilestoneKind = MilestoneKind.DELIVERABLE
    deliverable: Line = ""
    evidence: Paragraphs = ""
    due_on: date | None = None
    share_bp: BasisPoints | None = None


class NegativeAnswers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers to the six questions of the negative list; True means: it is so, and then it may not be bought."""

    not_duty: bool | None = None
    direct_duty: bool | None = None
    goods_or_works: bool | None = None
    financing: bool | None = None
    hiring: bool | None = None
    other: bool | None = None

    def answer(self, question: NegativeQuestion) -> bool | None:
        """What was answered to one question."""
        found: bool | None = getattr(self, question.value)
        return found


class Times(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The timetable from publication to the result; days are days in China."""

    publish_on: date | None = None
    documents_until: date | None = None
    questions_due_at: Instant | None = None
    answers_due_at: Instant | None = None
    bids_due_at: Instant | None = None
    opening_at: Instant | None = None
    result_on: date | None = None


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the drafters write. Only the title must be there to save; handing in demands the rest."""

    title: Title
    need: Paragraphs = ""
    requirement: Paragraphs = ""
    duty_basis: Line = ""
    people_kind: Line = ""
    people_count: Count | None = None
    people_note: Line = ""
    serves_minors: bool = False
    location: Line = ""
    service_from: date | None = None
    service_until: date | None = None
    term_reason: Paragraphs = ""
    contact_name: Line = ""
    contact_phone: Line = ""
    procurement_code: Line = ""
    budget_fen: Fen | None = None
    ceiling_fen: Fen | None = None
    cost_lines: Annotated[tuple[CostPlan, ...], Meta(max_length=ROWS_MAX)] = ()
    funding: Annotated[tuple[FundingPlan, ...], Meta(max_length=ROWS_MAX)] = ()
    conditions: Annotated[tuple[ConditionPlan, ...], Meta(max_length=ROWS_MAX)] = ()
    criteria: Annotated[tuple[CriterionPlan, ...], Meta(max_length=ROWS_MAX)] = ()
    milestones: Annotated[tuple[MilestonePlan, ...], Meta(max_length=ROWS_MAX)] = ()
    method: MethodCode | None = None
    method_reason: Paragraphs = ""
    agent: Line = ""
    no_agent_reason: Line = ""
    no_agent_on: date | None = None
    negative: NegativeAnswers = NegativeAnswers()
    wording_note: Paragraphs = ""
    publish_on: date | None = None
    documents_until: date | None = None
    questions_due_at: Instant | None = None
    answers_due_at: Instant | None = None
    bids_due_at: Instant | None = None
    opening_at: Instant | None = None
    result_on: date | None = None
    opener_centre_id: UUID | None = None
    opener_buyer_id: UUID | None = None
    opener_supervisor_id: UUID | None = None

    @property
    def times(self) -> Times:
        """The timetable alone."""
        return Times(**{name: getattr(self, name) for name in Times.__struct_fields__})

    @property
    def openers(self) -> tuple[UUID | None, UUID | None, UUID | None]:
        """The three named openers: of the centre, of the buyer, of the supervisor."""
        return (self.opener_centre_id, self.opener_buyer_id, self.opener_supervisor_id)

    @property
    def costs_fen(self) -> int:
        """What the unit cost sheet comes to, as far as it is filled in."""
        return sum(line.amount_fen or 0 for line in self.cost_lines)

    @property
    def funding_fen(self) -> int:
        """What the funding lines come to."""
        return sum(line.amount_fen or 0 for line in self.funding)


def moment(value: datetime | date | None) -> str:
    """A day or an instant as it is written into change lists and sentences, in the time of China."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")
    return value.isoformat()
