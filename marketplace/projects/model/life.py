"""Tables of what happens to a project: its questions, notices, public events, followers and files."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.projects.states import (
    QUESTION,
    FileKind,
    Frequency,
    NoticeKind,
    PublicKind,
    QuestionState,
)


class Question(Keyed):
    """A supplier's question, published with its answer. Who asked is kept only as a keyed digest.

    ``answer`` is what holds: of a dismissed question the public reason, of a corrected one the correction.
    """

    __tablename__ = "project_question"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("content <> ''", name="said"),
        CheckConstraint("octet_length(asker_digest) = 32", name="asker_digest_sha256"),
        CheckConstraint(
            "(answered_at IS NULL) = (answer = '') AND (answered_at IS NULL) = (answered_by IS NULL)", name="answered"
        ),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="asked_until_answered"),
        CheckConstraint(
            "(state = 'corrected') = (corrected_at IS NOT NULL) AND (corrected_at IS NULL) = (first_answer = '')"
            " AND (corrected_at IS NULL) = (corrected_by IS NULL)",
            name="corrected",
        ),
        Index("ix_project_question_open", "project_id", postgresql_where=text("answered_at IS NULL")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[QuestionState] = mapped_column(state_enum(QuestionState), default=QUESTION.start)
    content: Mapped[str]
    asker_digest: Mapped[bytes]
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    first_answer: Mapped[str] = mapped_column(default="")
    corrected_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    corrected_at: Mapped[datetime | None]


class Notice(Keyed):
    """A legal notice as published, never changed afterwards. ``changes`` are ``[{"field", "before", "after"}, …]``."""

    __tablename__ = "project_notice"
    __table_args__ = (
        UniqueConstraint("project_id", "place"),
        CheckConstraint("jsonb_typeof(changes) = 'array'", name="changes_listed"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[NoticeKind] = mapped_column(state_enum(NoticeKind))
    reason: Mapped[str] = mapped_column(default="")
    changes: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class PublicEvent(Keyed):
    """Something public that happened to a project, in the feed that anybody may follow; never changed or removed.

    ``n`` is its place, without gaps and in the order of the commits: a deferred trigger writes it as the last act of
    the transaction, under the lock of :class:`FeedEnd`. Whoever has seen ``n`` has therefore seen all before it. (A
    sequence would number in the order of writing, and a reader would pass by what commits late; a horizon of
    transaction ids would wait for every foreign transaction and break when a dump is loaded into another server.)
    """

    __tablename__ = "public_event"
    __table_args__ = (
        CheckConstraint("n > 0", name="counted"),
        CheckConstraint("(kind = 'answer') = (question_id IS NOT NULL)", name="answer_has_question"),
        CheckConstraint("(kind IN ('answer', 'opening')) = (notice_id IS NULL)", name="else_has_notice"),
        Index("ix_public_event_project_id", "project_id", "n"),
    )

    n: Mapped[int | None] = mapped_column(unique=True, server_default=FetchedValue())
    kind: Mapped[PublicKind] = mapped_column(state_enum(PublicKind))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_notice.id"), unique=True)
    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_question.id"), unique=True)
    at: Mapped[datetime]


class FeedEnd(Row):
    """The place of the last public event: one row, which only the trigger of :class:`PublicEvent` moves."""

    __tablename__ = "feed_end"
    __table_args__ = (CheckConstraint("one", name="alone"),)

    one: Mapped[bool] = mapped_column(primary_key=True, default=True)
    n: Mapped[int]


class Following(Keyed):
    """A project that a person follows, or a search they saved, and how often they want to hear of it.

    ``told_n`` is how far the feed has been read for them. ``stop_key`` ends this one row without signing in and can do
    nothing else. The row is nobody else's business (who follows a project may want to bid): no journal names it.
    """

    __tablename__ = "following"
    __table_args__ = (
        UniqueConstraint("person_id", "project_id"),
        CheckConstraint("(project_id IS NULL) = (name <> '')", name="search_is_named"),
        CheckConstraint("jsonb_typeof(asked) = 'object'", name="asked_object"),
        CheckConstraint("told_n >= 0", name="counted"),
        Index("ix_following_due_at", "due_at", "id"),
        Index("ix_following_project_id", "project_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(default="")
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    frequency: Mapped[Frequency] = mapped_column(state_enum(Frequency))
    told_n: Mapped[int]
    due_at: Mapped[datetime]
    stop_key: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    saved_at: Mapped[datetime]


class ProjectFile(Keyed):
    """A file hung on the project; whether everybody may have it follows from its kind and the project's state."""

    __tablename__ = "project_file"
    __table_args__ = (
        UniqueConstraint("project_id", "document_id"),
        CheckConstraint("title <> ''", name="titled"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    kind: Mapped[FileKind] = mapped_column(state_enum(FileKind))
    title: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
