"""Verbs of the discussion and approval: what experts said, the minutes, submit, return, approve."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.catalogue.commands.writing import held, person_of
from marketplace.catalogue.model import CatalogueExpert, CatalogueVersion
from marketplace.catalogue.rules import check_review
from marketplace.catalogue.rules.refusals import ExpertDay, ExpertTwice, NotEditable
from marketplace.catalogue.schemas import NewExpert
from marketplace.catalogue.states import EDITION, EditionAction, EditionState
from marketplace.documents.commands import clean_name, store
from marketplace.documents.rules import PAPERS, fitting
from marketplace.documents.storage import Storage
from marketplace.identity.rules import Duty, Right, apart
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.kit.text import clean_line, clean_paragraphs
from marketplace.outbox.commands import emit

_E = CatalogueExpert


def _in_review(db: Session, actor: Actor, version_id: UUID) -> CatalogueVersion:
    version = held(db, actor, version_id, Right.EDIT_CATALOGUE)
    if version.state is not EditionState.REVIEWING:
        raise NotEditable(state=EDITION.label(version.state))
    return version


def record_expert(db: Session, actor: Actor, version_id: UUID, expert: NewExpert, *, now: datetime) -> UUID:
    """Enter what an expert said of the draft as it is now, and return the entry's id.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        NotEditable: the draft is not before the experts.
        NobodyInPerson: the system itself acts.
        ExpertDay: the day lies before the experts were asked, or in the future.
        ExpertTwice: this expert is entered already.
    """
    version, person_id = _in_review(db, actor, version_id), person_of(actor)
    name, employer = clean_line(expert.name), clean_line(expert.employer)
    first, today = version.review_from or legal_day(now), legal_day(now)
    if not first <= expert.given_on <= today:
        raise ExpertDay(field="given_on", first=first.isoformat(), last=today.isoformat())
    same = select(_E.id).where(_E.version_id == version.id, _E.name == name, _E.employer == employer)
    if db.scalar(same) is not None:
        raise ExpertTwice(field="name", name=name)
    row = _E(
        version_id=version.id,
        name=name,
        employer=employer,
        title=clean_line(expert.title),
        conclusion=expert.conclusion,
        content=clean_paragraphs(expert.content),
        given_on=expert.given_on,
        revision=version.revision,
        recorded_by=person_id,
        recorded_at=now,
    )
    db.add(row)
    db.flush()
    record(
        db, actor, "catalogue.expert_recorded", "catalogue_version", version.id,
        now=now, expert_id=row.id, conclusion=row.conclusion.value, revision=version.revision,
    )  # fmt: skip
    return row.id


def remove_expert(db: Session, actor: Actor, version_id: UUID, expert_id: UUID, *, now: datetime) -> None:
    """Take an expert's entry off again, to enter it anew; the journal keeps that it was there.

    Raises:
        NotFound, Forbidden: no such edition or entry, or the actor may not edit the catalogue.
        NotEditable: the draft is not before the experts.
    """
    version = _in_review(db, actor, version_id)
    row = db.get(_E, expert_id)
    if row is None or row.version_id != version.id:
        raise NotFound
    record(
        db, actor, "catalogue.expert_removed", "catalogue_version", version.id,
        now=now, expert_id=row.id, name=row.name, conclusion=row.conclusion.value,
    )  # fmt: skip
    db.delete(row)
    db.flush()


def keep_minutes(
    db: Session,
    storage: Storage,
    actor: Actor,
    version_id: UUID,
    chunks: Iterable[bytes],
    *,
    name: str,
    limit_bytes: int,
    now: datetime,
) -> UUID:
    """Keep the minutes of the experts' meeting, in place of earlier ones; returns the document's id.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        NotEditable: the draft is not before the experts.
        FileNotTaken, FileNotAsNamed: the file is of a kind that is not taken.
        TooLarge, EmptyFile: it is too large, or empty.
    """
    version = _in_review(db, actor, version_id)
    shown = clean_name(name)
    stream = fitting(chunks, name=shown, kinds=PAPERS, field="file")
    version.minutes_id = store(db, storage, actor, stream, name=shown, limit_bytes=limit_bytes, now=now)
    db.flush()
    record(
        db, actor, "catalogue.minutes_kept", "catalogue_version", version.id, now=now, document_id=version.minutes_id
    )  # fmt: skip
    return version.minutes_id


def submit(db: Session, actor: Actor, version_id: UUID, *, now: datetime) -> None:
    """Ask for approval of a draft that was heard and discussed. Writes one message.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        IllegalMove: it is not before the experts.
        TooFewExperts, ExpertsAgainst, MinutesMissing, Several: what is missing.
    """
    version = held(db, actor, version_id, Right.EDIT_CATALOGUE)
    state = EDITION.after(version.state, EditionAction.SUBMIT)
    conclusions = db.scalars(select(_E.conclusion).where(_E.version_id == version.id)).all()
    raise_all(check_review(conclusions, has_minutes=version.minutes_id is not None))
    if actor.person_id is not None and actor.person_id not in version.drafter_ids:
        version.drafter_ids = [*version.drafter_ids, actor.person_id]
    version.state, version.submitted_by, version.submitted_at = state, actor.person_id, now
    db.flush()
    record(
        db, actor, "catalogue.submitted", "catalogue_version", version.id,
        now=now, number=version.number, revision=version.revision, experts=len(conclusions),
    )  # fmt: skip
    emit(db, "catalogue.submitted", now=now, version_id=version.id)


def return_edition(db: Session, actor: Actor, version_id: UUID, *, reason: str, now: datetime) -> None:
    """Send a submitted draft back to its drafters with the reason. Writes one message.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not publish the catalogue.
        DutiesClash: the actor drafted it.
        IllegalMove: it is not submitted.
    """
    version = held(db, actor, version_id, Right.PUBLISH_CATALOGUE)
    apart(actor, Duty.PUBLISH_CATALOGUE, {Duty.EDIT_CATALOGUE: version.drafter_ids})
    version.state = EDITION.after(version.state, EditionAction.RETURN)
    version.return_reason = clean_paragraphs(reason)
    db.flush()
    record(
        db, actor, "catalogue.returned", "catalogue_version", version.id,
        now=now, reason=version.return_reason, number=version.number,
    )  # fmt: skip
    emit(db, "catalogue.returned", now=now, version_id=version.id)


def approve(db: Session, actor: Actor, version_id: UUID, *, now: datetime) -> None:
    """Approve a submitted draft, as somebody who changed nothing in it. Writes one message.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not publish the catalogue.
        NobodyInPerson: the system itself acts.
        DutiesClash: the actor drafted it or changed its entries.
        IllegalMove: it is not submitted.
    """
    version = held(db, actor, version_id, Right.PUBLISH_CATALOGUE)
    apart(actor, Duty.PUBLISH_CATALOGUE, {Duty.EDIT_CATALOGUE: version.drafter_ids})
    version.state = EDITION.after(version.state, EditionAction.APPROVE)
    version.approved_by, version.approved_at = person_of(actor), now
    version.return_reason = ""
    db.flush()
    record(
        db, actor, "catalogue.approved", "catalogue_version", version.id,
        now=now, number=version.number, revision=version.revision,
    )  # fmt: skip
    emit(db, "catalogue.approved", now=now, version_id=version.id)
