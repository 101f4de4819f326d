"""Who may have which document: the one place that every download asks, whatever the document belongs to.

A document has no state of its own. Whether somebody may have it follows from what it belongs to and how that stands;
each kind names the question of its own domain here, and the office that pays is let in where it has to pay.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids import queries as bids
from marketplace.bids.schemas import BidFile
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.catalogue import queries as catalogue
from marketplace.contracts import queries as contracts
from marketplace.contracts.schemas import ContractView, MilestoneDossier, MilestoneFacts
from marketplace.documents.queries import document
from marketplace.documents.schemas import DocumentView
from marketplace.evaluation.queries import may_read_bids
from marketplace.funds.queries import gifts
from marketplace.funds.queries.payable import ever_owed
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import NotFound
from marketplace.projects import queries as projects
from marketplace.projects.model import Project
from marketplace.suppliers import queries as suppliers


class DocumentKind(StrEnum):
    """What a stored document is to the thing it belongs to."""

    PROJECT_FILE = "project_file"
    SUPPLIER_PROOF = "supplier_proof"
    CONTRACT_PAPER = "contract_paper"
    MILESTONE_EVIDENCE = "milestone_evidence"
    GIFT_BASIS = "gift_basis"
    CATALOGUE_MINUTES = "catalogue_minutes"


def paying_office(db: Session, actor: Actor, milestone_ids: tuple[UUID, ...]) -> UUID | None:
    """The actor's own organization if money of its funds ever became payable for one of these milestones, else None."""
    if actor.organization_id is None or not ever_owed(db, milestone_ids, actor.organization_id):
        return None
    return actor.organization_id


def _payer(db: Session, actor: Actor, contract_id: UUID) -> UUID | None:
    return paying_office(db, actor, tuple(one.id for one in contracts.milestones_of(db, contract_id)))


def owed_milestones(db: Session, actor: Actor, contract_id: UUID) -> list[MilestoneFacts]:
    """The milestones of a contract for which money of the actor's own organization ever became payable."""
    found = contracts.milestones_of(db, contract_id)
    if actor.organization_id is None:
        return []
    owed = ever_owed(db, [one.id for one in found], actor.organization_id)
    return [one for one in found if one.id in owed]


