"""PDF papers: a Typst template and plain data in, the same bytes for the same input out."""

import datetime as dt
import importlib.resources
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import typst
from fontTools.ttLib import TTFont

from marketplace.papers.schemas import FormalPaper

TEMPLATES = Path(__file__).parents[2] / "templates" / "papers"
FONTS = Path(str(importlib.resources.files("pylopdf_fonts_zh_cn")))


class UnprintableText(ValueError):
    """A character is in none of our fonts; a paper would silently lack it."""


class TemplateWarned(RuntimeError):
    """The template compiled with warnings, which is as bad as not compiling."""


def render(template: str, data: Mapping[str, object], *, on: dt.date) -> bytes:
    """The PDF/A of ``templates/papers/<template>.typ`` over ``data``, dated ``on``.

    Raises:
        UnprintableText: names the characters our fonts lack.
        TemplateWarned: the template is at fault.
    """
    lacking = "".join(sorted(set(_characters(data)) - printable()))
    if lacking:
        raise UnprintableText(lacking)
    inputs = {
        "data": json.dumps(data, ensure_ascii=False),
        "year": str(on.year),
        "month": str(on.month),
        "day": str(on.day),
    }
    paper, warnings = typst.compile_with_warnings(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=dt.datetime.combine(on, dt.time(), dt.UTC),
    )
    if warnings:
        raise TemplateWarned("; ".join(warning.message for warning in warnings))
    return bytes(paper)


def formal(paper: FormalPaper, *, on: dt.date) -> bytes:
    """The PDF/A of a paper in sections.

    Raises:
        UnprintableText: names the characters our fonts lack.
    """
    return render("document", msgspec.to_builtins(paper), on=on)


@cache
def printable() -> frozenset[str]:
    """The characters that every one of our fonts has, and white space."""
    shared: set[int] | None = None
    for path in sorted(FONTS.glob("*.otf")):
        with TTFont(path, lazy=True) as font:
            known = set(font.getBestCmap())
        shared = known if shared is None else shared & known
    return frozenset(map(chr, shared or ())) | frozenset(" \n\t\r")


def _characters(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _characters(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _characters(part)
