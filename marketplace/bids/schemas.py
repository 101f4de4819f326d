"""The content of a bid, piece by piece, and what readers get to see of bids, seals and openings."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from marketplace.bids.rules import Facts, line_amount_fen
from marketplace.bids.sealing.keys import Seat
from marketplace.bids.states import BidState, OpeningState
from marketplace.kit.fields import Digest, Fen, FenOrZero, Instant, Line, Name, Paragraphs
from marketplace.kit.i18n import N_
from marketplace.suppliers.schemas import Demands

Hundredths = Annotated[int, Meta(ge=1, le=10**12, description="a quantity in hundredths: 1250 is 12.5")]


class FileKind(StrEnum):
    """What a file of a bid is for."""

    PLAN = "plan"
    BUDGET = "budget"
    QUALIFICATION = "qualification"
    STAFF = "staff"
    PERFORMANCE = "performance"
    STATEMENT = "statement"
    OTHER = "other"


FILE_KINDS = {
    FileKind.PLAN: N_("服务方案"),
    FileKind.BUDGET: N_("费用明细"),
    FileKind.QUALIFICATION: N_("资格证明"),
    FileKind.STAFF: N_("人员证明"),
    FileKind.PERFORMANCE: N_("同类项目经历"),
    FileKind.STATEMENT: N_("声明与承诺"),
    FileKind.OTHER: N_("其他材料"),
}


SEATS = {Seat.CENTRE: N_("经办单位"), Seat.BUYER: N_("购买主体"), Seat.SUPERVISOR: N_("监督方")}


class CostLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the unit-cost breakdown; the price of a bid is the sum of its lines."""

    name: Name
    unit: Name
    quantity_hundredths: Hundredths
    unit_price_fen: Fen
    note: Line = ""

    @property
    def amount_fen(self) -> int:
        """Quantity times unit price in fen, a half rounded up."""
        return line_amount_fen(self.quantity_hundredths, self.unit_price_fen)

    @property
    def quantity(self) -> str:
        """The quantity as people write it: 120, 12.5."""
        whole, part = divmod(self.quantity_hundredths, 100)
        return f"{whole:,}" + (f".{part:02d}".rstrip("0") if part else "")


