"""What a desk shows: things to do with their times in words."""

from datetime import datetime

from msgspec import Struct

from marketplace.kit.clock import LEGAL_ZONE, legal_day
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.web.i18n import gettext, say

SOON_DAYS = 3


class Line(Struct, frozen=True, kw_only=True):
    """One thing to do, in the present language; ``tone`` colours its time."""

    title: str
    url: str
    action: str
    due_at: datetime | None
    due: str
    tone: str


def due_words(due_at: datetime, now: datetime) -> str:
    """When something is due, in words: overdue, today, tomorrow, or in so many days."""
    days = (legal_day(due_at) - legal_day(now)).days
    clock = due_at.astimezone(LEGAL_ZONE).strftime("%H:%M")
    if due_at <= now:
        return say(N_("已逾期 {days} 天"), days=-days) if days < 0 else say(N_("今天 {time} 已过"), time=clock)
    if days == 0:
        return say(N_("今天 {time} 前"), time=clock)
    if days == 1:
        return say(N_("明天 {time} 前"), time=clock)
    return say(N_("还有 {days} 天"), days=days)


def _tone(todo: Todo, now: datetime) -> str:
    if todo.urgent or (todo.due_at is not None and todo.due_at <= now):
        return "red"
    if todo.due_at is not None and (legal_day(todo.due_at) - legal_day(now)).days <= SOON_DAYS:
        return "yellow"
    return "grey"


def line(todo: Todo, now: datetime) -> Line:
    """A thing to do as the desk shows it."""
    due = due_words(todo.due_at, now) if todo.due_at else (gettext(N_("请尽快")) if todo.urgent else "")
    return Line(
        title=say(todo.title, **todo.params),
        url=todo.url,
        action=gettext(todo.action),
        due_at=todo.due_at,
        due=due,
        tone=_tone(todo, now),
    )
