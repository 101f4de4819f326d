"""Uploads that go on where they were cut off: what is kept, what is refused, what is readable and for how long."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries
from marketplace.bids.model import BidDraft, BidUpload, BidUploadPiece
from marketplace.bids.rules import (
    DraftIsLocked,
    MoreThanAnnounced,
    PieceTooSmall,
    TooLate,
    TooManyFiles,
    WrongOffset,
)
from marketplace.bids.schemas import FileKind, UploadView
from marketplace.bids.sealing.drafts import NOTE, seal_note, unseal_note
from marketplace.bids.sealing.errors import CorruptEnvelope, TooLargeToSeal
from marketplace.bids.sealing.files import FRAME, unseal_pieces
from marketplace.documents.rules import FileNotAsNamed, FileNotTaken
from marketplace.documents.storage import EmptyFile, TooLarge, chunks_of
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from tests.bids.support import KEYS, SECOND, World, a_draft, pieces

LIMIT = 2**24
DAY = timedelta(hours=24)
PHOTO = b"\xff\xd8\xff" + "照片里的证书".encode() * 20_000
"""A photo of six frames and a half."""


@dataclass
class Sender:
    """One bidder's side of an upload, at an instant that tests move."""

    db: Session
    world: World
    who: Actor
    at: datetime
    given: dict[str, Any] = field(default_factory=dict)

    def begin(self, content: bytes = PHOTO, **more: Any) -> UploadView:
        """Announce a file."""
        options: dict[str, Any] = {
            "kind": FileKind.QUALIFICATION, "name": "证书.jpg", "size_bytes": len(content), "modified": "1700000000000",
            "limit_bytes": LIMIT, "received_at": self.at,
        }  # fmt: skip
        return commands.begin_upload(self.db, KEYS, self.who, self.world.project_id, **(options | more))

    def read(self, upload_id: UUID) -> queries.Upload:
        """How the upload stands."""
        own = self.who.organization_id
        assert own
        return queries.my_upload(self.db, KEYS, self.world.project_id, own, upload_id, now=self.at)

    def waiting(self) -> tuple[UploadView, ...]:
        """What is on its way."""
        assert self.who.organization_id
        return queries.my_uploads(self.db, KEYS, self.world.project_id, self.who.organization_id, now=self.at)

    def send(self, upload_id: UUID, body: bytes | Iterator[bytes]) -> UploadView:
        """Send a body from where the upload goes on."""
        view = self.read(upload_id).view
        begun = view.offset
        arrival = commands.Arrival(pieces(body) if isinstance(body, bytes) else body, view)
        while True:
            at = arrival.at
            piece = commands.keep_piece(self.world.storage, arrival)
            if piece is None:
                break
            view = self.add(upload_id, piece, at)
        arrival.check_kept(begun)
        return view

    def add(self, upload_id: UUID, piece: Any, at: int) -> UploadView:
        """Add one piece."""
        where = self.world.project_id
        given: dict[str, Any] = {"at": at, "received_at": self.at, "now": self.at}
        return commands.add_piece(self.db, KEYS, self.who, where, upload_id, piece, **given)

    def finish(self, upload_id: UUID, upload: queries.Upload | None = None) -> Any:
        """Put the file together."""
        given: dict[str, Any] = {"storage": self.world.storage, "received_at": self.at, "now": self.at}
        whole = upload or self.read(upload_id)
        return commands.finish_upload(self.db, KEYS, self.who, self.world.project_id, whole, **given)

    def content(self, file_id: UUID) -> bytes:
        """The file as its owner reads it again."""
        own = self.who.organization_id
        assert own
        file = queries.my_draft_file(self.db, KEYS, self.world.project_id, own, file_id)
        with self.world.storage.open(file.sealed_sha256) as stream:
            return b"".join(unseal_pieces(chunks_of(stream), file.key, file.size_bytes))


@pytest.fixture
def sender(db: Session, world: World, now: datetime) -> Sender:
    a_draft(db, world, world.bidders[0], now)
    return Sender(db, world, world.bidders[0], now)


def stored(world: World) -> list[Path]:
    return [path for path in world.storage.root.rglob("*") if path.is_file()]


