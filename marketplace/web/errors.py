"""Turns refusals into answers: a calm page for people, RFC 9457 problem details under ``/api``; nothing leaks."""

import traceback
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect, Template
from litestar.utils.scope.state import ScopeState
from msgspec import Struct
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from marketplace.db.base import RETRYABLE, sqlstate
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.web.access import ANONYMOUS, sign_in_url
from marketplace.web.forms import TYPED, Typed
from marketplace.web.i18n import gettext, sentence, sentences
from marketplace.web.overtaken import Words as Kept
from marketplace.web.overtaken import typed_words
from marketplace.web.security import CSRF_COOKIE
from marketplace.web.wording import explain, place

STATUS = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
assert set(STATUS) == set(Kind), "every kind of error has a status"  # noqa: S101 - fails when the program starts
PROBLEM_JSON = "application/problem+json"
API = "/api/"
BUSY_CODE, RETRY_AFTER_S = "busy", 2


class Words(Struct, frozen=True):
    """What a status says to people: a heading, a sentence, and what to do; message ids."""

    code: str
    title: str
    text: str
    advice: str


NOT_FOUND = Words(
    "not_found", N_("没有找到"), N_("没有找到您要的内容。它可能已被移走，或者不属于您所在的单位。"),
    N_("请检查网址，或从首页重新进入。"),
)  # fmt: skip
CRASH = Words(
    "internal", N_("出了点问题"), N_("系统没能办成这件事，您的数据没有改变。问题已经记录，会有人处理。"),
    N_("请过一会儿再试。如果仍然不行，请把下面的编号告诉管理员。"),
)  # fmt: skip
WORDS = {
    400: Words("bad_request", N_("无法理解这个请求"), N_("请求的格式不正确。"), N_("请返回上一页重新操作。")),
    401: Words("unauthenticated", N_("需要登录"), N_("请先登录。登录后会回到您要办的事。"), N_("请登录后重试。")),
    403: Words(
        "forbidden", N_("没有权限"), N_("您没有办理这件事的权限。"), N_("请由有此权限的同事办理，或联系系统管理员。"),
    ),
    404: NOT_FOUND,
    405: Words("method_not_allowed", N_("不能这样操作"), N_("这个网址不接受这种操作。"), N_("请返回上一页重新操作。")),
    409: Words(
        "conflict", N_("情况已经变化"), N_("您看到的内容不是最新的。"), N_("请返回上一页，刷新后核对最新情况再办。"),
    ),
    413: Words("too_large", N_("内容太大"), N_("提交的内容超过上限。"), N_("请压缩或拆分后再上传。")),
    422: Words("invalid", N_("填写有误"), N_("有内容需要补充或改正。"), N_("请返回上一页，按提示改正后再提交。")),
    429: Words("too_many", N_("操作太频繁"), N_("短时间内的请求太多。"), N_("请等几分钟再试。")),
    500: CRASH,
    503: Words("unavailable", N_("暂时不能办理"), N_("系统正忙或正在维护，您的数据没有改变。"), N_("请过一分钟再试。")),
}  # fmt: skip


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal as RFC 9457 problem details; ``errors`` names each wrong field."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    errors: list[dict[str, str]] = []


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Whether the caller is a program: everything under ``/api``."""
    return request.scope["path"].startswith(API)


def request_id(request: Request[Any, Any, Any]) -> str:
    """The number of this request, as in the logs and on the page."""
    return str(request.scope.get("request_id", ""))


def answer(
    request: Request[Any, Any, Any],
    status: int,
    *,
    code: str = "",
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
) -> Response[Any]:
    """A refusal in the form the caller understands; ``detail`` is already in the present language."""
    words = WORDS.get(status) or WORDS[500 if status >= 500 else 400]  # noqa: PLR2004 - the class of the status
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
    if wants_json(request):
        problem = Problem(
            type=f"/problems/{code or words.code}",
            title=gettext(words.title),
            status=status,
            detail=detail or gettext(words.text),
            instance=f"urn:request:{request_id(request)}",
            errors=errors or [],
        )
        return Response(problem, status_code=status, media_type=PROBLEM_JSON, headers=headers)
    request.scope.setdefault("user", ANONYMOUS)
    state = ScopeState.from_scope(request.scope)
    if not state.csrf_token:  # an address without a route has not passed the guard of forms
        state.csrf_token = request.cookies.get(CSRF_COOKIE, "")
    typed = request.scope.get(TYPED)
    context = {
        "words": words,
        "kept": _kept(typed) if isinstance(typed, Typed) else (),
        "latest": typed.latest() if isinstance(typed, Typed) and status == STATUS[Kind.CONFLICT] else None,
        "status": status,
        "detail": detail or gettext(words.text),
        "errors": errors or [],
        "request_id": request_id(request),
    }
    return Template("errors/refused.html", context=context, status_code=status, headers=headers)


def _kept(typed: Typed) -> tuple[Kept, ...]:
    """What a person typed into the form that could not be shown again."""
    return typed.read[-1].words() if typed.read else typed_words(typed.texts, ())


def refuse(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    """The answer to a refusal of the domain; a visitor who must sign in is led there and back."""
    if error.kind is Kind.UNAUTHENTICATED and not wants_json(request):
        return _to_sign_in(request)
    listed = [{"field": field, "code": code, "message": text} for field, code, text in sentences(error)]
    named = [one for one in listed if one["field"] or len(listed) > 1]
    return answer(request, STATUS[error.kind], code=error.code, detail=sentence(error), errors=named)


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    if request.method in ("GET", "HEAD"):
        target = sign_in_url(request.scope["path"], request.scope["query_string"].decode("latin-1"))
    else:
        target = sign_in_url("/", "")
    if request.headers.get("hx-request"):
        return Response(None, status_code=200, headers={"HX-Redirect": target})
    return Redirect(target, status_code=303)


def invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    """The answer to values that do not fit the types a handler asks for."""
    listed = []
    for one in error.extra if isinstance(error.extra, list) else []:
        field, problem = place(str(one.get("message", "")), str(one.get("key", "")))
        listed.append({"field": field, "code": "bad_value", "message": explain(problem)})
    if not listed:
        field, problem = place(error.detail)
        listed = [{"field": field, "code": "bad_value", "message": explain(problem)}]
    return answer(request, 422, errors=listed)


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The answer to what the framework refuses."""
    if error.status_code >= 500:  # noqa: PLR2004 - the class of the status
        return crash(request, error)
    response = answer(request, error.status_code)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def database_error(request: Request[Any, Any, Any], error: DBAPIError) -> Response[Any]:
    """The answer to a database that is busy or away, which is told apart from a mistake of ours."""
    if sqlstate(error) in RETRYABLE or isinstance(error, OperationalError):
        structlog.get_logger().warning("database busy", sqlstate=sqlstate(error), error=type(error).__name__)
        return answer(request, 503, code=BUSY_CODE)
    return crash(request, error)


def pool_empty(request: Request[Any, Any, Any], _: PoolTimeout) -> Response[Any]:
    """The answer when every database connection is in use."""
    structlog.get_logger().warning("database pool empty")
    return answer(request, 503, code=BUSY_CODE)


def crash(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to a mistake of ours; the log gets where it happened, never the values it happened with."""
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    state = sqlstate(error) if isinstance(error, DBAPIError) else ""
    structlog.get_logger().error("crash", error=type(error).__name__, sqlstate=state, where=where[-12:])
    return answer(request, 500)


HANDLERS: dict[int | type[Exception], Any] = {
    DomainError: refuse,
    ValidationException: invalid,
    HTTPException: http_error,
    DBAPIError: database_error,
    PoolTimeout: pool_empty,
    Exception: crash,
}
