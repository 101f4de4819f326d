"""Reads of service projects."""

from marketplace.projects.queries.board import board
from marketplace.projects.queries.feed import FEED_MAX, events_after, feed_end, latest_events
from marketplace.projects.queries.following import followed, following_of_key
from marketplace.projects.queries.gate import (
    in_catalogue,
    kept_rules,
    open_gates,
    parties,
    published,
    readable,
    rules_for,
)
from marketplace.projects.queries.lists import (
    branches,
    buyers,
    desk_list,
    notice_lines,
    open_questions,
    public_list,
    todos,
)
from marketplace.projects.queries.one import (
    RIGHTS,
    actions,
    by_number,
    dossier,
    download,
    legal_times,
    missing,
    project,
    publication,
    questions_for,
)
from marketplace.projects.queries.parts import conditions, criteria, funding, milestones, notices, plan_of

__all__ = [
    "FEED_MAX",
    "RIGHTS",
    "actions",
    "board",
    "branches",
    "buyers",
    "by_number",
    "conditions",
    "criteria",
    "desk_list",
    "dossier",
    "download",
    "events_after",
    "feed_end",
    "followed",
    "following_of_key",
    "funding",
    "in_catalogue",
    "kept_rules",
    "latest_events",
    "legal_times",
    "milestones",
    "missing",
    "notice_lines",
    "notices",
    "open_gates",
    "open_questions",
    "parties",
    "plan_of",
    "project",
    "public_list",
    "publication",
    "published",
    "questions_for",
    "readable",
    "rules_for",
    "todos",
]
