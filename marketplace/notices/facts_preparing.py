"""What is told of a project before its notice, read from its preparation."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity.model import Organization
from marketplace.identity.states import OrganizationState
from marketplace.kit.actor import Function
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Project
from marketplace.projects.queries.prepared import chosen, early_words, prepared, reviewed
from marketplace.projects.states import NoticeKind

REVIEW_NAMES = frozenset({"project", "number"})
INTENTION_NAMES = frozenset({"title", "buyer", "month"})
INVITED_NAMES = frozenset({"project", "number", "bids_due_at"})


def review_asked(db: Session, message: Envelope) -> Facts:
    """A project and the people who are still to review it; none once it has gone on."""
    row = db.get_one(Project, message.id("project_id"))
    return Facts(
        params={"project": row.title, "number": row.number or ""},
        url=f"/centre/projects/{row.id}/preparation",
        people={Party.PERSON: reviewed(db, row.id, but=prepared(db, row).passed)},
    )


def intention(db: Session, message: Envelope) -> Facts:
    """What is public of an intention, for every social organization."""
    row = db.get_one(Project, message.id("project_id"))
    shown = early_words(db, row.id)[NoticeKind.INTENTION]
    return Facts(
        params={
            "title": shown.title,
            "buyer": db.get_one(Organization, row.buyer_id).name,
            "month": f"{shown.month:%Y-%m}",
        },
        url="/intentions",
        organizations={Party.SUPPLIERS: _suppliers(db)},
    )


def invited(db: Session, message: Envelope) -> Facts:
    """A published project that only chosen organizations may take part in."""
    row = db.get_one(Project, message.id("project_id"))
    return Facts(
        params={"project": row.title, "number": row.number or "", "bids_due_at": row.bids_due_at},
        url=f"/projects/{row.id}",
        organizations={Party.ORGANIZATION: chosen(db, row)},
    )


def _suppliers(db: Session) -> tuple[UUID, ...]:
    query = select(Organization.id).where(
        Organization.functions.contains([Function.SUPPLIER.value]), Organization.state == OrganizationState.ACTIVE
    )
    return tuple(db.scalars(query.order_by(Organization.id)))
