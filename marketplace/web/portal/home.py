"""The figures of the home page, read from the domains."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.contracts.queries import performing
from marketplace.funds import queries as funds
from marketplace.kit.clock import legal_day
from marketplace.kit.i18n import N_
from marketplace.projects import queries as projects
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.states import NOTICE_NAMES, ProjectState
from marketplace.suppliers import queries as suppliers
from marketplace.web.front import Headline, HomeView, MoneyStage, OpenProject, Underway
from marketplace.web.i18n import gettext, say

SHOWN = 5
STAGES = (
    ("paid", N_("已支付"), ("paid", "fee", "refunded", "returned")),
    ("due", N_("待支付"), ("payable", "in_transit")),
    ("bound", N_("已占用"), ("reserved", "committed", "retention", "clearing")),
    ("free", N_("可用"), ("available",)),
)


def home_view(db: Session, *, now: datetime) -> HomeView:
    """What is open, where the money is, and what was published last."""
    closing = projects.public_list(db, ProjectFilter(state=ProjectState.OPEN, closing=True), limit=SHOWN)
    balances: dict[str, int] = {}
    for fund in funds.funds(db):
        for role, amount_fen in fund.balances_fen.items():
            balances[role] = balances.get(role, 0) + amount_fen
    sums = ((kind, title, sum(balances.get(role, 0) for role in roles)) for kind, title, roles in STAGES)
    today = legal_day(now)
    return HomeView(
        projects=tuple(
            OpenProject(
                title=card.title,
                url=f"/projects/{card.id}",
                buyer=card.buyer_name,
                price_ceiling_fen=card.ceiling_fen or 0,
                due_at=card.bids_due_at,
                days_left=(legal_day(card.bids_due_at) - today).days,
            )
            for card in closing.items
            if card.bids_due_at is not None
        ),
        projects_open=closing.total,
        underway=tuple(
            Underway(
                title=one.title,
                url=f"/projects/{one.project_id}",
                supplier=one.supplier,
                price_fen=one.price_fen,
                next_on=one.next_on,
                days_left=(one.next_on - today).days if one.next_on else 0,
            )
            for one in performing(db, limit=SHOWN)
        ),
        money=tuple(MoneyStage(kind=kind, title=title, amount_fen=fen) for kind, title, fen in sums if fen),
        money_at=now,
        suppliers_qualified=suppliers.directory(db, on_day=today, valid_only=True, limit=1).total,
        notices=tuple(
            Headline(
                title=say(N_("{kind}：{title}"), kind=gettext(NOTICE_NAMES[line.kind]), title=line.title),
                url=f"/projects/{line.project_id}",
                on=line.at,
            )
            for line in projects.notice_lines(db, limit=SHOWN)
        ),
    )
