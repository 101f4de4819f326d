"""Pages and JSON of aid: rosters at the desk of whoever helps, and what everybody may know."""

from litestar import Router
from litestar.di import Provide

from marketplace.web.accounts.doors import provide_safe
from marketplace.web.aid.api import AidApi, PublicAidApi
from marketplace.web.aid.desk import AidDesk
from marketplace.web.aid.people import RosterPeople, RosterSheets
from marketplace.web.aid.public import PublicAid
from marketplace.web.aid.roster import RosterPages

PAGES = (AidDesk, RosterPages, RosterPeople, RosterSheets, PublicAid)
APIS = (AidApi, PublicAidApi)


def routes(safe: Provide) -> list[Router]:
    """Pages and API over one provider of the ``safe``."""
    return [
        Router("/", route_handlers=PAGES, dependencies={"safe": safe}),
        Router("/api/v1", route_handlers=APIS, dependencies={"safe": safe}),
    ]


ROUTES = routes(Provide(provide_safe, sync_to_thread=False))
