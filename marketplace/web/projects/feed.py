"""The change feed of public events: JSON with a place to go on from, and Atom for readers of news."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID
from xml.etree import ElementTree as ET

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from marketplace.db.base import Database
from marketplace.projects import queries
from marketplace.projects.schemas.feed import EventPart, EventView
from marketplace.projects.states import EARLY_KINDS, PUBLIC_NAMES, PublicKind
from marketplace.settings import Settings
from marketplace.web.i18n import say
from marketplace.web.projects.views import CHANGE_NAMES, Visit

FEED = "/feed.atom"
ENTRIES = 50
PLACE_MAX = 2**63 - 1
ATOM = "http://www.w3.org/2005/Atom"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""An Atom feed must say when it changed; this one says so while nothing has happened."""
TITLE, AUTHOR = "采购项目公开动态", "群团服务采购平台"


class Events(Controller):
    """What happens in public, for programs that follow."""

    path = "/api/v1/events"
    tags = ["events"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def after(
        self,
        database: NamedDependency[Database],
        after: Annotated[int, QueryParameter(ge=0, le=PLACE_MAX, description="`after` of the last answer; 0: all")] = 0,
        kind: Annotated[PublicKind | None, QueryParameter(description="only this kind")] = None,
        project: Annotated[UUID | None, QueryParameter(description="only this project")] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=queries.FEED_MAX)] = 100,
    ) -> EventPart:
        """Public events in their order. Go on from `after`: every event comes exactly once, and none is passed by."""
        with database.read() as db:
            return queries.events_after(db, after, kind=kind, project_id=project, limit=limit)


class AtomFeed(Controller):
    """The latest public events for readers of news."""

    path = FEED

    @get(sync_to_thread=True)
    def shown(
        self,
        request: Visit,
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        before: Annotated[int | None, QueryParameter(ge=1, le=PLACE_MAX)] = None,
    ) -> Response[Any]:
        """The newest first; `rel="next"` leads to what came before."""
        with database.read() as db:
            events = queries.latest_events(db, before=before, limit=ENTRIES)
        tag = f'"{events[0].n if events else 0}-{before or 0}"'
        headers = {"etag": tag, "cache-control": "public, max-age=60"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        body = atom(events, settings.base_url, before=before)
        return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def atom(events: Sequence[EventView], base: str, *, before: int | None = None) -> bytes:
    """An Atom document (RFC 4287) of events, the newest first; ``base`` is this site's address."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    _text(feed, "id", f"{base}{FEED}")
    _text(feed, "title", TITLE)
    _text(feed, "updated", (events[0].at if events else EPOCH).isoformat())
    _text(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", AUTHOR)
    _link(feed, "self", f"{base}{FEED}" + (f"?before={before}" if before else ""))
    _link(feed, "alternate", f"{base}/notices")
    if len(events) == ENTRIES and events[-1].n > 1:
        _link(feed, "next", f"{base}{FEED}?before={events[-1].n}")
    for one in events:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _text(entry, "id", f"urn:uuid:{one.id}")
        number = f"（{one.project_number}）" if one.project_number else ""
        _text(entry, "title", f"【{say(PUBLIC_NAMES[one.kind])}】{one.project_title}{number}")
        _text(entry, "updated", one.at.isoformat())
        early = one.kind in EARLY_KINDS
        _link(entry, "alternate", f"{base}/intentions" if early else f"{base}/projects/{one.project_id}")
        ET.SubElement(entry, f"{{{ATOM}}}category", {"term": one.kind.value})
        _text(entry, "content", told(one), type="text")
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def told(one: EventView) -> str:
    """What an event says, in lines of plain text."""
    lines = [one.buyer_name, one.reason]
    lines += [f"{say(CHANGE_NAMES[two.field])}：{two.before} → {two.after}" for two in one.changes]
    if one.answer:
        lines += [f"问：{one.question}", f"答：{one.answer}"]
    return "\n".join(_clean(line) for line in lines if line)


def _clean(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or ord(sign) >= 0x20)  # noqa: PLR2004 - a space


def _text(parent: ET.Element, name: str, text: str, **given: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}", given).text = _clean(text)


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": href})
