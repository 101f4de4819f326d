"""The verb 沿用上次: fill the empty parts of a draft from the organization's own last bid that has been opened."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids.commands.drafting import save_draft, writing
from marketplace.bids.queries import asked_of
from marketplace.bids.queries.reuse import filled, last_bid
from marketplace.bids.rules import NothingToReuse
from marketplace.bids.schemas import DraftView
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.kit.actor import Actor


def reuse_last(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, *, received_at: datetime
) -> DraftView:
    """Fill the empty parts of the organization's draft from its own last opened bid; what is written stays.

    Taken over: the lasting sections of the plan, the staff, answers to criteria and texts beside conditions of the same
    words. Price, schedule, files, confirmations and the declaration are of each bid alone. Nothing is told to anyone.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: it was handed in.
        NothingToReuse: no bid of the organization has been opened yet, or the draft has all that it holds.
        TooLargeToSeal: the texts are too long together.
    """
    bid, _draft, _seed, content = writing(db, keys, actor, project_id, received_at)
    asked = asked_of(db, bid.project_id)
    last = last_bid(db, asked, content.organization_id)
    filling = filled(content, asked, last) if last else None
    if filling is None or not filling.found:
        raise NothingToReuse
    return save_draft(db, keys, actor, project_id, filling.change, received_at=received_at)
