"""Verbs of the opening: the first opener takes off one layer, the second opens all bids in one act."""

import hmac
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.bids.commands.confirming import entry_of, last_entry
from marketplace.bids.commands.gate import parties
from marketplace.bids.commands.seals import project_key
from marketplace.bids.model import Bid, BidDraft, BidEntry, OpenedBid, Opener, Opening, ProjectSeal, SealSeat
from marketplace.bids.queries.dry import whole
from marketplace.bids.rules import AlreadyOpened, NoFirstPassphrase, TooEarlyToOpen, opens_at
from marketplace.bids.schemas import Content, Opened
from marketplace.bids.sealing.digests import bidder_digest
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.sealing.envelope import Place, unseal
from marketplace.bids.sealing.errors import CorruptEnvelope, SameOpenerTwice
from marketplace.bids.sealing.keys import OpenerKey, Seat, peel, unlock, unwrap
from marketplace.bids.sealing.suites import suite_named
from marketplace.bids.states import BID, OPENING, BidAction, BidState, OpeningAction, OpeningState
from marketplace.db.base import lock, lock_all
from marketplace.documents.storage import Storage
from marketplace.identity.rules import Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.projects.commands.running import no_open_question
from marketplace.projects.model import Project


def _at_the_box(
    db: Session, actor: Actor, project_id: UUID, now: datetime
) -> tuple[ProjectSeal, SealSeat, Opening | None]:
    """The seal, the actor's seat and the opening so far, with the project held alone."""
    project = lock(db, Project, project_id)
    row = db.get(ProjectSeal, project_id)
    if project is None or row is None or project.bids_due_at is None:
        raise NotFound
    require(actor, Right.OPEN_BIDS, parties(project))
    no_open_question(db, project_id)
    seat = db.scalar(select(SealSeat).where(SealSeat.project_id == project_id, SealSeat.person_id == actor.person_id))
    if seat is None:
        raise NotFound
    opening = db.get(Opening, project_id, populate_existing=True)
    if opening is not None and opening.state is OpeningState.OPEN:
        raise AlreadyOpened
    if now < opens_at(project.bids_due_at):
        at = opens_at(project.bids_due_at).astimezone(LEGAL_ZONE)
        raise TooEarlyToOpen(at=f"{at:%Y-%m-%d %H:%M:%S}")
    return row, seat, opening


def _private_key(db: Session, seat: SealSeat, passphrase: str) -> bytes:
    opener = db.get_one(Opener, seat.opener_id)
    pair = OpenerKey(opener.public_key, opener.locked_private_key)
    return unlock(pair, passphrase, opener.person_id, suite=suite_named(opener.suite))


def contribute(db: Session, actor: Actor, project_id: UUID, passphrase: str, *, now: datetime) -> Seat:
    """The first opener's part, and their seat: take off the outer layer, and leave the rest to either of the others.

    What is stored opens with the passphrase of one of the other two and with nothing else; nothing is in the clear.

    Raises:
        NotFound: no such sealed project, or the actor is none of its three openers.
        Forbidden: the actor may not open bids.
        TooEarlyToOpen: the deadline and 30 s have not passed.
        QuestionOpen: a question is neither answered nor dismissed.
        AlreadyOpened: the bids are open.
        SameOpenerTwice: this opener has done their part.
        IllegalMove: another opener has been first; this one opens.
        WrongPassphrase: the passphrase does not unlock the actor's key.
        CorruptEnvelope: the wrapped keys were tampered with.
    """
    row, seat, opening = _at_the_box(db, actor, project_id, now)
    if opening is not None and opening.first_person_id == seat.person_id:
        raise SameOpenerTwice
    state = OPENING.after(opening.state if opening else OPENING.start, OpeningAction.CONTRIBUTE)
    private = _private_key(db, seat, passphrase)
    peeled = peel(project_id, project_key(row), seat.seat, private, suite=suite_named(row.suite))
    db.add(
        Opening(
            project_id=project_id,
            state=state,
            first_seat=seat.seat,
            first_person_id=seat.person_id,
            first_at=now,
            peeled={str(second): rest.hex() for second, rest in peeled.items()},
        )
    )
    record(db, actor, "opening.begun", "project", project_id, now=now, seat=seat.seat)
    emit(db, "opening.begun", now=now, project_id=project_id)
    return seat.seat


