"""What happened in an evaluation, as far as notices tell it; bids are read here only after their opening."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.model import OpenedBid
from marketplace.evaluation.model import BidCheck, Evaluation, PanelMember
from marketplace.evaluation.queries import award_of
from marketplace.evaluation.states import ON_PANEL
from marketplace.identity.queries import organization
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Project

NAMES = frozenset({"project", "number", "reason", "decide_on", "winner", "amount_fen", "until_on"})


def evaluation(db: Session, message: Envelope) -> Facts:
    """An evaluation: its panel (or those whom the message names), its desks, and everybody whose bid was opened."""
    row = db.get_one(Project, message.id("project_id"))
    found, award = db.get(Evaluation, row.id), award_of(db, row.id)
    desk = f"/centre/evaluation/{row.id}"
    return Facts(
        params={
            "project": row.title,
            "number": row.number or "",
            "reason": _reason(db, message),
            "decide_on": found.decide_by if found else None,
            "winner": organization(db, award.organization_id).name if award else "",
            "amount_fen": award.price_fen if award else 0,
            "until_on": award.notice_until if award else None,
        },
        url=desk,
        urls={Party.ORGANIZATION: f"/org/bids/{row.id}/result"},
        people={Party.PERSON: _members(db, message, row.id)},
        organizations={
            Party.BUYER: (row.buyer_id,),
            Party.PROCURING_ENTITY: (row.procuring_entity_id,),
            Party.ORGANIZATION: _bidders(db, message, row.id),
        },
    )


def _reason(db: Session, message: Envelope) -> str:
    if "bid_id" not in message.payload:
        return ""
    found = db.get(BidCheck, message.id("bid_id"))
    return found.reason if found else ""


def _members(db: Session, message: Envelope, project_id: UUID) -> tuple[UUID, ...]:
    """Those whom the message names, else everybody on the panel."""
    named = message.payload.get("person_ids")
    if isinstance(named, list):
        return tuple(UUID(one) for one in named)
    if "member_id" in message.payload:
        return (db.get_one(PanelMember, message.id("member_id")).person_id,)
    query = select(PanelMember.person_id).where(PanelMember.project_id == project_id, PanelMember.state.in_(ON_PANEL))
    return tuple(db.scalars(query.order_by(PanelMember.place)))


def _bidders(db: Session, message: Envelope, project_id: UUID) -> tuple[UUID, ...]:
    """The bidder whom the message names, else everybody whose bid was opened."""
    if "organization_id" in message.payload:
        return (message.id("organization_id"),)
    query = select(OpenedBid.organization_id).where(OpenedBid.project_id == project_id)
    return tuple(db.scalars(query.order_by(OpenedBid.organization_id)))
