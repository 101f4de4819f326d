"""Verbs of programmes: open one with its rates, and write down what was held together."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from marketplace.aid.model import Activity, Organizer, Programme, Rate
from marketplace.aid.rules.refusals import ProgrammeTwice, RatesMissing, RateTwice
from marketplace.aid.schemas import NewActivity, NewProgramme
from marketplace.aid.states import STAGE_LABELS, ProgrammeKind
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, NotFound, raise_all


def open_programme(
    db: Session, actor: Actor, new: NewProgramme, *, now: datetime, partners: Sequence[UUID] = (), story: str = ""
) -> UUID:
    """Open a programme of the actor's own organization, run with ``partners``; returns its id.

    Raises:
        NotFound: the actor has no organization, or a partner does not exist.
        Forbidden: the actor does not draw up rosters.
        ProgrammeTwice: the organization has this programme in this year.
        RatesMissing: it pays people, but names no rate.
        RateTwice: two rates for one stage.
    """
    lead = _own(actor)
    found: list[DomainError] = []
    taken = exists().where(Programme.organization_id == lead, Programme.name == new.name, Programme.year == new.year)
    if db.scalar(select(taken)):
        found.append(ProgrammeTwice(field="name", programme=new.name, year=new.year))
    if new.kind is ProgrammeKind.AID and (not new.rates or new.source is None):
        found.append(RatesMissing(field="rates"))
    stages = Counter(rate.stage for rate in new.rates)
    found += [RateTwice(field="rates", stage=STAGE_LABELS[stage]) for stage, count in stages.items() if count > 1]
    raise_all(found)
    row = Programme(
        kind=new.kind,
        organization_id=lead,
        name=new.name,
        name_en=new.name_en,
        year=new.year,
        story=story,
        purpose=new.purpose,
        rule=new.rule,
        source=new.source,
        catalogue_codes=sorted(new.catalogue_codes),
        note=new.note,
        opened_by=actor.person_id,
        opened_at=now,
    )
    db.add(row)
    db.flush()
    db.add_all(
        Rate(
            programme_id=row.id,
            group_name=rate.group_name,
            group_name_en=rate.group_name_en,
            stage=rate.stage,
            sex=rate.sex,
            rate_fen=rate.rate_fen,
            heads_max=rate.heads_max,
        )
        for rate in new.rates
    )
    together = [lead, *(one for one in dict.fromkeys(partners) if one != lead)]
    if any(db.get(Organization, one) is None for one in together):
        raise NotFound
    db.add_all(Organizer(programme_id=row.id, organization_id=one, place=n) for n, one in enumerate(together, 1))
    db.flush()
    record(db, actor, "aid.programme_opened", "aid_programme", row.id, now=now, name=row.name, year=row.year)
    return row.id


def record_activity(db: Session, actor: Actor, new: NewActivity, *, now: datetime, story: str = "") -> UUID:
    """Write down something that the actor's organization held, for the public page; returns its id.

    Raises:
        NotFound: the actor has no organization.
        Forbidden: the actor does not draw up rosters.
    """
    row = Activity(
        story=story,
        organization_id=_own(actor),
        partners=new.partners,
        name=new.name,
        name_en=new.name_en,
        held=new.held,
        place=new.place,
        note=new.note,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    db.add(row)
    db.flush()
    record(db, actor, "aid.activity_recorded", "aid_activity", row.id, now=now, name=row.name)
    return row.id


def _own(actor: Actor) -> UUID:
    own = actor.organization_id
    require(actor, Right.DRAFT_ROSTER, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    if own is None:
        raise NotFound
    return own
