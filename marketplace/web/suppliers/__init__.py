"""Pages and JSON of the register: the public directory, an organization's own pages, the centre's checks."""

from litestar import Router
from litestar.di import Provide

from marketplace.web.accounts.doors import provide_safe
from marketplace.web.suppliers.api import SuppliersApi
from marketplace.web.suppliers.api_centre import CentreApi, ChangesApi
from marketplace.web.suppliers.centre import CentrePages
from marketplace.web.suppliers.changes import ChangePages
from marketplace.web.suppliers.declaring import OwnDeclaration
from marketplace.web.suppliers.imports import ImportPages
from marketplace.web.suppliers.interests import InterestsApi, OfficeInterests, OwnInterests
from marketplace.web.suppliers.own import OwnRegistration
from marketplace.web.suppliers.own_data import OwnData
from marketplace.web.suppliers.public import SupplierPages
from marketplace.web.suppliers.records import RecordsApi, ReportPages

PAGES = (
    SupplierPages, OwnRegistration, OwnData, OwnDeclaration, CentrePages, ReportPages, ChangePages, ImportPages,
    OwnInterests, OfficeInterests,
)  # fmt: skip
APIS = (SuppliersApi, CentreApi, ChangesApi, RecordsApi, InterestsApi)


def routes(safe: Provide) -> list[Router]:
    """Pages and API over one provider of the ``safe``; a test hands in one whose hashes cost nothing."""
    return [
        Router("/", route_handlers=PAGES, dependencies={"safe": safe}),
        Router("/api/v1", route_handlers=APIS, dependencies={"safe": safe}),
    ]


ROUTES = routes(Provide(provide_safe, sync_to_thread=False))
