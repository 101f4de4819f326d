"""Reads of documents; the caller's domain has decided already that the reader may see them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.documents.model import Document
from marketplace.documents.schemas import DocumentView
from marketplace.kit.errors import NotFound


def _view(row: Document) -> DocumentView:
    return DocumentView(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        at=row.at,
    )


def document(db: Session, document_id: UUID) -> DocumentView:
    """One document.

    Raises:
        NotFound: there is none with this id.
    """
    row = db.get(Document, document_id)
    if row is None:
        raise NotFound
    return _view(row)


def documents(db: Session, ids: Iterable[UUID]) -> dict[UUID, DocumentView]:
    """The documents with these ids, those that exist."""
    wanted = set(ids)
    rows = db.scalars(select(Document).where(Document.id.in_(wanted))) if wanted else ()
    return {row.id: _view(row) for row in rows}
