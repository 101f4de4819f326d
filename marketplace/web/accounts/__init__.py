"""Accounts on the web: signing in, one's own account, an organization's people, rights and duties."""

from litestar import Router
from litestar.di import Provide

from marketplace.web.accounts.account import Account, SecondFactor, Tokens
from marketplace.web.accounts.api import LinksApi, SignInApi
from marketplace.web.accounts.api_me import MeApi
from marketplace.web.accounts.doors import provide_safe, visitor_loader
from marketplace.web.accounts.pages import ByLink, SignIn
from marketplace.web.accounts.people import OwnPeople
from marketplace.web.accounts.rights import Rights

__all__ = ["ROUTES", "SAFE", "routes", "visitor_loader"]

SAFE = Provide(provide_safe, sync_to_thread=False)
PAGES = (SignIn, ByLink, Account, SecondFactor, Tokens, OwnPeople, Rights)
APIS = (SignInApi, LinksApi, MeApi)


def routes(safe: Provide) -> list[Router]:
    """Pages and API over one provider of the ``safe``; a test hands in one whose hashes cost nothing."""
    return [
        Router("/", route_handlers=PAGES, dependencies={"safe": safe}),
        Router("/api/v1", route_handlers=APIS, dependencies={"safe": safe}),
    ]


ROUTES = routes(SAFE)
