"""The public pages of the service catalogue: browse, search, one entry."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Template

from marketplace.catalogue import queries
from marketplace.catalogue.states import MATCH_NAMES
from marketplace.db.base import Database
from marketplace.web.catalogue.views import TONES
from marketplace.web.pages import page


class CataloguePages(Controller):
    """What may be bought, and under which codes."""

    path = "/catalogue"

    @get("/", sync_to_thread=True)
    def browse(
        self,
        database: NamedDependency[Database],
        wanted: Annotated[str, QueryParameter(name="q", max_length=100)] = "",
    ) -> Template:
        """The whole edition in force as a tree, or what a search finds in it."""
        with database.read() as db:
            version = queries.current(db)
            found = queries.search(db, wanted) if wanted.strip() else None
            tree = queries.tree(db) if found is None else ()
            open_drafts = bool(queries.consultations(db))
        return page(
            "catalogue/browse.html",
            version=version,
            tree=tree,
            found=found,
            query=wanted.strip(),
            open_drafts=open_drafts,
            match_names=MATCH_NAMES,
            tones=TONES,
        )

    @get("/{code:str}", sync_to_thread=True)
    def item(self, database: NamedDependency[Database], code: FromPath[str]) -> Template:
        """One entry, with its procurement codes and how sure they are."""
        with database.read() as db:
            entry = queries.item(db, code)
        return page("catalogue/item.html", entry=entry, match_names=MATCH_NAMES, tones=TONES)
