"""Pages and JSON of purchasing rules, the calendar and the ruler of legal time."""

from litestar.types import ControllerRouterHandler

from marketplace.web.procedures.api import CalendarApi, RulesApi, TimetableApi
from marketplace.web.procedures.pages import RulePages

ROUTES: list[ControllerRouterHandler] = [RulePages, RulesApi, CalendarApi, TimetableApi]
"""What the site takes from here."""
