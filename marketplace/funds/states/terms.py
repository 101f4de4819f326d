"""The states of a fund, of a recorded receipt and of one funding line of a project."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class FundState(StrEnum):
    """Whether money may still be received and reserved."""

    OPEN = "open"
    CLOSED = "closed"


class FundAction(StrEnum):
    """What may be done to a fund."""

    CLOSE = "close"
    REOPEN = "reopen"


class ReceiptState(StrEnum):
    """Whether a receipt stands or was corrected."""

    RECORDED = "recorded"
    VOIDED = "voided"


class ReceiptAction(StrEnum):
    """What may be done to a recorded receipt."""

    VOID = "void"


class FundingState(StrEnum):
    """Where one funding line of a project stands."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"


class FundingAction(StrEnum):
    """What may be done to a funding line."""

    COMMIT = "commit"
    RELEASE = "release"


FUND = Machine(
    name="fund",
    start=FundState.OPEN,
    moves={
        (FundState.OPEN, FundAction.CLOSE): FundState.CLOSED,
        (FundState.CLOSED, FundAction.REOPEN): FundState.OPEN,
    },
    labels={
        FundState.OPEN: N_("使用中"),
        FundState.CLOSED: N_("已停用"),
        FundAction.CLOSE: N_("停用"),
        FundAction.REOPEN: N_("恢复使用"),
    },
)
RECEIPT = Machine(
    name="fund_receipt",
    start=ReceiptState.RECORDED,
    moves={(ReceiptState.RECORDED, ReceiptAction.VOID): ReceiptState.VOIDED},
    labels={
        ReceiptState.RECORDED: N_("已登记"),
        ReceiptState.VOIDED: N_("已作废"),
        ReceiptAction.VOID: N_("更正作废"),
    },
)
FUNDING = Machine(
    name="project_funding",
    start=FundingState.RESERVED,
    moves={
        (FundingState.RESERVED, FundingAction.COMMIT): FundingState.COMMITTED,
        (FundingState.RESERVED, FundingAction.RELEASE): FundingState.RELEASED,
    },
    labels={
        FundingState.RESERVED: N_("已占用"),
        FundingState.COMMITTED: N_("已入合同"),
        FundingState.RELEASED: N_("已退回"),
        FundingAction.COMMIT: N_("转入合同"),
        FundingAction.RELEASE: N_("退回资金"),
    },
)
