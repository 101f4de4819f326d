"""Tables of sealed bids. Before opening no column of them names a bidder, a price or a plan."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bids.sealing.keys import Seat
from marketplace.bids.states import BID, OPENING, BidState, OpeningState
from marketplace.db.base import Keyed, Row, state_enum


class DocumentTaking(Keyed):
    """报名: an organization took the document of a project. It says nothing about whether it bids."""

    __tablename__ = "document_taking"
    __table_args__ = (UniqueConstraint("project_id", "organization_id"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime]


class Opener(Keyed):
    """An opener's key pair; the private half is locked by a passphrase that is stored nowhere."""

    __tablename__ = "opener"
    __table_args__ = (
        CheckConstraint("octet_length(voucher) = 32", name="vouched"),
        CheckConstraint("retired_at >= enrolled_at", name="retired_later"),
        Index("uq_opener_live", "person_id", unique=True, postgresql_where=text("retired_at IS NULL")),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    suite: Mapped[str]
    public_key: Mapped[bytes]
    locked_private_key: Mapped[bytes]
    voucher: Mapped[bytes]
    enrolled_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ProjectSeal(Row):
    """A project's public key, and its private key wrapped for each ordered pair of openers."""

    __tablename__ = "project_seal"
    __table_args__ = (
        CheckConstraint("octet_length(voucher) = 32", name="vouched"),
        CheckConstraint("jsonb_typeof(wrapped) = 'object'", name="wrapped_is_object"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    suite: Mapped[str]
    public_key: Mapped[bytes]
    wrapped: Mapped[dict[str, Any]] = mapped_column(JSONB)
    voucher: Mapped[bytes]
    sealed_at: Mapped[datetime]


class SealSeat(Row):
    """Who sits on one of the three seats of a project's seal, and with which key."""

    __tablename__ = "seal_seat"
    __table_args__ = (UniqueConstraint("project_id", "person_id"), UniqueConstraint("project_id", "opener_id"))

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project_seal.project_id"), primary_key=True)
    seat: Mapped[Seat] = mapped_column(state_enum(Seat), primary_key=True)
    opener_id: Mapped[UUID] = mapped_column(ForeignKey("opener.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))


class Bid(Keyed):
    """One bidder in one project, named by a keyed digest alone until it is opened."""

    __tablename__ = "bid"
    __table_args__ = (
        UniqueConstraint("project_id", "bidder_digest"),
        CheckConstraint("octet_length(bidder_digest) = 32", name="digest_sha256"),
        CheckConstraint("entries >= 0 AND (entries = 0) = (state = 'draft')", name="handed_in_has_entries"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"))
    bidder_digest: Mapped[bytes]
    state: Mapped[BidState] = mapped_column(state_enum(BidState), default=BID.start)
    entries: Mapped[int] = mapped_column(default=0)


class BidDraft(Row):
    """A bid being written: encrypted under a seed, which is here (wrapped) only until the bid is handed in."""

    __tablename__ = "bid_draft"
    __table_args__ = (CheckConstraint("version > 0", name="version_positive"),)

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    wrapped_seed: Mapped[bytes | None]
    content: Mapped[bytes]
    version: Mapped[int]


class BidUpload(Keyed):
    """A file of a draft on its way: what it is, is sealed under the draft's seed, and unreadable once that is gone."""

    __tablename__ = "bid_upload"
    __table_args__ = (CheckConstraint("octet_length(note) = 2076", name="note_sealed"),)

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bid.id"), index=True)
    note: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class BidUploadPiece(Row):
    """A piece of an upload: sealed frames in storage under ``sha256``; ``note`` has their key and length."""

    __tablename__ = "bid_upload_piece"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint("octet_length(note) = 2076", name="note_sealed"),
    )

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("bid_upload.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    note: Mapped[bytes]


class BidEntry(Keyed):
    """An act of handing in, confirming or withdrawing; nobody changes one, and the last one counts.

    ``edition`` is the edition of the project that it answers. What is handed in again without a change ``confirms`` an
    earlier entry by its number and repeats the digests of that envelope.
    """

    __tablename__ = "bid_entry"
    __table_args__ = (
        UniqueConstraint("bid_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(withdrawal OR confirms IS NOT NULL) = (envelope IS NULL)", name="withdrawal_is_empty"),
        CheckConstraint(
            "confirms IS NULL OR (confirms > 0 AND confirms < number AND NOT withdrawal)", name="confirms_earlier"
        ),
        CheckConstraint("edition > 0", name="edition_counted"),
        CheckConstraint(
            "envelope IS NULL"
            " OR (sha256 = encode(sha256(envelope), 'hex') AND envelope_bytes = octet_length(envelope))",
            name="digests_fit",
        ),
        CheckConstraint("sm3 ~ '^[0-9a-f]{64}$'", name="sm3_hex"),
        CheckConstraint("octet_length(salt) = 32", name="salted"),
        CheckConstraint("commitment ~ '^[0-9a-f]{64}$'", name="committed"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bid.id"))
    number: Mapped[int]
    withdrawal: Mapped[bool]
    confirms: Mapped[int | None]
    edition: Mapped[int] = mapped_column(default=1)
    suite: Mapped[str]
    envelope: Mapped[bytes | None] = mapped_column(deferred=True)
    envelope_bytes: Mapped[int]
    sha256: Mapped[str]
    sm3: Mapped[str]
    salt: Mapped[bytes]
    commitment: Mapped[str]
    journal_entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entry.id"), unique=True)
    received_at: Mapped[datetime]


class Opening(Row):
    """The opening of a project's bids: what the first opener left for either of the others, then that it happened."""

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint("first_person_id <> second_person_id AND first_seat <> second_seat", name="two_people"),
        CheckConstraint(
            "(state = 'open_box') = (opened_at IS NOT NULL AND second_person_id IS NOT NULL"
            " AND second_seat IS NOT NULL AND peeled IS NULL)",
            name="open_by_two",
        ),
        CheckConstraint("state <> 'sealed_box'", name="begun"),
        CheckConstraint("opened_at >= first_at", name="opened_later"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project_seal.project_id"), primary_key=True)
    state: Mapped[OpeningState] = mapped_column(state_enum(OpeningState), default=OPENING.start)
    first_seat: Mapped[Seat] = mapped_column(state_enum(Seat, "first_seat"))
    first_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    first_at: Mapped[datetime]
    peeled: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    second_seat: Mapped[Seat | None] = mapped_column(state_enum(Seat, "second_seat"))
    second_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None]


class OpenedBid(Row):
    """What an envelope held, from the opening on."""

    __tablename__ = "opened_bid"
    __table_args__ = (
        UniqueConstraint("project_id", "organization_id"),
        CheckConstraint("price_fen > 0", name="price_positive"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("opening.project_id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("bid_entry.id"), unique=True)
    price_fen: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    damaged_files: Mapped[list[Any]] = mapped_column(JSONB, default=list)
