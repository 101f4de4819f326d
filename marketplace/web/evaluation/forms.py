"""The forms of an evaluation: the panel, the declaration, the checks, the score sheet, the report, the decision."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from marketplace.evaluation.rules import points, steps_of
from marketplace.evaluation.schemas import (
    CheckView,
    Composition,
    Declaration,
    Finding,
    Given,
    NewCheck,
    Note,
    Opinion,
    Sheet,
    Signature,
)
from marketplace.kit.errors import DomainError, Several
from marketplace.kit.fields import Reason
from marketplace.kit.i18n import N_
from marketplace.projects.schemas import ConditionView, CriterionView
from marketplace.web.forms import Form, FormKind

FIRST_LINE = 30
"""So many characters of a step stand beside its points in a list."""


class ReasonForm(Struct, frozen=True, kw_only=True):
    """Why something is done."""

    reason: Reason


PANEL = FormKind(
    Composition,
    labels={"representatives": N_("代表和工作人员"), "experts": N_("随机抽取专家人数")},
    hints={
        "representatives": N_(
            "从购买主体和经办单位的经办、负责人中选择。要由本单位负责人确定结果的，请不要选这位负责人。"
        ),
        "experts": N_("专家由系统随机抽取，不能指定。购买主体的人员和起草人不会被抽中。"),
    },
)
DECLARATION = FormKind(
    Declaration,
    labels={"recuse": N_("我的声明"), "reason": N_("回避理由")},
    hints={"reason": N_("需要回避时填写，只有购买主体、经办单位、监督单位和小组成员看得到。")},
)
OPINION = FormKind(
    Opinion,
    labels={"opinion": N_("评审意见")},
    hints={"opinion": N_("写明推荐的成交候选人和理由，以及需要购买主体注意的事项。")},
)
SIGNATURE = FormKind(
    Signature,
    labels={"digest": N_("报告摘要值"), "dissent": N_("不同意见")},
    hints={"dissent": N_("不同意报告结论的，写明理由；没有就留空。")},
)
REASON = FormKind(ReasonForm, labels={"reason": N_("理由")})


def check_kind(asked: Sequence[ConditionView]) -> FormKind[Any]:
    """The page of one bid's check: met or not for each condition, with a reason, and whether it conforms."""
    fields: list[tuple[str, Any, Any]] = []
    labels: dict[str, str] = {}
    for number, one in enumerate(asked):
        fields += [(f"met_{number}", bool | None, None), (f"reason_{number}", Note, "")]
        labels |= {f"met_{number}": one.content, f"reason_{number}": N_("不符合的理由")}
    fields += [("conforms", bool | None, None), ("reason", Note, "")]
    labels |= {"conforms": N_("响应采购文件的全部实质性要求"), "reason": N_("不响应的理由")}
    shape: type[Any] = msgspec.defstruct("CheckForm", fields, frozen=True, kw_only=True)
    return FormKind(shape, labels)


def check_form(asked: Sequence[ConditionView], found: CheckView | None) -> Form[Any]:
    """That page, filled with what was recorded before."""
    known: dict[str, object] = {}
    if found is not None:
        place = {one.id: number for number, one in enumerate(asked)}
        for finding in found.findings:
            number = place[finding.condition_id]
            known |= {f"met_{number}": finding.met, f"reason_{number}": finding.reason}
        known |= {"conforms": found.conforms, "reason": "" if found.conforms else found.reason}
    return check_kind(asked).blank(**known)


def new_check(asked: Sequence[ConditionView], data: Any) -> NewCheck:
    """What that page says; a condition that was left open has no finding."""
    return NewCheck(
        findings=tuple(
            Finding(condition_id=one.id, met=met, reason=getattr(data, f"reason_{number}"))
            for number, one in enumerate(asked)
            if (met := getattr(data, f"met_{number}")) is not None
        ),
        conforms=data.conforms is not False,
        reason=data.reason,
    )


def check_spots(asked: Sequence[ConditionView]) -> dict[str, str]:
    """Where on that page the fields of the command's refusals stand."""
    return {f"findings-{one.id}-reason": f"reason_{number}" for number, one in enumerate(asked)} | {"reason": "reason"}


class Cell(Struct, frozen=True, kw_only=True):
    """One score of a sheet: its fields on the page, and what they are for."""

    bid_id: UUID
    criterion_id: UUID
    points: str
    reason: str


def cells(bids: Sequence[UUID], criteria: Sequence[CriterionView]) -> list[Cell]:
    """Every score of a complete sheet."""
    return [
        Cell(bid_id=bid, criterion_id=one.id, points=f"points_{row}_{column}", reason=f"reason_{row}_{column}")
        for row, one in enumerate(criteria)
        for column, bid in enumerate(bids)
    ]


def sheet_kind(bids: Sequence[UUID], criteria: Sequence[CriterionView]) -> FormKind[Any]:
    """The score sheet: points and a reason for each bid under each criterion."""
    fields: list[tuple[str, Any, Any]] = []
    labels: dict[str, str] = {}
    for cell in cells(bids, criteria):
        fields += [(cell.points, int | None, None), (cell.reason, Note, "")]
        labels |= {cell.points: N_("得分"), cell.reason: N_("理由")}
    shape: type[Any] = msgspec.defstruct("SheetForm", fields, frozen=True, kw_only=True)
    return FormKind(shape, labels)


def sheet_form(
    bids: Sequence[UUID], criteria: Sequence[CriterionView], given: Mapping[tuple[UUID, UUID], Given]
) -> Form[Any]:
    """The sheet with the draft that was saved."""
    known: dict[str, object] = {}
    for cell in cells(bids, criteria):
        one = given.get((cell.bid_id, cell.criterion_id))
        if one is not None:
            known |= {cell.points: one.points_bp, cell.reason: one.reason}
    return sheet_kind(bids, criteria).blank(**known)


def sheet_of(bids: Sequence[UUID], criteria: Sequence[CriterionView], data: Any) -> Sheet:
    """What was filled in."""
    return Sheet(
        scores=tuple(
            Given(
                bid_id=cell.bid_id,
                criterion_id=cell.criterion_id,
                points_bp=getattr(data, cell.points),
                reason=getattr(data, cell.reason),
            )
            for cell in cells(bids, criteria)
        )
    )


def sheet_spots(bids: Sequence[UUID], criteria: Sequence[CriterionView]) -> dict[str, str]:
    """Where on the sheet the fields of the command's refusals stand."""
    found: dict[str, str] = {}
    for cell in cells(bids, criteria):
        key = f"{cell.bid_id}-{cell.criterion_id}"
        found |= {f"points-{key}": cell.points, f"reason-{key}": cell.reason}
    return found


def step_choices(one: CriterionView) -> list[tuple[str, str]]:
    """The steps of a criterion as they are picked: points, and what earns them."""
    said = {step.score_bp: step.content for step in one.steps}
    return [(str(step), f"{points(step)} {said.get(step, '')[:FIRST_LINE]}".strip()) for step in steps_of(one.steps)]


def moved(refusal: DomainError, spots: Mapping[str, str]) -> DomainError:
    """The refusal with the fields of a command renamed to those of the page."""
    for one in refusal.errors if isinstance(refusal, Several) else (refusal,):
        one.field = spots.get(one.field, "")
    return refusal
