"""Who is behind a request, and the two cookies of sign-in: the session's and the second step's."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.types import HTTPScope

from marketplace.db.base import Database
from marketplace.identity import commands, queries, schemas
from marketplace.identity.credentials import Safe, safe_of
from marketplace.identity.rules.sign_in import LINK_LIFE, SEEN_STEP
from marketplace.identity.states import LinkPurpose
from marketplace.kit.clock import Clock
from marketplace.settings import Settings, master_key
from marketplace.web.access import ANONYMOUS, LoadVisitor, Visitor, session_cookie

DEVICE_MAX = 200
_BEARER = "bearer "


@lru_cache(maxsize=8)
def _safe(key: bytes, demo: bool) -> Safe:
    return safe_of(key, demo=demo)


def provide_safe(settings: NamedDependency[Settings]) -> Safe:
    """The dependency ``safe``: the installation's sealing key and way of hashing passwords."""
    return _safe(master_key(settings), settings.demo)


def visitor_loader(database: Database, clock: Clock, settings: Settings) -> LoadVisitor:
    """What finds the visitor of a request: by ``Authorization: Bearer`` if there is one, else by the session's cookie.

    One query reads; a visit is written down at most once a minute, so that reading pages writes nothing.
    """
    name = session_cookie(behind_tls=settings.behind_tls)

    def load(scope: HTTPScope) -> Visitor:
        request: Request[Visitor, Any, Any] = Request(scope)
        now = clock.now()
        authorization = request.headers.get("authorization", "")
        with database.read() as db:
            if authorization.lower().startswith(_BEARER):
                found = queries.visitor_by_token(db, authorization[len(_BEARER) :].strip(), now=now)
            else:
                token = request.cookies.get(name, "")
                found = queries.visitor_by_session(db, token, now=now, idle_s=settings.session_idle_s)
        if found is None:
            return ANONYMOUS
        _note(database, found, now=now)
        return Visitor(
            actor=found.actor,
            person_name=found.person_name,
            organization_name=found.organization_name,
            locale=found.locale,
            switchable=found.memberships > 1,
            session_id=found.session_id,
            is_token=found.token_id is not None,
        )

    return load


def _note(database: Database, found: schemas.Visitor, *, now: datetime) -> None:
    if found.seen_at is not None and now - found.seen_at < SEEN_STEP:
        return
    with database.write() as db:
        if found.session_id is not None:
            commands.note_visit(db, found.session_id, now=now)
        elif found.token_id is not None:
            commands.note_token_use(db, found.token_id, now=now)


def device_of(request: Request[Visitor, Any, Any]) -> str:
    """What the browser calls itself, shown to its owner in the list of sessions."""
    return request.headers.get("user-agent", "")[:DEVICE_MAX]


def _step_cookie(settings: Settings) -> str:
    return "__Host-step" if settings.behind_tls else "step"


def step_of(request: Request[Visitor, Any, Any], settings: Settings) -> str:
    """The token of a begun sign-in, or nothing."""
    return request.cookies.get(_step_cookie(settings), "")


def _cookie(name: str, value: str, settings: Settings, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=name, value=value, path="/", httponly=True, secure=settings.behind_tls, samesite="lax", max_age=max_age
    )


def open_door(response: Response[Any], token: str, settings: Settings) -> None:
    """Give the browser its session's token; it lives as long as the browser runs and the session lasts."""
    response.set_cookie(_cookie(session_cookie(behind_tls=settings.behind_tls), token, settings))
    response.set_cookie(_cookie(_step_cookie(settings), "", settings, max_age=0))


def close_door(response: Response[Any], settings: Settings) -> None:
    """Take the session's token from the browser."""
    response.set_cookie(_cookie(session_cookie(behind_tls=settings.behind_tls), "", settings, max_age=0))


def hold_step(response: Response[Any], token: str, settings: Settings) -> None:
    """Give the browser the token of the second step, for five minutes."""
    life_s = int(LINK_LIFE[LinkPurpose.SECOND_FACTOR].total_seconds())
    response.set_cookie(_cookie(_step_cookie(settings), token, settings, max_age=life_s))
