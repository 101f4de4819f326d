"""Questions in public, askers hidden: the asker's keyed digest, and when an answer comes too late for the deadline."""

import hmac
from datetime import date
from uuid import UUID

from marketplace.kit.days import Calendar, Due
from marketplace.procedures.rules import METHODS, RuleSet
from marketplace.procedures.states import Event, MethodCode

UNANSWERED_MAX = 20
"""An organization may have so many questions unanswered in one project."""


def asker_digest(master: bytes, project_id: UUID, organization_id: UUID) -> bytes:
    """What stands for the asker in the table: without the installation's key nobody can tell who it is.

    It differs from project to project, so that questions cannot be put together either.
    """
    key = hmac.digest(master, b"marketplace.projects.asker.v1", "sha256")
    return hmac.digest(key, project_id.bytes + organization_id.bytes, "sha256")


def earliest_close(rules: RuleSet, calendar: Calendar, method: MethodCode, changed_on: date) -> Due:
    """The first day on which bids may close when the document was changed or clarified on ``changed_on``.

    Where the method has no rule of its own, the next working day: whoever reads the change must have a day to use it.
    """
    for span in METHODS[method].spans:
        if span.lead and span.last is Event.CLOSE and (rule := rules.find(span.rule_id)) is not None:
            return calendar.add(changed_on, rule.number, rule.period)
    return calendar.add_working_days(changed_on, 1)
