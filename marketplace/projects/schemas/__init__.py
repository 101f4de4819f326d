"""What goes into service projects, and what comes out of them for pages, programs and the packages above."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.documents.schemas import DocumentView
from marketplace.kit.fields import CatalogueCode, FenOrZero, Instant, Reason, Search, Title
from marketplace.procedures.states import MethodCode
from marketplace.projects.rules import Difference, Plan, Stage, Step, TemplateCode
from marketplace.projects.rules.differences import Line as ChangedLine
from marketplace.projects.states import (
    ConditionKind,
    CriterionKind,
    FileKind,
    MilestoneKind,
    NoticeKind,
    ProjectAction,
    ProjectState,
    QuestionState,
)

Text = Annotated[str, Meta(min_length=2, max_length=4_000, pattern=r"\S")]


class NewProject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft to begin: from a catalogue entry and a template, or copied from an earlier project.

    ``buyer_id`` is left out where the drafter's own organization buys.
    """

    catalogue_code: CatalogueCode
    title: Title
    buyer_id: UUID | None = None
    template: TemplateCode | None = None
    copy_from: UUID | None = None


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft as it is to be, and the version it was read as."""

    version: int
    plan: Plan


class Reasoned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: Reason


class Amendment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction of a published project: what is clarified, and times that move later."""

    reason: Reason
    documents_until: date | None = None
    questions_due_at: Instant | None = None
    answers_due_at: Instant | None = None
    bids_due_at: Instant | None = None
    opening_at: Instant | None = None
    result_on: date | None = None


class NewQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question about a published document."""

    content: Text


class NewAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a question, published for everybody at once."""

    answer: Text


class NewFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that was handed in already and is to hang on the project."""

    document_id: UUID
    kind: FileKind
    title: Title


class CostView(Struct, frozen=True, kw_only=True):
    """A line of the unit cost sheet; ``amount_fen`` is None while the line is incomplete."""

    item: str
    unit: str
    quantity: Decimal | None
    unit_cost_fen: int | None
    amount_fen: int | None


class FundingShare(Struct, frozen=True, kw_only=True):
    """How much a fund is to give."""

    fund_id: UUID
    amount_fen: int | None


class ConditionView(Struct, frozen=True, kw_only=True):
    """A qualification condition."""

    id: UUID
    kind: ConditionKind
    content: str
    proof: str


class CriterionView(Struct, frozen=True, kw_only=True):
    """A criterion; ``weight_bp`` and the scores in hundredths of a point."""

    id: UUID
    kind: CriterionKind
    name: str
    weight_bp: int | None
    steps: tuple[Step, ...]


class MilestoneView(Struct, frozen=True, kw_only=True):
    """A milestone; ``amount_fen`` is its share of the ceiling until there is a contract."""

    id: UUID
    kind: MilestoneKind
    title: str
    deliverable: str
    evidence: tuple[str, ...]
    due_on: date | None
    share_bp: int | None
    amount_fen: int | None


class QuestionView(Struct, frozen=True, kw_only=True):
    """A question; who asked is nobody's to know. ``mine`` is True only for the organization that asked."""

    id: UUID
    number: int
    content: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    answer_due_at: datetime | None
    state: QuestionState
    first_answer: str = ""
    mine: bool = False


class ChangeView(Struct, frozen=True, kw_only=True):
    """One field that a correction changed; ``field`` is a name of the plan, ``files`` or ``answer``.

    Of long texts and lists ``lines`` are the changed lines, marked word by word.
    """

    field: str
    before: str
    after: str
    lines: tuple[ChangedLine, ...] = ()


class NoticeView(Struct, frozen=True, kw_only=True):
    """A legal notice as it was published."""

    id: UUID
    kind: NoticeKind
    reason: str
    changes: tuple[ChangeView, ...]
    at: datetime


class FileView(Struct, frozen=True, kw_only=True):
    """A file hung on the project."""

    id: UUID
    kind: FileKind
    title: str
    public: bool
    at: datetime
    document: DocumentView


class Party(Struct, frozen=True, kw_only=True):
    """An organization by its names."""

    id: UUID
    name: str
    short_name: str


class Entry(Struct, frozen=True, kw_only=True):
    """The catalogue entry a project was drafted from, with its edition."""

    code: str
    name: str
    name_en: str
    edition: str


