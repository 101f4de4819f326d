"""Verbs of the consultation: open a draft to the public, give an opinion, answer it, ask the experts."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.catalogue.commands.writing import held, person_of
from marketplace.catalogue.model import CatalogueItem, CatalogueOpinion, CatalogueVersion
from marketplace.catalogue.rules import OPINIONS_PER_HOUR, check_consultation
from marketplace.catalogue.rules.refusals import (
    ConsultClosed,
    ConsultOpen,
    NoEntries,
    OpinionsOpen,
    TooManyOpinions,
)
from marketplace.catalogue.schemas import Answer, Consultation, NewOpinion
from marketplace.catalogue.states import EDITION, OPINION, EditionAction, EditionState, OpinionState
from marketplace.db.base import lock
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.kit.text import clean_line, clean_paragraphs
from marketplace.outbox.commands import emit

_O = CatalogueOpinion


def consult(db: Session, actor: Actor, version_id: UUID, when: Consultation, *, now: datetime) -> None:
    """Open a draft for opinions between two legal days, both counted. Writes one message.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        IllegalMove: it is not a draft.
        NoEntries: there is nothing to have an opinion on.
        ConsultPast, ConsultShort, Several: the days do not do.
    """
    version = held(db, actor, version_id, Right.EDIT_CATALOGUE)
    state = EDITION.after(version.state, EditionAction.CONSULT)
    raise_all(check_consultation(when.first, when.last, today=legal_day(now)))
    if not db.scalar(select(func.count()).where(CatalogueItem.version_id == version.id)):
        raise NoEntries
    version.state, version.consult_from, version.consult_to = state, when.first, when.last
    db.flush()
    record(
        db, actor, "catalogue.consulted", "catalogue_version", version.id,
        now=now, number=version.number, first=when.first, last=when.last,
    )  # fmt: skip
    emit(db, "catalogue.consulted", now=now, version_id=version.id)


def give_opinion(db: Session, actor: Actor | None, number: int, opinion: NewOpinion, *, now: datetime) -> UUID:
    """Keep an opinion on a draft, from anybody (``actor`` None) or from a signed-in organization; returns its id.

    Only the first of those that wait for an answer writes a message: one is enough to call the desk.

    Raises:
        NotFound: no such draft is open for opinions, or it has no such entry.
        ConsultClosed: the time for opinions has not begun or is over.
        TooManyOpinions: people who are not signed in sent more within an hour than people can write.
    """
    version_id = db.scalar(select(CatalogueVersion.id).where(CatalogueVersion.number == number))
    version = lock(db, CatalogueVersion, version_id) if version_id else None
    if version is None or version.state is not EditionState.CONSULTING:
        raise NotFound
    first, last = version.consult_from, version.consult_to
    assert first is not None and last is not None  # noqa: S101, PT018 - the table says so
    if not first <= legal_day(now) <= last:
        raise ConsultClosed(first=first.isoformat(), last=last.isoformat())
    named = db.scalar(
        select(CatalogueItem.name).where(CatalogueItem.version_id == version.id, CatalogueItem.code == opinion.code)
    )
    if opinion.code and named is None:
        raise NotFound
    lately = select(func.count()).where(
        _O.version_id == version.id, _O.person_id.is_(None), _O.given_at > now - timedelta(hours=1)
    )
    if actor is None and (db.scalar(lately) or 0) >= OPINIONS_PER_HOUR:
        raise TooManyOpinions
    others = db.scalar(
        select(func.count()).where(_O.version_id == version.id, _O.state == OpinionState.RECEIVED)
    )  # fmt: skip
    organization_id = actor.organization_id if actor else None
    row = _O(
        version_id=version.id,
        code=opinion.code,
        entry_name=named or "",
        content=clean_paragraphs(opinion.content),
        signed="" if organization_id else clean_line(opinion.signed),
        person_id=actor.person_id if actor and organization_id else None,
        organization_id=organization_id,
        given_at=now,
        state=OPINION.start,
    )
    db.add(row)
    db.flush()
    record(
        db, actor, "catalogue.opinion_given", "catalogue_version", version.id,
        now=now, opinion_id=row.id, code=opinion.code,
    )  # fmt: skip
    if not others:
        emit(db, "catalogue.opinion_given", now=now, version_id=version.id)
    return row.id


def answer_opinion(db: Session, actor: Actor, opinion_id: UUID, answer: Answer, *, now: datetime) -> UUID:
    """Answer an opinion with the reason and return the edition's id; adopted or declined it is public with its answer.

    Raises:
        NotFound, Forbidden: no such opinion, or the actor may not edit the catalogue.
        NobodyInPerson: the system itself acts.
        IllegalMove: it was answered already.
    """
    known = db.get(_O, opinion_id)
    version = held(db, actor, known.version_id if known else opinion_id, Right.EDIT_CATALOGUE)
    row = lock(db, _O, opinion_id)
    if row is None:
        raise NotFound
    person_id = person_of(actor)
    row.state = OPINION.after(row.state, answer.action)
    row.answer, row.answered_by, row.answered_at = clean_paragraphs(answer.answer), person_id, now
    db.flush()
    record(
        db, actor, "catalogue.opinion_answered", "catalogue_version", version.id,
        now=now, reason=row.answer, opinion_id=row.id, state=row.state.value,
    )  # fmt: skip
    if row.organization_id is not None:
        emit(db, "catalogue.opinion_answered", now=now, version_id=version.id, opinion_id=row.id)
    return version.id


def review(db: Session, actor: Actor, version_id: UUID, *, now: datetime) -> None:
    """End the consultation and lay the draft before experts; from now on its entries may be changed again.

    Raises:
        NotFound, Forbidden: no such edition, or the actor may not edit the catalogue.
        IllegalMove: it is not open for opinions.
        ConsultOpen: the last day for opinions is not over.
        OpinionsOpen: opinions are without an answer.
    """
    version = held(db, actor, version_id, Right.EDIT_CATALOGUE)
    state, today = EDITION.after(version.state, EditionAction.REVIEW), legal_day(now)
    last = version.consult_to
    if last is None or today <= last:
        raise ConsultOpen(day=last)
    waiting = db.scalar(select(func.count()).where(_O.version_id == version.id, _O.state == OpinionState.RECEIVED))
    if waiting:
        raise OpinionsOpen(count=waiting)
    version.state, version.review_from = state, today
    db.flush()
    record(db, actor, "catalogue.reviewed", "catalogue_version", version.id, now=now, number=version.number)
