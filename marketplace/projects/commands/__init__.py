"""Verbs of service projects."""

from marketplace.projects.commands.approving import approve, publish, return_, submit
from marketplace.projects.commands.asking import answer_question, ask_question
from marketplace.projects.commands.drafting import attach, detach, draft, edit
from marketplace.projects.commands.following import (
    follow_project,
    save_search,
    stop_by_key,
    stop_following,
    tell_due,
    tell_how_often,
)
from marketplace.projects.commands.needs import (
    adopt,
    collect,
    decline,
    edit_need,
    free,
    join,
    merge,
    reopen,
    show,
    withdraw,
)
from marketplace.projects.commands.running import amend, award, cancel, close_for_opening, fail

__all__ = [
    "adopt",
    "amend",
    "answer_question",
    "approve",
    "ask_question",
    "attach",
    "award",
    "cancel",
    "close_for_opening",
    "collect",
    "decline",
    "detach",
    "draft",
    "edit",
    "edit_need",
    "fail",
    "follow_project",
    "free",
    "join",
    "merge",
    "publish",
    "reopen",
    "return_",
    "save_search",
    "show",
    "stop_by_key",
    "stop_following",
    "submit",
    "tell_due",
    "tell_how_often",
    "withdraw",
]
