"""The states of money's terms, of its settlement and of gifts."""

from marketplace.funds.states.gifts import (
    BASIS,
    GIFT,
    INVITATION,
    BasisAction,
    BasisState,
    GiftAction,
    GiftState,
    InvitationAction,
    InvitationState,
)
from marketplace.funds.states.terms import (
    FUND,
    FUNDING,
    RECEIPT,
    FundAction,
    FundingAction,
    FundingState,
    FundState,
    ReceiptAction,
    ReceiptState,
)

__all__ = [
    "BASIS",
    "FUND",
    "FUNDING",
    "GIFT",
    "INVITATION",
    "RECEIPT",
    "BasisAction",
    "BasisState",
    "FundAction",
    "FundState",
    "FundingAction",
    "FundingState",
    "GiftAction",
    "GiftState",
    "InvitationAction",
    "InvitationState",
    "ReceiptAction",
    "ReceiptState",
]
