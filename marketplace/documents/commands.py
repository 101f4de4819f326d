"""Verbs of documents: take in a stream, give it a name."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.documents.model import Document
from marketplace.documents.storage import Storage
from marketplace.kit.actor import Actor

NAME_MAX = 200
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".ofd": "application/ofd",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".wps": "application/vnd.ms-works",
    ".et": "application/vnd.ms-excel",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".heic": "image/heic",
    ".txt": "text/plain",
    ".zip": "application/zip",
}
"""Kinds of file we name by their ending; everything else is given out as plain bytes, never rendered."""


def clean_name(name: str) -> str:
    """A file name without folders, control characters or excess length; never empty."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in base if unicodedata.category(char)[0] != "C").strip()
    if len(shown) > NAME_MAX:
        stem, dot, ending = shown.rpartition(".")
        shown = stem[: NAME_MAX - len(ending) - 1] + dot + ending if dot and len(ending) < 10 else shown[:NAME_MAX]  # noqa: PLR2004 - an ending longer than that is none
    return shown or "file"


def media_type_of(name: str) -> str:
    """The media type we give a file out as, judged by its name alone."""
    dot = name.rfind(".")
    return MEDIA_TYPES.get(name[dot:].lower(), "application/octet-stream") if dot >= 0 else "application/octet-stream"


def store(
    db: Session, storage: Storage, actor: Actor, chunks: Iterable[bytes], *, name: str, limit_bytes: int, now: datetime
) -> UUID:
    """Take in a stream of bytes and return the document's id.

    The bytes are on disk before the row is written; if the transaction rolls back they stay as an orphan that the
    retention run removes. ``limit_bytes`` bounds the stream.

    Raises:
        TooLarge: more arrived than ``limit_bytes``.
        EmptyFile: nothing arrived.
    """
    stored = storage.put(chunks, limit_bytes=limit_bytes)
    shown = clean_name(name)
    row = Document(
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        name=shown,
        media_type=media_type_of(shown),
        person_id=actor.person_id,
        organization_id=actor.organization_id,
        at=now,
    )
    db.add(row)
    db.flush()
    return row.id
