"""Reads of bids. Before opening a bidder finds its own through the keyed digest, and nobody finds anything else."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from marketplace.bids.model import (
    Bid,
    BidDraft,
    BidEntry,
    DocumentTaking,
    OpenedBid,
    Opener,
    Opening,
    ProjectSeal,
    SealSeat,
)
from marketplace.bids.schemas import (
    SEATS,
    Asked,
    AskedCondition,
    AskedCriterion,
    BidFile,
    Content,
    DraftView,
    MyBid,
    OpenedBidView,
    OpenerView,
    OpeningList,
    OpeningRow,
    Receipt,
    SealView,
    SeatView,
    Taking,
)
from marketplace.bids.sealing.digests import bidder_digest, sha256_hex
from marketplace.bids.sealing.drafts import ApplicationKeys, unseal_draft, unwrap_seed
from marketplace.bids.states import OPENING, BidState, OpeningState
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Condition, Criterion, Project
from marketplace.projects.states import CriterionKind
from marketplace.suppliers.schemas import Demands

OPEN_STATES = (BidState.OPENED, BidState.VALID, BidState.DISQUALIFIED)


def receipt_of(project_id: UUID, entry: BidEntry) -> Receipt:
    """An entry as its bidder takes it home."""
    return Receipt(
        project_id=project_id,
        bid_id=entry.bid_id,
        entry=entry.number,
        withdrawal=entry.withdrawal,
        received_at=entry.received_at,
        suite=entry.suite,
        envelope_bytes=entry.envelope_bytes,
        sha256=entry.sha256,
        sm3=entry.sm3,
        salt=entry.salt.hex(),
        commitment=entry.commitment,
        journal_entry_id=entry.journal_entry_id,
    )


def _own(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> Bid | None:
    digest = bidder_digest(keys, project_id, organization_id)
    return db.scalar(select(Bid).where(Bid.project_id == project_id, Bid.bidder_digest == digest))


def my_bid(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> MyBid | None:
    """An organization's own bid in a project: its draft while it can be read, its receipts always.

    Raises:
        CorruptEnvelope: the draft was tampered with.
    """
    bid = _own(db, keys, project_id, organization_id)
    if bid is None:
        return None
    entries = db.scalars(select(BidEntry).where(BidEntry.bid_id == bid.id).order_by(BidEntry.number))
    draft = db.get(BidDraft, bid.id)
    return MyBid(
        bid_id=bid.id,
        project_id=project_id,
        state=bid.state,
        draft=_read_draft(keys, draft),
        locked_draft=draft is not None and draft.wrapped_seed is None,
        receipts=tuple(receipt_of(project_id, entry) for entry in entries),
    )


def _read_draft(keys: ApplicationKeys, draft: BidDraft | None) -> DraftView | None:
    if draft is None or draft.wrapped_seed is None:
        return None
    seed = unwrap_seed(keys, draft.wrapped_seed, draft.bid_id)
    return Content.decode(unseal_draft(seed, draft.content, draft.bid_id)).view(draft.version)


def my_draft_file(
    db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID, file_id: UUID
) -> BidFile:
    """A file of the organization's own draft, with the key that opens it.

    Raises:
        NotFound: the organization has no such draft or file, or handed it in.
    """
    bid = _own(db, keys, project_id, organization_id)
    draft = db.get(BidDraft, bid.id) if bid else None
    if draft is None or draft.wrapped_seed is None:
        raise NotFound
    seed = unwrap_seed(keys, draft.wrapped_seed, draft.bid_id)
    content = Content.decode(unseal_draft(seed, draft.content, draft.bid_id))
    return _file(content, file_id)


def _file(content: Content, file_id: UUID) -> BidFile:
    for file in content.files:
        if file.id == file_id:
            return file
    raise NotFound


def taking(db: Session, project_id: UUID, organization_id: UUID) -> Taking | None:
    """Whether and when an organization took a project's document; for itself alone."""
    row = db.scalar(
        select(DocumentTaking).where(
            DocumentTaking.project_id == project_id, DocumentTaking.organization_id == organization_id
        )
    )
    return _taking(row) if row else None


def _taking(row: DocumentTaking) -> Taking:
    return Taking(project_id=row.project_id, organization_id=row.organization_id, taken_at=row.taken_at)


