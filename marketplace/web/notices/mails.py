"""In the demo: the mails that were written, so that an invitation can be followed without a mail server."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Template

from marketplace.db.base import Database
from marketplace.identity.credentials import Safe
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.notices.queries import mails
from marketplace.notices.states import MAIL
from marketplace.notices.texts import Writer
from marketplace.settings import Settings
from marketplace.web.notices.views import id_after
from marketplace.web.pages import page
from marketplace.web.paging import paging

MAILS = "/demo/mail"
SHOWN = 15
TONES = {"queued": "yellow", "sent": "green", "kept": "blue", "failed": "red", "dropped": "grey"}


class SentMails(Controller):
    """Mails of the demo; elsewhere there is no such page."""

    path = MAILS

    @get(sync_to_thread=True)
    def mails(
        self,
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        clock: NamedDependency[Clock],
        writer: NamedDependency[Writer],
        safe: NamedDependency[Safe],
        after: Annotated[str, QueryParameter(max_length=200)] = "",
    ) -> Template:
        """The newest mails, whole."""
        if not settings.demo:
            raise NotFound
        with database.read() as db:
            found = mails(db, writer, safe, now=clock.now(), after=id_after(after), limit=SHOWN + 1)
        last = found[SHOWN - 1] if len(found) > SHOWN else None
        pager = paging(MAILS, {}, [str(last.id)] if last else None, after=after)
        return page("notices/mails.html", mails=found[:SHOWN], labels=MAIL.labels, tones=TONES, paging=pager)
