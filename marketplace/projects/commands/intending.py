"""Verbs of what is public before a notice, and of who is asked: intention, exemption, publicity, drawing."""

import secrets
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity.model import Organization
from marketplace.identity.rules import Right
from marketplace.identity.states import OrganizationState
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.outbox.commands import emit
from marketplace.procedures.states import MethodCode
from marketplace.projects.commands.drafting import locked
from marketplace.projects.commands.notices import announce
from marketplace.projects.commands.preparing import preparing_of
from marketplace.projects.model import Draw, Intention, Invited, Notice, Project
from marketplace.projects.queries import rules_for
from marketplace.projects.queries.prepared import early_words, invited, prepared
from marketplace.projects.rules.preparation import INVITED_RULE, drawn
from marketplace.projects.rules.preparing import (
    AlreadyDrawn,
    AlreadyPublic,
    DrawTooFew,
    MethodElsewise,
    SoleSourceFirst,
    TooFewFit,
)
from marketplace.projects.rules.refusals import DrafterPublishes
from marketplace.projects.schemas.preparing import DrawOrder, NewExemption, NewIntention
from marketplace.projects.states import PROJECT, NoticeKind, ProjectAction
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.queries import is_ready
from marketplace.suppliers.schemas import Demands
from marketplace.suppliers.states import SupplierState, Why


def _intending(db: Session, actor: Actor, project_id: UUID, now: datetime) -> Project:
    project = locked(db, actor, project_id, Right.PUBLISH_PROJECT)
    if actor.person_id in project.drafter_ids:
        raise DrafterPublishes
    project.state = PROJECT.after(project.state, ProjectAction.INTEND)
    project.updated_at = now
    return project


def publish_intention(db: Session, actor: Actor, project_id: UUID, new: NewIntention, *, now: datetime) -> None:
    """Make public that a purchase is intended: title, need in short, budget, planned month; nothing else of the draft.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not publish projects.
        DrafterPublishes: the actor is one of its drafters.
        IllegalMove: it is published or ended.
        AlreadyPublic: it was made public before, and its days run from there.

    Source:
        财库〔2020〕10号.
    """
    project = _intending(db, actor, project_id, now)
    _early(db, actor, project, NoticeKind.INTENTION, new, now)
    emit(db, "project.intention_published", now=now, project_id=project.id)


def exempt_intention(db: Session, actor: Actor, project_id: UUID, new: NewExemption, *, now: datetime) -> None:
    """Say why a purchase is not made public beforehand; the day and the ground are kept.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not publish projects.
        DrafterPublishes: the actor is one of its drafters.
        IllegalMove: it is published or ended.

    Source:
        财库〔2020〕10号: small sporadic buying, and urgent need that nobody could foresee.
    """
    project = _intending(db, actor, project_id, now)
    today = legal_day(now)
    db.add(
        Intention(
            project_id=project.id,
            person_id=actor.person_id,
            at=now,
            kind=NoticeKind.INTENTION,
            title=project.title,
            need=new.reason.strip(),
            budget_fen=project.budget_fen or 1,
            month=today.replace(day=1),
            ground=new.ground,
        )
    )
    db.flush()
    record(db, actor, "project.intention_exempt", "project", project.id, now=now, ground=new.ground, reason=new.reason)


def publicize_sole_source(db: Session, actor: Actor, project_id: UUID, new: NewIntention, *, now: datetime) -> None:
    """Make public that one supplier alone is to be asked.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not publish projects.
        DrafterPublishes: the actor is one of its drafters.
        IllegalMove: it is published or ended.
        MethodElsewise: the project is bought in another way.
        SoleSourceFirst: nobody has named the supplier yet.
        AlreadyPublic: it was made public before.

    Source:
        采购法条例第三十八条.
    """
    project = _intending(db, actor, project_id, now)
    if project.method is not MethodCode.SINGLE_SOURCE:
        raise MethodElsewise(wanted=MethodCode.SINGLE_SOURCE)
    if not prepared(db, project).sole_named:
        raise SoleSourceFirst
    _early(db, actor, project, NoticeKind.SINGLE_SOURCE, new, now)
    emit(db, "project.sole_source_publicized", now=now, project_id=project.id)


