"""A document of each kind, its subject brought to a state by the verbs; and the ways by which it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.queries import my_bid
from marketplace.bids.sealing import keys
from marketplace.bids.sealing.keys import Seat
from marketplace.contracts import commands as contracts
from marketplace.contracts.model import Milestone, MilestoneEvidence
from marketplace.contracts.queries import milestones_of
from marketplace.contracts.schemas import AcceptanceForm, Confirm, NewEvidence, Report
from marketplace.contracts.states import EvidenceKind
from marketplace.documents.commands import store
from marketplace.flows import delivering
from marketplace.funds.commands import gifts
from marketplace.funds.schemas.gifts import NewBasis
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from marketplace.projects.schemas import NewFile
from marketplace.projects.states import FileKind, MilestoneKind
from marketplace.suppliers import commands as suppliers
from tests.bids.support import KEYS, World, a_bid, a_draft, a_file, opened
from tests.contracts.support import CHEAP, Deal, active, drafted, submitted, to_sign
from tests.projects.village import a_draft as a_project
from tests.projects.village import closing
from tests.suppliers.shelf import a_draft as a_registration
from tests.suppliers.shelf import a_submitted, attach, passed

SECOND = timedelta(seconds=1)


@dataclass
class Asked:
    """Where a document is asked for, by pages and by the API; ``own`` where it is not the deal's supplier's."""

    paths: tuple[str, ...]
    at: datetime
    own: Actor | None = None
    own_paths: tuple[str, ...] = field(default=())


def tender_paper(db: Session, deal: Deal, state: str, kind: FileKind = FileKind.TENDER_DOCUMENT) -> Asked:
    """A file of a project that is drafted, open, called off or cancelled before anybody knew; ``removed`` again."""
    village, now = deal.village, deal.at
    project_id = a_project(db, village, now, title="另一个项目")
    who = village.centre_clerk
    document_id = store(db, deal.storage, who, [b"tender"], name="采购文件.pdf", limit_bytes=100, now=now)
    file_id = projects.attach(db, who, project_id, NewFile(document_id=document_id, kind=kind, title="附件"), now=now)
    if state == "removed":
        projects.detach(db, who, project_id, file_id, now=now)
    if state in {"open", "cancelled"}:
        publish(db, deal, project_id)
    if state in {"cancelled", "called_off"}:
        projects.cancel(db, village.centre_head, project_id, reason="取消采购任务", now=now)
    return Asked((f"/projects/{project_id}/files/{file_id}", f"/api/v1/projects/{project_id}/files/{file_id}"), now)


def inner_paper(db: Session, deal: Deal, state: str) -> Asked:
    """A file of a project that was never meant for everybody."""
    return tender_paper(db, deal, state, FileKind.INTERNAL)


def publish(db: Session, deal: Deal, project_id: UUID) -> None:
    village, now = deal.village, deal.at
    projects.submit(db, village.centre_clerk, project_id, now=now)
    projects.approve(db, village.buyer_head, project_id, now=now)
    bids.seal_project(db, KEYS, village.centre_head, project_id, now=now)
    budget = db.get_one(Project, project_id).budget_fen or 0
    projects.publish(db, village.centre_head, project_id, reserved_fen=budget, sealed=True, now=now)


def bid_file(db: Session, deal: Deal, state: str) -> Asked:
    """A file of the deal's supplier's bid in another project: drafted, handed in, withdrawn, opened."""
    village, now = deal.village, deal.at
    project_id = a_project(db, village, now, title="另一个项目")
    publish(db, deal, project_id)
    openers = {Seat.CENTRE: village.centre_clerk, Seat.BUYER: village.buyer_clerk, Seat.SUPERVISOR: village.auditor}
    world = World(project_id, closing(db, project_id), openers, village.centre_head, [deal.supplier], deal.storage)
    a_draft(db, world, deal.supplier, now)
    file_id = a_file(db, world, deal.supplier, b"secret", now).files[0].id
    own = deal.supplier.organization_id
    assert own
    if state != "draft":
        bids.submit(db, KEYS, deal.supplier, project_id, received_at=now, now=now)
    if state == "withdrawn":
        bids.withdraw(db, KEYS, deal.supplier, project_id, received_at=now, now=now)
    at = world.due if state == "due" else now
    if state == "opened":
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(keys, "USUAL_COST", CHEAP)
            a_bid(db, world, deal.losers[0], now)
            opened(db, world, world.opens)
        at = world.opens
    bid = my_bid(db, KEYS, project_id, own)
    assert bid
    outer = f"/openings/{project_id}/bids/{bid.bid_id}/files/{file_id}"
    return Asked((outer,), at, own_paths=(f"/org/bids/{project_id}/files/{file_id}",))


def own_bid_file(db: Session, deal: Deal, state: str) -> Asked:
    """The same file where its own bidder asks for it."""
    asked = bid_file(db, deal, state)
    return Asked(asked.own_paths, asked.at)


def proof(db: Session, deal: Deal, state: str) -> Asked:
    """A proof of a registration that is drafted or handed in; ``removed`` after that, with or without a check on it."""
    now, folder = deal.at, deal.storage.root
    if state in {"draft", "removed"}:
        own = a_registration(db, 77, now=now)
    elif state == "submitted":
        own = a_submitted(db, folder, 77, now=now)
    else:
        own = deal.supplier
    assert own.organization_id
    proof_id = attach(db, folder, own, own.organization_id, "certificate", now=now)
    if state == "checked_removed":
        suppliers.check(db, SYSTEM, own.organization_id, [passed("certificate", proof_id=proof_id)], now=now)
    if state.endswith("removed"):
        suppliers.remove_proof(db, own, own.organization_id, proof_id, now=now)
    tail = f"{own.organization_id}/proofs/{proof_id}"
    return Asked((f"/centre/suppliers/{tail}", f"/api/v1/suppliers/{tail}"), now, own)


def paper(db: Session, deal: Deal, state: str) -> Asked:
    """A contract's paper: none while it is drafted, sent back, cancelled before or after it was to be signed."""
    brought: dict[str, Callable[[Session, Deal], Deal]] = {"draft": drafted, "submitted": submitted, "active": active}
    brought.get(state, to_sign)(db, deal)
    one = deal.contract_id
    if state in {"returned", "returned_cancelled"}:
        contracts.return_(db, deal.approver, one, reason="请改正", now=deal.at)
    if state.endswith("cancelled"):
        contracts.cancel(db, deal.approver, one, reason="乙方放弃", now=deal.at)
    houses = ("/org/contracts", "/centre/contracts", "/finance/contracts", "/api/v1/contracts")
    return Asked(tuple(f"{house}/{one}/paper" for house in houses), deal.at)


