"""Reads of funds, settlement, gifts and reconciliation."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.funds.queries import gifts, paying, reconciling
from marketplace.funds.queries.payable import (
    CLAIMING,
    UNDER_WAY,
    claimable_count,
    custody_accounts,
    free_of,
    funds_owing,
    parties_of,
    payee_of,
)
from marketplace.funds.queries.settlement import (
    application,
    applications,
    instruction,
    instructions,
    payment,
    payments_to_execute,
)
from marketplace.funds.queries.statements import (
    bookings,
    statements,
)
from marketplace.funds.queries.terms import (
    PAGE,
    fund,
    funding_of,
    funds,
    parties,
    receipt,
    receipt_by_number,
    receipts,
    restriction,
)
from marketplace.kit.actor import Actor
from marketplace.kit.todo import Todo

__all__ = [
    "CLAIMING",
    "PAGE",
    "UNDER_WAY",
    "application",
    "applications",
    "bookings",
    "claimable_count",
    "custody_accounts",
    "free_of",
    "fund",
    "funding_of",
    "funds",
    "funds_owing",
    "instruction",
    "instructions",
    "parties",
    "parties_of",
    "payee_of",
    "payment",
    "payments_to_execute",
    "receipt",
    "receipt_by_number",
    "receipts",
    "restriction",
    "statements",
    "todos",
]


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What of money waits for the actor: gifts, payments, accounts that do not close."""
    return [
        *gifts.gift_todos(db, actor, now=now),
        *paying.todos(db, actor, now=now),
        *reconciling.todos(db, actor, now=now),
    ]
