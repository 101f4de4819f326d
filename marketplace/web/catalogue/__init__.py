"""Pages and JSON of the service catalogue and its editor."""

from litestar.types import ControllerRouterHandler

from marketplace.web.catalogue.api import CatalogueApi
from marketplace.web.catalogue.api_desk import EditionsApi
from marketplace.web.catalogue.desk import CatalogueDesk, EditionDesk, OpinionDesk
from marketplace.web.catalogue.entries import DraftEntries, DraftSheets
from marketplace.web.catalogue.pages import CataloguePages
from marketplace.web.catalogue.public import Drafts, PublicEditions

ROUTES: list[ControllerRouterHandler] = [
    CataloguePages,
    PublicEditions,
    Drafts,
    CatalogueDesk,
    EditionDesk,
    OpinionDesk,
    DraftEntries,
    DraftSheets,
    CatalogueApi,
    EditionsApi,
]
"""What the site takes from here."""
