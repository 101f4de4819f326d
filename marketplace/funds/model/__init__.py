"""Tables of funds: terms of the money, settlement, gifts; amounts live in the ledger."""

from marketplace.funds.model.gifts import (
    GiftBasis,
    GiftInvitation,
    GiftLink,
    GiftPayment,
)
from marketplace.funds.model.reconciling import (
    GatewayBooking,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationNote,
)
from marketplace.funds.model.settlement import (
    BankStatement,
    BankStatementLine,
    CustodyAccount,
    PayeeAccount,
    Payment,
    PaymentApplication,
    PaymentAttempt,
    PaymentInstruction,
)
from marketplace.funds.model.terms import (
    Fund,
    ProjectFunding,
    Receipt,
)

__all__ = [
    "BankStatement",
    "BankStatementLine",
    "CustodyAccount",
    "Fund",
    "GatewayBooking",
    "GiftBasis",
    "GiftInvitation",
    "GiftLink",
    "GiftPayment",
    "PayeeAccount",
    "Payment",
    "PaymentApplication",
    "PaymentAttempt",
    "PaymentInstruction",
    "ProjectFunding",
    "Receipt",
    "ReconciliationItem",
    "ReconciliationMatch",
    "ReconciliationNote",
]
