"""Ties between people of buyers or centres and organizations: declared by the person, or recorded about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.suppliers.model import Interest, Supplier
from marketplace.suppliers.queries.interests import binding, offices_of
from marketplace.suppliers.rules.interests import MustRecuse, NoOfficer, OwnOrganization, TieEnded, tie_problems
from marketplace.suppliers.rules.refusals import ReasonMissing
from marketplace.suppliers.schemas import NewInterest


def declare_interest(db: Session, actor: Actor, new: NewInterest, *, now: datetime) -> UUID:
    """Declare one's own tie to an organization of the register, and return the entry's id.

    Raises:
        NotFound, Forbidden: the actor is nobody of a buyer or a centre.
        OwnOrganization: there is no such organization in the register.
        TieReversed, NotesMissing: the entry cannot be taken.
        Several: both.
    """
    require(actor, Right.DECLARE_INTEREST, {Relation.OWN: actor.organization_id})
    if actor.person_id is None:
        raise NotFound
    return _write(db, actor, actor.person_id, new, now=now)


def record_interest(db: Session, actor: Actor, person_id: UUID, new: NewInterest, *, now: datetime) -> UUID:
    """Record a tie of a person of one's own office (its head), or of any (the security administrator).

    Raises:
        NotFound, Forbidden: the person is none of the actor's, or the actor may not record.
        NoOfficer: the person is of no buyer and no centre.
        OwnOrganization: there is no such organization in the register.
        TieReversed, NotesMissing: the entry cannot be taken.
        Several: both.
    """
    offices = offices_of(db, person_id)
    own = actor.organization_id if actor.organization_id in offices else None
    require(actor, Right.RECORD_INTEREST, {Relation.OWN: own})
    if not offices:
        raise NoOfficer(field="person_id")
    return _write(db, actor, person_id, new, now=now)


def _write(db: Session, actor: Actor, person_id: UUID, new: NewInterest, *, now: datetime) -> UUID:
    if db.get(Supplier, new.organization_id) is None:
        raise OwnOrganization(field="organization_id")
    raise_all(tie_problems(new.kind, new.from_on, new.to_on, new.note, legal_day(now)))
    row = Interest(
        person_id=person_id,
        organization_id=new.organization_id,
        kind=new.kind,
        from_on=new.from_on,
        to_on=new.to_on,
        note=new.note.strip(),
        recorded_by=actor.person_id,
        recorded_at=now,
        withdraw_reason="",
    )
    db.add(row)
    db.flush()
    record(db, actor, "interest.recorded", "interest", row.id, now=now, by_person=person_id == actor.person_id)
    return row.id


def withdraw_interest(db: Session, actor: Actor, interest_id: UUID, *, reason: str, now: datetime) -> None:
    """Take back an entry that was wrong, with the reason; it stays in the record.

    What a person declared they may take back themselves; what others recorded, whoever may record.

    Raises:
        NotFound, Forbidden: no such entry of one's own, or the actor may not record.
        TieEnded: it was taken back before.
        ReasonMissing: nobody would know why.
    """
    row = lock(db, Interest, interest_id)
    if row is None:
        raise NotFound
    if row.person_id != actor.person_id or row.recorded_by != actor.person_id:
        own = actor.organization_id if actor.organization_id in offices_of(db, row.person_id) else None
        require(actor, Right.RECORD_INTEREST, {Relation.OWN: own})
        if row.person_id == actor.person_id:
            raise NotFound  # nobody clears themselves of what others recorded
    if row.withdrawn_at is not None:
        raise TieEnded
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row.withdrawn_by, row.withdrawn_at, row.withdraw_reason = actor.person_id, now, reason.strip()
    db.flush()
    record(db, actor, "interest.withdrawn", "interest", row.id, now=now)


def check_free(db: Session, person_id: UUID | None, organization_id: UUID, *, now: datetime) -> None:
    """Refuse an act of a person on the affairs of an organization they are tied to.

    Raises:
        MustRecuse: the register of interests ties them on this legal day.

    Source:
        政府采购法第十二条; 政府采购法实施条例第九条.
    """
    if person_id is None:
        return
    for tie in binding(db, [organization_id], on_day=legal_day(now)):
        if tie.person_id == person_id:
            raise MustRecuse(organization=tie.organization_name)
