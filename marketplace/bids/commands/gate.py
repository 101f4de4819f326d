"""What every act of a bidder passes first: the right, the project's state, and the deadline against the clock."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.bids.model import Bid, BidDraft, DocumentTaking, Opening
from marketplace.bids.rules import (
    BiddingNotOpen,
    DocumentNotTaken,
    DraftIsLocked,
    MayNotBid,
    NotCommittedInTime,
    check_in_time,
)
from marketplace.bids.schemas import Content
from marketplace.bids.sealing.digests import bidder_digest
from marketplace.bids.sealing.drafts import ApplicationKeys, unseal_draft, unwrap_seed
from marketplace.bids.states import BID
from marketplace.db.base import lock, lock_shared
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.identity.rules.sides import NEITHER_SIDE
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Project
from marketplace.projects.states import ProjectState
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.states import TYPE_OF


def organization_of(actor: Actor, right: Right) -> UUID:
    """The supplier for which the actor acts, once its right is certain.

    Raises:
        Forbidden: the actor is not one who may use ``right`` for a supplier.
        NotFound: the actor acts for no organization.
    """
    if actor.organization_id is None:
        raise NotFound
    require(actor, right, {Relation.SUPPLIER: actor.organization_id})
    return actor.organization_id


def open_project(db: Session, project_id: UUID, received_at: datetime, *, hold: bool) -> Project:
    """The project, if what arrived at ``received_at`` is in time for it; ``hold`` keeps its opening waiting.

    Raises:
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: it arrived after the deadline, whatever state is stored.
        NotCommittedInTime: it arrived in time, but the bids have been opened meanwhile.
    """
    project = lock_shared(db, Project, project_id) if hold else db.get(Project, project_id)
    if project is None or project.published_at is None:
        raise NotFound
    check_in_time(received_at, project.bids_due_at)
    if hold and db.get(Opening, project_id) is not None:
        raise NotCommittedInTime
    if project.state is not ProjectState.OPEN:
        raise BiddingNotOpen
    return project


def taking_of(db: Session, project_id: UUID, organization_id: UUID) -> DocumentTaking | None:
    """The organization's taking of the project's document, if it took it."""
    return db.scalar(
        select(DocumentTaking).where(
            DocumentTaking.project_id == project_id, DocumentTaking.organization_id == organization_id
        )
    )


def admitted(db: Session, organization_id: UUID) -> None:
    """Refuse a public institution that is of class one, or of no stated class: the register would have told it.

    Raises:
        MayNotBid: it is.

    Source:
        政府购买服务管理办法（财政部令第102号）第六条、第八条 (to be confirmed).
    """
    kind = db.scalar(select(Organization.kind).where(Organization.id == organization_id))
    if kind in NEITHER_SIDE:
        raise MayNotBid
    if kind is OrganizationKind.PUBLIC_INSTITUTION:
        nature = db.scalar(select(Supplier.nature).where(Supplier.organization_id == organization_id))
        if nature not in TYPE_OF:
            raise MayNotBid


def taken(db: Session, project_id: UUID, organization_id: UUID) -> None:
    """Refuse who has not taken the document, and who may not bid at all.

    Raises:
        MayNotBid: the organization may not supply.
        DocumentNotTaken: the organization has not.
    """
    admitted(db, organization_id)
    if taking_of(db, project_id, organization_id) is None:
        raise DocumentNotTaken


def ready_to_write(db: Session, actor: Actor, project_id: UUID, *, received_at: datetime) -> None:
    """Refuse at once who could not save anyway: asked before a long upload is taken in.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
    """
    organization_id = organization_of(actor, Right.BID)
    taken(db, open_project(db, project_id, received_at, hold=False).id, organization_id)


def own_bid(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> Bid | None:
    """The organization's bid, locked; None when it has none."""
    digest = bidder_digest(keys, project_id, organization_id)
    found = db.scalar(select(Bid.id).where(Bid.project_id == project_id, Bid.bidder_digest == digest))
    return lock(db, Bid, found) if found else None


def own_or_new_bid(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> Bid:
    """The organization's bid, locked; begun if it has none (by two colleagues at once: one)."""
    digest = bidder_digest(keys, project_id, organization_id)
    new = insert(Bid).values(project_id=project_id, bidder_digest=digest, state=BID.start, entries=0)
    db.execute(new.on_conflict_do_nothing())
    bid = own_bid(db, keys, project_id, organization_id)
    assert bid is not None  # noqa: S101 - it was there or has just been made
    return bid


def unlocked(keys: ApplicationKeys, draft: BidDraft) -> tuple[bytes, Content]:
    """A draft's seed and content.

    Raises:
        DraftIsLocked: it has been handed in, and the server no longer has its seed.
        CorruptEnvelope: the row was tampered with.
    """
    if draft.wrapped_seed is None:
        raise DraftIsLocked
    seed = unwrap_seed(keys, draft.wrapped_seed, draft.bid_id)
    return seed, Content.decode(unseal_draft(seed, draft.content, draft.bid_id))


def parties(project: Project) -> Mapping[Relation, UUID | None]:
    """The organizations of a project by their relation to it."""
    return {Relation.BUYER: project.buyer_id, Relation.PROCURING_ENTITY: project.procuring_entity_id}
