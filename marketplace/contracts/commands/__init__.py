"""Verbs of contracts: draft, approve, sign, publish; and of their milestones."""

from marketplace.contracts.commands.accepting import accept, complete
from marketplace.contracts.commands.approving import approve, return_
from marketplace.contracts.commands.drafting import cancel, draft, edit, submit
from marketplace.contracts.commands.publishing import publish
from marketplace.contracts.commands.reporting import attach_evidence, remove_evidence, report, save_report
from marketplace.contracts.commands.scheduling import schedule
from marketplace.contracts.commands.signing import activate, sign
from marketplace.contracts.commands.verifying import send_back, verify

__all__ = [
    "accept",
    "activate",
    "approve",
    "attach_evidence",
    "cancel",
    "complete",
    "draft",
    "edit",
    "publish",
    "remove_evidence",
    "report",
    "return_",
    "save_report",
    "schedule",
    "send_back",
    "sign",
    "submit",
    "verify",
]
