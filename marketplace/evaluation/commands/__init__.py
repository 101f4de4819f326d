"""Verbs of evaluations: compose the panel, declare, check, score, report, decide, publish."""

from marketplace.evaluation.commands.checking import begin_scoring, check_bid, confirm_checks, end_without_award
from marketplace.evaluation.commands.composing import appoint, declare, dismiss
from marketplace.evaluation.commands.deciding import decide, may_decline, publish_result
from marketplace.evaluation.commands.reporting import sign_report, write_report
from marketplace.evaluation.commands.scoring import save_scores, submit_scores

__all__ = [
    "appoint",
    "begin_scoring",
    "check_bid",
    "confirm_checks",
    "decide",
    "declare",
    "dismiss",
    "end_without_award",
    "may_decline",
    "publish_result",
    "save_scores",
    "sign_report",
    "submit_scores",
    "write_report",
]
