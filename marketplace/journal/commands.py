"""The one verb of the journal: record an act in the transaction that does it."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.journal.model import JournalDetail, JournalEntry
from marketplace.journal.rules import SALT_BYTES, salted_digest
from marketplace.kit.actor import Actor


def record(
    db: Session,
    actor: Actor | None,
    act: str,
    thing_kind: str,
    thing_id: UUID,
    *,
    now: datetime,
    reason: str = "",
    effective_at: datetime | None = None,
    **data: object,
) -> UUID:
    """Write one act and return the entry's id.

    ``act`` is ``domain.verb_in_the_past`` (``project.published``); ``data`` holds plain values (numbers, texts, ids,
    times), never personal data that its subject could ask to have erased from elsewhere. ``actor`` is None only where
    naming the actor would break a seal.
    """
    plain: dict[str, object] = msgspec.to_builtins(data, str_keys=True)
    salt = secrets.token_bytes(SALT_BYTES)
    entry = JournalEntry(
        act=act,
        thing_kind=thing_kind,
        thing_id=thing_id,
        person_id=actor.person_id if actor else None,
        organization_id=actor.organization_id if actor else None,
        reason=reason,
        digest=salted_digest(salt, plain),
        at=now,
        effective_at=effective_at or now,
    )
    db.add(entry)
    db.flush()  # the detail's key must exist before it; there is no relationship that would order them
    db.add(JournalDetail(entry_id=entry.id, salt=salt, data=plain))
    return entry.id
