"""What the pages of evaluations show beside the domain's own structs: the line of steps, the tasks, the words."""

from typing import Any

from litestar.response import Template
from msgspec import Struct

from marketplace.bids.states import BID, BidState
from marketplace.evaluation.rules import TIE_RULES, points
from marketplace.evaluation.schemas import EvaluationView
from marketplace.evaluation.states import EVALUATION, MEMBER, SEAT_NAMES, EvaluationAction, EvaluationState, MemberState
from marketplace.kit.i18n import N_
from marketplace.procedures.rules import METHODS
from marketplace.web.procedures import words

_S, _A = EvaluationState, EvaluationAction
ORDER = (_S.COMPOSING, _S.DECLARING, _S.CHECKING, _S.SCORING, _S.SCORED, _S.SIGNING, _S.REPORTED, _S.DECIDED)
"""The states on the way to a published result."""
STEPS: tuple[tuple[str, frozenset[EvaluationState]], ...] = (
    (N_("组建评审小组"), frozenset({_S.COMPOSING})),
    (N_("声明回避"), frozenset({_S.DECLARING})),
    (N_("审查"), frozenset({_S.CHECKING})),
    (N_("打分"), frozenset({_S.SCORING})),
    (N_("评审报告"), frozenset({_S.SCORED, _S.SIGNING})),
    (N_("确定结果"), frozenset({_S.REPORTED})),
    (N_("公告结果"), frozenset({_S.DECIDED})),
)
STATE_TONES = {_S.PUBLISHED: "green", _S.FAILED: "red", _S.COMPOSING: "yellow", _S.REPORTED: "yellow"}
MEMBER_TONES = {
    MemberState.APPOINTED: "yellow",
    MemberState.SEATED: "blue",
    MemberState.RECUSED: "grey",
    MemberState.DISMISSED: "grey",
    MemberState.LOCKED: "green",
    MemberState.SIGNED: "green",
}
BID_TONES = {BidState.VALID: "green", BidState.DISQUALIFIED: "red"}


class Task(Struct, frozen=True, kw_only=True):
    """One line of the task list; ``title`` and ``word`` are message ids, without ``url`` it is not the actor's now."""

    title: str
    url: str
    word: str
    tone: str


def state_tag(state: EvaluationState) -> tuple[str, str]:
    """An evaluation's state as a tag."""
    return EVALUATION.label(state), STATE_TONES.get(state, "blue")


def steps(state: EvaluationState) -> list[tuple[str, str]]:
    """The line of steps: (title, "done" | "now" | "todo" | "failed")."""
    if state is _S.PUBLISHED:
        return [(title, "done") for title, _ in STEPS]
    if state is _S.FAILED:
        return [(N_("评审未产生结果"), "failed")]
    here = next(place for place, (_, states) in enumerate(STEPS) if state in states)
    kinds = ["done"] * here + ["now"] + ["todo"] * (len(STEPS) - here - 1)
    return [(title, kind) for (title, _), kind in zip(STEPS, kinds, strict=True)]


def tasks(view: EvaluationView) -> list[Task]:
    """What is to be done in this evaluation, each with its state, linked where it is the actor's turn."""
    base, acts = f"/centre/evaluation/{view.project_id}", view.acts
    rows = (
        (N_("组建评审小组"), "panel", bool(acts & {_A.APPOINT, _A.DISMISS}), _S.COMPOSING),
        (N_("查看响应单位并声明是否回避"), "declaration", _may_declare(view), _S.DECLARING),
        (N_("资格与符合性审查"), "checks", bool(acts & {_A.CHECK, _A.CONFIRM_CHECKS}), _S.CHECKING),
        (N_("独立打分"), "scores", _has_sheet(view), _S.SCORING),
        (N_("评审报告"), "report", bool(view.ranking), _S.SCORED),
        (N_("确定并公告结果"), "report", bool(acts & {_A.DECIDE, _A.PUBLISH}), _S.REPORTED),
    )
    return [
        Task(title=title, url=f"{base}/{path}" if linked else "", word=word, tone=tone)
        for title, path, linked, state in rows
        for word, tone in [_standing(view.state, state)]
    ]


def _may_declare(view: EvaluationView) -> bool:
    return view.mine is not None and view.mine.state is MemberState.APPOINTED


def _has_sheet(view: EvaluationView) -> bool:
    scoring = view.state in ORDER[3:] or view.state is _S.PUBLISHED
    return (
        scoring
        and view.mine is not None
        and view.mine.state
        in {
            MemberState.SEATED,
            MemberState.LOCKED,
            MemberState.SIGNED,
        }
    )


def _standing(now: EvaluationState, step: EvaluationState) -> tuple[str, str]:
    """How a step stands, in a word and its colour."""
    if now is _S.FAILED:
        return N_("已结束"), "grey"
    here = len(ORDER) if now is _S.PUBLISHED else ORDER.index(now)
    first = ORDER.index(step)
    last = {_S.SCORED: first + 1, _S.REPORTED: first + 1}.get(step, first)
    if here > last:
        return N_("已完成"), "green"
    return (N_("进行中"), "blue") if here >= first else (N_("未开始"), "grey")


def shown(template: str, **context: Any) -> Template:
    """A page with the words that all pages of evaluations use."""
    return Template(template, context=told(context))


def told(context: dict[str, Any]) -> dict[str, Any]:
    """What a page is given, with the words that all pages of evaluations use."""
    common = {
        "Act": EvaluationAction,
        "State": EvaluationState,
        "bid_label": BID.label,
        "bid_tones": BID_TONES,
        "member_label": MEMBER.label,
        "member_tones": MEMBER_TONES,
        "methods": METHODS,
        "points": points,
        "seat_names": SEAT_NAMES,
        "state_tag": state_tag,
        "tie_rules": TIE_RULES,
        "words": words,
    }
    return {**common, **context}
