"""Pages and JSON of purchasing rules, the calendar and the ruler of legal time."""

from litestar.types import ControllerRouterHandler

from marketplace.web.procedures.amending import AmendingApi, AmendingPages
from marketplace.web.procedures.api import CalendarApi, RulesApi, TimetableApi
from marketplace.web.procedures.deadlines import DeadlinePages
from marketplace.web.procedures.pages import RulePages

ROUTES: list[ControllerRouterHandler] = [
    RulePages, AmendingPages, RulesApi, AmendingApi, CalendarApi, TimetableApi,
    DeadlinePages,
]  # fmt: skip
"""What the site takes from here."""