def open_all(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    passphrase: str,
    *,
    storage: Storage,
    now: datetime,
) -> Opened:
    """The second opener's part: open every sealed bid in one act and publish the opening list.

    What was not confirmed since the last correction of substance stays sealed. An envelope that was damaged is
    reported and does not stop the others; so is a file. Drafts that were never handed in lose their keys and are
    removed. Whether there are enough bids is for the caller to judge.

    Raises:
        NotFound: no such sealed project, or the actor is none of its three openers.
        Forbidden: the actor may not open bids.
        TooEarlyToOpen: the deadline and 30 s have not passed.
        QuestionOpen: a question is neither answered nor dismissed.
        AlreadyOpened: the bids are open.
        NoFirstPassphrase: nobody has done the first part.
        SameOpenerTwice: the first part was this opener's.
        WrongPassphrase: the passphrase does not unlock the actor's key.
        CorruptEnvelope: the wrapped keys were tampered with; the third opener may be able to open.
    """
    row, seat, opening = _at_the_box(db, actor, project_id, now)
    if opening is None or opening.peeled is None:
        raise NoFirstPassphrase
    if opening.first_person_id == seat.person_id:
        raise SameOpenerTwice
    state = OPENING.after(opening.state, OpeningAction.OPEN_ALL)
    private = unwrap(
        project_id,
        project_key(row),
        (opening.first_seat, seat.seat),
        bytes.fromhex(opening.peeled[seat.seat]),
        _private_key(db, seat, passphrase),
        suite=suite_named(row.suite),
    )
    opening.state, opening.opened_at, opening.peeled = state, now, None
    opening.second_seat, opening.second_person_id = seat.seat, seat.person_id
    found = _open_each(db, keys, storage, project_id, private)
    db.execute(delete(BidDraft).where(BidDraft.bid_id.in_(select(Bid.id).where(Bid.project_id == project_id))))
    digests = sorted(_last_digests(db, project_id))
    record(db, actor, "bids.opened", "project", project_id, now=now, envelopes=digests, found=found)
    emit(db, "bids.opened", now=now, project_id=project_id)
    return found


def _open_each(db: Session, keys: ApplicationKeys, storage: Storage, project_id: UUID, private: bytes) -> Opened:
    ids = db.execute(select(Bid.id, Bid.state).where(Bid.project_id == project_id)).all()
    binding = db.get_one(Project, project_id).binding_edition
    readable = unreadable = unconfirmed = 0
    for bid in lock_all(db, Bid, [bid_id for bid_id, state in ids if state is BidState.SEALED]):
        entry = last_entry(db, bid)
        if entry.edition < binding:
            bid.state = BID.after(bid.state, BidAction.LEAVE_SEALED)
            unconfirmed += 1
            continue
        sealed = entry if entry.confirms is None else entry_of(db, bid, entry.confirms)
        content = _read(keys, bid, sealed, private)
        if content is None:
            bid.state = BID.after(bid.state, BidAction.REPORT_UNREADABLE)
            unreadable += 1
            continue
        bid.state = BID.after(bid.state, BidAction.OPEN)
        readable += 1
        db.add(
            OpenedBid(
                bid_id=bid.id,
                project_id=project_id,
                organization_id=content.organization_id,
                entry_id=entry.id,
                price_fen=content.price_fen,
                content=msgspec.to_builtins(content, str_keys=True),
                damaged_files=[str(file.id) for file in content.files if not whole(storage, file)],
            )
        )
    db.flush()  # the list reads them
    withdrawn = sum(state is BidState.WITHDRAWN for _, state in ids)
    return Opened(
        project_id=project_id,
        readable=readable,
        unreadable=unreadable,
        withdrawn=withdrawn,
        unconfirmed=unconfirmed,
    )


def _read(keys: ApplicationKeys, bid: Bid, entry: BidEntry, private: bytes) -> Content | None:
    """What an entry holds, or None if it is damaged or is not of the bidder whose digest the row bears."""
    try:
        content = Content.decode(unseal(entry.envelope or b"", private, Place(bid.project_id, bid.id, entry.number)))
    except (CorruptEnvelope, msgspec.DecodeError):
        return None
    digest = bidder_digest(keys, bid.project_id, content.organization_id)
    return content if hmac.compare_digest(digest, bid.bidder_digest) and content.price_fen > 0 else None


def _last_digests(db: Session, project_id: UUID) -> list[str]:
    query = (
        select(BidEntry.sha256)
        .join(Bid, Bid.id == BidEntry.bid_id)
        .where(Bid.project_id == project_id, BidEntry.number == Bid.entries, ~BidEntry.withdrawal)
    )
    return list(db.scalars(query))
