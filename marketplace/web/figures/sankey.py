"""The flow of money as a Sankey diagram, laid out by ourselves: a wide figure, and a narrow one in panels.

Columns by longest path from the sources, heights by amount, order by a few rounds of barycentres.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from markupsafe import Markup
from msgspec import Struct

from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.web.i18n import say
from marketplace.web.show import round_figure

KINDS = ("fiscal", "union", "gift", "fund", "proj", "ms", "payee", "left")
"""What a node may be: three kinds of source, a fund, a project, a milestone, a payee, and what is left (drawn last)."""
ROUNDS = 24
NODE_W, SLOT_MIN, GAP, HEAD = 14.0, 30.0, 8.0, 34.0
WIDE, NARROW, PANEL = 980.0, 358.0, 3
"""Widths of the two figures in pixels, and how many columns fit a narrow one."""
CHAR_W = 13.0


class Node(Struct, frozen=True):
    """A place where money is; ``label`` is shown as it is."""

    key: str
    label: str
    kind: str


class Link(Struct, frozen=True):
    """Money on its way from one node to another, in fen."""

    source: str
    target: str
    amount_fen: int


@dataclass
class _Box:
    node: Node
    out: list["_Band"] = field(default_factory=list)
    into: list["_Band"] = field(default_factory=list)
    column: int = 0
    x: float = 0
    y: float = 0
    height: float = 0

    @property
    def fen(self) -> int:
        return max(sum(band.fen for band in self.out), sum(band.fen for band in self.into))

    @property
    def slot(self) -> float:
        return max(self.height, SLOT_MIN)

    @property
    def middle(self) -> float:
        return self.y + self.slot / 2

    @property
    def top(self) -> float:
        return self.middle - self.height / 2


@dataclass
class _Band:
    source: _Box
    target: _Box
    fen: int
    width: float = 0
    y0: float = 0
    y1: float = 0


@dataclass
class _Layout:
    columns: list[list[_Box]]
    bands: list[_Band]
    height: float = 0
    step: float = 0
    last_chars: int = 0


def sankey(
    nodes: Sequence[Node], links: Sequence[Link], *, heads: Sequence[str], title: str, description: str
) -> Markup:
    """The figure; ``heads`` name the columns, ``title`` and ``description`` say it to who cannot see it.

    Raises:
        ValueError: the flow has a cycle, or a link names no node.
    """
    whole = _columns(nodes, links)
    most = max((box.fen for column in whole.columns for box in column), default=0)  # all amounts have one unit
    uid = f"flow-{crc32(repr((nodes, links)).encode()):08x}"
    wide = _drawn(_placed(whole, WIDE, 11), WIDE, heads, f"{uid}-w", title, description, "only-wide", most)
    panels = Markup("")
    for first in range(0, max(1, len(whole.columns) - 1), PANEL - 1):
        part = _part(whole, first, first + PANEL)
        said = title if first == 0 else say(N_("{title}（续）"), title=title)
        placed = _placed(part, NARROW, 8)
        panels += _drawn(placed, NARROW, heads[first:], f"{uid}-{first}", said, description, "only-narrow", most)
    return wide + panels


def _columns(nodes: Iterable[Node], links: Iterable[Link]) -> _Layout:
    boxes = {node.key: _Box(node) for node in nodes}
    bands = []
    for link in links:
        if link.amount_fen <= 0:
            continue
        if link.source not in boxes or link.target not in boxes:
            raise ValueError(f"no node for {link.source} -> {link.target}")
        band = _Band(boxes[link.source], boxes[link.target], link.amount_fen)
        band.source.out.append(band)
        band.target.into.append(band)
        bands.append(band)
    used = [box for box in boxes.values() if box.out or box.into]
    waiting = {box.node.key: len(box.into) for box in used}
    ready, seen = [box for box in used if not box.into], 0
    while ready:
        box, seen = ready.pop(), seen + 1
        for band in box.out:
            after = band.target
            after.column = max(after.column, box.column + 1)
            waiting[after.node.key] -= 1
            if waiting[after.node.key] == 0:
                ready.append(after)
    if seen != len(used):
        raise ValueError("the flow of money has a cycle")
    columns: list[list[_Box]] = [[] for _ in range(max((box.column for box in used), default=-1) + 1)]
    for box in used:
        columns[box.column].append(box)
    return _Layout(columns, bands)


def _part(whole: _Layout, first: int, last: int) -> _Layout:
    """The columns ``first`` up to ``last`` as a figure of its own."""
    inside = [box for column in whole.columns[first:last] for box in column]
    keys = {box.node.key for box in inside}
    kept = [band for band in whole.bands if band.source.node.key in keys and band.target.node.key in keys]
    return _columns([box.node for box in inside], [Link(b.source.node.key, b.target.node.key, b.fen) for b in kept])


def _placed(layout: _Layout, width: float, label_chars: int) -> _Layout:
    if not layout.columns:
        return layout
    most = max(len(column) for column in layout.columns)
    layout.height = HEAD + most * (SLOT_MIN + GAP) + 190
    room = layout.height - HEAD - GAP
    scale = min(
        (room - (GAP + SLOT_MIN / 2) * len(column)) / max(1, sum(box.fen for box in column))
        for column in layout.columns
    )
    label_w = label_chars * CHAR_W + 10
    layout.step = (width - NODE_W - label_w) / max(1, len(layout.columns) - 1)
    for band in layout.bands:
        band.width = max(band.fen * scale, 1.0)
    for column in layout.columns:
        y = HEAD
        for box in column:
            box.height, box.x, box.y = max(box.fen * scale, 1.5), 2 + box.column * layout.step, y
            y += box.slot + GAP
    for turn in range(ROUNDS):
        pull = 0.99**turn
        for column in layout.columns[1:]:
            _settle(column, layout.height, pull, sources=True)
        for column in reversed(layout.columns[:-1]):
            _settle(column, layout.height, pull, sources=False)
    boxes = [box for column in layout.columns for box in column]
    up = min(box.y for box in boxes) - HEAD
    for box in boxes:
        box.y -= up
    for box in boxes:
        _attach(box)
    layout.height = max(box.y + box.slot for box in boxes) + GAP
    layout.last_chars = label_chars
    return layout


def _settle(column: list[_Box], height: float, pull: float, *, sources: bool) -> None:
    """Pull each box towards its neighbours' middle, then push apart what overlaps."""
    for box in column:
        ends = [(band.source if sources else band.target, band.fen) for band in (box.into if sources else box.out)]
        if ends:
            aim = sum(end.middle * fen for end, fen in ends) / sum(fen for _, fen in ends)
            box.y += (aim - box.middle) * pull
    column.sort(key=lambda box: (box.node.kind == "left", box.middle))
    y = HEAD
    for box in column:
        box.y = max(box.y, y)
        y = box.y + box.slot + GAP
    y = height - GAP
    for box in reversed(column):
        box.y = min(box.y, y - box.slot)
        y = box.y - GAP


