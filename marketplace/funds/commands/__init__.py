"""Verbs of money, each in one obvious file: its terms and income, what is set aside, what is paid."""

from marketplace.funds.commands.applying import (
    apply_payment,
    apply_roster,
    resubmit,
)
from marketplace.funds.commands.approving import (
    approve_application,
    approve_payment,
    cancel_application,
    cancel_payment,
    retry,
    return_application,
)
from marketplace.funds.commands.calling import (
    FileAnswer,
    FileChanged,
    FileToSend,
    TransferAnswer,
    TransferToMake,
    account_key,
    file_answered,
    intend_file,
    intend_transfer,
    render,
    transfer_answered,
    transfer_heard,
)
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
from marketplace.funds.commands.instructing import (
    instruct,
    release_transfers,
)
from marketplace.funds.commands.matching import (
    import_statement,
    record_custody_account,
    want_statement,
)
from marketplace.funds.commands.reserving import release, reserve
from marketplace.funds.commands.settling import (
    Finding,
    Settled,
    Verdict,
    settle,
)

__all__ = [
    "DuplicateDocument",
    "FileAnswer",
    "FileChanged",
    "FileToSend",
    "Finding",
    "FutureValueDate",
    "NotABuyer",
    "Settled",
    "TransferAnswer",
    "TransferToMake",
    "Verdict",
    "account_key",
    "apply_payment",
    "apply_roster",
    "approve_application",
    "approve_payment",
    "cancel_application",
    "cancel_payment",
    "close_fund",
    "commit",
    "correct",
    "file_answered",
    "import_statement",
    "instruct",
    "intend_file",
    "intend_transfer",
    "make_payable",
    "open_fund",
    "receive",
    "record_custody_account",
    "release",
    "release_rest",
    "release_transfers",
    "render",
    "reopen_fund",
    "reserve",
    "resubmit",
    "retry",
    "return_application",
    "settle",
    "transfer_answered",
    "transfer_heard",
    "want_statement",
]
