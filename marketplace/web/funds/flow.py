"""The flow of money as a figure: source, fund, project, and what is left."""

from collections import defaultdict
from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.funds.model import ProjectFunding
from marketplace.funds.rules import SOURCE_LABELS, SourceKind
from marketplace.funds.schemas import FundView
from marketplace.funds.states import FundingState
from marketplace.kit.i18n import N_
from marketplace.projects.model import Project
from marketplace.web.figures.sankey import Link, Node, sankey
from marketplace.web.i18n import gettext

LEFT = "left"
KINDS = {SourceKind.FISCAL: "fiscal", SourceKind.UNION: "union", SourceKind.DONATION: "gift"}


class Flow(Struct, frozen=True):
    """The figure, or None where there is nothing to draw, and its rows: from, to, fen."""

    svg: Markup | None
    links: list[tuple[str, str, int]]


def money_flow(db: Session, funds: Sequence[FundView]) -> Flow:
    """From each source through its funds to published projects; what no project holds flows to the rest."""
    nodes: dict[str, Node] = {}
    links: list[Link] = []
    names: dict[str, str] = {}

    def node(key: str, label: str, kind: str) -> str:
        nodes.setdefault(key, Node(key, label, kind))
        names[key] = label
        return key

    into_projects: dict[object, list[tuple[str, str, int]]] = defaultdict(list)
    query = (
        select(ProjectFunding.fund_id, Project.id, Project.title, ProjectFunding.amount_fen)
        .join(Project, Project.id == ProjectFunding.project_id)
        .where(ProjectFunding.state == FundingState.RESERVED)
        .order_by(Project.published_at)
    )
    for fund_id, project_id, title, amount_fen in db.execute(query):
        into_projects[fund_id].append((str(project_id), title, amount_fen))
    for fund in funds:
        if not fund.received_fen:
            continue
        source = node(f"source-{fund.source}", gettext(SOURCE_LABELS[fund.source]), KINDS[fund.source])
        here = node(str(fund.id), fund.name, "fund")
        links.append(Link(source, here, fund.received_fen))
        left = fund.received_fen
        for key, title, amount_fen in into_projects[fund.id]:
            links.append(Link(here, node(key, title, "proj"), amount_fen))
            left -= amount_fen
        if left:
            links.append(Link(here, node(LEFT, gettext(N_("未占用余额")), LEFT), left))
    if not links:
        return Flow(None, [])
    svg = sankey(
        list(nodes.values()),
        links,
        heads=(gettext(N_("资金来源")), gettext(N_("资金")), gettext(N_("项目"))),
        title=gettext(N_("资金流向图")),
        description=gettext(N_("从资金来源经各项资金到项目的流向，明细见下表。")),
    )
    return Flow(svg, [(names[link.source], names[link.target], link.amount_fen) for link in links])
