"""Pages and JSON of paying: applications, approval, execution, reconciliation, and a supplier's claims."""

from litestar import Router
from litestar.di import Provide

from marketplace.web.accounts.doors import provide_safe
from marketplace.web.payments.api import ApplicationsApi, PaymentsApi
from marketplace.web.payments.api_reconciling import ReconciliationApi
from marketplace.web.payments.claims import Claims
from marketplace.web.payments.executing import Execution, OnePayment
from marketplace.web.payments.grounds import PaidContracts, PaidMilestones
from marketplace.web.payments.pages import Applications, Payments
from marketplace.web.payments.reconciling import Reconciliation

PAGES = (Payments, Applications, Execution, OnePayment, Reconciliation, Claims, PaidContracts, PaidMilestones)
APIS = (ApplicationsApi, PaymentsApi, ReconciliationApi)


def routes(safe: Provide) -> list[Router]:
    """Pages and API over one provider of the ``safe``; a test hands in one whose hashes cost nothing."""
    return [
        Router("/", route_handlers=PAGES, dependencies={"safe": safe}),
        Router("/api/v1", route_handlers=APIS, dependencies={"safe": safe}),
    ]


ROUTES = routes(Provide(provide_safe, sync_to_thread=False))
