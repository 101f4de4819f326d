"""What the ruler shows: days, bars, what is broken, and what the amount demands besides time."""

from calendar import Calendar as Weeks
from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy.orm import Session

from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Fen
from marketplace.kit.i18n import N_
from marketplace.procedures import queries
from marketplace.procedures.rules import (
    METHODS,
    Band,
    Bar,
    Choice,
    Demand,
    PanelDemand,
    PriceWeight,
    Rule,
    RuleSet,
    Timetable,
    band_of,
    check,
    check_method,
    demands,
    lawful_methods,
    min_suppliers,
    panel_demand,
    price_weight,
    timetable,
)
from marketplace.procedures.states import Event, MethodCode
from marketplace.web.forms import FormKind
from marketplace.web.i18n import say
from marketplace.web.procedures.words import amount, plain_number

DEFAULT_FEN = 12_600_000
"""The largest aid programme of the first year: what the ruler is laid to before anybody says an amount."""
LATER = frozenset({Event.PERFORMED, Event.ACCEPTED, Event.PAID})
"""What is drawn on a scale of its own: the life of the contract."""
MONTHS_MAX = 36


class Ask(Struct, frozen=True, kw_only=True):
    """What somebody asks of the ruler; the days left out are found."""

    method: MethodCode
    amount_fen: Fen
    start: date
    term_months: Annotated[int, Meta(ge=0, le=MONTHS_MAX)] = 12
    invited: bool = False
    intention: date | None = None
    close: date | None = None
    notice: date | None = None
    sign: date | None = None
    accepted: date | None = None

    @property
    def chosen(self) -> dict[Event, date]:
        """The days that were set by hand."""
        days = {
            Event.INTENTION: self.intention,
            Event.CLOSE: self.close,
            Event.NOTICE: self.notice,
            Event.SIGN: self.sign,
            Event.ACCEPTED: self.accepted,
        }
        return {event: day for event, day in days.items() if day is not None}


ASK = FormKind(
    Ask,
    labels={
        "method": N_("采购方式"),
        "amount_fen": N_("预算金额"),
        "start": N_("发布公告的日期"),
        "term_months": N_("服务期"),
        "invited": N_("邀请比选（不公开征集）"),
        "intention": N_("公开采购意向的日期"),
        "close": N_("响应截止日期"),
        "notice": N_("发出通知书的日期"),
        "sign": N_("签订合同的日期"),
        "accepted": N_("履约验收的日期"),
    },
    hints={"start": N_("各项时限从这一天起算，当天不计入。")},
)
"""The form of the ruler."""


class RulerView(Struct, frozen=True, kw_only=True):
    """The ruler, laid out; ``problems`` are what the chosen days and method break."""

    ask: Ask
    table: Timetable
    problems: tuple[DomainError, ...]
    choices: tuple[Choice, ...]
    band: Band
    panel: PanelDemand | None
    suppliers: Rule | None
    weight: PriceWeight | None
    further: tuple[Demand, ...]
    version: int

    @property
    def method_name(self) -> str:
        """The name of the method asked, a message id."""
        return METHODS[self.ask.method].name

    @property
    def early(self) -> tuple[Bar, ...]:
        """The bars from the notice to the contract, in the order of their days."""
        return tuple(
            sorted(
                (bar for bar in self.table.bars if bar.last not in LATER and bar.last is not Event.KEPT),
                key=lambda bar: (bar.start, bar.end),
            )
        )

    @property
    def late(self) -> tuple[Bar, ...]:
        """The bars of the contract's life."""
        return tuple(bar for bar in self.table.bars if bar.last in LATER)

    @property
    def all_bars(self) -> tuple[Bar, ...]:
        """All bars, the keeping of the archive last."""
        return (*self.early, *self.late, *self.table.bars_to(Event.KEPT))

    @property
    def handles(self) -> dict[Event, date]:
        """The days that may be moved on the drawing."""
        return {event: self.table.days[event] for event in (Event.CLOSE, Event.NOTICE, Event.SIGN)}

    @property
    def demands(self) -> tuple[tuple[str, str, tuple[Rule, ...]], ...]:
        """What else the amount and method demand: title, sentence, and the rules behind it."""
        found: list[tuple[str, str, tuple[Rule, ...]]] = [(N_("金额档次"), self.band_words, self.band.rules)]
        if self.panel:
            found.append((N_("评审小组"), self.panel_words, self.panel.rules))
        if self.suppliers:
            found.append((N_("最少供应商"), plain_number(self.suppliers), (self.suppliers,)))
        if self.weight:
            bounds = say(N_("{least}% 至 {most}%"), least=_plain(self.weight.least), most=_plain(self.weight.most))
            found.append((N_("价格分权重"), bounds, self.weight.rules))
        found += [(one.title, say(one.text, **one.values), one.rules) for one in self.further]
        return tuple(found)

    @property
    def band_words(self) -> str:
        """The tier in words, with its borders."""
        if self.band.below_fen is None:
            borders = say(N_("{amount}以上"), amount=amount(self.band.from_fen))
        elif self.band.from_fen:
            borders = say(
                N_("{least}以上、不足 {most}"), least=amount(self.band.from_fen), most=amount(self.band.below_fen)
            )
        else:
            borders = say(N_("不足 {most}"), most=amount(self.band.below_fen))
        return say(N_("{band}（{borders}）"), band=self.band.name, borders=borders)

    @property
    def panel_words(self) -> str:
        """The panel in words."""
        if self.panel is None:
            return ""
        size = N_("{n} 人") if self.panel.exactly else N_("不少于 {n} 人，单数")
        words = say(size, n=self.panel.members)
        if self.panel.expert_thirds:
            words = say(N_("{size}，专家不少于三分之二"), size=words)
        return words


def lay(db: Session, ask: Ask) -> RulerView:
    """The ruler for what was asked, by the rules in force on the day of the notice.

    Raises:
        RuleMissing: a rule it needs is not in force on that day.
    """
    return laid(queries.rules(db, day=ask.start), queries.calendar(db), ask)


def laid(rules: RuleSet, calendar: Calendar, ask: Ask) -> RulerView:
    """The ruler from rules and calendar that are at hand.

    Raises:
        RuleMissing: a rule it needs is not in force on that day.
    """
    table = timetable(
        rules,
        calendar,
        ask.method,
        ask.start,
        chosen=ask.chosen,
        term_months=ask.term_months,
        invited=ask.invited,
    )
    return RulerView(
        ask=ask,
        table=table,
        problems=(*check_method(rules, ask.method, ask.amount_fen), *check(table, calendar)),
        choices=lawful_methods(rules, ask.amount_fen),
        band=band_of(rules, ask.amount_fen),
        panel=panel_demand(rules, ask.method, ask.amount_fen),
        suppliers=min_suppliers(rules, ask.method),
        weight=price_weight(rules, ask.method),
        further=demands(rules, ask.method, ask.amount_fen),
        version=rules.version,
    )


def _plain(number: Decimal) -> str:
    return f"{number:f}"


class MonthView(Struct, frozen=True):
    """One month of a calendar: its number, and weeks of days (None before the first and after the last)."""

    number: int
    weeks: tuple[tuple[date | None, ...], ...]


def months(year: int) -> tuple[MonthView, ...]:
    """The twelve months of a year, weeks beginning on Monday."""
    return tuple(
        MonthView(
            month,
            tuple(
                tuple(day if day.month == month else None for day in week)
                for week in Weeks().monthdatescalendar(year, month)
            ),
        )
        for month in range(1, 13)
    )
