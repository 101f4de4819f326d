"""Verbs of contracts: draft, approve, sign, publish; and of their milestones."""

from marketplace.contracts.commands.approving import approve, return_
from marketplace.contracts.commands.drafting import cancel, draft, edit, submit
from marketplace.contracts.commands.publishing import publish
from marketplace.contracts.commands.scheduling import schedule
from marketplace.contracts.commands.signing import activate, sign

__all__ = ["activate", "approve", "cancel", "draft", "edit", "publish", "return_", "schedule", "sign", "submit"]
