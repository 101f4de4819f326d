"""The service catalogue as JSON."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from marketplace.catalogue import queries
from marketplace.catalogue.schemas import CodeView, ItemPage, ItemView, VersionView
from marketplace.db.base import Database


class CatalogueList(Struct, frozen=True, kw_only=True):
    """Entries of one edition, in the order of their codes; ``more``: the search found further ones."""

    version: VersionView
    items: tuple[ItemView, ...]
    more: bool


class CatalogueApi(Controller):
    """The service catalogue."""

    path = "/api/v1/catalogue"
    tags = ("catalogue",)

    @get("/", sync_to_thread=True)
    def entries(
        self,
        database: NamedDependency[Database],
        wanted: Annotated[str, QueryParameter(name="q", max_length=100)] = "",
    ) -> CatalogueList:
        """All entries of the edition in force, or those in which every word of ``q`` stands."""
        with database.read() as db:
            version = queries.current(db)
            if wanted.strip():
                found = queries.search(db, wanted)
                return CatalogueList(version=version, items=found.items, more=found.more)
            return CatalogueList(version=version, items=queries.entries(db), more=False)

    @get("/procurement-codes", sync_to_thread=True)
    def codes(self, database: NamedDependency[Database]) -> tuple[CodeView, ...]:
        """All procurement codes in use."""
        with database.read() as db:
            return queries.procurement_codes(db)

    @get("/{code:str}", sync_to_thread=True)
    def entry(self, database: NamedDependency[Database], code: FromPath[str]) -> ItemPage:
        """One entry of the edition in force, with those above and below it."""
        with database.read() as db:
            return queries.item(db, code)
