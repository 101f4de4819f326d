"""What changed between two versions of a plan, in words that an approver reads and a public notice keeps."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import SequenceMatcher
from enum import Enum, StrEnum

import msgspec
from msgspec import Struct

from marketplace.kit.money import percent, yuan_grouped
from marketplace.projects.rules.plan import (
    ConditionPlan,
    CostPlan,
    CriterionPlan,
    MilestonePlan,
    Plan,
    moment,
)
from marketplace.projects.rules.steps import points
from marketplace.projects.states import CRITERION_NAMES, MILESTONE_NAMES, CriterionKind

SHOWN_MAX = 400
YES, NO = "是", "否"
ALIKE = 0.5
"""Two lines less alike than this are an old one and a new one, not one line changed."""
_TOKEN = re.compile(r"[A-Za-z0-9.,:%-]+|\s+|.", re.DOTALL)


class Difference(Struct, frozen=True, kw_only=True):
    """A field whose content changed; lists are written a line a row."""

    field: str
    before: str
    after: str


class Mark(StrEnum):
    """What became of a piece of a text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Piece(Struct, frozen=True, kw_only=True):
    """A piece of a line: it stayed, went, or came."""

    mark: Mark
    text: str


class Line(Struct, frozen=True, kw_only=True):
    """A line that changed, in its pieces; one of a single piece went or came as a whole."""

    pieces: tuple[Piece, ...]


def differences(before: Plan, after: Plan) -> tuple[Difference, ...]:
    """Every field that differs, in the order of the plan."""
    return tuple(_different(before, after))


def _different(before: Plan, after: Plan) -> Iterator[Difference]:
    for name in Plan.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(field=name, before=_shown(name, old), after=_shown(name, new))


def _shown(name: str, value: object) -> str:
    text = _written(name, value)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


def marked(before: str, after: str) -> tuple[Line, ...]:
    """The lines in which two texts differ, those that stayed left out; within a changed line, word by word."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for kind, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            found += _replaced(old[first:last], new[begin:end])
    return tuple(found)


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines that others stand in place of: alike ones as one line changed, in their order."""
    left = list(new)
    for line in old:
        alike = [SequenceMatcher(None, line, other, autojunk=False).ratio() for other in left]
        best = max(range(len(left)), key=alike.__getitem__, default=None)
        if best is None or alike[best] < ALIKE:
            yield from _whole(Mark.GONE, line)
            continue
        for other in left[:best]:
            yield from _whole(Mark.NEW, other)
        yield Line(pieces=tuple(_pieces(line, left[best])))
        left = left[best + 1 :]
    for other in left:
        yield from _whole(Mark.NEW, other)


def _whole(mark: Mark, line: str) -> Iterator[Line]:
    if line.strip():
        yield Line(pieces=(Piece(mark=mark, text=line),))


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    for kind, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece(mark=Mark.SAME, text="".join(old[first:last]))
            continue
        if last > first:
            yield Piece(mark=Mark.GONE, text="".join(old[first:last]))
        if end > begin:
            yield Piece(mark=Mark.NEW, text="".join(new[begin:end]))


def told(name: str, value: object) -> str:
    """A value of a plan as a public notice keeps it: money in yuan, dates in China, each row of a list on its line."""
    if isinstance(value, tuple):
        return "\n".join(row_text(row) for row in value)
    return _written(name, value)


def _written(name: str, value: object) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = YES if value else NO
        case tuple():
            text = "\n".join(_written(name, row) for row in value)
        case Struct():
            parts = (_written(key, one) for key, one in msgspec.structs.asdict(value).items())
            text = " · ".join(part for part in parts if part)
        case int() if name.endswith("_fen"):
            text = yuan_grouped(value)
        case int() if name.endswith("_bp"):
            text = percent(value)
        case date():
            text = moment(value)
        case Enum():
            text = str(value.value)
        case _:
            text = str(value)
    return text


def row_text(row: CostPlan | ConditionPlan | CriterionPlan | MilestonePlan) -> str:
    """A row of a list as people read it; the steps of a criterion follow it, each on a line of its own."""
    match row:
        case CostPlan():
            quantity = "" if row.quantity is None else f"{row.quantity:f}"
            amount = row.amount_fen
            sums = f" × {_yuan(row.unit_cost_fen)}" + (f" = {_yuan(amount)}" if amount is not None else "")
            return f"{row.item}：{quantity} {row.unit}{sums}"
        case ConditionPlan():
            return row.content + (f"（证明：{row.proof}）" if row.proof else "")
        case CriterionPlan():
            weight = "" if row.weight_bp is None else f"，{points(row.weight_bp)} 分"
            steps = [] if row.kind is CriterionKind.PRICE else [line for line in row.steps.splitlines() if line]
            head = f"{row.name}（{CRITERION_NAMES[row.kind]}{weight}）"
            return "\n".join([head, *(f"{row.name} {line}" for line in steps)])
        case MilestonePlan():
            facts = [MILESTONE_NAMES[row.kind], moment(row.due_on) if row.due_on else ""]
            facts.append("" if row.share_bp is None else f"{percent(row.share_bp)}%")
            proof = "、".join(line for line in row.evidence.splitlines() if line)
            shown = f"{row.title}（{'，'.join(fact for fact in facts if fact)}）：{row.deliverable}"
            return shown + (f"；证明：{proof}" if proof else "")


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{yuan_grouped(fen)} 元"
