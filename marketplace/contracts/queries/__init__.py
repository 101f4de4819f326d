"""Reads of contracts and of their milestones."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.contracts.queries import contract_lists, waiting
from marketplace.contracts.queries.board import board
from marketplace.contracts.queries.contract import (
    actions,
    contract,
    contract_facts,
    contract_of,
    download,
    parties,
    readable,
    signed_sides,
    terms_of,
)
from marketplace.contracts.queries.contract_lists import (
    desk_contracts,
    public_contract,
    public_contract_by_id,
    supplier_contracts,
)
from marketplace.contracts.queries.contract_paper import paper
from marketplace.contracts.queries.deliveries import dossier, evidence_document
from marketplace.contracts.queries.milestones import milestone_facts, milestones_of, public_milestones
from marketplace.contracts.queries.performing import performing
from marketplace.contracts.queries.record import track_record
from marketplace.contracts.queries.waiting import desk_milestones, supplier_milestones
from marketplace.kit.actor import Actor
from marketplace.kit.todo import Todo


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What of contracts and their delivery waits for the actor."""
    return contract_lists.todos(db, actor, now=now) + waiting.todos(db, actor, now=now)


__all__ = [
    "actions",
    "board",
    "contract",
    "contract_facts",
    "contract_of",
    "desk_contracts",
    "desk_milestones",
    "dossier",
    "download",
    "evidence_document",
    "milestone_facts",
    "milestones_of",
    "paper",
    "parties",
    "performing",
    "public_contract",
    "public_contract_by_id",
    "public_milestones",
    "readable",
    "signed_sides",
    "supplier_contracts",
    "supplier_milestones",
    "terms_of",
    "todos",
    "track_record",
]
