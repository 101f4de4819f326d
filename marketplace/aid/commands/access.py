"""The one verb before plain personal data are read: write down who reads what, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.aid.model import AidAccess, Entitlement, Roster
from marketplace.aid.queries.parts import holder_of, parties
from marketplace.aid.states import AccessPurpose
from marketplace.identity.rules import Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound

RIGHTS = {
    AccessPurpose.VIEW: Right.READ_BENEFICIARY,
    AccessPurpose.EXPORT: Right.DRAFT_ROSTER,
    AccessPurpose.PAYMENT: Right.PREPARE_PAYMENT,
}
"""The right that each purpose of reading is an exercise of."""


def note_access(
    db: Session,
    actor: Actor,
    roster_id: UUID,
    purpose: AccessPurpose,
    *,
    reason: str,
    now: datetime,
    entitlement_id: UUID | None = None,
) -> UUID:
    """Write down that plain data are about to be read; its id opens them, after this transaction has been committed.

    Raises:
        NotFound: no such roster or row, or one the actor has nothing to do with.
        Forbidden: the actor may not read them for this purpose.

    Source:
        未成年人网络保护条例第三十六条: who reads a minor's data is recorded.
    """
    roster = db.get(Roster, roster_id)
    if roster is None:
        raise NotFound
    require(actor, RIGHTS[purpose], parties(roster, holder_of(db, roster.fund_id)))
    person_id = None
    if purpose is AccessPurpose.VIEW:
        query = select(Entitlement.person_id).where(
            Entitlement.id == entitlement_id, Entitlement.roster_id == roster_id
        )
        person_id = db.scalar(query)
        if person_id is None:
            raise NotFound
    row = AidAccess(
        roster_id=roster_id,
        beneficiary_id=person_id,
        purpose=purpose,
        reason=reason,
        person_id=actor.person_id,
        organization_id=actor.organization_id,
        at=now,
    )
    db.add(row)
    db.flush()
    record(db, actor, "aid.people_read", "aid_roster", roster_id, now=now, reason=reason, purpose=purpose)
    return row.id
