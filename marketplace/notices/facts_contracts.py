"""What happened with contracts, as far as notices tell it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract, ContractFunding
from marketplace.contracts.queries.contract import publication_due
from marketplace.contracts.states import SIDE_NAMES, Side
from marketplace.evaluation.queries import award_of
from marketplace.funds.model import Fund
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Project

NAMES = frozenset({"project", "number", "amount_fen", "reason", "side_word", "opens_at", "publish_on"})


def contract(db: Session, message: Envelope) -> Facts:
    """A contract between its parties; the supplier is told nothing of what was never approved."""
    row = db.get_one(Contract, message.id("contract_id"))
    award, due = award_of(db, row.project_id), publication_due(db, row)
    side = message.payload.get("side")
    desk = f"/centre/contracts/{row.id}"
    return Facts(
        params={
            "project": db.get_one(Project, row.project_id).title,
            "number": row.number or "",
            "amount_fen": row.price_fen,
            "reason": row.end_reason or row.return_reason,
            "side_word": SIDE_NAMES[Side(side)] if side else "",
            "opens_at": award.signable_from if award else None,
            "publish_on": due.day if due else None,
        },
        url=f"/org/contracts/{row.id}",
        urls={
            **dict.fromkeys((Party.BUYER, Party.PROCURING_ENTITY, Party.DRAFTERS), desk),
            Party.FINANCE: "/finance/payments",
        },
        people={Party.DRAFTERS: tuple(row.drafter_ids)},
        organizations={
            Party.BUYER: (row.buyer_id,),
            Party.PROCURING_ENTITY: (row.procuring_entity_id,),
            Party.SUPPLIER: (row.supplier_id,) if row.paper_edition is not None else (),
            Party.FINANCE: _holders(db, row.id),
        },
    )


def _holders(db: Session, contract_id: UUID) -> tuple[UUID, ...]:
    """Who keeps the money that pays."""
    query = select(Fund.holder_id).join(ContractFunding, ContractFunding.fund_id == Fund.id)
    query = query.where(ContractFunding.contract_id == contract_id, ContractFunding.amount_fen > 0)
    return tuple(db.scalars(query.distinct().order_by(Fund.holder_id)))
