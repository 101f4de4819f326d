"""The verb with which a bidder lets stand what it handed in before a correction of substance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.commands.gate import open_project, organization_of, own_bid, taken
from marketplace.bids.commands.submission import enter
from marketplace.bids.model import Bid, BidEntry
from marketplace.bids.queries import receipt_of
from marketplace.bids.queries.own import what_is_new
from marketplace.bids.rules import NothingToConfirm, ReplaceInstead, check_committed_in_time
from marketplace.bids.schemas import Receipt
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.states import BID, BidAction
from marketplace.identity.rules import Right
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound


def confirm(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, *, received_at: datetime, now: datetime
) -> Receipt:
    """Let stand what was handed in before the project was corrected; nobody is told.

    Where the correction asks for an answer that the sealed bid cannot hold, only replacing it will do.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public, or nothing was handed in.
        BiddingNotOpen: the project takes no bids.
        TooLate: it arrived after the deadline.
        NotCommittedInTime: it arrived in time more than 30 s ago.
        DocumentNotTaken: the document must be taken first.
        IllegalMove: the bid is a draft, or withdrawn.
        NothingToConfirm: nothing has changed since it was handed in or confirmed.
        ReplaceInstead: something new must be answered; names it.
    """
    organization_id = organization_of(actor, Right.BID)
    project = open_project(db, project_id, received_at, hold=True)
    check_committed_in_time(received_at, now)
    taken(db, project.id, organization_id)
    bid = own_bid(db, keys, project.id, organization_id)
    if bid is None:
        raise NotFound
    BID.after(bid.state, BidAction.CONFIRM)
    last = last_entry(db, bid)
    if last.edition >= project.binding_edition:
        raise NothingToConfirm
    missing = what_is_new(db, project, last.edition)
    if missing:
        raise ReplaceInstead(missing="；".join(missing))
    stands = last if last.confirms is None else entry_of(db, bid, last.confirms)
    entry = enter(db, bid, BidAction.CONFIRM, project.edition, stands=stands, received_at=received_at, now=now)
    return receipt_of(project.id, entry)


def last_entry(db: Session, bid: Bid) -> BidEntry:
    """The entry of a bid that counts."""
    return entry_of(db, bid, bid.entries)


def entry_of(db: Session, bid: Bid, number: int) -> BidEntry:
    """An entry of a bid by its number."""
    return db.scalars(select(BidEntry).where(BidEntry.bid_id == bid.id, BidEntry.number == number)).one()
