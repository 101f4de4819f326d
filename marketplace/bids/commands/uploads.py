"""Verbs of uploads that may be resumed: begin, take in a piece, put the file together, cancel, sweep."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete, exists, or_
from sqlalchemy.orm import Session

from marketplace.bids.commands.drafting import add_file, writing
from marketplace.bids.model import BidDraft, BidUpload, BidUploadPiece
from marketplace.bids.queries.uploads import (
    Piece,
    PieceNote,
    Upload,
    UploadNote,
    note_place,
    read_upload,
    waiting_uploads,
)
from marketplace.bids.rules import FILES_MAX, MoreThanAnnounced, PieceTooSmall, TooManyFiles, WrongOffset
from marketplace.bids.schemas import DraftView, FileKind, UploadView
from marketplace.bids.sealing.drafts import ApplicationKeys, seal_note
from marketplace.bids.sealing.errors import CorruptEnvelope
from marketplace.bids.sealing.files import FRAME, FileSealer, seal_pieces, unseal_pieces
from marketplace.db.base import claim, lock
from marketplace.documents.commands import clean_name
from marketplace.documents.rules import BID_FILES, FileNotTaken, ending_of, fitting, shown
from marketplace.documents.storage import EmptyFile, Storage, TooLarge, chunks_of
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound

KEPT = timedelta(hours=24)
"""An upload of which nothing arrives for so long is forgotten."""
SWEPT = 1000
"""Uploads that one run forgets at most; the next run goes on."""
PIECE = 128 * FRAME
"""Bytes after which what has arrived is made safe: so much is sent again at most after the server died."""


class Arrival:
    """A body as it arrives, cut into pieces that end at the border of a frame or with the file."""

    def __init__(self, pieces: Iterable[bytes], upload: UploadView) -> None:
        self._pieces, self._rest = iter(pieces), bytearray()
        self._name = upload.name
        self.at, self._size = upload.offset, upload.size_bytes
        self.ended = False

    def check_kept(self, begun_at: int) -> None:
        """Refuse a body of which nothing could be kept.

        Raises:
            PieceTooSmall: the whole body is less than a frame and does not end the file.
        """
        if self._rest and self.at == begun_at:
            raise PieceTooSmall

    def piece(self) -> Iterator[bytes] | None:
        """The next piece while it arrives, or None when nothing more can be kept.

        Raises:
            MoreThanAnnounced: the body goes on after the file's last byte.
            FileNotTaken, FileNotAsNamed: the file is of a kind that is not taken.
        """
        frames = self._frames()
        first = next(frames, None)
        if first is None:
            return None
        begun = chain([first], frames)
        return begun if self.at > len(first) else fitting(begun, name=self._name, kinds=BID_FILES, field="file")

    def _frames(self) -> Iterator[bytes]:
        taken = 0
        while taken < PIECE and not self.ended:
            self._fill(FRAME)
            if self.at + len(self._rest) > self._size:
                raise MoreThanAnnounced
            if len(self._rest) >= FRAME:
                ready = min(len(self._rest), PIECE - taken) // FRAME * FRAME
            elif self.at + len(self._rest) == self._size:
                ready = len(self._rest)
            else:
                ready = 0
            self.ended = ready == 0
            if ready:
                given = bytes(self._rest[:ready])
                del self._rest[:ready]
                self.at, taken = self.at + ready, taken + ready
                yield given

    def _fill(self, least: int) -> None:
        while len(self._rest) < least:
            piece = next(self._pieces, None)
            if piece is None:
                return
            self._rest += piece


def begin_upload(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    *,
    kind: FileKind,
    name: str,
    size_bytes: int,
    modified: str = "",
    limit_bytes: int,
    received_at: datetime,
) -> UploadView:
    """Announce a file of the draft, or go on with the same one: of this name, length and ``modified``.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: the bid was handed in.
        EmptyFile: the file has no content.
        TooLarge: the file is larger than ``limit_bytes``.
        FileNotTaken: its name says a kind that is not taken.
        TooManyFiles: files and uploads together are as many as a bid may have.
    """
    shown_name = clean_name(name)
    if size_bytes <= 0:
        raise EmptyFile(field="file")
    if size_bytes > limit_bytes:
        raise TooLarge(field="file", limit_mib=limit_bytes // 2**20)
    if ending_of(shown_name) not in BID_FILES:
        raise FileNotTaken(field="file", name=shown_name, kinds=shown(BID_FILES))
    _bid, draft, seed, content = writing(db, keys, actor, project_id, received_at)
    waiting = waiting_uploads(db, seed, draft.bid_id, now=received_at)
    note = UploadNote(kind=kind, name=shown_name, size_bytes=size_bytes, modified=modified[:40])
    for one in waiting:
        if modified and (one.name, one.size_bytes, one.modified) == (note.name, note.size_bytes, note.modified):
            return one
    if len(content.files) + len(waiting) >= FILES_MAX:
        raise TooManyFiles(field="file", most=FILES_MAX)
    upload_id = uuid4()
    row = BidUpload(
        id=upload_id,
        bid_id=draft.bid_id,
        note=seal_note(seed, msgspec.json.encode(note), *note_place(upload_id)),
        expires_at=received_at + KEPT,
    )
    db.add(row)
    db.flush()
    return read_upload(db, seed, row).view


def keep_piece(storage: Storage, arrival: Arrival) -> Piece | None:
    """Seal the next piece into storage while it arrives; None when there is no more. No database is asked.

    Raises:
        MoreThanAnnounced: the body goes on after the file's last byte.
        FileNotTaken, FileNotAsNamed: the file is of a kind that is not taken.
    """
    arriving = arrival.piece()
    if arriving is None:
        return None
    sealer = FileSealer()
    stored = storage.put(seal_pieces(arriving, sealer), limit_bytes=2 * PIECE)
    return Piece(sha256=stored.sha256, key=sealer.key, size_bytes=sealer.size)


def add_piece(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    upload_id: UUID,
    piece: Piece,
    *,
    at: int,
    received_at: datetime,
    now: datetime,
) -> UploadView:
    """Add a piece that lies in storage to an upload; ``at`` is where it begins. The upload is kept a day from now.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public, or the draft has no such upload.
        BiddingNotOpen: the project takes no bids.
        TooLate: it began to arrive after the deadline.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: the bid was handed in.
        WrongOffset: the upload goes on elsewhere, because another piece came first.
    """
    row, seed, upload = _mine(db, keys, actor, project_id, upload_id, received_at)
    if upload.view.finished or upload.view.offset != at:
        raise WrongOffset(offset=upload.view.offset)
    number = len(upload.pieces) + 1
    note = msgspec.json.encode(PieceNote(key=piece.key, size_bytes=piece.size_bytes))
    place = note_place(upload_id, number)
    db.add(
        BidUploadPiece(upload_id=row.id, number=number, sha256=piece.sha256, note=seal_note(seed, note, *place)),
    )
    row.expires_at = now + KEPT
    db.flush()
    return read_upload(db, seed, row).view


def finish_upload(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    upload: Upload,
    *,
    storage: Storage,
    received_at: datetime,
    now: datetime,
) -> DraftView:
    """Put a file together of all its pieces and add it to the draft, sealed like any other; once, whoever asks twice.

    The pieces stay in storage for the caller to remove once this is committed (:func:`forget_pieces`), else for
    :func:`sweep_uploads`.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public, or the draft has no such upload.
        BiddingNotOpen: the project takes no bids.
        TooLate: the request for it arrived after the deadline.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: the bid was handed in.
        WrongOffset: a part is missing, or it has been put together already.
        TooManyFiles: the bid has as many as it may have.
        FileNotTaken, FileNotAsNamed: it is of a kind that is not taken.
        CorruptEnvelope: a piece in storage was damaged.
    """
    whole = upload.view
    if whole.finished or whole.offset != whole.size_bytes:
        raise WrongOffset(offset=whole.offset)
    draft = add_file(
        db,
        keys,
        actor,
        project_id,
        _together(storage, upload.pieces),
        storage=storage,
        kind=whole.kind,
        name=whole.name,
        limit_bytes=whole.size_bytes,
        received_at=received_at,
        now=now,
    )
    row, _seed, fresh = _mine(db, keys, actor, project_id, whole.id, received_at)
    if fresh.view.finished:
        raise WrongOffset(offset=fresh.view.offset)
    row.finished_at = now
    db.flush()
    return draft


def _together(storage: Storage, pieces: Iterable[Piece]) -> Iterator[bytes]:
    for piece in pieces:
        with storage.open(piece.sha256) as stream:
            yield from unseal_pieces(chunks_of(stream), piece.key, piece.size_bytes)


def _mine(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, upload_id: UUID, received_at: datetime
) -> tuple[BidUpload, bytes, Upload]:
    """An upload of the actor's draft, locked with it, and the seed that opens it."""
    _bid, draft, seed, _content = writing(db, keys, actor, project_id, received_at)
    row = lock(db, BidUpload, upload_id)
    if row is None or row.bid_id != draft.bid_id:
        raise NotFound
    try:
        return row, seed, read_upload(db, seed, row)
    except CorruptEnvelope:
        raise NotFound from None


