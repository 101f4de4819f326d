"""The headers of every answer, and the token that each changing request must carry."""

import hashlib
import hmac
from typing import Any

from litestar import Request
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import PermissionDeniedException
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.settings import Settings, master_key
from marketplace.web.access import session_cookie

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), interest-cohort=()",
}
HSTS = "max-age=31536000; includeSubDomains"
CSRF_COOKIE = "csrf"
TOKEN_FIELD = "_csrf_token"


class FormTooOld(DomainError):
    """A form came without its token, or with that of another browser."""

    kind, code = Kind.FORBIDDEN, "form_too_old"
    text = N_("这个页面打开得太久，或者是从别处转来的，所以没有提交。请返回上一页，刷新后重新提交。")


def derived_key(settings: Settings, purpose: str) -> bytes:
    """A key for one purpose, from the installation's secret."""
    return hmac.new(master_key(settings), purpose.encode(), hashlib.sha256).digest()


def csrf_config(settings: Settings) -> CSRFConfig:
    """The double-submit token of this installation."""
    return CSRFConfig(
        secret=derived_key(settings, "csrf").hex(),
        cookie_name=CSRF_COOKIE,
        cookie_secure=settings.behind_tls,
        cookie_httponly=True,
    )


class FormToken(CSRFMiddleware):
    """Asks each changing request for the token, except programs that sign in by ``Authorization`` and send no cookie.

    Handlers that read their body as a stream set ``exclude_from_csrf=True`` in ``opt`` and check the token themselves.
    """

    def __init__(self, app: ASGIApp, config: CSRFConfig) -> None:
        super().__init__(app, config)
        self.session = session_cookie(behind_tls=config.cookie_secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then go on.

        Raises:
            FormTooOld: the token is missing or of another browser.
        """
        request: Request[Any, Any, Any] = Request(scope)
        if request.headers.get("authorization") and self.session not in request.cookies:
            await self.app(scope, receive, send)
            return
        if self._decode_csrf_token(request.cookies.get(CSRF_COOKIE, "")) is None:
            request.cookies.pop(CSRF_COOKIE, None)  # of another installation: the visitor gets a new one
        try:
            await super().__call__(scope, receive, send)
        except PermissionDeniedException as error:
            if "CSRF" in error.detail:
                raise FormTooOld from None
            raise

    def matches(self, request: Request[Any, Any, Any], token: str) -> bool:
        """Whether ``token`` is the one of the browser that sent this request, for handlers that check it themselves."""
        cookie = request.cookies.get(self.config.cookie_name)
        return cookie is not None and self._csrf_tokens_match(token, cookie)
