"""A year by months: two bars a month over one scale, wide and narrow; the table beside it says it exactly."""

from collections.abc import Sequence
from zlib import crc32

from markupsafe import Markup

from marketplace.kit.i18n import N_
from marketplace.kit.money import FEN_PER_WAN, FEN_PER_YUAN, yuan_grouped
from marketplace.web.i18n import gettext, say

STEPS = 4
WIDE, NARROW = 1110.0, 358.0
HEIGHT, TOP, FOOT, LEFT, GAP = 220.0, 14.0, 24.0, 48.0, 2.0
_FIGURE = Markup(
    '<svg class="figure-svg {}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}-t {}-d">'
    '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>'
)
_LINE = Markup('<line class="axis" x1="{:.0f}" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>')
_SCALE = Markup('<text class="value" text-anchor="end" x="{:.0f}" y="{:.1f}">{}</text>')
_NAME = Markup('<text class="value" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>')
_BAR = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>')


def unit_of(most_fen: int) -> tuple[int, str]:
    """The unit in which a figure whose largest amount is this is labelled: its fen, and its name (a message id)."""
    return (FEN_PER_WAN, N_("万元")) if most_fen >= FEN_PER_WAN else (FEN_PER_YUAN, N_("元"))


def month_bars(series: Sequence[tuple[str, str, Sequence[int]]], *, title: str, description: str) -> Markup:
    """The figure of ``(class, name, amounts in fen from January on)``; all words are in the present language already.

    An amount below zero, of a month in which more came back than was paid, has no bar: the table tells it.
    """
    most = max((fen for _, _, amounts in series for fen in amounts), default=0)
    uid = f"months-{crc32(repr((title, series)).encode()):08x}"
    return _drawn(series, most, WIDE, f"{uid}-w", (title, description), "only-wide") + _drawn(
        series, most, NARROW, f"{uid}-n", (title, description), "only-narrow"
    )


def _drawn(
    series: Sequence[tuple[str, str, Sequence[int]]],
    most: int,
    width: float,
    uid: str,
    said: tuple[str, str],
    shown: str,
) -> Markup:
    unit = unit_of(most)[0]
    top = _round_up(most, unit)
    floor, room = HEIGHT - FOOT, HEIGHT - FOOT - TOP
    inner = Markup("")
    for step in range(STEPS + 1):
        y = floor - room * step / STEPS
        inner += _LINE.format(LEFT, width, y, y) + _SCALE.format(LEFT - 6, y + 4, f"{top * step // STEPS // unit:,}")
    count = max((len(amounts) for _, _, amounts in series), default=0)
    slot = (width - LEFT) / max(count, 1)
    bar = (slot * 0.72 - GAP) / max(len(series), 1)
    for month in range(count):
        x = LEFT + slot * (month + 0.14)
        name = say(N_("{month}月"), month=month + 1)
        inner += _NAME.format(LEFT + slot * (month + 0.5), HEIGHT - 7, name if shown == "only-wide" else month + 1)
        for place, (kind, label, amounts) in enumerate(series):
            height = room * max(amounts[month], 0) / top
            if height:
                told = say(
                    N_("{month} {label}：{amount} 元"), month=name, label=label, amount=yuan_grouped(amounts[month])
                )
                inner += _BAR.format(kind, x + place * (bar + GAP), floor - height, bar, height, told)
    return _FIGURE.format(shown, width, HEIGHT, uid, uid, uid, said[0], uid, said[1], inner)


def _round_up(most: int, unit: int) -> int:
    """The top of the scale, not below ``most``: four steps of 1, 2, 3, 4, 5, 6 or 8 times a power of ten units."""
    power = unit
    while True:
        for times in (1, 2, 3, 4, 5, 6, 8):
            if STEPS * times * power >= most:
                return STEPS * times * power
        power *= 10


def said_of(series: Sequence[tuple[str, str, Sequence[int]]]) -> str:
    """What the figure says in a sentence: the sum of each series."""
    parts = [say(N_("{label}合计 {amount} 元"), label=label, amount=yuan_grouped(sum(fen))) for _, label, fen in series]
    return gettext(N_("，")).join(parts)
