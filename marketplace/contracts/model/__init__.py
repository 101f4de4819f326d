"""Tables of contracts and of their milestones."""

from marketplace.contracts.model.contract import Contract, ContractFunding, ContractPaper, ContractSignature
from marketplace.contracts.model.milestone import (
    Acceptance,
    Milestone,
    MilestoneEvidence,
    MilestoneReport,
    Verification,
)

__all__ = [
    "Acceptance",
    "Contract",
    "ContractFunding",
    "ContractPaper",
    "ContractSignature",
    "Milestone",
    "MilestoneEvidence",
    "MilestoneReport",
    "Verification",
]
