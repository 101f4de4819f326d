"""Rules, calendar and timetable as JSON. Numbers of rules are exact texts, amounts whole fen, days dates."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.days import COUNT_MAX, ESTIMATE_NOTE, Unit
from marketplace.kit.money import FEN_MAX
from marketplace.procedures import queries
from marketplace.procedures.rules import PRACTICE_NOTE, UNCONFIRMED_NOTE, Bar, Choice, Rule
from marketplace.procedures.schemas import CalendarYearView
from marketplace.procedures.states import EVENT_NAMES, BandCode, Event, MethodCode
from marketplace.web.i18n import say, sentences
from marketplace.web.procedures.views import MONTHS_MAX, Ask, RulerView, lay

Day = Annotated[date | None, QueryParameter(description="a legal day, Asia/Shanghai")]


class RuleList(Struct, frozen=True, kw_only=True):
    """The rules in force on ``day`` as edition ``version`` knew them; the two notes say what is not law."""

    day: date
    version: int
    unconfirmed_note: str
    practice_note: str
    rules: tuple[Rule, ...]


class Problem(Struct, frozen=True):
    """What a chosen day or the method breaks; ``message`` names the next lawful day."""

    field: str
    code: str
    message: str


class EventDay(Struct, frozen=True):
    """One event of the timetable and its day; ``chosen``: somebody set it."""

    event: Event
    name: str
    day: date
    chosen: bool


class Panel(Struct, frozen=True):
    """How the panel must be composed; ``expert_thirds`` 2 demands experts*3 >= members*2."""

    members: int
    exactly: bool
    expert_thirds: int


class TimetableView(Struct, frozen=True, kw_only=True):
    """The timetable of one purchase with what else its method and amount demand."""

    method: MethodCode
    amount_fen: int
    start: date
    version: int
    band: BandCode
    methods: tuple[Choice, ...]
    panel: Panel | None
    min_suppliers: int | None
    price_weight_percent: tuple[Decimal, Decimal] | None
    days: tuple[EventDay, ...]
    bars: tuple[Bar, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


class DueView(Struct, frozen=True, kw_only=True):
    """The end of a period: ``nominal`` by the law's count, ``rolled`` the working day to offer."""

    start: date
    count: int
    unit: Unit
    nominal: date
    rolled: date
    estimated: bool
    notes: tuple[str, ...]


class RulesApi(Controller):
    """Purchasing rules as dated data."""

    path = "/api/v1/rules"
    tags = ("rules",)

    @get("/", sync_to_thread=True)
    def rules(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        on: Day = None,
        version: Annotated[int | None, QueryParameter(ge=0, le=2**31)] = None,
        region: Annotated[str, QueryParameter(pattern=r"^(\d{2}){0,3}$")] = "",
        unit_id: FromQuery[UUID | None] = None,
    ) -> RuleList:
        """The rules in force on a day (today) for a place and an organization, by their ids."""
        day = on or legal_day(clock.now())
        with database.read() as db:
            found = queries.rules(db, day=day, version=version, region=region, unit_id=unit_id)
        return RuleList(
            day=day,
            version=found.version,
            unconfirmed_note=say(UNCONFIRMED_NOTE),
            practice_note=say(PRACTICE_NOTE),
            rules=tuple(found.rules[rule_id] for rule_id in sorted(found.rules)),
        )

    @get("/{rule_id:str}", sync_to_thread=True)
    def rule(self, database: NamedDependency[Database], rule_id: FromPath[str]) -> tuple[Rule, ...]:
        """All rows ever entered of one rule, the newest edition first."""
        with database.read() as db:
            return queries.rule_history(db, rule_id)


class CalendarApi(Controller):
    """Days off and working days."""

    path = "/api/v1/calendar"
    tags = ("rules",)

    @get("/due", sync_to_thread=True)
    def due(
        self,
        database: NamedDependency[Database],
        start: FromQuery[date],
        count: Annotated[int, QueryParameter(ge=0, le=COUNT_MAX)],
        unit: FromQuery[Unit] = Unit.WORKING_DAYS,
    ) -> DueView:
        """When a period that begins after ``start`` ends, as the law counts."""
        with database.read() as db:
            found = queries.calendar(db).add(start, count, unit)
        return DueView(
            start=start,
            count=count,
            unit=unit,
            nominal=found.nominal,
            rolled=found.rolled,
            estimated=found.estimated,
            notes=tuple(say(ESTIMATE_NOTE, year=year) for year in found.unknown_years),
        )

    @get("/{year:int}", sync_to_thread=True)
    def year(self, database: NamedDependency[Database], year: FromPath[int]) -> CalendarYearView:
        """The notice of one year."""
        with database.read() as db:
            return queries.calendar_year(db, year)


class TimetableApi(Controller):
    """The ruler of legal time."""

    path = "/api/v1/timetable"
    tags = ("rules",)

    @get("/", sync_to_thread=True)
    def timetable(
        self,
        database: NamedDependency[Database],
        method: FromQuery[MethodCode],
        amount_fen: Annotated[int, QueryParameter(ge=1, le=FEN_MAX)],
        start: FromQuery[date],
        term_months: Annotated[int, QueryParameter(ge=0, le=MONTHS_MAX)] = 12,
        *,
        invited: FromQuery[bool] = False,
        intention: Day = None,
        close: Day = None,
        notice: Day = None,
        sign: Day = None,
        accepted: Day = None,
    ) -> TimetableView:
        """Every legal period of a purchase from its notice to its archive; chosen days are checked."""
        ask = Ask(
            method=method,
            amount_fen=amount_fen,
            start=start,
            term_months=term_months,
            invited=invited,
            intention=intention,
            close=close,
            notice=notice,
            sign=sign,
            accepted=accepted,
        )
        with database.read() as db:
            return _shown(lay(db, ask))


def _shown(view: RulerView) -> TimetableView:
    table, panel, weight = view.table, view.panel, view.weight
    problems = (one for error in view.problems for one in sentences(error))
    return TimetableView(
        method=table.method,
        amount_fen=view.ask.amount_fen,
        start=table.start,
        version=view.version,
        band=view.band.code,
        methods=view.choices,
        panel=Panel(panel.members, panel.exactly, panel.expert_thirds) if panel else None,
        min_suppliers=view.suppliers.number if view.suppliers else None,
        price_weight_percent=(weight.least, weight.most) if weight else None,
        days=tuple(
            EventDay(event, say(EVENT_NAMES[event]), table.days[event], event in table.chosen)
            for event in Event
            if event in table.days
        ),
        bars=table.bars,
        problems=tuple(Problem(*one) for one in problems),
        notes=_notes(view),
    )


def _notes(view: RulerView) -> tuple[str, ...]:
    found = [say(ESTIMATE_NOTE, year=year) for year in view.table.unknown_years]
    if any(not bar.confirmed and not bar.practice for bar in view.table.bars):
        found.append(say(UNCONFIRMED_NOTE))
    if any(bar.practice for bar in view.table.bars):
        found.append(say(PRACTICE_NOTE))
    return tuple(found)
