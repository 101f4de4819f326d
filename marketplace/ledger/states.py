"""Where fen may be, by what act they get there, and what these are called."""

from enum import StrEnum
from uuid import UUID

from marketplace.kit.i18n import N_

NOBODY = UUID(int=0)
"""Stands in the books for no ref, and for the system as actor."""


class AccountRole(StrEnum):
    """What an account is for; with a ref (project, contract, milestone, payment) it is one account of a fund."""

    CLEARING = "clearing"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    RETENTION = "retention"
    PAYABLE = "payable"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FEE = "fee"
    REFUNDED = "refunded"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    VOIDED = "voided"


ROLE_LABELS = {
    "outside": N_("外部"),
    AccountRole.CLEARING: N_("待清算"),
    AccountRole.AVAILABLE: N_("可用"),
    AccountRole.RESERVED: N_("项目占用"),
    AccountRole.COMMITTED: N_("合同占用"),
    AccountRole.RETENTION: N_("质保金"),
    AccountRole.PAYABLE: N_("应付"),
    AccountRole.IN_TRANSIT: N_("支付在途"),
    AccountRole.PAID: N_("已支付"),
    AccountRole.FEE: N_("手续费"),
    AccountRole.REFUNDED: N_("已退捐赠人"),
    AccountRole.RETURNED: N_("已退回来源"),
    AccountRole.TRANSFERRED: N_("已调整用途"),
    AccountRole.VOIDED: N_("已更正冲销"),
}
"""The Chinese word (a message id) of each role; ``outside`` is where receipts come from."""

GONE = frozenset(
    {
        AccountRole.PAID,
        AccountRole.FEE,
        AccountRole.REFUNDED,
        AccountRole.RETURNED,
        AccountRole.TRANSFERRED,
        AccountRole.VOIDED,
    }
)
"""Roles whose fen have left the fund's custody, or were never there."""


class Verb(StrEnum):
    """The acts that carry fen."""

    RECEIVE = "receive"
    MOVE = "move"
    ATTEMPT = "attempt"
    EXCHANGE = "exchange"
    TRANSFER = "transfer"
    VOID = "void"


class Custody(StrEnum):
    """Where the money of a fund lies; it decides the rail on which it is paid out."""

    QUOTA = "quota"
    BANK = "bank"
    GATEWAY = "gateway"


class Outcome(StrEnum):
    """What an attempt may lead to."""

    PAID = "paid"
    REFUNDED = "refunded"
