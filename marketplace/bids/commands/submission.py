"""Verbs of handing in: submit or replace, and withdraw; each is a new entry, and the last one counts."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from marketplace.bids.commands.gate import open_project, organization_of, own_bid, taken, unlocked
from marketplace.bids.commands.seals import public_key_of
from marketplace.bids.model import Bid, BidDraft, BidEntry
from marketplace.bids.queries import asked_of, receipt_of
from marketplace.bids.rules import NotQualified, check_committed_in_time, missing
from marketplace.bids.schemas import Receipt, Submitted
from marketplace.bids.sealing.digests import commitment, new_salt, sha256_hex, sm3_hex
from marketplace.bids.sealing.drafts import ApplicationKeys, code_of
from marketplace.bids.sealing.envelope import Place, seal
from marketplace.bids.states import BID, BidAction, BidState
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, Stale, raise_all
from marketplace.suppliers.queries.readiness import is_ready


def submit(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    *,
    version: int | None = None,
    received_at: datetime,
    now: datetime,
) -> Submitted:
    """Seal the organization's draft and hand it in, the first time or in place of what was handed in before.

    The draft's seed is forgotten with it: from here on only two openers, or the bidder's own code, open it. Nobody is
    told. The caller asks :func:`marketplace.bids.rules.check_committed_in_time` again before the transaction ends.

    Raises:
        Forbidden: the actor may not hand in bids for a supplier.
        NotFound: no such project is public, or there is no draft.
        BiddingNotOpen: the project takes no bids.
        TooLate: it arrived after the deadline.
        NotCommittedInTime: it arrived in time more than 30 s ago.
        DocumentNotTaken: the document must be taken first.
        NotQualified: the organization is not registered, qualified and checked, or is debarred.
        DraftIsLocked: this draft has been handed in already.
        Stale: a colleague changed the draft since ``version`` was read.
        NotComplete: one part is missing (PriceMissing … ConfirmationMissing).
        AboveCeiling: the price is above the ceiling.
        Several: more than one of these.
        SealTampered: the project's public key is not the one that was made for it.
    """
    organization_id = organization_of(actor, Right.SUBMIT_BID)
    project = open_project(db, project_id, received_at, hold=True)
    check_committed_in_time(received_at, now)
    taken(db, project.id, organization_id)
    asked = asked_of(db, project.id)
    if any(one.blocks for one in is_ready(db, organization_id, legal_day(received_at), asked.demands)):
        raise NotQualified
    bid = own_bid(db, keys, project.id, organization_id)
    draft = db.get(BidDraft, bid.id, populate_existing=True) if bid else None
    if bid is None or draft is None:
        raise NotFound
    seed, content = unlocked(keys, draft)
    if version is not None and version != draft.version:
        raise Stale
    raise_all(missing(asked.facts(content)))
    suite, public = public_key_of(db, keys, project.id)
    number = bid.entries + 1
    envelope = seal(content.encode(), public, Place(project.id, bid.id, number), suite=suite)
    action = BidAction.REPLACE if bid.state is BidState.SEALED else BidAction.SUBMIT
    entry = enter(
        db, bid, action, project.edition, envelope=envelope, suite=suite.name, received_at=received_at, now=now
    )
    draft.wrapped_seed = None
    return Submitted(receipt=receipt_of(project.id, entry), editing_code=code_of(seed))


def withdraw(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, *, received_at: datetime, now: datetime
) -> Receipt:
    """Withdraw what was handed in; until the deadline it may be handed in anew.

    Raises:
        Forbidden: the actor may not hand in bids for a supplier.
        NotFound: no such project is public, or nothing was handed in.
        BiddingNotOpen: the project takes no bids.
        TooLate: it arrived after the deadline.
        NotCommittedInTime: it arrived in time more than 30 s ago.
        IllegalMove: the bid is a draft, or withdrawn already.
    """
    organization_id = organization_of(actor, Right.SUBMIT_BID)
    project = open_project(db, project_id, received_at, hold=True)
    check_committed_in_time(received_at, now)
    bid = own_bid(db, keys, project.id, organization_id)
    if bid is None:
        raise NotFound
    entry = enter(db, bid, BidAction.WITHDRAW, project.edition, received_at=received_at, now=now)
    return receipt_of(project.id, entry)


def enter(
    db: Session,
    bid: Bid,
    action: BidAction,
    edition: int,
    *,
    envelope: bytes | None = None,
    suite: str = "",
    stands: BidEntry | None = None,
    received_at: datetime,
    now: datetime,
) -> BidEntry:
    """Add an entry that answers an edition of the project; ``stands`` is the one whose envelope it lets stand.

    The journal gets a salted commitment to it, without actor, project or bid.

    Raises:
        IllegalMove: the bid's state does not allow it.
    """
    state = BID.after(bid.state, action)
    content = envelope or (stands.envelope if stands else None) or b""
    salt, entry_id = new_salt(), uuid4()
    promise = commitment(salt, content)
    journalled = record(
        db, None, "bid.entered", "bid_entry", entry_id, now=now, effective_at=received_at, commitment=promise
    )
    bid.state, bid.entries = state, bid.entries + 1
    entry = BidEntry(
        id=entry_id,
        bid_id=bid.id,
        number=bid.entries,
        withdrawal=not content,
        confirms=stands.number if stands else None,
        edition=edition,
        suite=stands.suite if stands else suite,
        envelope=envelope,
        sha256=sha256_hex(content),
        sm3=sm3_hex(content),
        envelope_bytes=len(content),
        salt=salt,
        commitment=promise,
        journal_entry_id=journalled,
        received_at=received_at,
    )
    db.add(entry)
    db.flush()  # its constraints answer here, not when the transaction ends
    return entry
