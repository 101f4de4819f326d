"""所有期限: what is overdue and what is due within three working days, for whoever asks."""

from datetime import date

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template
from msgspec import Struct

from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.days import Calendar
from marketplace.procedures import queries
from marketplace.settings import Settings
from marketplace.web.desk.board import board
from marketplace.web.desk.todos import todos
from marketplace.web.desk.views import line
from marketplace.web.pages import page

AMBER_DAYS = 3


class Deadline(Struct, frozen=True, kw_only=True):
    """One thing with its last day; ``lamp`` is red when the day is over, amber within three working days."""

    title: str
    url: str
    waits: str
    due_on: date
    lamp: str


def lamp_of(due_on: date, today: date, calendar: Calendar) -> str:
    """Red after the last day, amber from three working days before it, else green."""
    if due_on < today:
        return "red"
    return "amber" if due_on <= calendar.add_working_days(today, AMBER_DAYS).nominal else "green"


class DeadlinePages(Controller):
    """The list of deadlines."""

    path = "/deadlines"

    @get("/", sync_to_thread=True)
    def deadlines(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> Template:
        """The actor's own, and for the staff of a desk those of its projects, the longest overdue first."""
        now, keys = clock.now(), application_keys(settings)
        today = legal_day(now)
        with database.read() as db:
            calendar = queries.calendar(db)
            own = [todo for todo in todos(db, actor, now=now, keys=keys) if todo.due_at is not None]
            lines = [(line(todo, now), legal_day(todo.due_at)) for todo in own if todo.due_at]
            desk = board(db, actor, now=now)
        mine = [
            Deadline(title=one.title, url=one.url, waits="", due_on=day, lamp=lamp_of(day, today, calendar))
            for one, day in lines
        ]
        ours = [
            Deadline(
                title=row.title,
                url=row.url,
                waits=row.waits,
                due_on=row.due_on,
                lamp=lamp_of(row.due_on, today, calendar),
            )
            for row in (desk.rows if desk else ())
        ]
        return page(
            "procedures/deadlines.html",
            mine=sorted(mine, key=lambda one: one.due_on),
            ours=sorted(ours, key=lambda one: one.due_on) if desk else None,
            lamps={"red": "red", "amber": "orange", "green": "green"},
        )
