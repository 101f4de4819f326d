"""What happened with an edition of the catalogue, as far as notices tell it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueOpinion, CatalogueVersion
from marketplace.catalogue.states import EditionState
from marketplace.identity.model import Organization
from marketplace.identity.states import OrganizationState
from marketplace.kit.actor import Function
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope

NAMES = frozenset({"label", "first_on", "last_on", "in_force_on", "reason"})
IN_FORCE = frozenset({EditionState.PUBLISHED, EditionState.REPLACED})


def _all(db: Session, function: Function) -> tuple[UUID, ...]:
    query = select(Organization.id).where(
        Organization.functions.contains([function.value]), Organization.state == OrganizationState.ACTIVE
    )
    return tuple(db.scalars(query.order_by(Organization.id)))


def edition(db: Session, message: Envelope) -> Facts:
    """An edition: the desk looks at its own page, everybody else at what is public of it."""
    row = db.get_one(CatalogueVersion, message.id("version_id"))
    opinion = db.get(CatalogueOpinion, message.id("opinion_id")) if "opinion_id" in message.payload else None
    desk = f"/centre/catalogue/{row.id}"
    public = "/catalogue" if row.state in IN_FORCE else f"/catalogue/drafts/{row.number}"
    told = message.topic in {"catalogue.published", "catalogue.announced"}
    return Facts(
        params={
            "label": row.label,
            "first_on": row.consult_from,
            "last_on": row.consult_to,
            "in_force_on": row.in_force_on,
            "reason": row.withdraw_reason or row.return_reason,
        },
        url=public,
        urls={} if told else {Party.CENTRES: desk, Party.DRAFTERS: desk},
        people={Party.DRAFTERS: tuple(row.drafter_ids)},
        organizations={
            Party.BUYERS: _all(db, Function.BUYER),
            Party.CENTRES: _all(db, Function.PROCURING_ENTITY),
            Party.SUPPLIERS: _all(db, Function.SUPPLIER),
            Party.ORGANIZATION: (opinion.organization_id,) if opinion and opinion.organization_id else (),
        },
    )