def takings_of(db: Session, organization_id: UUID) -> list[Taking]:
    """What an organization took, the latest first; for itself alone."""
    query = select(DocumentTaking).where(DocumentTaking.organization_id == organization_id)
    return [_taking(row) for row in db.scalars(query.order_by(DocumentTaking.taken_at.desc()))]


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
    return [_taking(row) for row in db.scalars(query.order_by(DocumentTaking.taken_at, DocumentTaking.id))]


def opener_view(row: Opener) -> OpenerView:
    """An opener's enrolled key without its private half."""
    return OpenerView(
        id=row.id, person_id=row.person_id, organization_id=row.organization_id, enrolled_at=row.enrolled_at
    )


def live_opener(db: Session, person_id: UUID) -> OpenerView | None:
    """A person's own enrolled key, if there is one in use."""
    row = db.scalar(select(Opener).where(Opener.person_id == person_id, Opener.retired_at.is_(None)))
    return opener_view(row) if row else None


def live_openers(db: Session, organization_ids: Iterable[UUID]) -> list[OpenerView]:
    """The people of some organizations who can be openers, those who enrolled first before the others."""
    query = select(Opener).where(Opener.organization_id.in_(set(organization_ids)), Opener.retired_at.is_(None))
    return [opener_view(row) for row in db.scalars(query.order_by(Opener.enrolled_at, Opener.id))]


def _seats(db: Session, project_id: UUID) -> tuple[SeatView, ...]:
    rows = db.scalars(select(SealSeat).where(SealSeat.project_id == project_id))
    by_seat = {
        row.seat: SeatView(seat=row.seat, person_id=row.person_id, organization_id=row.organization_id) for row in rows
    }
    return tuple(view for seat in SEATS if (view := by_seat.get(seat)))


def seal(db: Session, project_id: UUID) -> SealView:
    """A project's seal as everybody may see it.

    Raises:
        NotFound: the project has none.
    """
    row = db.get(ProjectSeal, project_id)
    if row is None:
        raise NotFound
    opening = db.get(Opening, project_id)
    return SealView(
        project_id=project_id,
        suite=row.suite,
        fingerprint=sha256_hex(row.public_key),
        sealed_at=row.sealed_at,
        seats=_seats(db, project_id),
        state=opening.state if opening else OPENING.start,
        first_seat=opening.first_seat if opening else None,
        opened_at=opening.opened_at if opening else None,
    )


def seats_of(db: Session, person_id: UUID) -> list[UUID]:
    """The projects a person is an opener of and whose bids are not open yet."""
    query = (
        select(SealSeat.project_id)
        .outerjoin(Opening, Opening.project_id == SealSeat.project_id)
        .where(SealSeat.person_id == person_id, Opening.opened_at.is_(None))
    )
    return list(db.scalars(query))


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
    seats = {view.seat: view for view in _seats(db, project_id)}
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
        first=seats[row.first_seat],
        second=seats[row.second_seat],
        withdrawn=sum(state is BidState.WITHDRAWN for _, state, *_ in found),
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
            if state is not BidState.WITHDRAWN
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
    return _file(msgspec.convert(row.content, Content), file_id)


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


def asked_of(db: Session, project_id: UUID) -> Asked:
    """What a published project asks of every bid.

    Raises:
        NotFound: no such project is public.
    """
    project = db.get(Project, project_id)
    if project is None or project.published_at is None:
        raise NotFound
    if project.number is None or project.bids_due_at is None or project.ceiling_fen is None:
        raise NotFound
    criteria = db.scalars(select(Criterion).where(Criterion.project_id == project_id).order_by(Criterion.place)).all()
    conditions = db.scalars(select(Condition).where(Condition.project_id == project_id).order_by(Condition.place))
    return Asked(
        project_id=project.id,
        number=project.number,
        title=project.title,
        buyer_id=project.buyer_id,
        due=project.bids_due_at,
        ceiling_fen=project.ceiling_fen,
        price_weight_bp=sum(row.weight_bp or 0 for row in criteria if row.kind is CriterionKind.PRICE),
        criteria=tuple(
            AskedCriterion(
                id=row.id,
                name=row.name,
                weight_bp=row.weight_bp or 0,
                steps=tuple((step["content"], step["score_bp"]) for step in row.steps),
            )
            for row in criteria
            if row.kind is not CriterionKind.PRICE
        ),
        conditions=tuple(AskedCondition(id=row.id, content=row.content, proof=row.proof) for row in conditions),
        demands=Demands(service=project.catalogue_code, minors=project.serves_minors),
    )
