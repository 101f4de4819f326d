"""The inbox under ``/api/v1``."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.notices.commands import mark_read
from marketplace.notices.queries import inbox
from marketplace.notices.schemas import NoticeView
from marketplace.notices.texts import Writer
from marketplace.web.notices.pages import person_of


class Read(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which notices were read; without ``ids`` all of them."""

    ids: Annotated[list[UUID], Meta(max_length=1000)] | None = None


class Marked(Struct, frozen=True, kw_only=True):
    """How many notices were unread before."""

    count: int


class NoticesApi(Controller):
    """One's own notices."""

    path = "/notices"
    tags = ["notices"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def notices(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        writer: NamedDependency[Writer],
        after: Annotated[UUID | None, QueryParameter(description="the last notice of the page before")] = None,
        unread: Annotated[bool, QueryParameter(description="leave out what was read")] = False,
    ) -> list[NoticeView]:
        """The inbox, newest first, in the language asked for."""
        with database.read() as db:
            return inbox(db, writer, person_of(actor), after=after, unread=unread)

    @post("/read", sync_to_thread=True, status_code=200)
    def read(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[Read],
    ) -> Marked:
        """Mark notices as read."""
        person_of(actor)
        with database.write() as db:
            return Marked(count=mark_read(db, actor, data.ids, now=clock.now()))
