"""Tables of service projects: the project and its parts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, TextClause, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.db.search import Searchable, grams_index
from marketplace.procedures.states import MethodCode
from marketplace.projects.states import (
    PROJECT,
    ConditionKind,
    CriterionKind,
    MilestoneKind,
    ProjectState,
)

_READY = "state IN ('draft', 'cancelled')"
_PUBLIC = "state IN ('open', 'evaluation', 'awarded', 'unsuccessful')"


def _public(name: str, *first: str | TextClause) -> Index:
    """An index that answers a part of the public list alone: its order, and beside it what other filters ask."""
    beside = [one for one in ("state", "buyer_id", "catalogue_code", "ceiling_fen") if one not in first]
    return Index(name, *first, "id", postgresql_where=text("published_at IS NOT NULL"), postgresql_include=beside)


class Project(Searchable, Keyed):
    """A service project (OCDS tender). What a draft may still lack, the CHECKs demand once it is handed in.

    ``edition`` counts what was published, each correction that changes something begins a new one; a bid must have been
    handed in or confirmed since ``binding_edition``, the last that changed the substance.
    ``budget_fen`` is what the funding lines give, ``ceiling_fen`` the highest acceptable price. ``drafter_ids`` are all
    who wrote in it: none of them may approve or publish it.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("title <> ''", name="titled"),
        CheckConstraint("number ~ '^QT-[0-9]{4}-[0-9]{4,}$'", name="number_form"),
        CheckConstraint("budget_fen > 0", name="budget_positive"),
        CheckConstraint("ceiling_fen > 0 AND ceiling_fen <= budget_fen", name="ceiling_within_budget"),
        CheckConstraint("version > 0 AND round > 0", name="counted"),
        CheckConstraint("binding_edition >= 1 AND binding_edition <= edition", name="editions_counted"),
        CheckConstraint("people_count > 0", name="people_counted"),
        CheckConstraint("service_until >= service_from", name="service_ends_later"),
        CheckConstraint("jsonb_typeof(negative_answers) = 'object'", name="negative_answers_object"),
        CheckConstraint(
            f"{_READY} OR (number IS NOT NULL AND submitted_at IS NOT NULL AND budget_fen IS NOT NULL"
            " AND ceiling_fen IS NOT NULL AND method IS NOT NULL AND need <> '' AND duty_basis <> ''"
            " AND people_kind <> '' AND people_count IS NOT NULL AND service_until IS NOT NULL"
            " AND publish_on IS NOT NULL AND documents_until IS NOT NULL AND questions_due_at IS NOT NULL"
            " AND answers_due_at IS NOT NULL AND bids_due_at IS NOT NULL AND opening_at IS NOT NULL)",
            name="complete_when_submitted",
        ),
        CheckConstraint(
            f"{_READY} OR buyer_id = procuring_entity_id OR mandate_document_id IS NOT NULL", name="mandated"
        ),
        CheckConstraint(
            f"{_READY} OR (opener_centre_id <> opener_buyer_id AND opener_buyer_id <> opener_supervisor_id"
            " AND opener_supervisor_id <> opener_centre_id) IS TRUE",
            name="three_openers",
        ),
        CheckConstraint(
            "questions_due_at <= answers_due_at AND answers_due_at <= bids_due_at AND bids_due_at <= opening_at",
            name="times_in_order",
        ),
        CheckConstraint("state NOT IN ('approved') OR approved_at IS NOT NULL", name="approved_has_time"),
        CheckConstraint(
            f"NOT ({_PUBLIC}) OR (published_at IS NOT NULL AND approved_at IS NOT NULL AND rules_version IS NOT NULL"
            " AND rules_on IS NOT NULL)",
            name="published_when_open",
        ),
        CheckConstraint("NOT (approved_by = ANY (drafter_ids))", name="drafter_does_not_approve"),
        CheckConstraint("NOT (published_by = ANY (drafter_ids))", name="drafter_does_not_publish"),
        CheckConstraint(
            "(state IN ('cancelled', 'unsuccessful')) = (ended_at IS NOT NULL AND end_reason <> '')",
            name="end_has_reason",
        ),
        grams_index("project"),
        _public("ix_project_public", "published_at"),
        _public("ix_project_public_state", "state", "published_at"),
        _public("ix_project_public_buyer", "buyer_id", "published_at"),
        _public("ix_project_public_branch", text('"left"(catalogue_code, 3)'), "published_at"),
        _public("ix_project_public_due", "bids_due_at"),
        Index("ix_project_closing", "bids_due_at", "id", postgresql_where=text("state = 'open'")),
        Index("ix_project_buyer_id", "buyer_id", "updated_at"),
        Index("ix_project_procuring_entity_id", "procuring_entity_id", "updated_at"),
    )

    number: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[ProjectState] = mapped_column(state_enum(ProjectState), default=PROJECT.start)
    version: Mapped[int] = mapped_column(default=1)
    edition: Mapped[int] = mapped_column(default=1)
    binding_edition: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    title: Mapped[str]
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    procuring_entity_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    mandate_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    catalogue_item_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_item.id"), index=True)
    catalogue_code: Mapped[str]
    procurement_code: Mapped[str] = mapped_column(default="")

    need: Mapped[str] = mapped_column(default="")
    requirement: Mapped[str] = mapped_column(default="")
    duty_basis: Mapped[str] = mapped_column(default="")
    people_kind: Mapped[str] = mapped_column(default="")
    people_count: Mapped[int | None]
    people_note: Mapped[str] = mapped_column(default="")
    serves_minors: Mapped[bool] = mapped_column(default=False)
    location: Mapped[str] = mapped_column(default="")
    service_from: Mapped[date | None]
    service_until: Mapped[date | None]
    term_reason: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")

    budget_fen: Mapped[int | None]
    ceiling_fen: Mapped[int | None]
    method: Mapped[MethodCode | None] = mapped_column(state_enum(MethodCode))
    method_reason: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")
    no_agent_reason: Mapped[str] = mapped_column(default="")
    no_agent_on: Mapped[date | None]
    negative_answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    wording_note: Mapped[str] = mapped_column(default="")

    publish_on: Mapped[date | None]
    documents_until: Mapped[date | None]
    questions_due_at: Mapped[datetime | None]
    answers_due_at: Mapped[datetime | None]
    bids_due_at: Mapped[datetime | None]
    opening_at: Mapped[datetime | None]
    result_on: Mapped[date | None]
    opener_centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    opener_buyer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    opener_supervisor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    rules_version: Mapped[int | None]
    rules_on: Mapped[date | None]

    drafter_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    drafted_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(default="")
    returned_plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    awarded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")


