"""The first page of each desk: 今日待办."""

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template
from sqlalchemy.orm import Session

from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.notices.queries import inbox
from marketplace.notices.schemas import NoticeView
from marketplace.notices.texts import Writer
from marketplace.settings import Settings
from marketplace.web.access import CENTRE, FINANCE, ORG, Desk, Visitor
from marketplace.web.desk.board import board, coming
from marketplace.web.desk.figures import figures
from marketplace.web.desk.money import money_board
from marketplace.web.desk.todos import todos
from marketplace.web.desk.views import line
from marketplace.web.notices.pages import person_of
from marketplace.web.notices.views import provide_writer
from marketplace.web.pages import page

NOTICES_SHOWN = 5


def desk_page(here: Desk) -> HTTPRouteHandler:
    """The first page of one desk: what waits for whoever sits there, by when, one click to act."""

    @get(here.url, sync_to_thread=True)
    def today(
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        visitor: NamedDependency[Visitor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> Template:
        """Things to do, figures, and what was told lately."""
        if here not in visitor.desks:
            raise NotFound
        now, writer, keys = clock.now(), provide_writer(settings), application_keys(settings)
        with database.read() as db:
            lines = [line(todo, now) for todo in todos(db, actor, now=now, keys=keys)]
            shown = figures(db, here, actor, now=now)
            stages = board(db, actor, now=now) if here is CENTRE else None
            days = coming(db, keys, actor, now=now) if here is ORG else ()
            paying = money_board(db, actor, now=now) if here is FINANCE else None
            news = _news(db, writer, actor)
        boards = {"board": stages, "coming": days, "money_board": paying}
        return page("desk/today.html", desk=here, lines=lines, figures=shown, news=news, **boards)

    return today


def _news(db: Session, writer: Writer, actor: Actor) -> list[NoticeView]:
    return inbox(db, writer, person_of(actor), unread=True, limit=NOTICES_SHOWN)