def _early(
    db: Session, actor: Actor, project: Project, kind: NoticeKind, new: NewIntention, now: datetime
) -> None:  # fmt: skip
    before = early_words(db, project.id).get(kind)
    if before is not None and before.ground is None:
        raise AlreadyPublic
    announce(db, actor, project, kind, now=now, reason=new.need.strip())
    notice_id = db.scalars(
        select(Notice.id).where(Notice.project_id == project.id).order_by(Notice.place.desc()).limit(1)
    ).one()
    db.add(
        Intention(
            project_id=project.id,
            person_id=actor.person_id,
            at=now,
            kind=kind,
            title=new.title.strip(),
            need=new.need.strip(),
            budget_fen=new.budget_fen,
            month=new.month.replace(day=1),
            notice_id=notice_id,
        )
    )
    db.flush()
    record(
        db, actor, f"project.{kind.value}_public", "project", project.id, now=now,
        title=new.title, budget_fen=new.budget_fen, month=new.month,
    )  # fmt: skip


def draw_invited(
    db: Session, actor: Actor, project_id: UUID, order: DrawOrder, *, now: datetime, seed: bytes | None = None
) -> tuple[UUID, ...]:
    """Draw the suppliers to invite at random among all that fit, once; returns them. ``seed`` is for tests alone.

    Fit is who is registered, lacks nothing to bid today and covers the service. Seed and pool are kept, so that
    anybody can draw again and finds the same.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is published or ended.
        MethodElsewise: the project is bought in another way.
        AlreadyDrawn: it was done.
        DrawTooFew: fewer are to be drawn than must be invited.
        TooFewFit: fewer fit than must be invited.
        RuleMissing: no row says how many.

    Source:
        采购法第三十四条.
    """
    project = preparing_of(db, actor, project_id, now)
    if project.method is not MethodCode.INVITED_TENDER:
        raise MethodElsewise(wanted=MethodCode.INVITED_TENDER)
    if invited(db, project.id):
        raise AlreadyDrawn
    today = legal_day(now)
    least = rules_for(db, project, today).get(INVITED_RULE)
    if order.wanted < least.number:
        raise DrawTooFew(field="wanted", needed=least.number, basis=least.basis)
    pool = _fit(db, project, today)
    if len(pool) < least.number:
        raise TooFewFit(given=len(pool), needed=least.number, basis=least.basis)
    lot = seed or secrets.token_bytes(32)
    taken = drawn(pool, lot, order.wanted)
    db.add(
        Draw(
            project_id=project.id,
            person_id=actor.person_id,
            at=now,
            seed=lot,
            wanted=order.wanted,
            pool=[str(one) for one in pool],
        )
    )
    for place, one in enumerate(taken, 1):
        db.add(Invited(project_id=project.id, organization_id=one, place=place))
    db.flush()
    record(
        db, actor, "project.invited_drawn", "project", project.id, now=now,
        seed=lot.hex(), pool=len(pool), invited=list(taken),
    )  # fmt: skip
    return taken


def _fit(db: Session, project: Project, today: date) -> list[UUID]:
    """The registered suppliers that lack nothing to bid for the project today, and cover its service."""
    demands = Demands(minors=project.serves_minors, service=project.catalogue_code)
    registered = (
        select(Supplier.organization_id)
        .join(Organization, Organization.id == Supplier.organization_id)
        .where(Supplier.state == SupplierState.QUALIFIED, Organization.state == OrganizationState.ACTIVE)
        .order_by(Supplier.organization_id)
    )
    return [
        one
        for one in db.scalars(registered)
        if not any(lack.blocks or lack.why is Why.SERVICE_NOT_COVERED for lack in is_ready(db, one, today, demands))
    ]
