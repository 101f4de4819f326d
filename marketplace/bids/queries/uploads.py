"""What a bidder reads of its uploads: which are on their way, how far each has come, and their sealed pieces."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.model import BidDraft, BidUpload, BidUploadPiece
from marketplace.bids.queries.own import own_bid_row
from marketplace.bids.schemas import FileKind, UploadView
from marketplace.bids.sealing.drafts import ApplicationKeys, unseal_note, unwrap_seed
from marketplace.bids.sealing.errors import CorruptEnvelope
from marketplace.kit.errors import NotFound


class UploadNote(Struct, frozen=True, kw_only=True):
    """What an upload will be: known to the bidder alone."""

    kind: FileKind
    name: str
    size_bytes: int
    modified: str = ""


class PieceNote(Struct, frozen=True, kw_only=True):
    """The key and the length in bytes of a piece of an upload."""

    key: bytes
    size_bytes: int


class Piece(Struct, frozen=True, kw_only=True):
    """A piece that lies sealed in storage, and what opens it."""

    sha256: str
    key: bytes
    size_bytes: int


class Upload(Struct, frozen=True, kw_only=True):
    """An upload with its pieces, for the process that goes on with it; never given out."""

    view: UploadView
    pieces: tuple[Piece, ...]


def note_place(upload_id: UUID, number: int = 0) -> tuple[str, str, str]:
    """Where the sealed note of an upload (0) or of one of its pieces stands."""
    return "upload", str(upload_id), str(number)


def read_upload(db: Session, seed: bytes, row: BidUpload) -> Upload:
    """An upload as the draft's seed opens it; for this package alone.

    Raises:
        CorruptEnvelope: it was begun under another seed, or a row was tampered with.
    """
    note = msgspec.json.decode(unseal_note(seed, row.note, *note_place(row.id)), type=UploadNote)
    query = select(BidUploadPiece).where(BidUploadPiece.upload_id == row.id).order_by(BidUploadPiece.number)
    pieces = tuple(_piece(seed, piece) for piece in db.scalars(query))
    view = UploadView(
        id=row.id,
        kind=note.kind,
        name=note.name,
        size_bytes=note.size_bytes,
        modified=note.modified,
        offset=note.size_bytes if row.finished_at else sum(piece.size_bytes for piece in pieces),
        expires_at=row.expires_at,
        finished=row.finished_at is not None,
    )
    return Upload(view=view, pieces=pieces)


def _piece(seed: bytes, row: BidUploadPiece) -> Piece:
    sealed = unseal_note(seed, row.note, *note_place(row.upload_id, row.number))
    note = msgspec.json.decode(sealed, type=PieceNote)
    return Piece(sha256=row.sha256, key=note.key, size_bytes=note.size_bytes)


def _draft(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> BidDraft | None:
    bid = own_bid_row(db, keys, project_id, organization_id)
    return db.get(BidDraft, bid.id) if bid else None


def my_upload(
    db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID, upload_id: UUID, *, now: datetime
) -> Upload:
    """One upload of the organization's own draft.

    Raises:
        NotFound: it has none such, or it has expired, or its draft was handed in or begun anew.
    """
    draft = _draft(db, keys, project_id, organization_id)
    row = db.get(BidUpload, upload_id)
    if draft is None or draft.wrapped_seed is None or row is None or row.bid_id != draft.bid_id:
        raise NotFound
    if row.expires_at <= now:
        raise NotFound
    try:
        return read_upload(db, unwrap_seed(keys, draft.wrapped_seed, draft.bid_id), row)
    except CorruptEnvelope:
        raise NotFound from None


def my_uploads(
    db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID, *, now: datetime
) -> tuple[UploadView, ...]:
    """The uploads of the organization's own draft that are still on their way, in the order of their expiry."""
    draft = _draft(db, keys, project_id, organization_id)
    if draft is None or draft.wrapped_seed is None:
        return ()
    return waiting_uploads(db, unwrap_seed(keys, draft.wrapped_seed, draft.bid_id), draft.bid_id, now=now)


def waiting_uploads(db: Session, seed: bytes, bid_id: UUID, *, now: datetime) -> tuple[UploadView, ...]:
    """The unfinished uploads of a draft that its present seed opens; for this package alone."""
    query = (
        select(BidUpload)
        .where(BidUpload.bid_id == bid_id, BidUpload.finished_at.is_(None), BidUpload.expires_at > now)
        .order_by(BidUpload.expires_at, BidUpload.id)
    )
    found = []
    for row in db.scalars(query):
        try:
            found.append(read_upload(db, seed, row).view)
        except CorruptEnvelope:  # begun under a seed that is gone: nothing of it can be read again
            continue
    return tuple(found)