class StaffMember(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person who would do the work; the name is masked wherever the public reads."""

    name: Name
    post: Name
    qualification: Line = ""
    years: Annotated[int, Meta(ge=0, le=80)] = 0


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The service plan in its four parts."""

    approach: Paragraphs = ""
    schedule: Paragraphs = ""
    quality: Paragraphs = ""
    risks: Paragraphs = ""


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the bidder says to one criterion or one qualification condition."""

    text: Paragraphs = ""
    met: bool = False


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to call about the bid once it is open."""

    name: Line = ""
    phone: Line = ""


class BidFile(Struct, frozen=True, kw_only=True):
    """A file of a bid. ``key`` opens what lies in storage under ``sealed_sha256``; it stands nowhere else."""

    id: UUID
    kind: FileKind
    name: str
    size_bytes: int
    sha256: Digest
    key: bytes
    document_id: UUID
    sealed_sha256: Digest


class Content(Struct, frozen=True, kw_only=True):
    """Everything a bid says; complete or not, a draft and an envelope hold the same."""

    organization_id: UUID
    cost_lines: tuple[CostLine, ...] = ()
    plan: Plan = Plan()
    staff: tuple[StaffMember, ...] = ()
    criteria: dict[UUID, Answer] = field(default_factory=dict)
    conditions: dict[UUID, Answer] = field(default_factory=dict)
    contact: Contact = Contact()
    declared: bool = False
    files: tuple[BidFile, ...] = ()

    @property
    def price_fen(self) -> int:
        """The price in fen: the sum of the cost lines."""
        return sum(line.amount_fen for line in self.cost_lines)

    def encode(self) -> bytes:
        """The bytes that are sealed."""
        return msgspec.json.encode(self)

    @staticmethod
    def decode(content: bytes) -> "Content":
        """What was encoded; raises msgspec.DecodeError for anything else."""
        return msgspec.json.decode(content, type=Content)

    def view(self, version: int) -> "DraftView":
        """The content as its readers see it: without keys."""
        return DraftView(
            version=version,
            cost_lines=self.cost_lines,
            price_fen=self.price_fen,
            plan=self.plan,
            staff=self.staff,
            criteria=self.criteria,
            conditions=self.conditions,
            contact=self.contact,
            declared=self.declared,
            files=tuple(
                FileView(id=file.id, kind=file.kind, name=file.name, size_bytes=file.size_bytes, sha256=file.sha256)
                for file in self.files
            ),
        )


class DraftChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of a draft that are to be replaced; what is absent stays as it is."""

    cost_lines: tuple[CostLine, ...] | UnsetType = UNSET
    plan: Plan | UnsetType = UNSET
    staff: tuple[StaffMember, ...] | UnsetType = UNSET
    criteria: dict[UUID, Answer] | UnsetType = UNSET
    conditions: dict[UUID, Answer] | UnsetType = UNSET
    contact: Contact | UnsetType = UNSET
    declared: bool | UnsetType = UNSET


class FileView(Struct, frozen=True, kw_only=True):
    """A file of a bid as its readers see it, without its key."""

    id: UUID
    kind: FileKind
    name: str
    size_bytes: int
    sha256: Digest


class UploadView(Struct, frozen=True, kw_only=True):
    """An upload as its owner sees it: ``offset`` bytes of ``size_bytes`` are safe and never sent again.

    ``modified`` tells one choice of a file from another.
    """

    id: UUID
    kind: FileKind
    name: str
    size_bytes: int
    modified: str
    offset: int
    expires_at: Instant
    finished: bool

    @property
    def percent(self) -> int:
        """How much of it has arrived, in whole percent."""
        return self.offset * 100 // self.size_bytes


class DraftView(Struct, frozen=True, kw_only=True):
    """The bidder's own draft."""

    version: int
    cost_lines: tuple[CostLine, ...]
    price_fen: FenOrZero
    plan: Plan
    staff: tuple[StaffMember, ...]
    criteria: dict[UUID, Answer]
    conditions: dict[UUID, Answer]
    contact: Contact
    declared: bool
    files: tuple[FileView, ...]


class Receipt(Struct, frozen=True, kw_only=True):
    """What the bidder takes home: when, which entry, and the digests of what was sealed (none for a withdrawal).

    ``edition`` is the project's edition that it answers; ``confirms`` the earlier entry that it lets stand.
    """

    project_id: UUID
    bid_id: UUID
    entry: int
    withdrawal: bool
    confirms: int | None
    edition: int
    received_at: Instant
    suite: str
    envelope_bytes: int
    sha256: str
    sm3: str
    salt: str
    commitment: str
    journal_entry_id: UUID


class Submitted(Struct, frozen=True, kw_only=True):
    """A receipt, and the code with which the bidder alone can edit what was handed in; shown once."""

    receipt: Receipt
    editing_code: str


class MyBid(Struct, frozen=True, kw_only=True):
    """The bidder's own bid, as far as the server still can tell.

    ``must_confirm``: the project was corrected since; ``asked_anew`` is what then must be answered by replacing it.
    """

    bid_id: UUID
    project_id: UUID
    state: BidState
    draft: DraftView | None
    locked_draft: bool
    receipts: tuple[Receipt, ...]
    must_confirm: bool = False
    asked_anew: tuple[str, ...] = ()


class Taking(Struct, frozen=True, kw_only=True):
    """That an organization took the document of a project."""

    project_id: UUID
    organization_id: UUID
    taken_at: datetime


class OpenerView(Struct, frozen=True, kw_only=True):
    """An opener's enrolled key."""

    id: UUID
    person_id: UUID
    organization_id: UUID
    enrolled_at: datetime


class SeatView(Struct, frozen=True, kw_only=True):
    """Who sits on one of the three seats of a project's seal."""

    seat: Seat
    person_id: UUID
    organization_id: UUID


class SealView(Struct, frozen=True, kw_only=True):
    """A project's seal as everybody may see it."""

    project_id: UUID
    suite: str
    fingerprint: str
    sealed_at: datetime
    seats: tuple[SeatView, ...]
    state: OpeningState
    first_seat: Seat | None
    opened_at: datetime | None


class OpeningRow(Struct, frozen=True, kw_only=True):
    """One line of the opening list. An unreadable envelope has neither bidder nor price, only its digest."""

    bid_id: UUID
    organization_id: UUID | None
    price_fen: int | None
    received_at: datetime
    sha256: str
    readable: bool


class OpeningList(Struct, frozen=True, kw_only=True):
    """The opening list, public from the moment of opening."""

    project_id: UUID
    opened_at: datetime
    first: SeatView
    second: SeatView
    withdrawn: int
    unconfirmed: int
    rows: tuple[OpeningRow, ...]


class OpenedBidView(Struct, frozen=True, kw_only=True):
    """An opened bid as those see it who judge it."""

    bid_id: UUID
    project_id: UUID
    organization_id: UUID
    state: BidState
    price_fen: int
    received_at: datetime
    sha256: str
    content: DraftView
    damaged_files: tuple[UUID, ...]


class Opened(Struct, frozen=True, kw_only=True):
    """What opening found; ``flows`` compares ``readable`` with the fewest the method asks for."""

    project_id: UUID
    readable: int
    unreadable: int
    withdrawn: int
    unconfirmed: int = 0


class AskedCriterion(Struct, frozen=True, kw_only=True):
    """A scoring criterion a bid answers; ``weight_bp`` in hundredths of a point, steps as (what, hundredths)."""

    id: UUID
    name: str
    weight_bp: int
    steps: tuple[tuple[str, int], ...]


class AskedCondition(Struct, frozen=True, kw_only=True):
    """A qualification condition a bid confirms, and the proof that is asked for."""

    id: UUID
    content: str
    proof: str


class Asked(Struct, frozen=True, kw_only=True):
    """What a project asks of every bid. The criterion of the price is not answered: the price answers it."""

    project_id: UUID
    number: str
    title: str
    buyer_id: UUID
    due: datetime
    ceiling_fen: Fen
    price_weight_bp: int
    criteria: tuple[AskedCriterion, ...]
    conditions: tuple[AskedCondition, ...]
    demands: Demands

    def facts(self, content: "Content | DraftView") -> Facts:
        """What completeness depends on in a bid or a draft."""
        plan = content.plan
        sections = (plan.approach, plan.schedule, plan.quality, plan.risks)
        answered = [content.criteria.get(one.id) for one in self.criteria]
        confirmed = [content.conditions.get(one.id) for one in self.conditions]
        return Facts(
            price_fen=content.price_fen,
            ceiling_fen=self.ceiling_fen,
            plan_sections=sum(bool(text.strip()) for text in sections),
            plan_complete=all(text.strip() for text in sections[:2]),
            staff=len(content.staff),
            criteria_answered=sum(one is not None and bool(one.text.strip()) for one in answered),
            criteria=len(self.criteria),
            conditions_met=sum(one is not None and one.met for one in confirmed),
            conditions=len(self.conditions),
            files=len(content.files),
            contact=bool(content.contact.name.strip() and content.contact.phone.strip()),
            declared=content.declared,
        )
