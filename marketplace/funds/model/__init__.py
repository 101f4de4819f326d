"""Tables of funds: terms of the money, settlement, gifts; amounts live in the ledger."""

from marketplace.funds.model.gifts import (
    GiftBasis,
    GiftInvitation,
    GiftLink,
    GiftPayment,
)
from marketplace.funds.model.terms import (
    Fund,
    ProjectFunding,
    Receipt,
)

__all__ = [
    "Fund",
    "GiftBasis",
    "GiftInvitation",
    "GiftLink",
    "GiftPayment",
    "ProjectFunding",
    "Receipt",
]
