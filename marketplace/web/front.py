"""What the home page shows: open projects, where the money is, and how each of its four users begins."""

from datetime import date, datetime

from msgspec import Struct


class OpenProject(Struct, frozen=True, kw_only=True):
    """A project that may be bid for now; amounts in fen, ``days_left`` in whole days by the clock of the page."""

    title: str
    url: str
    buyer: str
    price_ceiling_fen: int
    due_at: datetime
    days_left: int


class Underway(Struct, frozen=True, kw_only=True):
    """A project that is being performed; ``next_on`` is the day of its next milestone, ``days_left`` until then."""

    title: str
    url: str
    supplier: str
    price_fen: int
    next_on: date | None
    days_left: int


class MoneyStage(Struct, frozen=True, kw_only=True):
    """One part of the money: ``kind`` is ``paid``, ``due``, ``bound`` or ``free``; ``title`` a message id."""

    kind: str
    title: str
    amount_fen: int


class Headline(Struct, frozen=True, kw_only=True):
    """A public notice in the list of the newest."""

    title: str
    url: str
    on: datetime


class HomeView(Struct, frozen=True, kw_only=True):
    """The home page; an empty list shows its empty-state text."""

    projects: tuple[OpenProject, ...] = ()
    projects_open: int = 0
    underway: tuple[Underway, ...] = ()
    money: tuple[MoneyStage, ...] = ()
    money_at: datetime | None = None
    suppliers_qualified: int = 0
    notices: tuple[Headline, ...] = ()

    @property
    def money_total_fen(self) -> int:
        """All the money that came in, in fen."""
        return sum(stage.amount_fen for stage in self.money)
