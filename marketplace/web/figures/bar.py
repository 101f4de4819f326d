"""The fund bar: how much of a sum is paid, due, bound and free, as one bar with a legend that says it in words."""

from collections.abc import Sequence
from fractions import Fraction
from zlib import crc32

from markupsafe import Markup

from marketplace.kit.i18n import N_
from marketplace.kit.money import WHOLE_BP, half_up, percent, yuan_grouped
from marketplace.web.i18n import gettext, say

KINDS = ("paid", "due", "bound", "free")
"""Paid out, to be paid or being checked (hatched), promised but not due, not promised."""
_RECT = Markup('<rect {} x="{:.3f}%" width="{:.3f}%" height="100%"/>')
_HATCH = Markup(
    '<defs><pattern id="{}" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch-line" x1="2" y1="0" x2="2" y2="9"/></pattern></defs>'
)
_ENTRY = Markup(
    '<li><svg class="swatch" aria-hidden="true"><rect class="bar-{}" width="12" height="12"/>{}</svg>{}'
    ' <span class="nowrap"><b>{}</b> {}</span></li>'
)
_WHOLE = Markup(
    '<svg class="bar" role="img" aria-label="{}">{}<rect class="bar-none" width="100%" height="100%"/>{}</svg>'
    '<ul class="legend">{}</ul>'
)


def fund_bar(parts: Sequence[tuple[str, str, int]], label: str = N_("资金使用")) -> Markup:
    """A bar of ``(kind, title, amount in fen)`` with its legend; titles and ``label`` are message ids.

    Raises:
        ValueError: an amount is negative, or a kind is unknown.
    """
    if any(fen < 0 or kind not in KINDS for kind, _, fen in parts):
        raise ValueError(f"amounts are not negative and kinds are among {KINDS}")
    total = sum(fen for _, _, fen in parts)
    hatch = f"hatch-{crc32(repr(parts).encode()):08x}"
    over = Markup('fill="url(#{})"').format(hatch)
    shapes, entries, words, x = Markup(""), Markup(""), [], 0.0
    for kind, title, fen in parts:
        width = 100 * fen / total if total else 0.0
        part = percent(part_of(fen, total))
        name, amount = gettext(title), yuan_grouped(fen)
        if width:
            shapes += _RECT.format(Markup('class="bar-{}"').format(kind), x, width)
            shapes += _RECT.format(over, x, width) if kind == "due" else ""
        x += width
        words.append(say(N_("{title} {amount} 元（{share}%）"), title=name, amount=amount, share=part))
        hatched = Markup('<rect {} width="12" height="12"/>').format(over) if kind == "due" else ""
        entries += _ENTRY.format(kind, hatched, name, amount, say(N_("元（{share}%）"), share=part))
    said = say(N_("{label}：{words}"), label=gettext(label), words=say(N_("、")).join(words))
    return _WHOLE.format(said, _HATCH.format(hatch), shapes, entries)


def part_of(part: int, whole: int) -> int:
    """What part of a whole something is, in basis points, rounded half up; nothing of nothing is nothing."""
    return half_up(Fraction(part * WHOLE_BP, whole)) if whole else 0
