"""Verbs of the approval: approve, which prints the paper that will be signed; send back."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.bids.sealing.digests import sm3_hex
from marketplace.contracts.commands.drafting import locked, touch
from marketplace.contracts.model import Contract, ContractPaper
from marketplace.contracts.queries.contract import current_paper
from marketplace.contracts.queries.contract_paper import paper
from marketplace.contracts.rules.refusals import UnprintableClause
from marketplace.contracts.schemas import FundName
from marketplace.contracts.states import CONTRACT, ContractAction
from marketplace.documents.commands import store
from marketplace.documents.queries import document
from marketplace.documents.storage import Storage
from marketplace.identity.rules import Duty, apart
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.outbox.commands import emit
from marketplace.papers.pdf import UnprintableText, formal
from marketplace.suppliers.commands import check_free

PAPER_MAX = 16 * 2**20


def approve(
    db: Session,
    storage: Storage,
    actor: Actor,
    contract_id: UUID,
    funds: Mapping[UUID, FundName],
    *,
    now: datetime,
) -> str:
    """Approve a contract and print it: the paper with its digests is what both parties will sign.

    Returns the SHA-256 of the paper. ``funds`` names the funds, which stand above contracts.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not approve contracts.
        DutiesClash: the actor is one of its drafters.
        MustRecuse: the register of interests ties the actor to the supplier.
        IllegalMove: it was not handed in.
        UnprintableClause: a name or a clause has characters that no font of ours can print.

    Source:
        本单位「申请、审批分离」; 采购法第六十一条.
    """
    row = locked(db, actor, contract_id, ContractAction.APPROVE)
    apart(actor, Duty.APPROVE_CONTRACT, {Duty.DRAFT_CONTRACT: row.drafter_ids})
    check_free(db, actor.person_id, row.supplier_id, now=now)
    state = CONTRACT.after(row.state, ContractAction.APPROVE)
    content = printed(db, row, funds, on=legal_day(now))
    edition = _editions(db, contract_id) + 1
    name = f"{row.number} {row.title}合同.pdf"
    document_id = store(db, storage, actor, [content], name=name, limit_bytes=PAPER_MAX, now=now)
    sha256, sm3 = document(db, document_id).sha256, sm3_hex(content)
    db.add(ContractPaper(contract_id=row.id, edition=edition, document_id=document_id, sha256=sha256, sm3=sm3, at=now))
    db.flush()
    row.paper_edition = edition
    row.approved_by, row.approved_at = actor.person_id, now
    row.state = state
    touch(row, now)
    record(db, actor, "contract.approved", "contract", row.id, now=now, sha256=sha256, sm3=sm3, edition=edition)
    emit(db, "contract.approved", now=now, contract_id=row.id)
    return sha256


def printed(db: Session, row: Contract, funds: Mapping[UUID, FundName], *, on: date) -> bytes:
    """The contract as a PDF, by what is written now.

    Raises:
        UnprintableClause: a name or a clause has characters that no font of ours can print.
    """
    try:
        return formal(paper(db, row, funds), on=on)
    except UnprintableText as error:
        raise UnprintableClause(clause=row.title, characters=str(error)) from None


def return_(db: Session, actor: Actor, contract_id: UUID, *, reason: str, now: datetime) -> None:
    """Send a contract back to its drafters with a reason; the approval and any signature fall away, the text stays.

    What is to be signed, each of those who sign may send back as well.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor neither approves nor signs it.
        IllegalMove: it was not handed in, or it is binding.
    """
    row = locked(db, actor, contract_id, ContractAction.RETURN)
    row.state = CONTRACT.after(row.state, ContractAction.RETURN)
    row.return_reason, row.returned_by = reason, actor.person_id
    row.approved_by, row.approved_at = None, None
    found, row.paper_edition = current_paper(db, row), None
    touch(row, now)
    record(
        db, actor, "contract.returned", "contract", row.id, now=now,
        reason=reason, sha256=found.sha256 if found else "",
    )  # fmt: skip
    emit(db, "contract.returned", now=now, contract_id=row.id)


def _editions(db: Session, contract_id: UUID) -> int:
    """How many papers of a contract there are."""
    return db.scalar(select(func.count()).where(ContractPaper.contract_id == contract_id)) or 0
