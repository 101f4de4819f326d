"""The states of money's terms, of its settlement and of gifts."""

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
    "FUND",
    "FUNDING",
    "RECEIPT",
    "FundAction",
    "FundState",
    "FundingAction",
    "FundingState",
    "ReceiptAction",
    "ReceiptState",
]
