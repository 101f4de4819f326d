"""Verbs of money, each in one obvious file: its terms and income, what is set aside, what is paid."""

from marketplace.funds.commands.committing import commit, make_payable, release_rest
from marketplace.funds.commands.income import (
    DuplicateDocument,
    FutureValueDate,
    NotABuyer,
    close_fund,
    correct,
    open_fund,
    receive,
    reopen_fund,
)
from marketplace.funds.commands.reserving import release, reserve

__all__ = [
    "DuplicateDocument",
    "FutureValueDate",
    "NotABuyer",
    "close_fund",
    "commit",
    "correct",
    "make_payable",
    "open_fund",
    "receive",
    "release",
    "release_rest",
    "reopen_fund",
    "reserve",
]
