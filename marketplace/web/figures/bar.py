"""The fund bar: how much of a sum is paid, due, bound and free, as one bar with a legend that says it in words."""

from collections.abc import Sequence
from fractions import Fraction

from markupsafe import Markup

from marketplace.kit.i18n import N_
from marketplace.kit.money import WHOLE_BP, half_up, percent, yuan_grouped
from marketplace.web.i18n import gettext, say

WIDTH, HEIGHT = 1000, 26
KINDS = ("paid", "due", "bound", "free")
"""Paid out, to be paid or being checked (hatched), promised but not due, not promised."""


def fund_bar(parts: Sequence[tuple[str, str, int]], label: str = N_("资金使用")) -> Markup:
    """A bar of ``(kind, title, amount in fen)`` with its legend; titles and ``label`` are message ids.

    Raises:
        ValueError: an amount is negative, or a kind is unknown.
    """
    if any(fen < 0 or kind not in KINDS for kind, _, fen in parts):
        raise ValueError(f"amounts are not negative and kinds are among {KINDS}")
    total = sum(fen for _, _, fen in parts)
    shapes, entries, words, x = [], [], [], 0.0
    for kind, title, fen in parts:
        width = WIDTH * fen / total if total else 0
        share = percent(half_up_share(fen, total))
        if width:
            shapes.append(
                Markup('<rect class="bar-{}" x="{:.2f}" y="0" width="{:.2f}" height="{}"/>').format(
                    kind, x, width, HEIGHT
                )
            )
            if kind == "due":
                shapes.append(
                    Markup('<rect class="bar-hatch" x="{:.2f}" y="0" width="{:.2f}" height="{}"/>').format(
                        x, width, HEIGHT
                    )
                )
        x += width
        name = gettext(title)
        words.append(say(N_("{title} {amount} 元（{share}%）"), title=name, amount=yuan_grouped(fen), share=share))
        entries.append(
            Markup('<li><svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect class="bar-{}" width="12" height="12"/>'
                   '{}</svg>{} <span class="nowrap"><b>{}</b> {}</span></li>').format(
                kind,
                Markup('<rect class="bar-hatch" width="12" height="12"/>') if kind == "due" else "",
                name, yuan_grouped(fen), say(N_("元（{share}%）"), share=share),
            )
        )  # fmt: skip
    said = f"{gettext(label)}：{'，'.join(words)}"
    return Markup(
        '<svg class="bar" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img" aria-label="{2}">'
        '<rect class="bar-none" width="{0}" height="{1}"/>{3}</svg><ul class="legend">{4}</ul>'
    ).format(WIDTH, HEIGHT, said, Markup("").join(shapes), Markup("").join(entries))


def half_up_share(part: int, whole: int) -> int:
    """What part of a whole something is, in basis points, rounded half up; nothing of nothing is nothing."""
    return half_up(Fraction(part * WHOLE_BP, whole)) if whole else 0
