"""The table of documents: a name and kind given to stored bytes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed


class Document(Keyed):
    """A file that somebody handed in. The bytes lie in storage under ``sha256`` (hex)."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint("size_bytes > 0", name="not_empty"),
        CheckConstraint("name <> ''", name="named"),
    )

    sha256: Mapped[str] = mapped_column(index=True)
    size_bytes: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    person_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    at: Mapped[datetime]
