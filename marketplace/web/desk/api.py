"""What waits, under ``/api/v1``."""

from datetime import datetime

from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import Struct

from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.settings import Settings
from marketplace.web.desk.todos import todos
from marketplace.web.i18n import gettext, say


class TodoView(Struct, frozen=True, kw_only=True):
    """One thing to do, in the language asked for."""

    title: str
    action: str
    url: str
    due_at: datetime | None
    urgent: bool


class TodosApi(Controller):
    """Things to do."""

    path = "/api/v1/todos"
    tags = ["desk"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def todos(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> list[TodoView]:
        """What waits for the caller: urgent first, then by the time it is due."""
        with database.read() as db:
            found = todos(db, actor, now=clock.now(), keys=application_keys(settings))
        return [
            TodoView(
                title=say(one.title, **one.params),
                action=gettext(one.action),
                url=one.url,
                due_at=one.due_at,
                urgent=one.urgent,
            )
            for one in found
        ]
