"""How a page handler answers: a page, the same page again with messages, or on to the next with a word of success."""

import base64
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect, Template

from marketplace.web.forms import Form
from marketplace.web.i18n import say
from marketplace.web.outer import NOTICE_COOKIE

NOTICE_AGE_S = 60


def page(template: str, **context: Any) -> Template:
    """A page from ``templates/``; ``context`` holds view structs and forms, never rows."""
    return Template(template, context=context)


def again(template: str, form: Form[Any], **context: Any) -> Template:
    """The page of a form once more, with everything typed: 422 with messages, 200 if only a row came or went."""
    return Template(template, context={"form": form, **context}, status_code=422 if form.errors else 200)


def onward(path: str) -> Redirect:
    """On to another page of this site (303: the browser asks for it by GET)."""
    return Redirect(path, status_code=303)


def done(path: str, text: str, **params: str | int) -> Redirect:
    """On to ``path``, which shows ``text`` (a marked Chinese sentence with ``{named}`` places) once, in green."""
    packed = base64.urlsafe_b64encode(msgspec.json.encode([text, params])).decode("ascii")
    cookie = Cookie(key=NOTICE_COOKIE, value=packed, path="/", max_age=NOTICE_AGE_S, httponly=True, samesite="lax")
    return Redirect(path, status_code=303, cookies=[cookie])


def notice(request: Request[Any, Any, Any]) -> str:
    """The word of success that :func:`done` left for this page, in the present language, or nothing."""
    packed = request.cookies.get(NOTICE_COOKIE)
    if not packed:
        return ""
    try:
        text, params = msgspec.json.decode(
            base64.urlsafe_b64decode(packed.encode("ascii")), type=tuple[str, dict[str, str | int]]
        )
        return say(text, **params)
    except (ValueError, KeyError, IndexError, UnicodeError, msgspec.MsgspecError):
        return ""
