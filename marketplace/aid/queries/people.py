"""The one way to plain personal data: only for a reading that was written down and committed before."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace.aid.model import AidAccess, Beneficiary, Entitlement, RosterImport
from marketplace.aid.queries.parts import account_place, entitlements_of, name_place, number_place, sheet_place
from marketplace.aid.rules.refusals import NoSuchAccess
from marketplace.aid.schemas import ImportReport, PlainPerson, RosterPayee
from marketplace.aid.states import AccessPurpose, EntitlementState
from marketplace.identity.credentials import Vault
from marketplace.kit.actor import Actor

OPEN_FOR = timedelta(minutes=5)
"""So long a reading that was written down opens what it is for."""
_COMMITTED = text("aid_access.xmin::text IS DISTINCT FROM pg_current_xact_id_if_assigned()::text")


def _reading(db: Session, actor: Actor, access_id: UUID, purpose: AccessPurpose, now: datetime) -> AidAccess:
    """The actor's own recent reading, from a transaction that was committed before this one.

    Raises:
        NoSuchAccess: there is none.
    """
    query = select(AidAccess).where(
        AidAccess.id == access_id,
        AidAccess.purpose == purpose,
        AidAccess.at > now - OPEN_FOR,
        AidAccess.person_id == actor.person_id,
        _COMMITTED,
    )
    found = db.scalar(query)
    if found is None:
        raise NoSuchAccess
    return found


def person(db: Session, vault: Vault, actor: Actor, access_id: UUID, *, now: datetime) -> PlainPerson:
    """One person in plain words, for a reading of this person.

    Raises:
        NoSuchAccess: the reading was not written down before, is somebody else's, or too old.
    """
    reading = _reading(db, actor, access_id, AccessPurpose.VIEW, now)
    query = (
        select(Entitlement, Beneficiary)
        .join(Beneficiary, Beneficiary.id == Entitlement.person_id)
        .where(Entitlement.roster_id == reading.roster_id, Entitlement.person_id == reading.beneficiary_id)
    )
    found = db.execute(query).one_or_none()
    if found is None:
        raise NoSuchAccess
    row, beneficiary = found
    return PlainPerson(
        name=vault.open(row.name_sealed, name_place(row.id)),
        resident_id=vault.open(beneficiary.id_sealed, number_place(beneficiary.id)),
        bank_name=row.bank_name,
        account_number=vault.open(row.account_sealed, account_place(row.id)),
    )


def sheet(db: Session, vault: Vault, actor: Actor, access_id: UUID, *, now: datetime) -> ImportReport:
    """The last sheet of a roster as it was typed, with what was found, for a reading of the whole.

    Raises:
        NoSuchAccess: the reading was not written down before, is somebody else's, or too old; or no sheet is kept.
    """
    reading = _reading(db, actor, access_id, AccessPurpose.EXPORT, now)
    kept = db.get(RosterImport, reading.roster_id)
    if kept is None:
        raise NoSuchAccess
    return msgspec.json.decode(vault.open(kept.sealed, sheet_place(reading.roster_id)), type=ImportReport)


def payees(
    db: Session, vault: Vault, actor: Actor, access_id: UUID, *, roster_id: UUID, now: datetime
) -> list[RosterPayee]:
    """Whom a roster pays and where, for its payment application.

    Raises:
        NoSuchAccess: the reading was not written down before, is of another roster, somebody else's, or too old.
    """
    reading = _reading(db, actor, access_id, AccessPurpose.PAYMENT, now)
    if reading.roster_id != roster_id:
        raise NoSuchAccess
    return [
        RosterPayee(
            entitlement_id=row.id,
            row_number=row.row_number,
            name=vault.open(row.name_sealed, name_place(row.id)),
            bank_name=row.bank_name,
            account_sealed=row.account_sealed,
            account_place=account_place(row.id),
            account_last4=row.account_last4,
            amount_fen=row.amount_fen,
        )
        for row in entitlements_of(db, reading.roster_id)
        if row.state is EntitlementState.GRANTED
    ]
