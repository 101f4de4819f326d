"""Verbs of the seal: an opener enrols a key of their own, a project gets the key pair its bids are sealed to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.commands.gate import parties
from marketplace.bids.model import Opener, ProjectSeal, SealSeat
from marketplace.bids.queries import opener_view, seal
from marketplace.bids.rules import OpenersMissing, SealTampered, check_passphrase
from marketplace.bids.schemas import SEATS, OpenerView, SealView
from marketplace.bids.sealing.drafts import ApplicationKeys, voucher, vouches
from marketplace.bids.sealing.keys import ProjectKey, Seat, new_opener_key, new_project_key
from marketplace.bids.sealing.suites import DEFAULT, Suite, suite_named
from marketplace.db.base import lock
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Project


def enrol_opener_key(db: Session, keys: ApplicationKeys, actor: Actor, passphrase: str, *, now: datetime) -> OpenerView:
    """Make the actor's opener key, locked by a passphrase that is stored nowhere; an earlier key retires.

    Projects sealed with the earlier key still open with the earlier passphrase.

    Raises:
        Forbidden: the actor can be no opener.
        NotFound: the actor acts for no organization.
        WeakPassphrase: the passphrase is too easy to guess.
    """
    if actor.person_id is None or actor.organization_id is None:
        raise NotFound
    own = actor.organization_id
    require(actor, Right.OPEN_BIDS, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    check_passphrase(passphrase)
    query = select(Opener).where(Opener.person_id == actor.person_id, Opener.retired_at.is_(None))
    for earlier in db.scalars(query):
        earlier.retired_at = now
    db.flush()  # one live key a person: the earlier must have gone before the new one comes
    pair = new_opener_key(passphrase, actor.person_id)
    opener = Opener(
        person_id=actor.person_id,
        organization_id=own,
        suite=DEFAULT.name,
        public_key=pair.public,
        locked_private_key=pair.locked_private,
        voucher=voucher(keys, "opener", str(actor.person_id), str(own), DEFAULT.name, pair.public.hex()),
        enrolled_at=now,
    )
    db.add(opener)
    db.flush()  # its key is needed
    record(db, actor, "opener.enrolled", "opener", opener.id, now=now, public_key=pair.public.hex())
    return opener_view(opener)


def seal_project(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    *,
    now: datetime,
) -> SealView:
    """Make the key pair a project's bids are sealed to, for the three openers it names; part of publishing.

    One is of the procuring entity, one of the buyer, one of neither. The private key exists only here, for as long as
    it takes to wrap it for each pair of them.

    Raises:
        NotFound: no such project, or none of the actor's.
        Forbidden: the actor may not publish it.
        OpenersMissing: a seat has nobody with a key of the right organization; names the seats.
        SealTampered: an opener's public key was exchanged in the database.
    """
    project = lock(db, Project, project_id)
    if project is None:
        raise NotFound
    require(actor, Right.PUBLISH_PROJECT, parties(project))
    people = {
        Seat.CENTRE: project.opener_centre_id,
        Seat.BUYER: project.opener_buyer_id,
        Seat.SUPERVISOR: project.opener_supervisor_id,
    }
    openers = {seat: _opener(db, keys, person_id) for seat, person_id in people.items()}
    lacking = [seat for seat, opener in openers.items() if opener is None or not _fits(project, seat, opener)]
    if lacking:
        raise OpenersMissing(seats="、".join(SEATS[seat] for seat in lacking))
    seated = {seat: opener for seat, opener in openers.items() if opener is not None}
    pair = new_project_key(project.id, {seat: opener.public_key for seat, opener in seated.items()})
    wrapped = {f"{first}>{second}": sealed.hex() for (first, second), sealed in pair.wrapped.items()}
    row = ProjectSeal(
        project_id=project.id,
        suite=pair.suite,
        public_key=pair.public,
        wrapped=wrapped,
        voucher=_seal_voucher(keys, project.id, pair.suite, pair.public),
        sealed_at=now,
    )
    db.add(row)
    db.flush()  # the seats refer to it; there is no relationship that would order them
    db.add_all(
        SealSeat(
            project_id=project.id,
            seat=seat,
            opener_id=opener.id,
            person_id=opener.person_id,
            organization_id=opener.organization_id,
        )
        for seat, opener in seated.items()
    )
    db.flush()  # the view reads them
    view = seal(db, project.id)
    record(db, actor, "project.sealed", "project", project.id, now=now, fingerprint=view.fingerprint, suite=view.suite)
    return view


def _fits(project: Project, seat: Seat, opener: Opener) -> bool:
    """Whether an opener's organization is the one this seat stands for; the supervisor's is a third one."""
    if seat is Seat.SUPERVISOR:
        return opener.organization_id not in {project.buyer_id, project.procuring_entity_id}
    return opener.organization_id == (project.buyer_id if seat is Seat.BUYER else project.procuring_entity_id)


def _opener(db: Session, keys: ApplicationKeys, person_id: UUID | None) -> Opener | None:
    """A person's live key, vouched for."""
    if person_id is None:
        return None
    opener = db.scalar(select(Opener).where(Opener.person_id == person_id, Opener.retired_at.is_(None)))
    if opener is not None:
        facts = (str(opener.person_id), str(opener.organization_id), opener.suite, opener.public_key.hex())
        if not vouches(keys, opener.voucher, "opener", *facts):
            raise SealTampered
    return opener


def _seal_voucher(keys: ApplicationKeys, project_id: UUID, suite: str, public: bytes) -> bytes:
    return voucher(keys, "project", str(project_id), suite, public.hex())


def public_key_of(db: Session, keys: ApplicationKeys, project_id: UUID) -> tuple[Suite, bytes]:
    """The suite and public key a project's bids are sealed to.

    Raises:
        NotFound: the project has no seal.
        SealTampered: the key in the database is not the one that was made for the project.
    """
    row = db.get(ProjectSeal, project_id)
    if row is None:
        raise NotFound
    if not vouches(keys, row.voucher, "project", str(project_id), row.suite, row.public_key.hex()):
        raise SealTampered
    return suite_named(row.suite), row.public_key


def project_key(row: ProjectSeal) -> ProjectKey:
    """A project's wrapped key as the sealing reads it."""
    wrapped = {}
    for pair, sealed in row.wrapped.items():
        first, _, second = pair.partition(">")
        wrapped[Seat(first), Seat(second)] = bytes.fromhex(sealed)
    return ProjectKey(row.suite, row.public_key, wrapped)
