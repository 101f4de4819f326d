"""The pages people see: the hosted payment page, and one that shows what the stand-ins hold."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from marketplace.kit.money import yuan_grouped
from marketplace.standin import ledger, times
from marketplace.standin.gateway import collecting
from marketplace.standin.gateway.desk import Call
from marketplace.standin.gateway.refusals import Refusal
from marketplace.standin.identity import Identity
from marketplace.standin.store import Store

LATEST = 30
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_ENVIRONMENT.filters["yuan"] = yuan_grouped
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def _page(name: str, *, status: int = 200, **view: Any) -> Response[str]:
    text = _ENVIRONMENT.get_template(name).render(**view)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=HEADERS)


def _call(store_db: Any, identity: Identity) -> Call:
    return Call(store_db, int(times.own_now(store_db).timestamp()), {}, None, identity.site)


@get("/gateway/pay/{session_id:str}", sync_to_thread=False)
def payment_page(
    store: NamedDependency[Store], identity: NamedDependency[Identity], session_id: FromPath[str]
) -> Response[str]:
    """The page on which one amount is paid."""
    try:
        with store.write() as db:
            session = collecting.session_of(_call(db, identity), session_id)
    except Refusal:
        return _page("closed.html", status=404, state="missing")
    if session["status"] != "open":
        return _page("closed.html", state=session["status"])
    return _page("pay.html", session=session)


@post("/gateway/pay/{session_id:str}", status_code=200)
async def payment_act(
    request: Request[Any, Any, Any],
    store: NamedDependency[Store],
    identity: NamedDependency[Identity],
    session_id: FromPath[str],
) -> Response[str] | Redirect:
    """Pay, or go back without paying."""
    form = await request.form()
    try:
        with store.write() as db:
            call = _call(db, identity)
            if form.get("act") != "pay":
                session = collecting.session_of(call, session_id)
                return Redirect(session["cancel_url"] or identity.site, status_code=303)
            session = collecting.pay_session(call, session_id)
    except Refusal:
        return _page("closed.html", status=409, state="complete")
    return Redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id), status_code=303)


@get("/", sync_to_thread=False)
def overview(store: NamedDependency[Store]) -> Response[str]:
    """Balances and the latest payments."""
    with store.read() as db:
        found = ledger.ledger(db)
    transfers, lines = found["gateway"]["transfers"][::-1], found["bank"]["lines"][::-1]
    return _page(
        "overview.html",
        gateway=found["gateway"],
        bank=found["bank"],
        transfers=transfers[:LATEST],
        lines=lines[:LATEST],
        counts=(len(transfers), len(lines)),
    )


@get("/style.css", sync_to_thread=False)
def style() -> Response[bytes]:
    """The pages' style."""
    content = (Path(__file__).parent / "templates" / "style.css").read_bytes()
    return Response(content, media_type="text/css", headers=HEADERS)


@get("/healthz", sync_to_thread=False)
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


ROUTES = [payment_page, payment_act, overview, style, healthz]