def _attach(box: _Box) -> None:
    y = box.top
    for band in sorted(box.out, key=lambda one: one.target.middle):
        band.y0, y = y + band.width / 2, y + band.width
    y = box.top
    for band in sorted(box.into, key=lambda one: one.source.middle):
        band.y1, y = y + band.width / 2, y + band.width


_FIGURE = Markup(
    '<svg class="figure-svg {}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}-t {}-d">'
    '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>'
)
_BAND = Markup(
    '<path class="flow-link k-{}" d="M{:.1f},{:.1f}C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}" stroke-width="{:.2f}">'
    "<title>{}</title></path>"
)
_BOX = Markup(
    '<rect class="flow-node k-{}" x="{:.1f}" y="{:.1f}" width="{:.0f}" height="{:.1f}"><title>{}</title></rect>'
    '<text class="halo" x="{:.1f}" y="{:.1f}">{}</text><text class="value halo" x="{:.1f}" y="{:.1f}">{}</text>'
)


def _drawn(
    layout: _Layout, width: float, heads: Sequence[str], uid: str, title: str, description: str, shown: str, most: int
) -> Markup:
    inner = Markup("")
    for index, head in enumerate(heads[: len(layout.columns)]):
        inner += Markup('<text class="strong" x="{:.1f}" y="16">{}</text>').format(2 + index * layout.step, head)
    for band in sorted(layout.bands, key=lambda one: -one.width):
        x0, x1 = band.source.x + NODE_W, band.target.x
        half = (x0 + x1) / 2
        said = say(
            N_("{source} → {target}：{amount} 元"),
            source=band.source.node.label, target=band.target.node.label, amount=yuan_grouped(band.fen),
        )  # fmt: skip
        kind = band.target.node.kind if band.target.node.kind == "left" else band.source.node.kind
        inner += _BAND.format(kind, x0, band.y0, half, band.y0, half, band.y1, x1, band.y1, band.width, said)
    inner_chars = int((layout.step - NODE_W - 10) / CHAR_W)
    for index, column in enumerate(layout.columns):
        chars = layout.last_chars if index == len(layout.columns) - 1 else inner_chars
        for box in column:
            inner += _labelled(box, max(4, chars), most)
    return _FIGURE.format(shown, width, layout.height, uid, uid, uid, title, uid, description, inner)


def _labelled(box: _Box, chars: int, most: int) -> Markup:
    said = say(N_("{label}：{words}"), label=box.node.label, words=say(N_("{amount} 元"), amount=yuan_grouped(box.fen)))
    label = box.node.label if _width(box.node.label) <= chars else _cut(box.node.label, chars)
    x = box.x + NODE_W + 5
    return _BOX.format(
        box.node.kind, box.x, box.top, NODE_W, box.height, said,
        x, box.middle - 2, label, x, box.middle + 13, round_figure(box.fen, most),
    )  # fmt: skip


def _width(text: str) -> float:
    """The width of a label in Chinese characters."""
    return sum(0.55 if sign.isascii() else 1 for sign in text)


def _cut(text: str, chars: int) -> str:
    kept = ""
    for sign in text:
        if _width(kept + sign) > chars - 1:
            break
        kept += sign
    return kept.rstrip() + "…"
