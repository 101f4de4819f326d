"""The outermost layer, around everything: time of arrival, number, language and visitor of a request; headers and log.

``request.scope["received_at"]`` is the instant of the injected clock at which the request arrived, before its body;
rules of deadlines use it. A handler with ``quiet=True`` in its ``opt`` is neither logged nor counted: where even the
number of requests would tell how many have bid.
"""

import secrets
import time
from typing import Any

import structlog
from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from marketplace.web import i18n
from marketplace.web.access import ANONYMOUS, Visitor, session_cookie
from marketplace.web.metrics import Metrics
from marketplace.web.security import HEADERS, HSTS
from marketplace.web.services import Services

STATIC = "/static/"
NOTICE_COOKIE = "notice"
_SERVER_ERROR = 500


class Outer:
    """Pure ASGI; wraps the application so that also what no route answers is numbered, guarded and logged."""

    def __init__(self, app: ASGIApp, services: Services, metrics: Metrics) -> None:
        self.app, self.services, self.metrics = app, services, metrics
        self.session = session_cookie(behind_tls=services.settings.behind_tls)
        self.headers = HEADERS | ({"strict-transport-security": HSTS} if services.settings.behind_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Prepare the scope, pass on, and write down how it went."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        state: dict[str, Any] = scope  # type: ignore[assignment] # a scope is a dict that may carry more
        state["received_at"] = self.services.clock.now()
        state["request_id"] = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=state["request_id"])
        state["user"] = ANONYMOUS
        request: Request[Visitor, Any, Any] = Request(scope)
        if not scope["path"].startswith(STATIC):
            await self._look_who(request, state)
        status = _SERVER_ERROR

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(MutableScopeHeaders.from_message(message), request, status)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            self._record(state, status, time.perf_counter() - begun)

    async def _look_who(self, request: Request[Visitor, Any, Any], state: dict[str, Any]) -> None:
        """Find the visitor (in a thread, and only if something names one) and the language to answer in."""
        cookies = request.cookies
        if self.session in cookies or request.headers.get("authorization"):
            try:
                state["user"] = await sync_to_thread(self.services.load_visitor, request.scope)
            except Exception as error:  # noqa: BLE001 - public pages stay up; whoever needs an actor is told
                state["visitor_failed"] = True
                structlog.get_logger().error("visitor unknown", error=type(error).__name__)
        chosen = cookies.get(i18n.COOKIE) or state["user"].locale
        i18n.use(i18n.choose(chosen, request.headers.get("accept-language", "")))

    def _dress(self, headers: MutableScopeHeaders, request: Request[Visitor, Any, Any], status: int) -> None:
        """Add to an answer what every answer carries; what a handler set itself stands."""
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = request.scope["request_id"]  # type: ignore[typeddict-item] # ours, set above
        kind = headers.get("content-type", "")
        if kind.startswith("text/html"):
            headers.setdefault("cache-control", "no-store" if request.user.is_signed_in else "no-cache")
            headers.extend_header_value("vary", "Cookie, Accept-Language, HX-Request")
            headers["content-language"] = i18n.locale()
            if NOTICE_COOKIE in request.cookies and status < 300:  # noqa: PLR2004 - shown now, so not again
                headers.add("set-cookie", f"{NOTICE_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=lax")

    def _record(self, state: dict[str, Any], status: int, took_s: float) -> None:
        handler = state.get("route_handler")
        is_quiet = handler is not None and handler.opt.get("quiet") and status < _SERVER_ERROR
        if is_quiet or state["path"].startswith(STATIC):
            return
        route = str(state.get("path_template") or "unmatched")
        self.metrics.observe(state["method"], route, status, took_s)
        structlog.get_logger().info(
            "request", method=state["method"], route=route, status=status, ms=round(took_s * 1000, 1)
        )