class _Part(Keyed):
    """A row of one of the project's lists; ``place`` keeps their order.

    Only a draft's rows may change, and an open project's while a correction that has kept what was before is published
    (a trigger).

    What a row may still lack in a draft, another trigger demands when the project is handed in.
    """

    __abstract__ = True

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    place: Mapped[int] = mapped_column(SmallInteger)


class CostLine(_Part):
    """One line of the unit cost sheet (以事定费); ``amount_fen`` is quantity times unit cost, half up to the fen."""

    __tablename__ = "project_cost_line"
    __table_args__ = (
        UniqueConstraint("project_id", "place"),
        CheckConstraint("item <> ''", name="named"),
        CheckConstraint("quantity_hundredths > 0 AND unit_cost_fen > 0 AND amount_fen > 0", name="positive"),
        CheckConstraint(
            "amount_fen IS NOT DISTINCT FROM (quantity_hundredths * unit_cost_fen + 50) / 100", name="amount_follows"
        ),
    )

    item: Mapped[str]
    unit: Mapped[str]
    quantity_hundredths: Mapped[int | None]
    unit_cost_fen: Mapped[int | None]
    amount_fen: Mapped[int | None]


class PlannedFunding(_Part):
    """Which fund is to give how much. Funds stand on a higher floor, so its id is kept without a key down."""

    __tablename__ = "project_planned_funding"
    __table_args__ = (
        UniqueConstraint("project_id", "place"),
        UniqueConstraint("project_id", "fund_id"),
        CheckConstraint("amount_fen > 0", name="positive"),
    )

    fund_id: Mapped[UUID]
    amount_fen: Mapped[int | None]


class Condition(_Part):
    """What a supplier must be to take part: passed or not, never scored; asked since ``edition`` of the project."""

    __tablename__ = "project_condition"
    __table_args__ = (UniqueConstraint("project_id", "place"), CheckConstraint("content <> ''", name="said"))

    kind: Mapped[ConditionKind] = mapped_column(state_enum(ConditionKind))
    content: Mapped[str]
    proof: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=1)


class Criterion(_Part):
    """What earns points. ``weight_bp`` is in hundredths of a point; ``steps`` are ``[{"content", "score_bp"}, …]``.

    It is asked since ``edition`` of the project; a correction that leaves its name changes it in place.
    """

    __tablename__ = "project_criterion"
    __table_args__ = (
        UniqueConstraint("project_id", "place"),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("weight_bp > 0 AND weight_bp <= 10000", name="weight_bounded"),
        CheckConstraint("jsonb_typeof(steps) = 'array'", name="steps_listed"),
        Index("uq_project_criterion_price", "project_id", unique=True, postgresql_where=text("kind = 'price'")),
    )

    kind: Mapped[CriterionKind] = mapped_column(state_enum(CriterionKind))
    name: Mapped[str]
    weight_bp: Mapped[int | None]
    steps: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    edition: Mapped[int] = mapped_column(default=1)


class Milestone(_Part):
    """A payment and what it waits for. ``evidence`` holds one item a line; ``share_bp`` of the contract's price."""

    __tablename__ = "project_milestone"
    __table_args__ = (
        UniqueConstraint("project_id", "place"),
        CheckConstraint("title <> ''", name="named"),
        CheckConstraint("share_bp > 0 AND share_bp <= 10000", name="share_bounded"),
        Index("uq_project_milestone_advance", "project_id", unique=True, postgresql_where=text("kind = 'advance'")),
    )

    kind: Mapped[MilestoneKind] = mapped_column(state_enum(MilestoneKind))
    title: Mapped[str]
    deliverable: Mapped[str]
    evidence: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    share_bp: Mapped[int | None]


PARTS: tuple[type[Row], ...] = (CostLine, PlannedFunding, Condition, Criterion, Milestone)
"""The lists that are frozen once the project leaves the draft."""
