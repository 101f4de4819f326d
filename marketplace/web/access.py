"""Who is on the other side: the visitor of a request, and the actor that commands are told of.

Sign-in itself belongs to ``web/identity``; it hands :class:`~marketplace.web.services.Services` a function that turns a
request's scope into a :class:`Visitor`. It runs in a worker thread and only for requests that carry a session cookie
or an ``Authorization`` header; everyone else is :data:`ANONYMOUS`.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request
from litestar.types import HTTPScope
from msgspec import Struct

from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

SESSION_COOKIE = "session"
SIGN_IN = "/sign-in"


def session_cookie(*, behind_tls: bool) -> str:
    """The name of the session's cookie; behind TLS the browser itself holds it to this host and to HTTPS."""
    return f"__Host-{SESSION_COOKIE}" if behind_tls else SESSION_COOKIE


class Unauthenticated(DomainError):
    """Nobody is signed in, and this needs somebody."""

    kind, code = Kind.UNAUTHENTICATED, "unauthenticated"
    text = N_("请先登录。登录后会回到您要办的事。")


class VisitorUnknown(DomainError):
    """Whether somebody is signed in could not be looked up just now."""

    kind, code = Kind.UNAVAILABLE, "visitor_unknown"
    text = N_("暂时无法确认您的登录状态。请过一分钟再试，您的数据没有改变。")


class Desk(Struct, frozen=True):
    """A desk that a visitor may open; ``title`` is a message id."""

    title: str
    url: str


PORTAL = Desk(N_("公共门户"), "/")
ORG = Desk(N_("社会组织工作台"), "/org")
CENTRE = Desk(N_("中心与购买主体工作台"), "/centre")
FINANCE = Desk(N_("财务工作台"), "/finance")
SUPERVISION = Desk(N_("监督工作台"), "/supervision")
ADMIN = Desk(N_("系统管理"), "/admin")
DESKS = (ORG, CENTRE, FINANCE, SUPERVISION, ADMIN)
_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class Visitor(Struct, frozen=True, kw_only=True):
    """The person behind a request; without ``actor`` nobody is signed in.

    ``locale`` is the person's own choice of language or empty; ``switchable`` tells that they act for more than one
    organization; ``todo_count`` is what waits for them today, ``unread_count`` what they were told and have not read;
    ``session_id`` is the session that the request came with.
    """

    actor: Actor | None = None
    person_name: str = ""
    organization_name: str = ""
    locale: str = ""
    todo_count: int = 0
    unread_count: int = 0
    switchable: bool = False
    session_id: UUID | None = None
    is_token: bool = False

    @property
    def is_signed_in(self) -> bool:
        """Whether a person or a token is known."""
        return self.actor is not None

    @property
    def roles(self) -> frozenset[Role]:
        """The posts held in the present organization."""
        return self.actor.roles if self.actor else frozenset()

    @property
    def functions(self) -> frozenset[Function]:
        """What the present organization is in this market."""
        return self.actor.functions if self.actor else frozenset()

    @property
    def desks(self) -> tuple[Desk, ...]:
        """The desks this visitor works at."""
        money = bool(self.roles & {Role.ACCOUNTANT, Role.CASHIER}) or Function.FINANCE_OFFICE in self.functions
        watch = Role.AUDITOR in self.roles or Function.SUPERVISOR in self.functions
        allowed = {
            ORG: Function.SUPPLIER in self.functions,
            CENTRE: bool(self.functions & {Function.BUYER, Function.PROCURING_ENTITY}),
            FINANCE: money,
            SUPERVISION: watch,
            ADMIN: bool(self.roles & _ADMINS),
        }
        return tuple(desk for desk in DESKS if allowed[desk])


ANONYMOUS = Visitor()
LoadVisitor = Callable[[HTTPScope], Visitor]


def nobody(_: HTTPScope) -> Visitor:
    """The visitor of an installation without accounts."""
    return ANONYMOUS


def provide_visitor(request: Request[Visitor, Any, Any]) -> Visitor:
    """The dependency ``visitor``: who asks, signed in or not."""
    return request.user


def provide_actor(request: Request[Visitor, Any, Any]) -> Actor:
    """The dependency ``actor``: who acts.

    Raises:
        Unauthenticated: nobody is signed in.
        VisitorUnknown: the look-up failed.
    """
    if request.scope.get("visitor_failed"):
        raise VisitorUnknown
    if request.user.actor is None:
        raise Unauthenticated
    return request.user.actor


def sign_in_url(path: str, query: str) -> str:
    """Where to sign in and then come back to ``path``."""
    back = f"{path}?{query}" if query else path
    return f"{SIGN_IN}?next={quote(back, safe='/')}"


def safe_next(target: str) -> str:
    """``target`` if it is a path on this site, else the home page: nobody is led elsewhere after signing in."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if is_path and target.isprintable() else "/"
