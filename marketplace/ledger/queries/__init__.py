"""Reads of the ledger: what is where, what was done, which way fen went, and whether the books are right."""

from marketplace.ledger.queries.balances import balance, balances_of, held, raised, receipt_spans, receipts, totals
from marketplace.ledger.queries.checks import verify
from marketplace.ledger.queries.journal import entries, entries_of, journal, statement, trial_balance
from marketplace.ledger.queries.traces import NoTrace, trace_receipt, trace_ref

__all__ = [
    "NoTrace",
    "balance",
    "balances_of",
    "entries",
    "entries_of",
    "held",
    "journal",
    "raised",
    "receipt_spans",
    "receipts",
    "statement",
    "totals",
    "trace_receipt",
    "trace_ref",
    "trial_balance",
    "verify",
]
