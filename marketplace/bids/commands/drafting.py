"""Verbs of writing a bid: save parts of it, add and remove files, open again what was handed in, start over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from marketplace.bids.commands.gate import open_project, organization_of, own_bid, own_or_new_bid, taken, unlocked
from marketplace.bids.model import Bid, BidDraft
from marketplace.bids.rules import FILES_MAX, TooManyFiles, WrongCode
from marketplace.bids.schemas import BidFile, Content, DraftChange, DraftView, FileKind
from marketplace.bids.sealing.drafts import (
    ApplicationKeys,
    new_seed,
    seal_draft,
    seed_of,
    unseal_draft,
    wrap_seed,
)
from marketplace.bids.sealing.errors import CorruptEnvelope
from marketplace.bids.sealing.files import FileSealer, seal_pieces
from marketplace.documents.commands import clean_name, store
from marketplace.documents.queries import document
from marketplace.documents.rules import BID_FILES, fitting
from marketplace.documents.storage import EmptyFile, Storage, TooLarge
from marketplace.identity.rules import Right
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.errors import NotFound, Stale

SEALED_NAME = "sealed"
"""The name every sealed file has in storage; its own name is sealed with it."""


def writing(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, received_at: datetime
) -> tuple[Bid, BidDraft, bytes, Content]:
    """The actor's bid, locked, and its draft, begun if need be, with the seed and the content; for this package alone.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: it arrived after the deadline.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: it was handed in.
    """
    organization_id = organization_of(actor, Right.BID)
    project = open_project(db, project_id, received_at, hold=False)
    taken(db, project.id, organization_id)
    bid = own_or_new_bid(db, keys, project.id, organization_id)
    draft = db.get(BidDraft, bid.id, populate_existing=True)
    if draft is None:
        draft = _begin(db, keys, bid.id, new_seed(), Content(organization_id=organization_id))
    return bid, draft, *unlocked(keys, draft)


def _begin(db: Session, keys: ApplicationKeys, bid_id: UUID, seed: bytes, content: Content) -> BidDraft:
    draft = BidDraft(
        bid_id=bid_id,
        wrapped_seed=wrap_seed(keys, seed, bid_id),
        content=seal_draft(seed, content.encode(), bid_id),
        version=1,
    )
    db.add(draft)
    db.flush()  # a second act in the same transaction must find it
    return draft


def _save(draft: BidDraft, seed: bytes, content: Content) -> DraftView:
    draft.content = seal_draft(seed, content.encode(), draft.bid_id)
    draft.version += 1
    return content.view(draft.version)


def save_draft(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    change: DraftChange,
    *,
    version: int | None = None,
    received_at: datetime,
) -> DraftView:
    """Replace parts of the organization's draft; it is begun by its first part. Nothing is told to anyone.

    ``version`` is the one that was read; None overwrites.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: it was handed in; see :func:`reopen_draft` and :func:`start_over`.
        Stale: a colleague saved in between.
        TooLargeToSeal: the texts are too long.
    """
    _bid, draft, seed, content = writing(db, keys, actor, project_id, received_at)
    if change.cost_lines is not msgspec.UNSET:
        organization_of(actor, Right.READ_BID_PRICE)
    if version is not None and version != draft.version:
        raise Stale
    given = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not msgspec.UNSET}
    return _save(draft, seed, msgspec.structs.replace(content, **given))


def add_file(
    db: Session,
    keys: ApplicationKeys,
    actor: Actor,
    project_id: UUID,
    pieces: Iterable[bytes],
    *,
    storage: Storage,
    kind: FileKind,
    name: str,
    limit_bytes: int,
    received_at: datetime,
    now: datetime,
) -> DraftView:
    """Seal a file as it streams in and add it to the draft. ``limit_bytes`` bounds the file itself.

    The stream is read before the database is first asked, so that a slow upload keeps no connection; callers who can
    ask :func:`ready_to_write` first. In storage lie sealed frames under a name that says nothing.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: it began to arrive after the deadline.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: the bid was handed in.
        TooManyFiles: the bid has as many as it may have.
        TooLarge: the file is larger than ``limit_bytes``.
        EmptyFile: the file has no content.
        FileNotTaken, FileNotAsNamed: it is of a kind that is not taken.
    """
    organization_of(actor, Right.BID)
    sealer = FileSealer()
    fit = fitting(_bounded(pieces, limit_bytes), name=clean_name(name), kinds=BID_FILES, field="file")
    sealed = seal_pieces(fit, sealer)
    document_id = store(db, storage, SYSTEM, sealed, name=SEALED_NAME, limit_bytes=2 * limit_bytes + 2**20, now=now)
    if sealer.size == 0:
        raise EmptyFile(field="file")
    _bid, draft, seed, content = writing(db, keys, actor, project_id, received_at)
    if len(content.files) >= FILES_MAX:
        raise TooManyFiles(field="file", most=FILES_MAX)
    file = BidFile(
        id=uuid4(),
        kind=kind,
        name=clean_name(name),
        size_bytes=sealer.size,
        sha256=sealer.sha256,
        key=sealer.key,
        document_id=document_id,
        sealed_sha256=document(db, document_id).sha256,
    )
    return _save(draft, seed, msgspec.structs.replace(content, files=(*content.files, file)))


def _bounded(pieces: Iterable[bytes], limit_bytes: int) -> Iterable[bytes]:
    """The pieces, as long as they are no more than ``limit_bytes`` together."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit_bytes:
            raise TooLarge(field="file", limit_mib=limit_bytes // 2**20)
        yield piece


def remove_file(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, file_id: UUID, *, received_at: datetime
) -> DraftView:
    """Take a file out of the draft; its key is forgotten with it.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public, or the draft has no such file.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
        DraftIsLocked: the bid was handed in.
    """
    _bid, draft, seed, content = writing(db, keys, actor, project_id, received_at)
    left = tuple(file for file in content.files if file.id != file_id)
    if len(left) == len(content.files):
        raise NotFound
    return _save(draft, seed, msgspec.structs.replace(content, files=left))


def reopen_draft(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, code: str, *, received_at: datetime
) -> DraftView:
    """Make what was handed in editable again, with the code that only the bidder has; the sealed entry stays as it is.

    The draft goes on under a new seed, so that the code of the next receipt is another one.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public, or nothing was handed in.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        WrongCode: the code does not open this draft.
    """
    organization_id = organization_of(actor, Right.BID)
    project = open_project(db, project_id, received_at, hold=False)
    bid = own_bid(db, keys, project.id, organization_id)
    draft = db.get(BidDraft, bid.id, populate_existing=True) if bid else None
    if draft is None:
        raise NotFound
    old = seed_of(code)
    try:
        content = Content.decode(unseal_draft(old or b"", draft.content, draft.bid_id))
    except CorruptEnvelope:
        raise WrongCode(field="code") from None
    seed = new_seed()
    draft.wrapped_seed = wrap_seed(keys, seed, draft.bid_id)
    return _save(draft, seed, content)


def start_over(
    db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, *, received_at: datetime
) -> DraftView:
    """Begin an empty draft in place of the present one; what was handed in stays sealed until it is replaced.

    Raises:
        Forbidden: the actor may not bid for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        DocumentNotTaken: the document must be taken first.
    """
    organization_id = organization_of(actor, Right.BID)
    project = open_project(db, project_id, received_at, hold=False)
    taken(db, project.id, organization_id)
    bid = own_or_new_bid(db, keys, project.id, organization_id)
    empty, seed = Content(organization_id=organization_id), new_seed()
    draft = db.get(BidDraft, bid.id, populate_existing=True)
    if draft is None:
        return empty.view(_begin(db, keys, bid.id, seed, empty).version)
    draft.wrapped_seed = wrap_seed(keys, seed, bid.id)
    return _save(draft, seed, empty)