def contract(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> ContractView:
    """A contract for its parties, for supervision, and for an office whose funds owed one of its milestones.

    Raises:
        NotFound: there is none, or it is none of the actor's business.
        Forbidden: the actor's roles do not let them see it.
    """
    return contracts.contract(db, actor, contract_id, now=now, payer_id=_payer(db, actor, contract_id))


def milestone(db: Session, actor: Actor, milestone_id: UUID, *, now: datetime) -> MilestoneDossier:
    """A milestone for the contract's parties, for supervision, and for an office whose funds owed it.

    Raises:
        NotFound: there is none, or it is none of the actor's business.
        Forbidden: the actor's roles do not let them see it.
    """
    return contracts.dossier(db, actor, milestone_id, now=now, payer_id=paying_office(db, actor, (milestone_id,)))


def _someone(actor: Actor | None) -> Actor:
    if actor is None:
        raise NotFound
    return actor


def _project_file(db: Session, actor: Actor | None, project_id: UUID, file_id: UUID) -> DocumentView:
    return projects.download(db, actor, project_id, file_id)


def _proof(db: Session, actor: Actor | None, organization_id: UUID, proof_id: UUID) -> DocumentView:
    return document(db, suppliers.proof_document(db, _someone(actor), organization_id, proof_id))


def _paper(db: Session, actor: Actor | None, contract_id: UUID, _: UUID) -> DocumentView:
    reader = _someone(actor)
    return contracts.download(db, reader, contract_id, payer_id=_payer(db, reader, contract_id))


def _evidence(db: Session, actor: Actor | None, milestone_id: UUID, evidence_id: UUID) -> DocumentView:
    reader = _someone(actor)
    payer_id = paying_office(db, reader, (milestone_id,))
    return contracts.evidence_document(db, reader, milestone_id, evidence_id, payer_id=payer_id)


def _gift_basis(db: Session, actor: Actor | None, basis_id: UUID, _: UUID) -> DocumentView:
    reader, found = _someone(actor), gifts.basis(db, basis_id)
    concerned = gifts.gift_parties(found.holder_id)
    if not may(reader, Right.RECORD_LEGAL_BASIS, concerned):
        require(reader, Right.READ_FUNDS, concerned)
    return document(db, found.document_id)


def _catalogue_minutes(db: Session, actor: Actor | None, version_id: UUID, _: UUID) -> DocumentView:
    return catalogue.minutes(db, _someone(actor), version_id)


Door = Callable[[Session, Actor | None, UUID, UUID], DocumentView]
DOORS: Mapping[DocumentKind, Door] = {
    DocumentKind.PROJECT_FILE: _project_file,
    DocumentKind.SUPPLIER_PROOF: _proof,
    DocumentKind.CONTRACT_PAPER: _paper,
    DocumentKind.MILESTONE_EVIDENCE: _evidence,
    DocumentKind.GIFT_BASIS: _gift_basis,
    DocumentKind.CATALOGUE_MINUTES: _catalogue_minutes,
}
"""For each kind of document the question that lets a reader (None: anybody) have it, or refuses."""


def stored(
    db: Session, actor: Actor | None, kind: DocumentKind, subject_id: UUID, file_id: UUID | None = None
) -> DocumentView:
    """The card of a document for a reader who may have it; ``file_id`` where its subject has several.

    Raises:
        NotFound: there is none, or none for this reader.
        Forbidden: the reader's organization is concerned, but their roles do not let them have it.
    """
    return DOORS[kind](db, actor, subject_id, file_id or subject_id)


def draft_file(db: Session, keys: ApplicationKeys, actor: Actor, project_id: UUID, file_id: UUID) -> BidFile:
    """A file of the reader's own bid while it is a draft, with the key that opens it; handed in, it is nobody's.

    Raises:
        NotFound: the reader's organization has no such draft or file.
        Forbidden: the reader's roles do not let them write bids.
    """
    if actor.organization_id is None:
        raise NotFound
    require(actor, Right.BID, {Relation.SUPPLIER: actor.organization_id})
    return bids.my_draft_file(db, keys, project_id, actor.organization_id, file_id)


def opened_file(db: Session, actor: Actor, project_id: UUID, bid_id: UUID, file_id: UUID) -> BidFile:
    """A file of an opened bid, with the key that opens it; before the opening there is none.

    Raises:
        NotFound: there is none, it has not been opened, or it is none of the reader's business.
        Forbidden: the reader's roles do not let them read bids.
    """
    may_read_bid(db, actor, project_id, bid_id)
    return bids.opened_file(db, bid_id, file_id)


def may_read_bid(db: Session, actor: Actor, project_id: UUID, bid_id: UUID) -> None:
    """Let pass who may read an opened bid: its bidder, buyer and centre, supervision, and the panel that declared.

    Raises:
        NotFound: there is none, it has not been opened, or it is none of the reader's business.
        Forbidden: the reader's roles do not let them read bids.
    """
    bid, project = bids.opened_bid(db, bid_id), db.get(Project, project_id)
    if project is None or bid.project_id != project_id:
        raise NotFound
    if may_read_bids(db, project_id, actor.person_id):
        return
    parties = {
        Relation.BUYER: project.buyer_id,
        Relation.PROCURING_ENTITY: project.procuring_entity_id,
        Relation.SUPPLIER: bid.organization_id,
    }
    if actor.organization_id not in parties.values() and Function.SUPERVISOR not in actor.functions:
        raise NotFound
    # An expert reads the bids of a panel they sit on, and no others, whoever employs them.
    require(replace(actor, roles=actor.roles - {Role.EXPERT}), Right.READ_BIDS, parties)
