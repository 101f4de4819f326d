"""Tables of the journal: the entry, which nobody changes, and its detail, which the law may have erased."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row


class JournalEntry(Keyed):
    """One act. Its leaf in the tree is made of these columns; the application may insert and read, nothing else."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        CheckConstraint("octet_length(digest) = 32", name="digest_sha256"),
        Index("ix_journal_entry_thing", "thing_kind", "thing_id", "n"),
        Index("ix_journal_entry_person", "person_id", "n"),
    )

    n: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    act: Mapped[str]
    thing_kind: Mapped[str]
    thing_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    digest: Mapped[bytes]
    at: Mapped[datetime]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class JournalDetail(Row):
    """The data behind a digest, with the salt that makes small data unguessable; both may be erased together."""

    __tablename__ = "journal_detail"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entry.id"), primary_key=True)
    salt: Mapped[bytes]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
