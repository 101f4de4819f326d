"""The flow of money by the ledger, as a figure and rows: source, fund, project, milestone, payee, what is left."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.funds.rules import SOURCE_LABELS, SourceKind
from marketplace.funds.schemas import FundView
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan
from marketplace.ledger.queries import held
from marketplace.web.figures.sankey import Link, Node, sankey
from marketplace.web.funds.naming import NOTHING, Thing, name_refs
from marketplace.web.i18n import gettext, say

LEFT = "left"
KINDS = {SourceKind.FISCAL: "fiscal", SourceKind.UNION: "union", SourceKind.DONATION: "gift"}
SHOWN_MAX = 8
"""So many projects, milestones and payees have a place of their own in the figure; the rest are one together."""
HEADS = (N_("资金来源"), N_("资金"), N_("项目"), N_("里程碑"), N_("收款方"))
COLUMNS = ("from", "to", "amount_fen", "amount_yuan")
_NOT_HERE = frozenset({"voided", "transferred"})
"""Fen that never were, or that are told of in the fund they went to: so no sum counts a transfer twice."""
_REST = {
    "available": N_("未占用余额"),
    "clearing": N_("未占用余额"),
    "fee": N_("支付平台手续费"),
    "refunded": N_("已退回"),
    "returned": N_("已退回"),
}
_OTHERS: Mapping[int, tuple[str, str]] = {
    2: ("proj", N_("其他 {count} 个项目")),
    3: ("ms", N_("其他 {count} 个里程碑")),
    4: ("payee", N_("其他 {count} 个收款方")),
}


class Flow(Struct, frozen=True):
    """The figure, or None where there is nothing to draw, and its rows: from, to, fen."""

    svg: Markup | None
    links: list[tuple[str, str, int]]


class _Stream:
    """Fen on their way from column to column, gathered link by link."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.columns: dict[str, int] = {}
        self.fen: dict[tuple[str, str], int] = defaultdict(int)

    def run(self, fen: int, way: Iterable[tuple[int, Node]]) -> None:
        """Let fen run along a way of nodes, each in its column."""
        last = ""
        for column, node in way:
            self.nodes.setdefault(node.key, node)
            self.columns[node.key] = column
            if last:
                self.fen[last, node.key] += fen
            last = node.key

    def gathered(self, most: int) -> "_Stream":
        """The same with the smallest nodes of each crowded column put together as one."""
        into: dict[str, int] = defaultdict(int)
        for (_, target), fen in self.fen.items():
            into[target] += fen
        renamed: dict[str, str] = {}
        named: dict[str, Node] = {}
        for column, (kind, words) in _OTHERS.items():
            here = [key for key, place in self.columns.items() if place == column and self.nodes[key].kind == kind]
            rest = sorted(here, key=lambda key: (-into[key], key))[most:]
            if len(rest) > 1:
                other = Node(f"others-{column}", say(words, count=len(rest)), kind)
                named[other.key] = other
                renamed |= dict.fromkeys(rest, other.key)
        found = _Stream()
        for (source, target), fen in self.fen.items():
            ends = [(renamed.get(key, key), self.columns[key]) for key in (source, target)]
            found.run(fen, [(column, named.get(key) or self.nodes[key]) for key, column in ends])
        return found

    def links(self) -> list[Link]:
        """The links, column by column."""
        order = {key: place for place, key in enumerate(self.nodes)}
        ends = sorted(self.fen, key=lambda end: (self.columns[end[0]], order[end[0]], order[end[1]]))
        return [Link(source, target, self.fen[source, target]) for source, target in ends]


def money_flow(db: Session, funds: Sequence[FundView], *, most: int = SHOWN_MAX) -> Flow:
    """From each source through its funds to published projects, their milestones and who was paid.

    What no project holds flows to the rest; beyond ``most`` projects, milestones or payees the smallest are one.
    """
    stream = _stream(db, funds).gathered(most)
    links = stream.links()
    if not links:
        return Flow(None, [])
    svg = sankey(
        list(stream.nodes.values()),
        links,
        heads=tuple(gettext(head) for head in HEADS),
        title=gettext(N_("资金流向图")),
        description=gettext(N_("从资金来源经各项资金、项目、里程碑到收款方的流向，明细见下表。")),
    )
    return Flow(svg, _rows(stream))


def flow_csv(db: Session, funds: Sequence[FundView]) -> str:
    """Every row of the flow, none put together, as CSV: whole fen, and the same as yuan in text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for source, target, fen in _rows(_stream(db, funds)):
        writer.writerow((_text(source), _text(target), fen, yuan(fen)))
    return out.getvalue()


def _text(label: str) -> str:
    """A label that no spreadsheet takes for a formula."""
    return f"'{label}" if label.startswith(("=", "+", "-", "@")) else label


def _rows(stream: _Stream) -> list[tuple[str, str, int]]:
    return [
        (stream.nodes[link.source].label, stream.nodes[link.target].label, link.amount_fen) for link in stream.links()
    ]


def _stream(db: Session, funds: Sequence[FundView]) -> _Stream:
    places = [row for row in held(db, [fund.id for fund in funds]) if row[1].role not in _NOT_HERE]
    refs = {(str(place.role), place.ref) for _, place, _ in places if place.ref is not None}
    names = name_refs(db, [(role, ref) for role, ref in refs if ref is not None], public=True)
    by_id = {fund.id: fund for fund in funds}
    numbers = {fund.id: number for number, fund in enumerate(funds)}
    stream = _Stream()
    for fund_id, place, fen in sorted(places, key=lambda row: numbers[row[0]]):
        fund, role = by_id[fund_id], str(place.role)
        start = [
            (0, Node(f"source-{fund.source}", gettext(SOURCE_LABELS[fund.source]), KINDS[fund.source])),
            (1, Node(str(fund.id), fund.name, "fund")),
        ]
        thing = names.get((role, place.ref), NOTHING) if place.ref is not None else NOTHING
        stream.run(fen, [*start, *_onward(role, thing)])
    return stream


def _onward(role: str, thing: Thing) -> Iterator[tuple[int, Node]]:
    """Where fen in one place have come to, beyond their fund."""
    if role in _REST:
        words = _REST[role]
        yield 2, Node(f"rest-{words}", gettext(words), LEFT if role in {"available", "clearing"} else "payee")
        return
    if not thing.kind:
        yield 2, Node("unnamed", gettext(N_("未公开项目")), "proj")
        return
    yield 2, Node(thing.key, thing.project or gettext(N_("未公开项目")), "proj")
    if role not in {"payable", "in_transit", "paid"}:
        return
    if thing.kind == "roster":
        yield 3, Node(f"issue-{thing.key}", gettext(N_("按名册发放")), "ms")
    elif thing.milestone_id is not None:
        yield 3, Node(str(thing.milestone_id), thing.milestone or gettext(N_("里程碑")), "ms")
    else:
        return
    if role == "paid":
        yield 4, Node(thing.payee_key, thing.payee, "payee")
