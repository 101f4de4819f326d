"""The figures at the head of each desk, read from the domains; a desk without figures has none."""

from collections.abc import Callable, Mapping
from datetime import datetime

from markupsafe import Markup
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.bids import queries as bids
from marketplace.funds import queries as funds
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.outbox import queries as outbox
from marketplace.projects import queries as projects
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.states import ProjectState
from marketplace.web.access import ADMIN, CENTRE, FINANCE, ORG, SUPERVISION, Desk
from marketplace.web.show import money_short

PROJECT_PAGE = 1
_SLOW_S = 60


class Figure(Struct, frozen=True, kw_only=True):
    """One figure of a desk; ``title`` is a message id, ``is_bad`` marks what ought to be zero and is not."""

    title: str
    shown: int | Markup
    url: str = ""
    is_bad: bool = False

    @property
    def linked(self) -> int | Markup:
        """What is shown, as a link to the list behind it where there is one."""
        if not self.url:
            return self.shown
        return Markup('<a class="govuk-link" href="{}">{}</a>').format(self.url, self.shown)


Read = Callable[[Session, Actor, datetime], list[Figure]]


def _own_projects(db: Session, actor: Actor, _: datetime) -> list[Figure]:
    own = {Relation.BUYER: actor.organization_id, Relation.PROCURING_ENTITY: actor.organization_id}
    if actor.organization_id is None or not may(actor, Right.READ_PROJECT, own):
        return []
    stages = {
        ProjectState.SUBMITTED: N_("待审批项目"),
        ProjectState.APPROVED: N_("待发布项目"),
        ProjectState.OPEN: N_("征集中项目"),
        ProjectState.EVALUATION: N_("评审中项目"),
    }
    return [
        Figure(
            title=title,
            shown=projects.desk_list(db, actor, ProjectFilter(state=state), limit=PROJECT_PAGE).total,
            url=f"/centre/projects?state={state}",
        )
        for state, title in stages.items()
    ]


def _market(db: Session, _: Actor, __: datetime) -> list[Figure]:
    stages = {
        ProjectState.OPEN: N_("征集中项目"),
        ProjectState.EVALUATION: N_("评审中项目"),
        ProjectState.UNSUCCESSFUL: N_("未成交项目"),
    }
    return [
        Figure(
            title=title,
            shown=projects.public_list(db, ProjectFilter(state=state), limit=PROJECT_PAGE).total,
            url=f"/projects?state={state}",
        )
        for state, title in stages.items()
    ]


def _opportunities(db: Session, actor: Actor, _: datetime) -> list[Figure]:
    if actor.organization_id is None:
        return []
    open_now = projects.public_list(db, ProjectFilter(state=ProjectState.OPEN), limit=PROJECT_PAGE).total
    return [
        Figure(title=N_("征集中项目"), shown=open_now, url="/projects?state=open"),
        Figure(title=N_("已领取采购文件"), shown=len(bids.takings_of(db, actor.organization_id)), url="/org/bids"),
    ]


def _money(db: Session, actor: Actor, _: datetime) -> list[Figure]:
    own = {Relation.FINANCE: actor.organization_id, Relation.BUYER: actor.organization_id}
    if actor.organization_id is None or not may(actor, Right.READ_FUNDS, own):
        return []
    held = funds.funds(db, concerning=actor.organization_id)
    received = sum(fund.received_fen for fund in held)
    available = sum(fund.available_fen for fund in held)
    return [
        Figure(title=N_("资金数"), shown=len(held), url="/finance/funds"),
        Figure(title=N_("已到账"), shown=money_short(received)),
        Figure(title=N_("已占用"), shown=money_short(received - available, received)),
        Figure(title=N_("可用"), shown=money_short(available, received)),
    ]


def _queue(db: Session, actor: Actor, now: datetime) -> list[Figure]:
    if not may(actor, Right.READ_PARKED, {}):
        return []
    found = outbox.backlog(db, now=now)
    return [
        Figure(title=N_("停放的任务"), shown=found.parked, url="/admin/queues", is_bad=found.parked > 0),
        Figure(title=N_("待发送"), shown=found.pending + found.sent, is_bad=found.overdue_s > _SLOW_S),
    ]


FIGURES: Mapping[Desk, tuple[Read, ...]] = {
    ORG: (_opportunities,),
    CENTRE: (_own_projects,),
    FINANCE: (_money,),
    SUPERVISION: (_market,),
    ADMIN: (_queue,),
}


def figures(db: Session, desk: Desk, actor: Actor, *, now: datetime) -> list[Figure]:
    """The figures of a desk, as far as the actor may see them."""
    return [figure for read in FIGURES[desk] for figure in read(db, actor, now)]