def cancel_upload(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    upload_id: UUID,
    *,
    storage: Storage,
    received_at: datetime,
) -> None:
    """Forget an upload with everything of it that has arrived; a file that was put together of it stays.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public, or the draft has no such upload.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: the bid was handed in; the uploads' keys went with the draft's.
    """
    row, _seed, _upload = _mine(db, keys, actor, project_id, upload_id, received_at)
    _forget(db, storage, [row.id])


def forget_pieces(storage: Storage, upload: Upload) -> None:
    """Remove the pieces of a file that has been put together; no harm if they are gone."""
    for piece in upload.pieces:
        storage.remove(piece.sha256)


def sweep_uploads(db: Session, storage: Storage, *, now: datetime) -> int:
    """Forget the uploads that have expired and those whose key is gone with their draft; return how many."""
    readable = exists().where(BidDraft.bid_id == BidUpload.bid_id, BidDraft.wrapped_seed.is_not(None))
    old = or_(BidUpload.expires_at <= now, ~readable)
    found = [row.id for row in claim(db, BidUpload, old, limit=SWEPT, order=(BidUpload.expires_at,))]
    _forget(db, storage, found)
    return len(found)


def _forget(db: Session, storage: Storage, upload_ids: list[UUID]) -> None:
    gone = delete(BidUploadPiece).where(BidUploadPiece.upload_id.in_(upload_ids)).returning(BidUploadPiece.sha256)
    for sha256 in db.scalars(gone):
        storage.remove(sha256)
    db.execute(delete(BidUpload).where(BidUpload.id.in_(upload_ids)))
