"""What a bidder reads: what a project asks, its own taking, draft, files and receipts, found by its keyed digest."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.model import (
    Bid,
    BidDraft,
    BidEntry,
    DocumentTaking,
)
from marketplace.bids.schemas import (
    Asked,
    AskedCondition,
    AskedCriterion,
    BidFile,
    Content,
    DraftView,
    MyBid,
    Receipt,
    Taking,
)
from marketplace.bids.sealing.digests import bidder_digest
from marketplace.bids.sealing.drafts import ApplicationKeys, unseal_draft, unwrap_seed
from marketplace.bids.states import BidState
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.kit.todo import Todo
from marketplace.projects.model import Condition, Criterion, Project
from marketplace.projects.queries.editions import kept
from marketplace.projects.states import CriterionKind, ProjectState
from marketplace.suppliers.schemas import Demands

CEILING = "最高限价降为 {ceiling} 元"


def receipt_of(project_id: UUID, entry: BidEntry) -> Receipt:
    """An entry as its bidder takes it home."""
    return Receipt(
        project_id=project_id,
        bid_id=entry.bid_id,
        entry=entry.number,
        withdrawal=entry.withdrawal,
        confirms=entry.confirms,
        edition=entry.edition,
        received_at=entry.received_at,
        suite=entry.suite,
        envelope_bytes=entry.envelope_bytes,
        sha256=entry.sha256,
        sm3=entry.sm3,
        salt=entry.salt.hex(),
        commitment=entry.commitment,
        journal_entry_id=entry.journal_entry_id,
    )


def own_bid_row(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> Bid | None:
    """The row of an organization's own bid; for this package alone."""
    digest = bidder_digest(keys, project_id, organization_id)
    return db.scalar(select(Bid).where(Bid.project_id == project_id, Bid.bidder_digest == digest))


def my_states(
    db: Session, keys: ApplicationKeys, project_ids: Iterable[UUID], organization_id: UUID
) -> dict[UUID, BidState]:
    """How an organization's own bids in several projects stand, in one question; nothing is unsealed."""
    digests = {bidder_digest(keys, one, organization_id) for one in project_ids}
    found = db.execute(select(Bid.project_id, Bid.state).where(Bid.bidder_digest.in_(digests)))
    return {row.project_id: row.state for row in found}


def my_bid(db: Session, keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> MyBid | None:
    """An organization's own bid in a project: its draft while it can be read, its receipts always.

    Raises:
        CorruptEnvelope: the draft was tampered with.
    """
    bid = own_bid_row(db, keys, project_id, organization_id)
    if bid is None:
        return None
    entries = list(db.scalars(select(BidEntry).where(BidEntry.bid_id == bid.id).order_by(BidEntry.number)))
    project = db.get_one(Project, project_id)
    stale = bid.state is BidState.SEALED and entries[-1].edition < project.binding_edition
    draft = db.get(BidDraft, bid.id)
    return MyBid(
        bid_id=bid.id,
        project_id=project_id,
        state=bid.state,
        draft=_read_draft(keys, draft),
        locked_draft=draft is not None and draft.wrapped_seed is None,
        receipts=tuple(receipt_of(project_id, entry) for entry in entries),
        must_confirm=stale,
        asked_anew=what_is_new(db, project, entries[-1].edition) if stale else (),
    )


def what_is_new(db: Session, project: Project, since: int) -> tuple[str, ...]:
    """What a bid of edition ``since`` of a project cannot hold: later conditions and criteria, a lower ceiling."""
    later: list[str] = []
    conditions = select(Condition.content).where(Condition.project_id == project.id, Condition.edition > since)
    criteria = select(Criterion.name).where(
        Criterion.project_id == project.id, Criterion.edition > since, Criterion.kind != CriterionKind.PRICE
    )
    later += db.scalars(conditions.order_by(Condition.place))
    later += db.scalars(criteria.order_by(Criterion.place))
    before = kept(db, project.id, since)
    if before is not None and (before.ceiling_fen or 0) > (project.ceiling_fen or 0):
        later.append(CEILING.format(ceiling=yuan_grouped(project.ceiling_fen or 0)))
    return tuple(later)


def to_confirm(db: Session, keys: ApplicationKeys, actor: Actor, *, now: datetime) -> list[Todo]:
    """What an organization handed in before a correction and must confirm or replace; for itself alone."""
    own = actor.organization_id
    if own is None or not may(actor, Right.BID, {Relation.SUPPLIER: own}):
        return []
    corrected = (
        select(Project)
        .join(DocumentTaking, DocumentTaking.project_id == Project.id)
        .where(
            DocumentTaking.organization_id == own,
            Project.state == ProjectState.OPEN,
            Project.binding_edition > 1,
            Project.bids_due_at >= now,
        )
        .order_by(Project.bids_due_at)
    )
    found = []
    for project in db.scalars(corrected):
        bid = own_bid_row(db, keys, project.id, own)
        if bid is None or bid.state is not BidState.SEALED:
            continue
        query = select(BidEntry.edition).where(BidEntry.bid_id == bid.id, BidEntry.number == bid.entries)
        if (db.scalar(query) or 0) < project.binding_edition:
            found.append(
                Todo(
                    title=N_("「{title}」有更正，已递交的申报须在截止前再次确认或替换"),
                    params={"title": project.title},
                    url=f"/org/bids/{project.id}",
                    action=N_("去确认"),
                    due_at=project.bids_due_at,
                    urgent=True,
                )
            )
    return found


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
    bid = own_bid_row(db, keys, project_id, organization_id)
    draft = db.get(BidDraft, bid.id) if bid else None
    if draft is None or draft.wrapped_seed is None:
        raise NotFound
    seed = unwrap_seed(keys, draft.wrapped_seed, draft.bid_id)
    content = Content.decode(unseal_draft(seed, draft.content, draft.bid_id))
    return file_of(content, file_id)


def file_of(content: Content, file_id: UUID) -> BidFile:
    """A file by its id.

    Raises:
        NotFound: there is no such file.
    """
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
    return taking_view(row) if row else None


def taking_view(row: DocumentTaking) -> Taking:
    """A taking without the person who did it."""
    return Taking(project_id=row.project_id, organization_id=row.organization_id, taken_at=row.taken_at)


def takings_of(db: Session, organization_id: UUID) -> list[Taking]:
    """What an organization took, the latest first; for itself alone."""
    query = select(DocumentTaking).where(DocumentTaking.organization_id == organization_id)
    return [taking_view(row) for row in db.scalars(query.order_by(DocumentTaking.taken_at.desc()))]


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
