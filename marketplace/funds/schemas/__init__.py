"""Shapes of funds, settlement and gifts that go in and out."""

from marketplace.funds.schemas.terms import (
    Correction,
    FundingLine,
    FundingView,
    FundView,
    NewFund,
    NewReceipt,
    ReceiptView,
    Year,
)

__all__ = [
    "Correction",
    "FundView",
    "FundingLine",
    "FundingView",
    "NewFund",
    "NewReceipt",
    "ReceiptView",
    "Year",
]