class ProjectView(Struct, frozen=True, kw_only=True):
    """A project as everybody may see it once it is published. OCDS: tender with its parts."""

    id: UUID
    number: str | None
    state: ProjectState
    title: str
    buyer: Party
    procuring_entity: Party
    entry: Entry
    procurement_code: str
    need: str
    requirement: str
    duty_basis: str
    people_kind: str
    people_count: int | None
    people_note: str
    serves_minors: bool
    location: str
    service_from: date | None
    service_until: date | None
    contact_name: str
    contact_phone: str
    budget_fen: int | None
    ceiling_fen: int | None
    method: MethodCode | None
    agent: str
    no_agent_reason: str
    no_agent_on: date | None
    publish_on: date | None
    documents_until: date | None
    questions_due_at: datetime | None
    answers_due_at: datetime | None
    bids_due_at: datetime | None
    opening_at: datetime | None
    result_on: date | None
    published_at: datetime | None
    closed_at: datetime | None
    awarded_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    round: int
    rules_version: int | None
    cost_lines: tuple[CostView, ...]
    funding: tuple[FundingShare, ...]
    conditions: tuple[ConditionView, ...]
    criteria: tuple[CriterionView, ...]
    milestones: tuple[MilestoneView, ...]
    questions: tuple[QuestionView, ...]
    notices: tuple[NoticeView, ...]
    files: tuple[FileView, ...]
    stages: tuple[Stage, ...]

    @property
    def entrusted(self) -> bool:
        """Whether a centre runs the procedure for the buyer."""
        return self.buyer.id != self.procuring_entity.id


class Signer(Struct, frozen=True, kw_only=True):
    """Who did a step and when."""

    person_id: UUID | None
    name: str
    at: datetime | None


class Dossier(Struct, frozen=True, kw_only=True):
    """A project as those see it who prepare it: everything, and what the actor may do now.

    ``differences`` are those to what was sent back, or else to the project it was copied from.
    """

    project: ProjectView
    plan: Plan
    version: int
    drafters: tuple[Signer, ...]
    submitted: Signer | None
    approved: Signer | None
    published: Signer | None
    return_reason: str
    previous_id: UUID | None
    differences: tuple[Difference, ...]
    updated_at: datetime
    actions: frozenset[ProjectAction]


class ProjectCard(Struct, frozen=True, kw_only=True):
    """A project in a list."""

    id: UUID
    number: str | None
    state: ProjectState
    title: str
    buyer_name: str
    procuring_entity_name: str
    catalogue_code: str
    catalogue_name: str
    ceiling_fen: int | None
    people_kind: str
    location: str
    published_at: datetime | None
    questions_due_at: datetime | None
    bids_due_at: datetime | None
    updated_at: datetime


class ProjectFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list is narrowed to; amounts in fen, ``max_fen`` not included. ``closing`` orders by deadline."""

    q: Search = ""
    state: ProjectState | None = None
    buyer_id: UUID | None = None
    branch: str = ""
    min_fen: FenOrZero | None = None
    max_fen: FenOrZero | None = None
    closing: bool = False
    due_before: Instant | None = None
    due_after: Instant | None = None


class ProjectPage(Struct, frozen=True, kw_only=True):
    """A part of a list; ``last`` are the keys after which the next part begins, None at the end."""

    items: tuple[ProjectCard, ...]
    last: tuple[str, str] | None
    total: int


class OpenQuestion(Struct, frozen=True, kw_only=True):
    """A question that waits for its answer, in the list of all projects of a desk."""

    id: UUID
    project_id: UUID
    project_number: str
    project_title: str
    content: str
    asked_at: datetime
    answer_due_at: datetime


class NoticeLine(Struct, frozen=True, kw_only=True):
    """A notice in the list of all projects' notices."""

    project_id: UUID
    number: str
    title: str
    kind: NoticeKind
    at: datetime


class GateView(Struct, frozen=True, kw_only=True):
    """Something that keeps a draft from being handed in: the field it belongs to and the code of the refusal."""

    field: str
    code: str
    text: str


class Publication(Struct, frozen=True, kw_only=True):
    """What publishing needs from above: how the plan's money and openers stand (see the flow that publishes)."""

    project_id: UUID
    catalogue_code: str
    buyer_id: UUID
    procuring_entity_id: UUID
    funding: tuple[FundingShare, ...]
    opener_centre_id: UUID | None
    opener_buyer_id: UUID | None
    opener_supervisor_id: UUID | None
    last_milestone_on: date


class WaitingProject(Struct, frozen=True, kw_only=True):
    """A project that its own timetable has overtaken or will soon; ``due_on`` is when it should have moved on."""

    id: UUID
    title: str
    state: ProjectState
    buyer: str
    due_on: date


class ProjectBoard(Struct, frozen=True, kw_only=True):
    """A desk's projects: how many stand in each state, and what waits longest."""

    counts: Mapping[ProjectState, int]
    waiting: tuple[WaitingProject, ...]
