"""Verbs of service projects."""

from marketplace.projects.commands.amending import drop_amendment, propose_amendment, publish_amendment
from marketplace.projects.commands.approving import approve, publish, return_, submit
from marketplace.projects.commands.asking import (
    answer_extending,
    answer_question,
    ask_question,
    correct_answer,
    dismiss_question,
)
from marketplace.projects.commands.drafting import attach, detach, draft, edit
from marketplace.projects.commands.following import (
    follow_project,
    save_search,
    stop_by_key,
    stop_following,
    tell_due,
    tell_how_often,
)
from marketplace.projects.commands.intending import (
    draw_invited,
    exempt_intention,
    publicize_sole_source,
    publish_intention,
)
from marketplace.projects.commands.joint import (
    agree_share,
    change_share,
    propose_share,
    refuse_share,
    remove_share,
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
from marketplace.projects.commands.preparing import (
    file_plan,
    name_sole_source,
    record_evaluation,
    record_minutes,
    record_survey,
)
from marketplace.projects.commands.reviewing import name_reviewers, record_opinion, review
from marketplace.projects.commands.running import amend, award, cancel, close_for_opening, fail

__all__ = [
    "adopt",
    "agree_share",
    "amend",
    "answer_extending",
    "answer_question",
    "approve",
    "ask_question",
    "attach",
    "award",
    "cancel",
    "change_share",
    "close_for_opening",
    "collect",
    "correct_answer",
    "decline",
    "detach",
    "dismiss_question",
    "draft",
    "draw_invited",
    "drop_amendment",
    "edit",
    "edit_need",
    "exempt_intention",
    "fail",
    "file_plan",
    "follow_project",
    "free",
    "join",
    "merge",
    "name_reviewers",
    "name_sole_source",
    "propose_amendment",
    "propose_share",
    "publicize_sole_source",
    "publish",
    "publish_amendment",
    "publish_intention",
    "record_evaluation",
    "record_minutes",
    "record_opinion",
    "record_survey",
    "refuse_share",
    "remove_share",
    "reopen",
    "return_",
    "review",
    "save_search",
    "show",
    "stop_by_key",
    "stop_following",
    "submit",
    "tell_due",
    "tell_how_often",
    "withdraw",
]
