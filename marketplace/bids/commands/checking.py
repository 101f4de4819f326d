"""Verbs of the check: an opened bid goes on to the scoring, or is disqualified with the reason its bidder is told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids.model import Bid, OpenedBid
from marketplace.bids.states import BID, BidAction
from marketplace.db.base import lock
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit


def _opened(db: Session, bid_id: UUID) -> tuple[Bid, OpenedBid]:
    bid, content = lock(db, Bid, bid_id), db.get(OpenedBid, bid_id)
    if bid is None or content is None:
        raise NotFound
    return bid, content


def admit(db: Session, actor: Actor, bid_id: UUID, *, now: datetime) -> None:
    """Let an opened bid into the scoring; part of the evaluation, which judges the actor.

    Raises:
        NotFound: there is no such bid, or it has not been opened.
        IllegalMove: it has been checked already.
    """
    bid, _ = _opened(db, bid_id)
    bid.state = BID.after(bid.state, BidAction.ADMIT)
    record(db, actor, "bid.admitted", "bid", bid.id, now=now)


def disqualify(db: Session, actor: Actor, bid_id: UUID, *, reason: str, now: datetime) -> None:
    """Refuse an opened bid with the reason, which its bidder is told; part of the evaluation, which judges the actor.

    Raises:
        NotFound: there is no such bid, or it has not been opened.
        IllegalMove: it has been checked already.

    Source:
        采购法第二十二条、第三十六条: who does not meet the conditions, and why.
    """
    bid, content = _opened(db, bid_id)
    bid.state = BID.after(bid.state, BidAction.DISQUALIFY)
    record(db, actor, "bid.disqualified", "bid", bid.id, now=now, reason=reason)
    emit(
        db, "bid.disqualified", now=now,
        project_id=bid.project_id, bid_id=bid.id, organization_id=content.organization_id,
    )  # fmt: skip
