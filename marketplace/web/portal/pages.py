"""The home page of the public portal, and the choice of a language."""

from typing import Annotated

from litestar import Controller, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.kit.errors import NotFound
from marketplace.web import i18n
from marketplace.web.access import safe_next
from marketplace.web.pages import page
from marketplace.web.services import Services

YEAR_S = 365 * 24 * 3600


class Portal(Controller):
    """The front door."""

    @get("/", sync_to_thread=True)
    def home(self, services: NamedDependency[Services]) -> Template:
        """What is open, where the money is, how to begin."""
        with services.database.read() as db:
            view = services.home(db)
        return page("portal/home.html", home=view)

    @get("/language/{tag:str}", sync_to_thread=False)
    def language(
        self,
        services: NamedDependency[Services],
        tag: FromPath[str],
        back: Annotated[str, QueryParameter(name="next", max_length=2000)] = "/",
    ) -> Redirect:
        """Show the pages in another language from now on."""
        if tag not in i18n.LOCALES:
            raise NotFound
        cookie = Cookie(
            key=i18n.COOKIE,
            value=tag,
            max_age=YEAR_S,
            samesite="lax",
            secure=services.settings.behind_tls,
            httponly=True,
        )
        return Redirect(safe_next(back), status_code=303, cookies=[cookie])
