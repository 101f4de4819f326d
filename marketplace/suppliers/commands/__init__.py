"""Verbs of the register."""

from marketplace.suppliers.commands.changes import (
    accept_change,
    propose,
    propose_bank,
    return_change,
    withdraw_change,
)
from marketplace.suppliers.commands.clocks import remind_ends
from marketplace.suppliers.commands.decisions import (
    debar,
    expire_due,
    lift,
    prove_debarment,
    qualify,
    reinstate,
    send_back,
    suspend,
)
from marketplace.suppliers.commands.declaring import declare
from marketplace.suppliers.commands.importing import import_list
from marketplace.suppliers.commands.interests import (
    check_free,
    declare_interest,
    record_interest,
    withdraw_interest,
)
from marketplace.suppliers.commands.proofs import attach, check, remove_proof
from marketplace.suppliers.commands.registration import begin, edit, register, reopen, set_bank, submit, withdraw
from marketplace.suppliers.commands.reports import import_reports, record_report

__all__ = [
    "accept_change",
    "attach",
    "begin",
    "check",
    "check_free",
    "debar",
    "declare",
    "declare_interest",
    "edit",
    "expire_due",
    "import_list",
    "import_reports",
    "lift",
    "propose",
    "propose_bank",
    "prove_debarment",
    "qualify",
    "record_interest",
    "record_report",
    "register",
    "reinstate",
    "remind_ends",
    "remove_proof",
    "reopen",
    "return_change",
    "send_back",
    "set_bank",
    "submit",
    "suspend",
    "withdraw",
    "withdraw_change",
    "withdraw_interest",
]
