"""Reads of funds, settlement and gifts."""

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
    "PAGE",
    "fund",
    "funding_of",
    "funds",
    "parties",
    "receipt",
    "receipt_by_number",
    "receipts",
    "restriction",
]
