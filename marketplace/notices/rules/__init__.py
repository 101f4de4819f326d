"""Who is told of which topic, in which words, and how facts are written in them."""

import string
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marketplace.identity.states import LinkPurpose
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.notices.rules.aid import AID
from marketplace.notices.rules.audience import Party, To
from marketplace.notices.rules.contracts import CONTRACTS, CONTRACTS_SILENT
from marketplace.notices.rules.delivery import DELIVERY, DELIVERY_SILENT
from marketplace.notices.rules.evaluation import EVALUATION, EVALUATION_SILENT
from marketplace.notices.rules.following import FOLLOWING
from marketplace.notices.rules.gifts import GIFTS, GIFTS_SILENT
from marketplace.notices.rules.market import MARKET, MARKET_SILENT
from marketplace.notices.rules.needs import NEEDS
from marketplace.notices.rules.people import PEOPLE, PEOPLE_SILENT
from marketplace.notices.rules.preparing import PREPARING, PREPARING_SILENT
from marketplace.notices.rules.reconciling import RECONCILING
from marketplace.notices.rules.settlement import SETTLEMENT
from marketplace.notices.rules.suppliers import SUPPLIERS, SUPPLIERS_SILENT
from marketplace.notices.rules.wording import Wording

__all__ = [
    "ANSWERS_WITHIN",
    "CLOSING_SOON",
    "CLOSING_WITHIN",
    "CONFIRM_SOON",
    "GIFT_PATH",
    "MILESTONE_LATE",
    "MILESTONE_SOON",
    "MILESTONE_WITHIN",
    "OPENING_AFTER",
    "OPENING_DUE",
    "QUESTION_WAITING",
    "SILENT",
    "TOLD",
    "Party",
    "To",
    "UnknownTopic",
    "Wording",
    "link_path",
    "places",
    "plain",
]

TOLD: Mapping[str, Wording] = {
    **PEOPLE,
    **SUPPLIERS,
    **MARKET,
    **EVALUATION,
    **GIFTS,
    **CONTRACTS,
    **DELIVERY,
    **RECONCILING,
    **SETTLEMENT,
    **AID,
    **FOLLOWING,
    **PREPARING,
    **NEEDS,
}
"""The whole table: topic → who is told, by which channels, in which words."""
SILENT: Mapping[str, str] = {
    **PEOPLE_SILENT,
    **SUPPLIERS_SILENT,
    **MARKET_SILENT,
    **EVALUATION_SILENT,
    **GIFTS_SILENT,
    **CONTRACTS_SILENT,
    **DELIVERY_SILENT,
    **PREPARING_SILENT,
}
"""Topics of which nobody is told, each with the reason."""


class UnknownTopic(DomainError):
    """A topic has no row in the table: nobody decided who is told. The message waits, parked, for the row."""

    kind, code = Kind.CONFLICT, "unknown_topic"
    text = N_("通知规则中没有「{topic}」这一事项。请联系技术人员补上后重新处理。")


CONFIRM_SOON = "project.confirm_soon"
OPENING_DUE, CLOSING_SOON, QUESTION_WAITING = "project.opening_due", "project.closing_soon", "question.waiting"
MILESTONE_SOON, MILESTONE_LATE = "milestone.due_soon", "milestone.late"
"""Topics of reminders."""
OPENING_AFTER = timedelta(seconds=30)
"""Submissions under way at the deadline have so long to commit; before that nothing can be opened."""
CLOSING_WITHIN = timedelta(days=1)
ANSWERS_WITHIN = timedelta(days=2)
MILESTONE_WITHIN = timedelta(days=7)
"""So long before its day a milestone is brought to its supplier's mind."""

LINK_PATHS: Mapping[LinkPurpose, str] = {
    LinkPurpose.INVITATION: "/invitation/",
    LinkPurpose.PASSWORD_RESET: "/password/reset/",
}
"""Where a mailed one-time link leads."""
GIFT_PATH = "/gifts/"
"""Where a donor's secret link leads."""


def link_path(purpose: LinkPurpose, token: str) -> str:
    """The address, within this site, at which a mailed one-time link is used."""
    return LINK_PATHS[purpose] + token


def places(text: str) -> frozenset[str]:
    """The names of the places that a text has."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params as they are kept: instants and days as ISO texts, everything else as it is."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in params.items()}
