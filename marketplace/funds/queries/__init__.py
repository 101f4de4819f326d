"""Reads of funds, settlement and gifts."""

from marketplace.funds.queries.payable import (
    CLAIMING,
    UNDER_WAY,
    custody_accounts,
    free_of,
    funds_owing,
    parties_of,
    payables,
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

__all__ = [
    "CLAIMING",
    "PAGE",
    "UNDER_WAY",
    "application",
    "applications",
    "bookings",
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
    "payables",
    "payee_of",
    "payment",
    "payments_to_execute",
    "receipt",
    "receipt_by_number",
    "receipts",
    "restriction",
    "statements",
]
