"""Reads of co-organizers' shares."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from marketplace.identity.model import Organization
from marketplace.identity.rules import Parties, Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.projects.model import Project, Share
from marketplace.projects.queries.gate import readable
from marketplace.projects.schemas.joint import PublicShare, ShareView
from marketplace.projects.states import SHARE, ProjectState, ShareAction, ShareState

SHOWN_MAX = 200
_LEAD = aliased(Organization)


def _rows() -> Select[Share, Project, Organization, Organization]:
    return (
        select(Share, Project, Organization, _LEAD)
        .join(Project, Project.id == Share.project_id)
        .join(Organization, Organization.id == Share.organization_id)
        .join(_LEAD, _LEAD.id == Project.buyer_id)
    )


def share_actions(actor: Actor, row: Share, project: Project) -> frozenset[ShareAction]:
    """What the actor may do with a share now: only in a draft, by its drafters or the co-organizer's head."""
    if project.state is not ProjectState.DRAFT:
        return frozenset()
    sides: Parties = {Relation.BUYER: project.buyer_id, Relation.PROCURING_ENTITY: project.procuring_entity_id}
    allowed: set[ShareAction] = set()
    if may(actor, Right.DRAFT_PROJECT, sides):
        allowed |= {ShareAction.CHANGE, ShareAction.REMOVE}
    drafted = actor.person_id in {*project.drafter_ids, row.proposed_by}
    if not drafted and may(actor, Right.CONFIRM_SHARE, {Relation.OWN: row.organization_id}):
        allowed |= {ShareAction.AGREE, ShareAction.REFUSE}
    return frozenset(SHARE.actions(row.state) & allowed)


def _view(actor: Actor, row: Share, project: Project, partner: Organization, lead: Organization) -> ShareView:
    return ShareView(
        id=row.id,
        project_id=project.id,
        project_title=project.title,
        lead_name=lead.short_name,
        organization_id=partner.id,
        partner_name=partner.short_name,
        task=row.task,
        amount_fen=row.amount_fen,
        fund_id=row.fund_id,
        state=row.state,
        reason=row.reason,
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
        actions=share_actions(actor, row, project),
    )


def shares(db: Session, actor: Actor, project_id: UUID) -> tuple[ShareView, ...]:
    """The shares of a project, for those who may read it before it is public.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor's roles do not let them see it.
    """
    readable(db, actor, project_id)
    query = _rows().where(Share.project_id == project_id).order_by(Share.proposed_at, Share.id)
    return tuple(_view(actor, *row) for row in db.execute(query))


def own_shares(db: Session, actor: Actor) -> tuple[ShareView, ...]:
    """The shares that the actor's organization is asked for or has agreed to, the newest first.

    Raises:
        NotFound: the actor acts for no organization.
        Forbidden: the actor's roles do not let them see projects before they are public.
    """
    own = actor.organization_id
    require(actor, Right.READ_PROJECT, {Relation.BUYER: own})
    query = _rows().where(Share.organization_id == own).order_by(Share.proposed_at.desc(), Share.id).limit(SHOWN_MAX)
    return tuple(_view(actor, *row) for row in db.execute(query))


def public_shares(db: Session, project_id: UUID) -> tuple[PublicShare, ...]:
    """Who brings what to a published project."""
    query = _rows().where(Share.project_id == project_id, Project.published_at.is_not(None))
    return tuple(
        PublicShare(partner_name=partner.name, task=row.task, amount_fen=row.amount_fen)
        for row, _, partner, _ in db.execute(query.order_by(Share.proposed_at, Share.id))
    )


def fund_holders(db: Session, project_id: UUID) -> dict[UUID, UUID]:
    """The funds of co-organizers in a project, each with the organization that agreed to give from it."""
    query = select(Share.fund_id, Share.organization_id).where(
        Share.project_id == project_id, Share.state == ShareState.AGREED
    )
    return {fund_id: holder for fund_id, holder in db.execute(query) if fund_id is not None}


_CONFIRM, _LOOK = N_("联办待确认：{title}"), N_("确认")


def share_todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:  # noqa: ARG001 - the shape of all todos
    """The shares that wait for the actor's word as the co-organizer's head."""
    own = actor.organization_id
    if own is None or not may(actor, Right.CONFIRM_SHARE, {Relation.OWN: own}):
        return []
    return [
        Todo(title=_CONFIRM, params={"title": one.project_title}, url="/centre/joint", action=_LOOK)
        for one in own_shares(db, actor)
        if ShareAction.AGREE in one.actions
    ]
