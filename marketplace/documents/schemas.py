"""What others get to know of a document."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class DocumentView(Struct, frozen=True, kw_only=True):
    """A document's name card; ``size_bytes`` in bytes, ``sha256`` in hex."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    at: datetime
