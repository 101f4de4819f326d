"""Tables of corrections of substance: what is proposed, and what each published correction overtook."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.projects.states import AMENDMENT, AmendmentState


class ProposedAmendment(Keyed):
    """A correction of substance that somebody wrote and somebody else is to publish; one at a time for a project.

    ``content`` is the whole proposal, ``base_edition`` the edition it was written against.
    """

    __tablename__ = "project_amendment"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(content) = 'object'", name="content_object"),
        CheckConstraint("cardinality(proposer_ids) > 0", name="proposed_by_somebody"),
        CheckConstraint("(state = 'proposed') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'published') = (notice_id IS NOT NULL)", name="published_has_notice"),
        CheckConstraint("(state = 'dropped') = (end_reason <> '')", name="dropped_has_reason"),
        CheckConstraint(
            "state <> 'published' OR NOT (ended_by = ANY (proposer_ids))", name="proposer_does_not_publish"
        ),
        Index("uq_project_amendment_live", "project_id", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_project_amendment_project_id", "project_id"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    state: Mapped[AmendmentState] = mapped_column(state_enum(AmendmentState), default=AMENDMENT.start)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    base_edition: Mapped[int]
    proposer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    proposed_at: Mapped[datetime]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_notice.id"), unique=True)


class ProjectEdition(Row):
    """What a published project said until a correction overtook it; never changed or removed."""

    __tablename__ = "project_edition"
    __table_args__ = (
        CheckConstraint("number > 0", name="counted"),
        CheckConstraint("jsonb_typeof(content) = 'object'", name="content_object"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("project_notice.id"), unique=True)
    until: Mapped[datetime]
