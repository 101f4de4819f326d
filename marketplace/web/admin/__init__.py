"""Administration on the web: accounts of all organizations, and the organizations themselves."""

from litestar import Router
from litestar.di import Provide

from marketplace.web.accounts import SAFE
from marketplace.web.admin.accounts import Accounts
from marketplace.web.admin.api import AccountsApi, MembershipsApi, OrganizationsApi
from marketplace.web.admin.organizations import Organizations, PeopleElsewhere

__all__ = ["ROUTES", "routes"]

PAGES = (Accounts, Organizations, PeopleElsewhere)
APIS = (OrganizationsApi, MembershipsApi, AccountsApi)


def routes(safe: Provide) -> list[Router]:
    """Pages and API over one provider of the ``safe``."""
    return [
        Router("/", route_handlers=PAGES, dependencies={"safe": safe}),
        Router("/api/v1", route_handlers=APIS, dependencies={"safe": safe}),
    ]


ROUTES = routes(SAFE)
