"""What waits for somebody in evaluations."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries.award import award_of
from marketplace.evaluation.queries.desk import acts, waiting
from marketplace.evaluation.states import EvaluationAction, EvaluationState
from marketplace.kit.actor import Actor
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.procedures import queries as law
from marketplace.procedures.rules import RuleMissing
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules

_A = EvaluationAction
REPORT_RULE, NOTICE_RULE = "evaluation_report_delivery_days", "award_notice_days"
STEPS: tuple[tuple[EvaluationAction, str, str, str], ...] = (
    (_A.CONFIRM_CHECKS, N_("请复核「{title}」的审查结果"), N_("去复核"), "/checks"),
    (_A.CHECK, N_("请审查「{title}」的响应文件"), N_("去审查"), "/checks"),
    (_A.SUBMIT, N_("请为「{title}」打分"), N_("去打分"), "/scores"),
    (_A.DECLARE, N_("请声明是否回避「{title}」的评审"), N_("去声明"), "/declaration"),
    (_A.SIGN, N_("请签署「{title}」的评审报告"), N_("去签署"), "/report"),
    (_A.REPORT, N_("请写「{title}」的评审报告"), N_("去写报告"), "/report"),
    (_A.DECIDE, N_("请确定「{title}」的结果"), N_("去确定"), "/report"),
    (_A.PUBLISH, N_("请公告「{title}」的结果"), N_("去公告"), "/report"),
    (_A.APPOINT, N_("请组建或补足「{title}」的评审小组"), N_("去组建"), "/panel"),
)
"""Each act that can wait, the first that applies is told; who is seated has declared already."""


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits for the actor: a panel to compose, a declaration, bids to check, points to give, a decision."""
    if actor.person_id is None:
        return []
    return [todo for project, row in waiting(db, actor, now) for todo in _of(db, actor, project, row, now)]


def _of(db: Session, actor: Actor, project: Project, row: Evaluation | None, now: datetime) -> list[Todo]:
    try:
        may_do = acts(db, actor, project, row)
    except RuleMissing:
        return []  # the page itself says which rule is missing
    judging = row is not None and row.state in {EvaluationState.CHECKING, EvaluationState.SCORING}
    for act, title, word, path in STEPS:
        if act not in may_do or (act is _A.CHECK and _all_checked(may_do)):
            continue
        if act is _A.DECLARE and judging and may_do & {_A.CHECK, _A.SUBMIT}:
            continue
        due = _due(db, project, row, act)
        return [
            Todo(
                title=title,
                params={"title": project.title},
                url=f"/centre/evaluation/{project.id}{path}",
                action=word,
                due_at=at_legal(due, 23, 59) if due else None,
                urgent=due is not None and due <= legal_day(now),
            )
        ]
    return []


def _all_checked(may_do: frozenset[EvaluationAction]) -> bool:
    return _A.CONFIRM_CHECKS in may_do


def _due(db: Session, project: Project, row: Evaluation | None, act: EvaluationAction) -> date | None:
    """The last day the rules give for an act; None where no rule sets one."""
    if act is _A.DECIDE:
        return row.decide_by if row else None
    rule_id, start = REPORT_RULE, project.closed_at
    if act is _A.PUBLISH:
        award = award_of(db, project.id)
        rule_id, start = NOTICE_RULE, award.decided_at if award else None
    rule = kept_rules(db, project).find(rule_id)
    if rule is None or start is None:
        return None
    return law.calendar(db).add(legal_day(start), rule.number, rule.period).rolled
