"""Contracts as pages show them: words, colours, what the law says of the days."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract
from marketplace.contracts.queries.contract import sides_to_sign
from marketplace.contracts.rules import CLAUSE_NAMES, NO_ASSIGNMENT, Clause
from marketplace.contracts.schemas import ContractCard, ContractFacts
from marketplace.contracts.states import (
    CONTRACT,
    MILESTONE,
    SIDE_NAMES,
    ContractAction,
    ContractState,
    MilestoneState,
    Side,
)
from marketplace.flows.contracting import fund_names
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.kit.money import capital
from marketplace.projects.states import MILESTONE_NAMES
from marketplace.web.i18n import gettext

TONES = {
    ContractState.DRAFT: "grey",
    ContractState.SUBMITTED: "yellow",
    ContractState.APPROVED: "blue",
    ContractState.SIGNING: "blue",
    ContractState.ACTIVE: "green",
    ContractState.COMPLETED: "teal",
    ContractState.CANCELLED: "grey",
}
TO_DRAFT, TO_PUBLISH, COMING = N_("待起草"), N_("待公告"), N_("对方起草中")
MILESTONE_TONES = {
    MilestoneState.SCHEDULED: "grey",
    MilestoneState.REPORTED: "yellow",
    MilestoneState.RETURNED: "orange",
    MilestoneState.VERIFIED: "yellow",
    MilestoneState.ACCEPTED: "green",
    MilestoneState.PARTLY_ACCEPTED: "teal",
    MilestoneState.REJECTED: "red",
}
WORDS: dict[str, Any] = {
    "Action": ContractAction,
    "State": ContractState,
    "Side": Side,
    "clauses": tuple(Clause),
    "clause_names": CLAUSE_NAMES,
    "side_names": SIDE_NAMES,
    "milestone_names": MILESTONE_NAMES,
    "no_assignment": NO_ASSIGNMENT,
    "milestone_label": lambda state: gettext(MILESTONE.label(state)),
    "milestone_tones": MILESTONE_TONES,
    "capital": capital,
}


def state_tag(thing: ContractCard | ContractFacts, *, supplier: bool = False) -> tuple[str, str]:
    """The state of a contract in a word and a colour."""
    if thing.state is None or (supplier and thing.state in {ContractState.DRAFT, ContractState.SUBMITTED}):
        return (COMING, "grey") if supplier else (TO_DRAFT, "orange")
    if thing.state is ContractState.ACTIVE and thing.published_at is None and not supplier:
        return TO_PUBLISH, "orange"
    return CONTRACT.label(thing.state), TONES[thing.state]


def side_of(db: Session, actor: Actor, facts: ContractFacts) -> Side | None:
    """The side for which the actor may sign now."""
    mine = sides_to_sign(db, actor, db.get_one(Contract, facts.id))
    own = Side.SUPPLIER if actor.organization_id == facts.supplier_id else Side.BUYER
    return own if own in mine else None


def names_of_funds(db: Session, facts: ContractFacts) -> dict[Any, str]:
    """Number and name of each fund of a contract."""
    return {one: f"{name.number} {name.name}" for one, name in fund_names(db, facts.id).items()}


def state_tag_of(state: ContractState) -> tuple[str, str]:
    """The state of a published contract in a word and a colour."""
    return CONTRACT.label(state), TONES[state]
