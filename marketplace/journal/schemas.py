"""What readers of the journal get."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True):
    """One act as readers see it."""

    id: UUID
    n: int
    act: str
    thing_kind: str
    thing_id: UUID
    person_id: UUID | None
    organization_id: UUID | None
    reason: str
    at: datetime
    effective_at: datetime
