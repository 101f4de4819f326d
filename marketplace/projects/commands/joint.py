"""Verbs of co-organizers: ask one for a task and money, change or remove it; its own head agrees or refuses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.projects.commands.drafting import locked
from marketplace.projects.model import PlannedFunding, Project, Share
from marketplace.projects.rules.joint import PARTNERS_MAX, DrafterConfirms, NotAPartner, TooManyPartners
from marketplace.projects.schemas.joint import NewShare
from marketplace.projects.states import PROJECT, SHARE, ProjectAction, ShareAction


def propose_share(db: Session, actor: Actor, project_id: UUID, new: NewShare, *, now: datetime) -> UUID:
    """Ask an organization to take part in a draft with a task and its own money; returns the share's id.

    Raises:
        NotFound: there is no such project for the actor, or no such organization.
        Forbidden: the actor may not draft it.
        IllegalMove: it is no draft.
        NotAPartner: the organization is the buyer itself, no buyer, or named already.
        TooManyPartners: there are many already.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    PROJECT.after(project.state, ProjectAction.EDIT)
    partner = db.get(Organization, new.organization_id)
    if partner is None:
        raise NotFound
    named = list(db.scalars(select(Share.organization_id).where(Share.project_id == project.id)))
    if Function.BUYER not in partner.functions or partner.id in {project.buyer_id, *named}:
        raise NotAPartner(field="organization_id", name=partner.short_name)
    if len(named) >= PARTNERS_MAX:
        raise TooManyPartners(limit=PARTNERS_MAX)
    row = Share(
        project_id=project.id,
        organization_id=partner.id,
        task=new.task,
        amount_fen=new.amount_fen,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    db.add(row)
    db.flush()
    _told(db, actor, row, "share.proposed", now)
    return row.id


def change_share(db: Session, actor: Actor, share_id: UUID, *, task: str, amount_fen: int, now: datetime) -> None:
    """Change a task or an amount; whatever was agreed falls away and the co-organizer is asked anew.

    Raises:
        NotFound: there is no such share for the actor.
        Forbidden: the actor may not draft the project.
        IllegalMove: the project is no draft.
    """
    project, row = _held(db, share_id)
    require(actor, Right.DRAFT_PROJECT, _sides(project))
    PROJECT.after(project.state, ProjectAction.EDIT)
    state = SHARE.after(row.state, ShareAction.CHANGE)
    _without_line(db, project, row, now)
    row.state, row.task, row.amount_fen, row.fund_id = state, task, amount_fen, None
    row.proposed_by, row.proposed_at = actor.person_id, now
    row.decided_by, row.decided_at, row.reason = None, None, ""
    db.flush()
    _told(db, actor, row, "share.proposed", now)


def remove_share(db: Session, actor: Actor, share_id: UUID, *, now: datetime) -> None:
    """Take a co-organizer out of a draft, with its funding line.

    Raises:
        NotFound: there is no such share for the actor.
        Forbidden: the actor may not draft the project.
        IllegalMove: the project is no draft.
    """
    project, row = _held(db, share_id)
    require(actor, Right.DRAFT_PROJECT, _sides(project))
    PROJECT.after(project.state, ProjectAction.EDIT)
    SHARE.after(row.state, ShareAction.REMOVE)
    _without_line(db, project, row, now)
    record(db, actor, "share.removed", "project", project.id, now=now, organization_id=row.organization_id)
    db.delete(row)
    db.flush()


def agree_share(db: Session, actor: Actor, share_id: UUID, *, fund_id: UUID, now: datetime) -> None:
    """Agree as the co-organizer's head, and say from which own fund; the funding line is entered with it.

    Raises:
        NotFound: there is no such share of the actor's organization.
        Forbidden: the actor is not its head.
        DrafterConfirms: the actor drafted the project or proposed the share.
        IllegalMove: it was decided already, or the project is no draft.
    """
    project, row = _held(db, share_id)
    _confirms(actor, project, row)
    state = SHARE.after(row.state, ShareAction.AGREE)
    row.state, row.fund_id, row.decided_by, row.decided_at = state, fund_id, actor.person_id, now
    last = db.scalar(select(func.max(PlannedFunding.place)).where(PlannedFunding.project_id == project.id)) or 0
    _forget(db, project, fund_id)
    db.add(PlannedFunding(project_id=project.id, place=last + 1, fund_id=fund_id, amount_fen=row.amount_fen))
    _touch(project, now)
    db.flush()
    _told(db, actor, row, "share.agreed", now)


def refuse_share(db: Session, actor: Actor, share_id: UUID, *, reason: str, now: datetime) -> None:
    """Refuse as the co-organizer's head, or take an agreement back while the project is a draft.

    Raises:
        NotFound: there is no such share of the actor's organization.
        Forbidden: the actor is not its head.
        DrafterConfirms: the actor drafted the project or proposed the share.
        IllegalMove: it was refused already, or the project is no draft.
    """
    project, row = _held(db, share_id)
    _confirms(actor, project, row)
    state = SHARE.after(row.state, ShareAction.REFUSE)
    _without_line(db, project, row, now)
    row.state, row.fund_id, row.reason = state, None, reason
    row.decided_by, row.decided_at = actor.person_id, now
    db.flush()
    _told(db, actor, row, "share.refused", now)


def _confirms(actor: Actor, project: Project, row: Share) -> None:
    require(actor, Right.CONFIRM_SHARE, {Relation.OWN: row.organization_id})
    if actor.person_id is not None and actor.person_id in {*project.drafter_ids, row.proposed_by}:
        raise DrafterConfirms
    PROJECT.after(project.state, ProjectAction.EDIT)


def _held(db: Session, share_id: UUID) -> tuple[Project, Share]:
    """The project and then the share, both held alone."""
    known = db.get(Share, share_id)
    project = lock(db, Project, known.project_id) if known else None
    row = lock(db, Share, share_id)
    if project is None or row is None:
        raise NotFound
    return project, row


def _sides(project: Project) -> dict[Relation, UUID | None]:
    return {Relation.BUYER: project.buyer_id, Relation.PROCURING_ENTITY: project.procuring_entity_id}


def _without_line(db: Session, project: Project, row: Share, now: datetime) -> None:
    if row.fund_id is not None:
        _forget(db, project, row.fund_id)
        _touch(project, now)


def _forget(db: Session, project: Project, fund_id: UUID) -> None:
    db.execute(delete(PlannedFunding).where(PlannedFunding.project_id == project.id, PlannedFunding.fund_id == fund_id))


def _touch(project: Project, now: datetime) -> None:
    """Whoever has the draft open meanwhile is told, so that the line is not overwritten unseen."""
    project.version += 1
    project.updated_at = now


def _told(db: Session, actor: Actor, row: Share, topic: str, now: datetime) -> None:
    record(
        db, actor, topic, "project", row.project_id, now=now,
        share_id=row.id, organization_id=row.organization_id, amount_fen=row.amount_fen, fund_id=row.fund_id,
    )  # fmt: skip
    emit(db, topic, now=now, share_id=row.id)