def test_a_file_sent_in_three_bodies_is_the_file_that_was_chosen(sender: Sender) -> None:
    begun = sender.begin()
    first = sender.send(begun.id, PHOTO[: 2 * FRAME])
    assert (first.offset, first.percent) == (2 * FRAME, 2 * FRAME * 100 // len(PHOTO))
    sender.send(begun.id, PHOTO[2 * FRAME : 3 * FRAME])
    whole = sender.send(begun.id, PHOTO[3 * FRAME :])
    assert whole.offset == len(PHOTO)
    upload = sender.read(begun.id)
    draft = sender.finish(begun.id)
    commands.forget_pieces(sender.world.storage, upload)
    assert [(one.name, one.kind, one.size_bytes) for one in draft.files] == [
        ("证书.jpg", FileKind.QUALIFICATION, len(PHOTO))
    ]
    assert sender.content(draft.files[0].id) == PHOTO
    assert sender.waiting() == ()
    assert len(stored(sender.world)) == 1


def test_a_body_cut_off_half_way_is_kept_up_to_the_border_of_a_frame(sender: Sender) -> None:
    begun = sender.begin()
    assert sender.send(begun.id, PHOTO[: 3 * FRAME + 777]).offset == 3 * FRAME
    assert sender.send(begun.id, PHOTO[3 * FRAME :]).offset == len(PHOTO)
    assert sender.content(sender.finish(begun.id).files[0].id) == PHOTO


def test_a_body_of_less_than_a_frame_is_refused_unless_it_ends_the_file(sender: Sender) -> None:
    begun = sender.begin()
    with pytest.raises(PieceTooSmall):
        sender.send(begun.id, PHOTO[: FRAME - 1])
    assert sender.read(begun.id).view.offset == 0
    small = sender.begin(b"\xff\xd8\xff small", name="小.jpg")
    sender.send(small.id, b"\xff\xd8\xff small")
    assert sender.content(sender.finish(small.id).files[0].id) == b"\xff\xd8\xff small"


def test_a_long_body_is_made_safe_every_eight_mebibytes(sender: Sender) -> None:
    content = b"%PDF-1.7 " + os.urandom(9 * 2**20)
    begun = sender.begin(content, name="方案.pdf")
    sender.send(begun.id, content)
    assert [piece.size_bytes for piece in sender.read(begun.id).pieces] == [8 * 2**20, 2**20 + 9]
    assert sender.content(sender.finish(begun.id).files[0].id) == content


def test_a_line_that_breaks_within_a_piece_loses_less_than_a_frame(sender: Sender) -> None:
    begun = sender.begin()

    def broken() -> Iterator[bytes]:
        yield PHOTO[: FRAME + 5]

    assert sender.send(begun.id, broken()).offset == FRAME


def test_the_same_file_chosen_again_goes_on_and_another_begins(sender: Sender) -> None:
    begun = sender.begin()
    sender.send(begun.id, PHOTO[:FRAME])
    again = sender.begin()
    assert (again.id, again.offset) == (begun.id, FRAME)
    others: tuple[dict[str, Any], ...] = ({"modified": "1700000000001"}, {"modified": ""}, {"name": "另一张.jpg"})
    for other in others:
        assert sender.begin(**other).id != begun.id
    assert sender.begin(modified="").modified == ""
    assert sender.begin(kind=FileKind.STAFF).kind is FileKind.QUALIFICATION
    assert len(sender.waiting()) == 5


def test_a_piece_elsewhere_is_refused_with_where_the_upload_goes_on(sender: Sender) -> None:
    begun = sender.begin()
    arrival = commands.Arrival(pieces(PHOTO), begun)
    piece = commands.keep_piece(sender.world.storage, arrival)
    with pytest.raises(WrongOffset) as refused:
        sender.add(begun.id, piece, FRAME)
    assert refused.value.params == {"offset": 0}
    sender.add(begun.id, piece, 0)
    with pytest.raises(WrongOffset) as refused:
        sender.add(begun.id, piece, 0)
    assert refused.value.params == {"offset": len(PHOTO)}


def test_a_file_is_put_together_once_and_only_whole(sender: Sender) -> None:
    begun = sender.begin()
    sender.send(begun.id, PHOTO[:FRAME])
    with pytest.raises(WrongOffset):
        sender.finish(begun.id)
    sender.send(begun.id, PHOTO[FRAME:])
    upload = sender.read(begun.id)
    sender.finish(begun.id)
    assert sender.read(begun.id).view.finished
    with pytest.raises(WrongOffset):
        sender.finish(begun.id)
    half = sender.db.begin_nested()
    with pytest.raises(WrongOffset):
        sender.finish(begun.id, upload)
    half.rollback()
    piece = upload.pieces[0]
    with pytest.raises(WrongOffset):
        sender.add(begun.id, piece, len(PHOTO))
    own = sender.who.organization_id
    assert own
    mine = queries.my_bid(sender.db, KEYS, sender.world.project_id, own)
    assert mine
    assert mine.draft
    assert len(mine.draft.files) == 1


def test_more_bytes_than_were_announced_are_refused(sender: Sender) -> None:
    begun = sender.begin()
    with pytest.raises(MoreThanAnnounced):
        sender.send(begun.id, PHOTO + b"!")
    assert sender.read(begun.id).view.offset == 0


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"size_bytes": 0}, EmptyFile),
        ({"size_bytes": -1}, EmptyFile),
        ({"size_bytes": LIMIT + 1}, TooLarge),
        ({"name": "程序.exe"}, FileNotTaken),
        ({"name": "没有后缀"}, FileNotTaken),
    ],
)
def test_what_will_not_be_taken_is_refused_before_a_byte_is_sent(
    sender: Sender, more: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        sender.begin(**more)


def test_a_file_that_is_not_what_its_name_says_is_refused_by_its_first_bytes_and_nothing_is_kept(
    sender: Sender,
) -> None:
    program = b"MZ\x90\x00" + bytes(3 * FRAME)
    begun = sender.begin(program)
    with pytest.raises(FileNotAsNamed):
        sender.send(begun.id, program[: 2 * FRAME])
    assert sender.read(begun.id).view.offset == 0
    assert stored(sender.world) == []


def test_files_and_uploads_together_are_forty_at_most(sender: Sender) -> None:
    for number in range(40):
        sender.begin(modified=f"{number}")
    with pytest.raises(TooManyFiles):
        sender.begin(modified="41")
    assert sender.begin(modified="7").modified == "7"


def test_nobody_else_finds_an_upload(sender: Sender, db: Session, world: World, now: datetime) -> None:
    begun = sender.begin()
    a_draft(db, world, world.bidders[1], now)
    other = Sender(db, world, world.bidders[1], now)
    with pytest.raises(NotFound):
        other.read(begun.id)
    piece = queries.Piece(sha256="0" * 64, key=b"", size_bytes=1)
    with pytest.raises(NotFound):
        other.add(begun.id, piece, 0)
    with pytest.raises(NotFound):
        commands.cancel_upload(db, KEYS, other.who, world.project_id, begun.id, storage=world.storage, received_at=now)
    assert other.waiting() == ()
    third = Sender(db, world, world.bidders[2], now)
    assert third.waiting() == ()
    with pytest.raises(NotFound):
        third.read(begun.id)


def test_an_upload_begun_before_the_deadline_may_not_be_added_to_or_attached_after_it(
    sender: Sender, world: World
) -> None:
    sender.at = world.due - SECOND
    begun = sender.begin()
    sender.at = world.due
    sender.send(begun.id, PHOTO[:FRAME])
    sender.send(begun.id, PHOTO[FRAME:])
    sender.at = world.due + SECOND / 1000
    with pytest.raises(TooLate):
        sender.finish(begun.id)
    with pytest.raises(TooLate):
        sender.begin()
    with pytest.raises(TooLate):
        sender.add(begun.id, sender.read(begun.id).pieces[0], len(PHOTO))


def test_an_upload_is_kept_a_day_from_its_last_piece_and_swept_with_its_bytes(sender: Sender, now: datetime) -> None:
    begun = sender.begin()
    sender.at = now + DAY - SECOND
    sender.send(begun.id, PHOTO[:FRAME])
    assert commands.sweep_uploads(sender.db, sender.world.storage, now=now + DAY) == 0
    sender.at = now + DAY - SECOND + DAY
    with pytest.raises(NotFound):
        sender.read(begun.id)
    assert sender.waiting() == ()
    assert len(stored(sender.world)) == 1
    assert commands.sweep_uploads(sender.db, sender.world.storage, now=sender.at) == 1
    assert stored(sender.world) == []
    assert sender.db.scalars(select(BidUpload)).all() == []
    assert commands.sweep_uploads(sender.db, sender.world.storage, now=sender.at) == 0


def test_a_cancelled_upload_leaves_nothing(sender: Sender, world: World) -> None:
    begun = sender.begin()
    sender.send(begun.id, PHOTO[:FRAME])
    given: dict[str, Any] = {"storage": world.storage, "received_at": sender.at}
    commands.cancel_upload(sender.db, KEYS, sender.who, world.project_id, begun.id, **given)
    assert stored(world) == []
    with pytest.raises(NotFound):
        sender.read(begun.id)


def test_handing_in_destroys_the_key_of_what_was_on_its_way(sender: Sender, world: World, now: datetime) -> None:
    begun = sender.begin()
    sender.send(begun.id, PHOTO[:FRAME])
    commands.submit(sender.db, KEYS, sender.who, world.project_id, received_at=now, now=now)
    draft = sender.db.scalars(select(BidDraft)).one()
    assert draft.wrapped_seed is None
    with pytest.raises(NotFound):
        sender.read(begun.id)
    assert sender.waiting() == ()
    with pytest.raises(DraftIsLocked):
        sender.begin()
    assert commands.sweep_uploads(sender.db, world.storage, now=now) == 1
    assert stored(world) == []


def test_a_draft_begun_anew_forgets_what_was_on_its_way(sender: Sender, world: World, now: datetime) -> None:
    begun = sender.begin()
    piece = queries.Piece(sha256="0" * 64, key=b"", size_bytes=FRAME)
    commands.start_over(sender.db, KEYS, sender.who, world.project_id, received_at=now)
    with pytest.raises(NotFound):
        sender.read(begun.id)
    with pytest.raises(NotFound):
        sender.add(begun.id, piece, 0)
    assert sender.waiting() == ()


def test_neither_tables_nor_files_tell_what_is_on_its_way(sender: Sender, world: World) -> None:
    begun = sender.begin()
    sender.send(begun.id, PHOTO[: 2 * FRAME])
    rows = list(sender.db.scalars(text("SELECT row_to_json(u)::text FROM bid_upload u")))
    rows += list(sender.db.scalars(text("SELECT row_to_json(u)::text FROM bid_upload_piece u")))
    shown = "".join(rows)
    organization = str(sender.who.organization_id)
    for secret in ("证书", "证书.jpg".encode().hex(), "qualification", str(len(PHOTO)), organization):
        assert secret not in shown
    assert not any(path.read_bytes().startswith(b"\xff\xd8\xff") for path in stored(world))
    assert all("照片".encode() not in path.read_bytes() for path in stored(world))


def test_a_note_opens_only_in_its_place() -> None:
    seed = os.urandom(15)
    sealed = seal_note(seed, b"{}", "upload", "a", "1")
    assert unseal_note(seed, sealed, "upload", "a", "1").strip() == b"{}"
    assert len(sealed) == len(seal_note(seed, b"x" * NOTE, "upload", "a", "1")) == 2076
    for wrong in (("upload", "a", "2"), ("upload", "b", "1")):
        with pytest.raises(CorruptEnvelope):
            unseal_note(seed, sealed, *wrong)
    with pytest.raises(TooLargeToSeal):
        seal_note(seed, b"x" * (NOTE + 1), "upload")


def test_postgresql_keeps_a_piece_as_it_is(sender: Sender) -> None:
    begun = sender.begin()
    sender.send(begun.id, PHOTO[:FRAME])
    sender.db.flush()
    with pytest.raises(ProgrammingError, match="permission denied"), sender.db.begin_nested():
        sender.db.execute(text("UPDATE bid_upload_piece SET number = 2"))
    for number, note in ((1, bytes(2076)), (2, b"in the clear")):
        half = sender.db.begin_nested()
        sender.db.add(BidUploadPiece(upload_id=begun.id, number=number, sha256="0" * 64, note=note))
        with pytest.raises(IntegrityError):
            sender.db.flush()
        half.rollback()
