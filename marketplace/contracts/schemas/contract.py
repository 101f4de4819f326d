"""What goes into contracts, and what comes out of them for pages, programs and the packages above."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from marketplace.contracts.rules import Deadline, Terms
from marketplace.contracts.states import ContractAction, ContractState, Side
from marketplace.documents.schemas import DocumentView
from marketplace.kit.fields import Digest, Reason
from marketplace.projects.states import MilestoneKind


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft as it is to be, and the version it was read as."""

    version: int
    terms: Terms


class Reasoned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: Reason


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The SHA-256 of the paper that was read and is to be signed."""

    sha256: Digest


class ContractFacts(Struct, frozen=True, kw_only=True):
    """The facts of a contract that other parts stand on; ``number`` is empty while it is a draft."""

    id: UUID
    number: str
    title: str
    project_id: UUID
    award_id: UUID
    buyer_id: UUID
    procuring_entity_id: UUID
    supplier_id: UUID
    price_fen: int
    state: ContractState
    drafter_ids: tuple[UUID, ...]
    approved_by: UUID | None
    signed_at: datetime | None
    signed_on: date | None
    published_at: datetime | None
    completed_at: datetime | None


class PartyView(Struct, frozen=True, kw_only=True):
    """One of the two parties, as the contract names it."""

    id: UUID
    name: str
    uscc: str


class InstallmentView(Struct, frozen=True, kw_only=True):
    """A row of the contract's milestone table; ``share_bp`` in hundredths of a percent of the price."""

    place: int
    kind: MilestoneKind
    title: str
    deliverable: str
    evidence: tuple[str, ...]
    due_on: date | None
    share_bp: int
    amount_fen: int


class FundingLineView(Struct, frozen=True, kw_only=True):
    """What a fund pays of the price."""

    fund_id: UUID
    amount_fen: int


class FundShare(Struct, frozen=True, kw_only=True):
    """A funding line of the project: how much of it is set aside; funds stand above contracts."""

    fund_id: UUID
    reserved_fen: int


class FundName(Struct, frozen=True, kw_only=True):
    """How a paper names a fund; funds stand above contracts, so the flow that approves brings the names."""

    number: str
    name: str


class SignatureView(Struct, frozen=True, kw_only=True):
    """A party's recorded act."""

    side: Side
    organization_id: UUID
    organization: str
    person: str
    at: datetime


class PaperView(Struct, frozen=True, kw_only=True):
    """The approved paper with its digests and the signatures over it."""

    edition: int
    sha256: str
    sm3: str
    at: datetime
    document: DocumentView
    signatures: tuple[SignatureView, ...]


class Act(Struct, frozen=True, kw_only=True):
    """Who did a step and when."""

    person_id: UUID | None
    name: str
    at: datetime


class Window(Struct, frozen=True, kw_only=True):
    """When the contract may be signed: from ``opens_at``, by law until ``until``; ``late`` when that day is over."""

    opens_at: datetime | None
    open: bool
    until: Deadline | None
    late: bool


class ContractView(Struct, frozen=True, kw_only=True):
    """A contract as those see it whom it concerns, with what the actor may do now."""

    facts: ContractFacts
    project_number: str
    buyer: PartyView
    procuring_entity: PartyView
    supplier: PartyView
    version: int
    terms: Terms
    milestones: tuple[InstallmentView, ...]
    funding: tuple[FundingLineView, ...]
    ceiling_fen: int
    bid_sha256: str
    service_term_reason: str
    paper: PaperView | None
    window: Window
    publish_by: Deadline | None
    publication_late: bool
    drafters: tuple[Act, ...]
    submitted: Act | None
    approved: Act | None
    published: Act | None
    return_reason: str
    end_reason: str
    updated_at: datetime
    actions: frozenset[ContractAction]


class ContractCard(Struct, frozen=True, kw_only=True):
    """A contract in a list; ``project_id`` alone is set for an award that has no contract yet."""

    id: UUID | None
    project_id: UUID
    number: str
    project_number: str
    title: str
    supplier: str
    buyer: str
    price_fen: int
    state: ContractState | None
    signed_at: datetime | None
    published_at: datetime | None
    updated_at: datetime
    signed_sides: frozenset[Side]


class PublicContract(Struct, frozen=True, kw_only=True):
    """What everybody may know of a published contract. OCDS: contract."""

    id: UUID
    number: str
    title: str
    project_id: UUID
    project_number: str
    state: ContractState
    buyer: PartyView
    procuring_entity: PartyView
    supplier: PartyView
    price_fen: int
    service_from: date
    service_until: date
    signed_at: datetime
    published_at: datetime
    sha256: str
    sm3: str
    milestones: tuple[InstallmentView, ...]


class Performing(Struct, frozen=True, kw_only=True):
    """A contract that is being performed, as everybody may see it; ``next_on`` is its next milestone's day."""

    project_id: UUID
    title: str
    supplier: str
    price_fen: int
    next_on: date | None


class Performed(Struct, frozen=True, kw_only=True):
    """A published contract of an organization as everybody may see it.

    ``milestones`` counts what is delivered (never the advance), of which ``decided``; ``accepted_fen`` of their
    ``decided_fen`` was accepted. ``asked`` and ``satisfied`` count the people served whose numbers may be shown.
    """

    project_id: UUID
    title: str
    buyer: str
    state: ContractState
    price_fen: int
    signed_at: datetime | None
    completed_at: datetime | None
    milestones: int
    decided: int
    decided_fen: int
    accepted_fen: int
    asked: int
    satisfied: int


class TrackRecord(Struct, frozen=True, kw_only=True):
    """What an organization has performed: counts of all its published contracts, and the latest of them."""

    completed: int
    ongoing: int
    contracts: tuple[Performed, ...]
    asked: int
    satisfied: int


class UnsignedAward(Struct, frozen=True, kw_only=True):
    """A published award whose contract does not bind yet; ``due_on`` is the last lawful day to sign."""

    project_id: UUID
    contract_id: UUID | None
    title: str
    buyer: str
    state: ContractState | None
    due_on: date | None


class ContractBoard(Struct, frozen=True, kw_only=True):
    """A desk's contracts: how many stand in each state, and the awards that are not signed yet, the oldest first."""

    counts: Mapping[ContractState, int]
    unsigned_count: int
    unsigned: tuple[UnsignedAward, ...]
