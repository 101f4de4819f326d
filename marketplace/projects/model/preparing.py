"""Tables of what comes before a notice: minutes, evaluation, survey, reviews, intention, filing, invitations."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, state_enum
from marketplace.projects.states import AskedHow, ExemptGround, NoticeKind, ReviewFunction, SoleGround


class _Recorded(Keyed):
    """Something recorded about a project: never changed; of several the latest counts."""

    __abstract__ = True

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Minutes(_Recorded):
    """The minutes of the meeting that decided on the project (三重一大)."""

    __tablename__ = "project_minutes"
    __table_args__ = (CheckConstraint("attended <> '' AND decision <> ''", name="said"),)

    held_on: Mapped[date]
    attended: Mapped[str]
    decision: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)


class PreEvaluation(_Recorded):
    """The evaluation before the start: whether it is needed, one's own duty, what the market can, costs, results."""

    __tablename__ = "project_pre_evaluation"
    __table_args__ = (
        CheckConstraint(
            "necessity <> '' AND own_duty <> '' AND market <> '' AND cost <> '' AND result <> ''", name="said"
        ),
    )

    necessity: Mapped[str]
    own_duty: Mapped[str]
    market: Mapped[str]
    cost: Mapped[str]
    result: Mapped[str]


class DemandSurvey(_Recorded):
    """What the market, and the public, answered before the requirement was fixed; or another survey that stands in.

    ``answers`` counts its answers; with fewer than there should be, ``reason`` says why.
    """

    __tablename__ = "demand_survey"
    __table_args__ = (
        CheckConstraint("answers >= 0", name="counted"),
        CheckConstraint("reused_id IS NULL OR answers = 0", name="reused_or_asked"),
        CheckConstraint("reused_id IS NOT NULL OR answers > 0 OR reason <> ''", name="asked_or_explained"),
        CheckConstraint("reused_id <> id", name="reuses_another"),
        Index("ix_demand_survey_catalogue_code", "catalogue_code", "made_on"),
    )

    catalogue_code: Mapped[str]
    made_on: Mapped[date]
    answers: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(default="")
    public_opinion: Mapped[str] = mapped_column(default="")
    reused_id: Mapped[UUID | None] = mapped_column(ForeignKey("demand_survey.id"), index=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)


class SurveyAnswer(Keyed):
    """One respondent of a survey."""

    __tablename__ = "demand_survey_answer"
    __table_args__ = (
        UniqueConstraint("survey_id", "place"),
        UniqueConstraint("survey_id", "organization"),
        CheckConstraint("organization <> '' AND summary <> ''", name="said"),
    )

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("demand_survey.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    organization: Mapped[str]
    asked_how: Mapped[AskedHow] = mapped_column(state_enum(AskedHow))
    asked_on: Mapped[date]
    summary: Mapped[str]


class Reviewer(_Recorded):
    """Who reviews a project from which side: somebody with an account, or an outside expert by name."""

    __tablename__ = "project_reviewer"
    __table_args__ = (
        UniqueConstraint("project_id", "function"),
        UniqueConstraint("project_id", "reviewer_id"),
        CheckConstraint("(reviewer_id IS NULL) = (outside_name <> '')", name="person_or_name"),
    )

    function: Mapped[ReviewFunction] = mapped_column(state_enum(ReviewFunction))
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    outside_name: Mapped[str] = mapped_column(default="")


class ReviewOpinion(_Recorded):
    """A reviewer's opinion of the plan as it stood (``digest``): once a side has passed it, that stands.

    ``drafter_ids`` are those who had written in it: none of them reviews. An outside expert signs on paper.
    """

    __tablename__ = "project_review_opinion"
    __table_args__ = (
        CheckConstraint("octet_length(digest) = 32", name="digest_sha256"),
        CheckConstraint("passes OR opinion <> ''", name="refusal_has_reason"),
        CheckConstraint("(reviewer_id IS NULL) = (outside_name <> '')", name="person_or_name"),
        CheckConstraint("reviewer_id IS NOT NULL OR document_id IS NOT NULL", name="outsider_signed_paper"),
        CheckConstraint("function <> 'legal' OR opinion <> ''", name="legal_note"),
        CheckConstraint("NOT (reviewer_id = ANY (drafter_ids))", name="drafter_does_not_review"),
        Index(
            "uq_project_review_opinion_function", "project_id", "digest", "function", unique=True,
            postgresql_where=text("passes"),
        ),
        Index(
            "uq_project_review_opinion_reviewer", "project_id", "digest", "reviewer_id", unique=True,
            postgresql_where=text("passes"),
        ),
    )  # fmt: skip

    digest: Mapped[bytes]
    function: Mapped[ReviewFunction] = mapped_column(state_enum(ReviewFunction))
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    outside_name: Mapped[str] = mapped_column(default="")
    passes: Mapped[bool]
    opinion: Mapped[str] = mapped_column(default="")
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    drafter_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)


