"""What changed between two versions of a plan, in words that an approver reads."""

from collections.abc import Iterator
from datetime import date
from enum import Enum

import msgspec
from msgspec import Struct

from marketplace.kit.money import percent, yuan_grouped
from marketplace.projects.rules.plan import Plan, moment

SHOWN_MAX = 400
YES, NO = "是", "否"


class Difference(Struct, frozen=True, kw_only=True):
    """A field whose content changed; lists are written a line a row."""

    field: str
    before: str
    after: str


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
