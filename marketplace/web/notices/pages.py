"""The inbox: what a person was told, newest first, until it is read."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.notices.commands import mark_read
from marketplace.notices.queries import PAGE, inbox, one_of, unread_count
from marketplace.notices.texts import Writer
from marketplace.web.access import Unauthenticated
from marketplace.web.notices.views import id_after
from marketplace.web.pages import done, onward, page
from marketplace.web.paging import paging

INBOX = "/inbox"


def person_of(actor: Actor) -> UUID:
    """The person whose inbox it is.

    Raises:
        Unauthenticated: the system itself has none.
    """
    if actor.person_id is None:
        raise Unauthenticated
    return actor.person_id


class Inbox(Controller):
    """A person's own notices."""

    path = INBOX

    @get(sync_to_thread=True)
    def notices(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        writer: NamedDependency[Writer],
        after: Annotated[str, QueryParameter(max_length=200)] = "",
        only: Annotated[str, QueryParameter(max_length=10)] = "",
    ) -> Template:
        """The list; ``only=unread`` leaves out what was read."""
        person, unread_only = person_of(actor), only == "unread"
        with database.read() as db:
            found = inbox(db, writer, person, after=id_after(after), unread=unread_only, limit=PAGE + 1)
            unread = unread_count(db, person)
        last = found[PAGE - 1] if len(found) > PAGE else None
        asked = {"only": "unread"} if unread_only else {}
        pager = paging(INBOX, asked, [str(last.id)] if last else None, after=after)
        return page("notices/inbox.html", notices=found[:PAGE], unread=unread, unread_only=unread_only, paging=pager)

    @get("/{notice_id:uuid}", sync_to_thread=True)
    def follow(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        notice_id: FromPath[UUID],
    ) -> Redirect:
        """On to what a notice is about; it counts as read from then on."""
        with database.write() as db:
            url = one_of(db, person_of(actor), notice_id)
            if url is None:
                raise NotFound
            mark_read(db, actor, [notice_id], now=clock.now())
        return onward(url)

    @post("/read", sync_to_thread=True)
    def read_all(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Redirect:
        """Mark everything as read."""
        with database.write() as db:
            count = mark_read(db, actor, None, now=clock.now())
        return done(INBOX, N_("已将 {count} 条消息标为已读。"), count=count)
