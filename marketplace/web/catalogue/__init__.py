"""Pages and JSON of the service catalogue."""

from litestar.types import ControllerRouterHandler

from marketplace.web.catalogue.api import CatalogueApi
from marketplace.web.catalogue.pages import CataloguePages

ROUTES: list[ControllerRouterHandler] = [CataloguePages, CatalogueApi]
"""What the site takes from here."""