def evidence(db: Session, deal: Deal, state: str) -> Asked:
    """A file of a milestone's report: written, taken off, handed in, confirmed, accepted."""
    active(db, deal)
    found = [one for one in milestones_of(db, deal.contract_id) if one.kind is MilestoneKind.DELIVERABLE]
    milestone_id, now = found[0].id, deal.at + timedelta(days=1)
    for item in range(len(db.get_one(Milestone, milestone_id).evidence.splitlines())):
        new = NewEvidence(kind=EvidenceKind.PHOTO, item=item)
        contracts.attach_evidence(
            db,
            deal.storage,
            deal.supplier,
            milestone_id,
            new,
            [b"\xff\xd8\xff\xe0photo\xff\xd9"],
            name="IMG.jpg",
            limit_bytes=100,
            now=now,
        )
    file_id = db.scalars(select(MilestoneEvidence.id).limit(1)).one()
    if state == "removed":
        contracts.remove_evidence(db, deal.supplier, milestone_id, file_id, now=now)
    if state in {"reported", "verified", "accepted"}:
        report = Report(attempt=1, content="已完成服务并考勤，服务六十人。", people_served=60, sessions=10, version=1)
        contracts.report(db, deal.supplier, milestone_id, report, now=now)
    if state in {"verified", "accepted"}:
        contracts.verify(db, deal.buyer_clerk, milestone_id, Confirm(attempt=1), now=now)
    if state == "accepted":
        form = AcceptanceForm(attempt=1, share_bp=10_000, asked=20, satisfied=19, opinion="满意")
        delivering.accept(db, deal.approver, milestone_id, form, now=now)
    houses = ("/org/milestones", "/centre/acceptance", "/finance/milestones", "/api/v1/milestones")
    return Asked(tuple(f"{house}/{milestone_id}/files/{file_id}" for house in houses), now)


def gift_basis(db: Session, deal: Deal, state: str) -> Asked:
    """The paper by which the deal's office may receive gifts."""
    holder = deal.finance_head.organization_id
    assert holder
    new = NewBasis(holder_id=holder, document_no="示例民政〔2026〕3号", dated_on=date(2026, 2, 1))
    basis_id = gifts.record_basis(
        db,
        deal.storage,
        deal.finance_head,
        new,
        [b"%PDF-1.7 example\n%%EOF\n"],
        name="依据.pdf",
        limit_bytes=100,
        now=deal.at,
    )
    if state == "withdrawn":
        gifts.withdraw_basis(db, deal.finance_head, basis_id, reason="到期", now=deal.at)
    return Asked((f"/finance/gifts/basis/{basis_id}/paper",), deal.at)


SCENES: dict[str, Callable[[Session, Deal, str], Asked]] = {
    "tender": tender_paper,
    "internal": inner_paper,
    "own_bid": own_bid_file,
    "bid": bid_file,
    "proof": proof,
    "contract": paper,
    "evidence": evidence,
    "gift_basis": gift_basis,
}
