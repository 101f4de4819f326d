"""Quantified steps of a criterion as clerks type them: one a line, the points first."""

import re

from msgspec import Struct

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.fields import BasisPoints, Name
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_line, half_width

_LINE = re.compile(r"(?P<whole>\d{1,3})(?:\.(?P<part>\d{1,2}))?(?![\d.])\s*分?\s*[:|、,，]?\s*(?P<content>\S.*)")
SCORE_MAX_BP = 10_000


class Step(Struct, frozen=True, kw_only=True):
    """One step: what must be shown to earn ``score_bp`` hundredths of a point."""

    score_bp: BasisPoints
    content: Name


class BadStep(DomainError):
    """A line of the steps does not begin with points and say what earns them."""

    kind, code = Kind.INVALID, "bad_step"
    text = N_("第 {line} 行「{given}」不是评分档次。请每行先写分数再写得分条件，例如：10 方案完整，有分阶段安排。")


def parse_steps(given: str, *, field: str = "") -> tuple[Step, ...]:
    """The steps that were typed, highest first as typed; empty lines do not count.

    Raises:
        BadStep: names the first line that is none.
    """
    steps = []
    for number, line in enumerate(given.splitlines(), 1):
        text = clean_line(line)
        if not text:
            continue
        found = _LINE.fullmatch(half_width(text[:8]) + text[8:])
        score = int(found["whole"] + (found["part"] or "").ljust(2, "0")) if found else SCORE_MAX_BP + 1
        if found is None or score > SCORE_MAX_BP:
            raise BadStep(field=field, line=number, given=text[:40])
        steps.append(Step(score_bp=score, content=found["content"]))
    return tuple(steps)


def points(score_bp: int) -> str:
    """Points without needless zeros: ``10``, ``2.5``, ``0.25``."""
    whole, part = divmod(score_bp, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


def write_steps(steps: tuple[Step, ...]) -> str:
    """Steps as :func:`parse_steps` reads them."""
    return "\n".join(f"{points(step.score_bp)} {step.content}" for step in steps)
