"""The site map as data: the houses, their pages, and which of them a page belongs to."""

from collections.abc import Collection

from msgspec import Struct

from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.i18n import N_
from marketplace.web.access import ADMIN, CENTRE, FINANCE, ORG, PORTAL, SUPERVISION, Desk


class Item(Struct, frozen=True):
    """An entry of a house's navigation; ``title`` is a message id.

    ``needs``: shown only to organizations with it; ``among``: only to those with one of these; ``money``: only to
    offices that handle money and those who watch them; ``to_experts``: also to somebody whose only post is to judge;
    ``roles``: only to holders of one of them; ``also``: further addresses whose pages belong to this entry.
    """

    title: str
    url: str
    needs: Function | None = None
    to_experts: bool = True
    money: bool = False
    among: frozenset[Function] = frozenset()
    roles: frozenset[Role] = frozenset()
    also: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether a path belongs to this entry."""
        return any(_under(path, url) for url in (self.url, *self.also))

    def serves(self, actor: Actor | None) -> bool:
        """Whether the entry is shown to ``actor``."""
        if not self.to_experts and actor is not None and actor.roles == {Role.EXPERT}:
            return False
        if self.roles and (actor is None or not actor.roles & self.roles):
            return False
        if self.among and (actor is None or not actor.functions & self.among):
            return False
        if self.money and (actor is None or not actor.functions & {Function.FINANCE_OFFICE, Function.SUPERVISOR}):
            return False
        return self.needs is None or (actor is not None and self.needs in actor.functions)


_DESK = frozenset({Role.CLERK, Role.HEAD, Role.AUDITOR})
"""Those who draft, decide or watch: what a purchase goes through is shown to no accountant."""
_JUDGES = _DESK | {Role.EXPERT}
_BOOKS = frozenset({Role.ACCOUNTANT, Role.CASHIER, Role.HEAD, Role.AUDITOR})

_HOLDERS = frozenset({Function.FINANCE_OFFICE, Function.BUYER, Function.SUPERVISOR})
"""Those who hold funds, buy from them, or watch both: nobody else may read the list of funds."""


class House(Struct, frozen=True):
    """One of the houses under the roof: its desk and its pages."""

    desk: Desk
    items: tuple[Item, ...]


HOUSES = (
    House(ORG, (
        Item(N_("今日待办"), "/org"),
        Item(N_("机会"), "/org/opportunities"),
        Item(N_("提需求"), "/needs/mine"),
        Item(N_("申报"), "/org/bids"),
        Item(N_("我的合同"), "/org/contracts"),
        Item(N_("里程碑与材料"), "/org/milestones"),
        Item(N_("请款"), "/org/claims"),
        Item(N_("资质与成员"), "/org/profile"),
    )),
    House(CENTRE, (
        Item(N_("今日待办"), "/centre"),
        Item(
            N_("需求与立项"), "/centre/projects", to_experts=False, roles=_DESK,
            also=("/centre/needs", "/centre/joint"),
        ),
        Item(N_("公告"), "/centre/notices"),
        Item(N_("答疑"), "/centre/questions"),
        Item(N_("开启"), "/openings", to_experts=False, roles=_DESK),
        Item(N_("评审"), "/centre/evaluation", roles=_JUDGES),
        Item(N_("合同"), "/centre/contracts", to_experts=False, roles=_DESK),
        Item(N_("验收"), "/centre/acceptance", to_experts=False, roles=_DESK),
        Item(N_("目录编制"), "/centre/catalogue", Function.PROCURING_ENTITY, to_experts=False),
        Item(N_("组织审核"), "/centre/suppliers", Function.PROCURING_ENTITY, to_experts=False),
        Item(N_("质疑投诉"), "/centre/challenges"),
        Item(N_("帮扶"), "/centre/aid", to_experts=False),
        Item(N_("活动与例会"), "/centre/activities"),
        Item(N_("统计"), "/centre/statistics"),
    )),
    House(FINANCE, (
        Item(N_("工作台"), "/finance"),
        Item(N_("资金来源"), "/finance/funds", among=_HOLDERS),
        Item(N_("付款"), "/finance/payments", also=("/finance/contracts", "/finance/milestones")),
        Item(N_("对账"), "/finance/reconciliation", money=True, roles=_BOOKS),
        Item(N_("捐赠票据"), "/finance/gifts", money=True, roles=_BOOKS),
        Item(N_("结算"), "/finance/settlement"),
        Item(N_("报表导出"), "/finance/reports"),
        Item(N_("凭证与审计"), "/finance/journal"),
    )),
    House(SUPERVISION, (
        Item(N_("预警"), "/supervision"),
        Item(N_("开启"), "/openings"),
        Item(N_("抽查"), "/supervision/samples"),
        Item(N_("日志与证明"), "/supervision/journal"),
        Item(N_("导出"), "/supervision/exports"),
    )),
    House(ADMIN, (
        Item(N_("今日待办"), "/admin"),
        Item(N_("账号与角色"), "/admin/accounts"),
        Item(N_("规则与日历"), "/admin/rules"),
        Item(N_("队列"), "/admin/queues", roles=frozenset({Role.SYSTEM_ADMIN})),
        Item(N_("系统状态"), "/admin/status"),
        Item(N_("已发邮件"), "/admin/mail"),
    )),
    House(PORTAL, (
        Item(N_("首页"), "/"),
        Item(N_("采购项目"), "/projects", also=("/intentions",)),
        Item(N_("需求征集"), "/needs"),
        Item(N_("服务目录"), "/catalogue"),
        Item(N_("社会组织"), "/suppliers"),
        Item(N_("资金公示"), "/funds"),
        Item(N_("帮扶公示"), "/aid"),
        Item(N_("公告"), "/notices"),
        Item(N_("采购规则"), "/rules"),
        Item(N_("政策与帮助"), "/help"),
        Item(N_("开放数据"), "/data"),
        Item(N_("监督投诉"), "/complaints"),
    )),
)  # fmt: skip
FOOTER = (
    Item(N_("无障碍声明"), "/accessibility"),
    Item(N_("隐私说明"), "/privacy"),
    Item(N_("开放数据"), "/data"),
    Item(N_("接口文档"), "/schema/openapi.json"),
)


def _under(path: str, url: str) -> bool:
    return path == url or path.startswith(f"{url.rstrip('/')}/")


class Site(Struct, frozen=True):
    """The part of the site map whose pages exist."""

    houses: tuple[House, ...]
    footer: tuple[Item, ...]
    paths: frozenset[str]

    def house(self, path: str, desks: Collection[Desk] = ()) -> House:
        """The house a path lies in; a page of several desks lies in the visitor's own, any other in the portal."""
        inner = self.houses[:-1]
        own = [one for one in inner if one.desk in desks and any(_under(path, item.url) for item in one.items)]
        return next((one for one in inner if _under(path, one.desk.url)), own[0] if own else self.houses[-1])

    def current(self, path: str, desks: Collection[Desk] = ()) -> Item | None:
        """The entry of the navigation that a path lies under: the longest that fits."""
        fitting = [item for item in self.house(path, desks).items if item.covers(path)]
        real = [item for item in fitting if item.url != "/" or path == "/"]
        return max(real, key=lambda item: len(item.url), default=None)

    def has(self, url: str) -> bool:
        """Whether there is a page at this very address."""
        return url in self.paths


def site(paths: Collection[str]) -> Site:
    """The site map without what has no page yet: no link leads nowhere."""
    kept = tuple(House(one.desk, tuple(item for item in one.items if item.url in paths)) for one in HOUSES)
    footer = tuple(item for item in FOOTER if item.url in paths)
    return Site(kept, footer, frozenset(paths))
