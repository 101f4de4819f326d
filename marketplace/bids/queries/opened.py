"""Reads from the opening on: the public list, the bids for those who judge them, who took the document."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from marketplace.bids.model import (
    Bid,
    BidEntry,
    DocumentTaking,
    OpenedBid,
    Opening,
)
from marketplace.bids.queries.own import file_of, taking_view
from marketplace.bids.queries.seals import seats
from marketplace.bids.schemas import (
    BidFile,
    Content,
    OpenedBidView,
    OpeningList,
    OpeningRow,
    Taking,
)
from marketplace.bids.states import BidState, OpeningState
from marketplace.kit.errors import NotFound


def _opening(db: Session, project_id: UUID) -> Opening:
    row = db.get(Opening, project_id)
    if row is None or row.state is not OpeningState.OPEN:
        raise NotFound
    return row


def opening_list(db: Session, project_id: UUID) -> OpeningList:
    """The opening list: who bid at what price, and what could not be read. Public from the opening on.

    Raises:
        NotFound: the bids have not been opened.
    """
    row = _opening(db, project_id)
    seated = {view.seat: view for view in seats(db, project_id)}
    query = (
        select(Bid.id, Bid.state, BidEntry.received_at, BidEntry.sha256, OpenedBid.organization_id, OpenedBid.price_fen)
        .join(BidEntry, (BidEntry.bid_id == Bid.id) & (BidEntry.number == Bid.entries))
        .outerjoin(OpenedBid, OpenedBid.bid_id == Bid.id)
        .where(Bid.project_id == project_id, Bid.entries > 0)
        .order_by(BidEntry.received_at, Bid.id)
    )
    found = db.execute(query).all()
    if row.opened_at is None or row.second_seat is None:
        raise NotFound
    return OpeningList(
        project_id=project_id,
        opened_at=row.opened_at,
        first=seated[row.first_seat],
        second=seated[row.second_seat],
        withdrawn=sum(state is BidState.WITHDRAWN for _, state, *_ in found),
        unconfirmed=sum(state is BidState.UNCONFIRMED for _, state, *_ in found),
        rows=tuple(
            OpeningRow(
                bid_id=bid_id,
                organization_id=organization_id,
                price_fen=price_fen,
                received_at=received_at,
                sha256=sha256,
                readable=state is not BidState.UNREADABLE,
            )
            for bid_id, state, received_at, sha256, organization_id, price_fen in found
            if state not in (BidState.WITHDRAWN, BidState.UNCONFIRMED)
        ),
    )


def opened_bids(db: Session, project_id: UUID) -> list[OpenedBidView]:
    """The opened bids of a project with all they say; for those who judge them.

    Raises:
        NotFound: the bids have not been opened.
    """
    _opening(db, project_id)
    query = _opened().where(OpenedBid.project_id == project_id).order_by(BidEntry.received_at, Bid.id)
    return [_opened_view(*row) for row in db.execute(query)]


def opened_bid(db: Session, bid_id: UUID) -> OpenedBidView:
    """One opened bid.

    Raises:
        NotFound: there is none, or it has not been opened.
    """
    row = db.execute(_opened().where(OpenedBid.bid_id == bid_id)).one_or_none()
    if row is None:
        raise NotFound
    return _opened_view(*row)


def opened_file(db: Session, bid_id: UUID, file_id: UUID) -> BidFile:
    """A file of an opened bid, with the key that opens it.

    Raises:
        NotFound: there is no such file, or the bid has not been opened.
    """
    row = db.get(OpenedBid, bid_id)
    if row is None:
        raise NotFound
    return file_of(msgspec.convert(row.content, Content), file_id)


def _opened() -> Select[OpenedBid, BidState, datetime, str]:
    return (
        select(OpenedBid, Bid.state, BidEntry.received_at, BidEntry.sha256)
        .join(Bid, Bid.id == OpenedBid.bid_id)
        .join(BidEntry, BidEntry.id == OpenedBid.entry_id)
    )


def _opened_view(row: OpenedBid, state: BidState, received_at: datetime, sha256: str) -> OpenedBidView:
    return OpenedBidView(
        bid_id=row.bid_id,
        project_id=row.project_id,
        organization_id=row.organization_id,
        state=state,
        price_fen=row.price_fen,
        received_at=received_at,
        sha256=sha256,
        content=msgspec.convert(row.content, Content).view(1),
        damaged_files=tuple(UUID(file_id) for file_id in row.damaged_files),
    )


def takers(db: Session, project_id: UUID) -> list[Taking]:
    """Who took a project's document; for staff after opening.

    Raises:
        NotFound: the bids have not been opened.
    """
    _opening(db, project_id)
    return takers_to_notify(db, project_id)


def takers_to_notify(db: Session, project_id: UUID) -> list[Taking]:
    """Who took a project's document, for notices to all of them alike; shown on no page."""
    query = select(DocumentTaking).where(DocumentTaking.project_id == project_id)
    return [taking_view(row) for row in db.scalars(query.order_by(DocumentTaking.taken_at, DocumentTaking.id))]
