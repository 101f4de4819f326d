"""The desks: what waits for a person today, with the figures that matter there; and its count in every header."""

from litestar.types import ControllerRouterHandler

from marketplace.web.access import DESKS
from marketplace.web.desk.api import TodosApi
from marketplace.web.desk.counts import counted
from marketplace.web.desk.pages import desk_page

__all__ = ["ROUTES", "counted"]

ROUTES: list[ControllerRouterHandler] = [*map(desk_page, DESKS), TodosApi]
