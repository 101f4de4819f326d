"""What goes into the preparation of a project, and what comes out of it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.kit.fields import Fen, Line, Name, Paragraphs, Title
from marketplace.projects.rules.preparation import Demand, Prepared
from marketplace.projects.states import (
    AskedHow,
    ExemptGround,
    NoticeKind,
    ProjectAction,
    ProjectState,
    ReviewFunction,
    SoleGround,
)

Said = Annotated[str, Meta(min_length=2, max_length=4_000, pattern=r"\S")]
ANSWERS_MAX = 60


class NewMinutes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The minutes of the meeting that decided: its day, who took part, what was decided, the paper."""

    held_on: date
    attended: Said
    decision: Said
    document_id: UUID


class NewEvaluation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The evaluation before the start, in five short answers."""

    necessity: Said
    own_duty: Said
    market: Said
    cost: Said
    result: Said


class NewAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one organization of the market answered."""

    organization: Name
    asked_on: date
    summary: Said
    asked_how: AskedHow = AskedHow.VISIT


class NewSurvey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A demand survey: its answers, or why there are fewer; ``reused_id`` names the survey that stands in for it."""

    answers: Annotated[tuple[NewAnswer, ...], Meta(max_length=ANSWERS_MAX)] = ()
    reason: Paragraphs = ""
    public_opinion: Paragraphs = ""
    reused_id: UUID | None = None
    document_id: UUID | None = None


class NewReviewer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to review from one side: a person with an account, or an outside expert by name."""

    function: ReviewFunction
    reviewer_id: UUID | None = None
    outside_name: Line = ""

    def __post_init__(self) -> None:
        if (self.reviewer_id is None) == (not self.outside_name.strip()):
            raise ValueError("a reviewer is a person with an account or a name, one of both")


class NewOpinion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opinion, signed off; what does not pass, and every legal note, has words."""

    passes: bool
    opinion: Paragraphs = ""
    document_id: UUID | None = None


class NewIntention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of a purchase beforehand; ``month`` is any day of the planned month."""

    title: Title
    need: Said
    budget_fen: Fen
    month: date


class NewExemption(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a purchase is not announced beforehand."""

    ground: ExemptGround
    reason: Said


class NewFiling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The procurement plan as the finance authority took it."""

    number: Name
    filed_on: date
    document_id: UUID | None = None


class NewSoleSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one supplier that is asked, the lawful ground, why, and the paper that approves it."""

    organization_id: UUID
    ground: SoleGround
    reason: Said
    document_id: UUID


class DrawOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many suppliers are drawn."""

    wanted: Annotated[int, Meta(ge=1, le=50)] = 3


class MinutesView(Struct, frozen=True, kw_only=True):
    """Minutes as they are kept."""

    held_on: date
    attended: str
    decision: str
    document_id: UUID


class AnswerView(Struct, frozen=True, kw_only=True):
    """An answer of a survey."""

    organization: str
    asked_how: AskedHow
    asked_on: date
    summary: str


class SurveyView(Struct, frozen=True, kw_only=True):
    """A survey; one that another stands in for shows the other's answers."""

    id: UUID
    project_title: str
    made_on: date
    answers: tuple[AnswerView, ...]
    reason: str
    public_opinion: str
    reused: bool
    document_id: UUID | None


class ReviewerView(Struct, frozen=True, kw_only=True):
    """A side of the review, who speaks for it, and what was said of the present plan; ``void`` of an earlier one."""

    function: ReviewFunction
    name: str
    reviewer_id: UUID | None
    passes: bool | None
    opinion: str
    at: datetime | None
    void: bool


class IntentionView(Struct, frozen=True, kw_only=True):
    """An early public word. OCDS: tender with status ``planned``."""

    project_id: UUID
    kind: NoticeKind
    buyer: str
    title: str
    need: str
    budget_fen: int
    month: date
    at: datetime
    supplier: str = ""
    number: str = ""


class InvitedView(Struct, frozen=True, kw_only=True):
    """A supplier of a drawing."""

    organization_id: UUID
    name: str
    invited: bool


class DrawView(Struct, frozen=True, kw_only=True):
    """A drawing that anybody can repeat: the digests of ``seed`` and each id, the smallest first."""

    seed: str
    at: datetime
    pool: tuple[InvitedView, ...]


class SoleView(Struct, frozen=True, kw_only=True):
    """The one supplier that is asked."""

    organization_id: UUID
    name: str
    ground: SoleGround
    reason: str
    document_id: UUID


class Task(Struct, frozen=True, kw_only=True):
    """A demand and how it stands: ``lack`` says what is missing, empty where nothing is."""

    demand: Demand
    code: str
    lack: str
    params: dict[str, object]

    @property
    def open(self) -> bool:
        """Whether it is demanded and not there."""
        return bool(self.code)


class PreparationView(Struct, frozen=True, kw_only=True):
    """Everything of a project's preparation, and what the actor may do now."""

    project_id: UUID
    title: str
    number: str | None
    state: ProjectState
    done: Prepared
    tasks: tuple[Task, ...]
    minutes: MinutesView | None
    evaluation: NewEvaluation | None
    survey: SurveyView | None
    reviewers: tuple[ReviewerView, ...]
    filing: NewFiling | None
    intention: IntentionView | None
    exemption: NewExemption | None
    publicity: IntentionView | None
    sole: SoleView | None
    draw: DrawView | None
    actions: frozenset[ProjectAction]
    reviews: ReviewFunction | None