class Intention(_Recorded):
    """An early public word: the intention to buy, or that one supplier alone shall be asked; or the exemption from it.

    What it says is all that is public of the project. An exemption has a ground and no notice.
    """

    __tablename__ = "project_intention"
    __table_args__ = (
        CheckConstraint("kind IN ('intention', 'single_source')", name="early"),
        CheckConstraint("title <> '' AND need <> ''", name="said"),
        CheckConstraint("budget_fen > 0", name="budget_positive"),
        CheckConstraint("extract(day FROM month) = 1", name="month_begins"),
        CheckConstraint("(notice_id IS NULL) = (ground IS NOT NULL)", name="public_or_exempt"),
        CheckConstraint("ground IS NULL OR kind = 'intention'", name="only_intention_exempt"),
        Index("ix_project_intention_public", "at", "id", postgresql_where=text("notice_id IS NOT NULL")),
        Index(
            "uq_project_intention_notice_id", "notice_id", unique=True, postgresql_where=text("notice_id IS NOT NULL")
        ),
    )  # fmt: skip

    kind: Mapped[NoticeKind] = mapped_column(state_enum(NoticeKind))
    title: Mapped[str]
    need: Mapped[str]
    budget_fen: Mapped[int]
    month: Mapped[date]
    ground: Mapped[ExemptGround | None] = mapped_column(state_enum(ExemptGround))
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_notice.id"))


class PlanFiling(_Recorded):
    """The procurement plan as it was filed with the finance authority."""

    __tablename__ = "project_plan_filing"
    __table_args__ = (CheckConstraint("number <> ''", name="numbered"),)

    number: Mapped[str]
    filed_on: Mapped[date]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)


class Draw(_Recorded):
    """A random drawing of the suppliers to invite: its seed, and all among whom was drawn, so anybody can repeat it."""

    __tablename__ = "project_draw"
    __table_args__ = (
        UniqueConstraint("project_id"),
        CheckConstraint("octet_length(seed) = 32", name="seed_length"),
        CheckConstraint("jsonb_typeof(pool) = 'array' AND wanted > 0", name="counted"),
    )

    seed: Mapped[bytes]
    wanted: Mapped[int] = mapped_column(SmallInteger)
    pool: Mapped[list[Any]] = mapped_column(JSONB)


class Invited(Keyed):
    """A supplier that was drawn: it alone, with the others drawn, may take the document."""

    __tablename__ = "project_invited"
    __table_args__ = (UniqueConstraint("project_id", "organization_id"), UniqueConstraint("project_id", "place"))

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    place: Mapped[int] = mapped_column(SmallInteger)


class SoleSource(_Recorded):
    """The one supplier that is asked, the lawful ground, and the paper that approves it."""

    __tablename__ = "project_sole_source"
    __table_args__ = (CheckConstraint("reason <> ''", name="said"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    ground: Mapped[SoleGround] = mapped_column(state_enum(SoleGround))
    reason: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
