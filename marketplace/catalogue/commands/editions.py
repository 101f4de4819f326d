"""Verbs over whole editions: enter procurement codes, begin a draft, publish it, let it come in force, withdraw it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from marketplace.catalogue.commands.writing import held, insert_entries, keyed, known_codes, person_of
from marketplace.catalogue.model import CatalogueVersion, ProcurementCode
from marketplace.catalogue.queries import tree_of
from marketplace.catalogue.rules import check_entries
from marketplace.catalogue.rules.refusals import InForceTooEarly, OtherAnnounced
from marketplace.catalogue.schemas import NewCode, NewDraft, NewEdition
from marketplace.catalogue.states import EDITION, EditionAction, EditionState
from marketplace.db.base import lock, lock_all
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.kit.text import clean_paragraphs
from marketplace.outbox.commands import emit


def enter_codes(db: Session, actor: Actor, codes: Sequence[NewCode], *, now: datetime) -> int:
    """Enter procurement codes, or correct their names, and return how many were new or changed.

    Raises:
        NotFound, Forbidden: the actor may not edit the catalogue.
    """
    require(actor, Right.EDIT_CATALOGUE, {})
    if not codes:
        return 0
    statement = upsert(ProcurementCode).values([{"code": code.code, "name": code.name} for code in codes])
    changed = db.scalars(
        statement.on_conflict_do_update(
            index_elements=[ProcurementCode.code],
            set_={"name": statement.excluded.name},
            where=ProcurementCode.name != statement.excluded.name,
        ).returning(ProcurementCode.code)
    ).all()
    if changed:
        record(db, actor, "catalogue.codes_entered", "procurement_codes", uuid4(), now=now, codes=sorted(changed))
    return len(changed)


def _in_force(db: Session) -> CatalogueVersion | None:
    """The edition in force, held alone: whoever begins a draft or publishes one waits here for the others."""
    known = db.scalar(select(CatalogueVersion.id).where(CatalogueVersion.state == EditionState.PUBLISHED))
    return lock(db, CatalogueVersion, known) if known else None


def _begun(db: Session, actor: Actor, label: str, note: str, based_on: UUID | None, now: datetime) -> CatalogueVersion:
    version = CatalogueVersion(
        number=(db.scalar(select(func.max(CatalogueVersion.number))) or 0) + 1,
        label=label,
        note=note,
        state=EDITION.start,
        based_on=based_on,
        revision=1,
        drafted_by=actor.person_id,
        drafter_ids=[actor.person_id] if actor.person_id else [],
        drafted_at=now,
    )
    db.add(version)
    db.flush()  # entries refer to the edition; there is no relationship that would order them
    return version


def draft_edition(db: Session, actor: Actor, edition: NewEdition, *, now: datetime) -> UUID:
    """Keep a new edition as a draft, with all its entries, and return its id.

    Raises:
        NotFound, Forbidden: the actor may not edit the catalogue.
        CodeTwice, WrongPlace, NoParent, UnknownProcurementCode, MatchWithoutCode, CostWithoutUnit, Several: the
            entries are no tree, or name codes that do not exist.
    """
    require(actor, Right.EDIT_CATALOGUE, {})
    known = known_codes(db)
    raise_all(check_entries([item.entry() for item in edition.items], known))
    base = _in_force(db)
    version = _begun(db, actor, edition.label, edition.note, base.id if base else None, now)
    insert_entries(db, version, keyed(edition.items), known)
    record(
        db, actor, "catalogue.drafted", "catalogue_version", version.id,
        now=now, number=version.number, label=edition.label, items=len(edition.items),
    )  # fmt: skip
    return version.id


def copy_edition(db: Session, actor: Actor, draft: NewDraft, *, now: datetime) -> UUID:
    """Begin a draft as a copy of the edition in force and return its id; without one it begins empty.

    Raises:
        NotFound, Forbidden: the actor may not edit the catalogue.
        NobodyInPerson: the system itself acts.
    """
    require(actor, Right.EDIT_CATALOGUE, {})
    person_of(actor)
    base = _in_force(db)
    items = tuple(tree_of(db, base.id).values()) if base else ()
    version = _begun(db, actor, draft.label, draft.note, base.id if base else None, now)
    insert_entries(db, version, keyed(items), known_codes(db))
    record(
        db, actor, "catalogue.drafted", "catalogue_version", version.id,
        now=now, number=version.number, label=draft.label, items=len(items), copied=base.number if base else None,
    )  # fmt: skip
    return version.id


def publish_edition(
    db: Session, actor: Actor, version_id: UUID, *, now: datetime, in_force_on: date | None = None
) -> None:
    """Publish an approved edition with the legal day on which it comes in force (today).

    If that is today it is in force at once and the edition before it is replaced; otherwise it waits for its day.
    Projects keep the entry they were drafted from. The system itself puts the catalogue that comes with the product
    in force without opinions or experts. Writes ``catalogue.announced`` or ``catalogue.published``.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not publish the catalogue.
        DutiesClash: the actor drafted it or changed its entries.
        IllegalMove: it is not approved.
        InForceTooEarly: the day lies in the past.
        OtherAnnounced: another edition already waits for its day.
    """
    require(actor, Right.PUBLISH_CATALOGUE, {})
    waiting = select(CatalogueVersion.id).where(
        CatalogueVersion.state.in_([EditionState.PUBLISHED, EditionState.ANNOUNCED])
    )
    locked = {row.id: row for row in lock_all(db, CatalogueVersion, [*db.scalars(waiting), version_id])}
    version = locked.get(version_id)
    if version is None:
        raise NotFound
    apart(actor, Duty.PUBLISH_CATALOGUE, {Duty.EDIT_CATALOGUE: version.drafter_ids})
    if actor.is_system and version.state is EditionState.DRAFT:
        _come_in_force(db, actor, version, locked.values(), EditionAction.INSTALL, now=now)
        return
    state, today = EDITION.after(version.state, EditionAction.PUBLISH), legal_day(now)
    day = in_force_on or today
    if day < today:
        raise InForceTooEarly(field="in_force_on", day=today.isoformat())
    for other in locked.values():
        if other.state is EditionState.ANNOUNCED:
            raise OtherAnnounced(number=other.number, day=other.in_force_on)
    version.state, version.in_force_on, version.published_by = state, day, actor.person_id
    db.flush()
    record(
        db, actor, "catalogue.announced", "catalogue_version", version.id, now=now, number=version.number, day=day
    )  # fmt: skip
    if day > today:
        emit(db, "catalogue.announced", now=now, version_id=version.id)
    else:
        _come_in_force(db, actor, version, locked.values(), EditionAction.ENTER_INTO_FORCE, now=now)


def _come_in_force(
    db: Session,
    actor: Actor,
    version: CatalogueVersion,
    others: Iterable[CatalogueVersion],
    action: EditionAction,
    *,
    now: datetime,
) -> None:
    """Replace the edition in force, which is held among ``others``, by this one."""
    state = EDITION.after(version.state, action)
    for other in others:
        if other.id != version.id and other.state is EditionState.PUBLISHED:
            other.state, other.replaced_at = EDITION.after(other.state, EditionAction.REPLACE), now
    db.flush()  # only one edition may be in force, also for a moment
    version.state, version.published_at = state, now
    version.in_force_on = version.in_force_on or legal_day(now)
    db.flush()
    record(db, actor, "catalogue.published", "catalogue_version", version.id, now=now, number=version.number)
    emit(db, "catalogue.published", now=now, version_id=version.id)


def come_into_force(db: Session, *, now: datetime) -> int:
    """Let the announced edition come in force if its day has come; returns how many did (none or one)."""
    waiting = select(CatalogueVersion.id).where(
        CatalogueVersion.state.in_([EditionState.PUBLISHED, EditionState.ANNOUNCED])
    )
    locked = lock_all(db, CatalogueVersion, db.scalars(waiting))
    due = [
        one
        for one in locked
        if one.state is EditionState.ANNOUNCED and one.in_force_on is not None and one.in_force_on <= legal_day(now)
    ]
    for version in due:
        _come_in_force(db, SYSTEM, version, locked, EditionAction.ENTER_INTO_FORCE, now=now)
    return len(due)


def withdraw_edition(db: Session, actor: Actor, version_id: UUID, *, reason: str, now: datetime) -> None:
    """Give a draft up, with the reason; if the public was asked already, the reason is shown. Writes one message.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        IllegalMove: it is submitted or further on.
    """
    version = held(db, actor, version_id, Right.EDIT_CATALOGUE)
    state = EDITION.after(version.state, EditionAction.WITHDRAW)
    version.state, version.withdrawn_at, version.withdraw_reason = state, now, clean_paragraphs(reason)
    db.flush()
    record(
        db, actor, "catalogue.withdrawn", "catalogue_version", version.id,
        now=now, reason=version.withdraw_reason, number=version.number,
    )  # fmt: skip
    emit(db, "catalogue.withdrawn", now=now, version_id=version.id)
