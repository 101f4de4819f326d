"""Pages and JSON of money: funds and receipts at the finance desk, the public account, and tracing a receipt."""

from marketplace.web.funds.api import FundsApi
from marketplace.web.funds.pages import FinanceFunds, FinanceReceipts
from marketplace.web.funds.public import PublicFunds

ROUTES = [FinanceFunds, FinanceReceipts, PublicFunds, FundsApi]
