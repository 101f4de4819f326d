"""What happened to a wish of a village or unit, and to a co-organizer's part in a project."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity.model import Organization
from marketplace.identity.states import OrganizationState
from marketplace.kit.actor import Function
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Need, Project, Share

NEED_NAMES = frozenset({"need", "place", "project", "into", "reason"})
SHARE_NAMES = frozenset({"project", "lead", "partner", "task", "amount_fen", "reason"})


def need(db: Session, message: Envelope) -> Facts:
    """A wish, who brought it, and what it went into; the contact is read by nobody here."""
    row = db.get_one(Need, message.id("need_id"))
    owner = db.get_one(Organization, row.organization_id)
    project = db.get(Project, row.project_id) if row.project_id else None
    into = db.get(Need, row.merged_into_id) if row.merged_into_id else None
    centres = select(Organization.id).where(
        Organization.functions.contains([Function.PROCURING_ENTITY.value]),
        Organization.state == OrganizationState.ACTIVE,
    )
    return Facts(
        params={
            "need": row.title,
            "place": row.brought_by or owner.short_name,
            "project": project.title if project else "",
            "into": into.title if into else "",
            "reason": row.reason,
        },
        url=f"/needs/mine/{row.id}",
        urls={Party.CENTRES: f"/centre/needs/{row.id}"},
        organizations={
            Party.ORGANIZATION: (owner.id,),
            Party.CENTRES: tuple(db.scalars(centres.order_by(Organization.id))),
        },
    )


def share(db: Session, message: Envelope) -> Facts:
    """A co-organizer's part in a draft, and who drafts it."""
    row = db.get_one(Share, message.id("share_id"))
    project = db.get_one(Project, row.project_id)
    return Facts(
        params={
            "project": project.title,
            "lead": db.get_one(Organization, project.buyer_id).short_name,
            "partner": db.get_one(Organization, row.organization_id).short_name,
            "task": row.task,
            "amount_fen": row.amount_fen,
            "reason": row.reason,
        },
        url="/centre/joint",
        urls={Party.DRAFTERS: f"/centre/projects/{project.id}/joint"},
        people={Party.DRAFTERS: tuple(project.drafter_ids)},
        organizations={Party.ORGANIZATION: (row.organization_id,)},
    )
