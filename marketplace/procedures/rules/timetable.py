"""The ruler of legal time: from a method and a day to every bar until the archive, and what a chosen day breaks."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct, field

from marketplace.kit.days import UNIT_NAMES, Calendar, Due, Unit
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.procedures.rules.methods import AFTER, METHODS, Span
from marketplace.procedures.rules.ruleset import Rule, RuleSet
from marketplace.procedures.states import EVENT_NAMES, Comparison, Event, MethodCode

INTENTION_RULE = "intention_publication_lead_days"
OPEN_CALL_RULE, INVITED_RULE = "comparison_response_days", "invited_comparison_response_days"
ONLY_BY_RULE = frozenset({Event.ANNOUNCED})
"""Events that happen only where a rule ends with them."""
TERM_MONTHS = 12
"""How long a service is performed where nothing else is said."""


class TooEarly(DomainError):
    """A day lies before the first lawful one."""

    kind, code = Kind.INVALID, "too_early"
    text = N_(
        "「{event}」定在 {given}，早于最早的 {earliest}，还差 {short} {unit}"
        "（自「{first}」起不少于 {count} {unit}，{basis}）。请改为 {offered} 或更晚。"
    )


class TooLate(DomainError):
    """A day lies after the last lawful one."""

    kind, code = Kind.INVALID, "too_late"
    text = N_(
        "「{event}」定在 {given}，晚于最迟的 {latest}（自「{first}」起不超过 {count} {unit}，{basis}）。"
        "请改为 {latest} 或更早。"
    )


class LeadTooShort(DomainError):
    """Something came too shortly before another thing, which must move."""

    kind, code = Kind.INVALID, "lead_too_short"
    text = N_(
        "「{first}」定在 {given}，距「{event}」不足 {count} {unit}，还差 {short} {unit}（{basis}）。"
        "请把「{event}」改为 {offered} 或更晚。"
    )


class OutOfOrder(DomainError):
    """A day lies before that of the event it follows."""

    kind, code = Kind.INVALID, "out_of_order"
    text = N_("「{event}」定在 {given}，早于「{first}」的 {earliest}。请改为 {earliest} 或更晚。")


class Bar(Struct, frozen=True, kw_only=True):
    """One period of the timetable. ``nominal`` is where the law's count ends, ``end`` the working day to offer.

    ``confirmed`` false is shown with △; ``practice`` is a unit's own rule; ``model``: followed, not binding here.
    """

    rule_id: str
    name: str
    name_en: str
    first: Event
    last: Event
    start: date = field(name="from")
    end: date = field(name="to")
    nominal: date
    count: int
    unit: Unit
    comparison: Comparison
    basis: str
    confirmed: bool
    practice: bool
    model: bool
    lead: bool
    unknown_years: tuple[int, ...]

    @property
    def estimated(self) -> bool:
        """Whether it was counted through a year without a notice."""
        return bool(self.unknown_years)


class Timetable(Struct, frozen=True, kw_only=True):
    """The days of one purchase and the bars between them. ``chosen`` are the days somebody set."""

    method: MethodCode
    start: date
    days: Mapping[Event, date]
    chosen: Mapping[Event, date]
    bars: tuple[Bar, ...]

    @property
    def unknown_years(self) -> tuple[int, ...]:
        """The years whose notice is missing somewhere in it."""
        return tuple(sorted({year for bar in self.bars for year in bar.unknown_years}))

    def bars_to(self, event: Event) -> tuple[Bar, ...]:
        """The periods that end with ``event``."""
        return tuple(bar for bar in self.bars if bar.last is event)


def timetable(
    rules: RuleSet,
    calendar: Calendar,
    method: MethodCode,
    start: date,
    *,
    chosen: Mapping[Event, date] | None = None,
    term_months: int = TERM_MONTHS,
    invited: bool = False,
    intention: bool = True,
) -> Timetable:
    """All legal periods of a purchase whose notice is published on ``start``.

    A day that nobody chose is the first lawful one where a rule sets a minimum, the last lawful one where it sets a
    maximum only, and else the day of the event before. ``invited`` asks invited suppliers (a shorter response time);
    ``intention`` False leaves out the early notice (small sporadic buying). Rules not in force on the day of
    ``rules`` give no bar.

    Raises:
        ValueError: ``term_months`` is below zero.
    """
    skipped = {OPEN_CALL_RULE if invited else INVITED_RULE} | (set() if intention else {INTENTION_RULE})
    spans = [
        (span, rule)
        for span in METHODS[method].spans
        if span.rule_id not in skipped and (rule := rules.find(span.rule_id)) is not None
    ]
    picked = dict(chosen or {})
    days = {Event.PUBLISH: start}
    ended = {span.last for span, _ in spans}
    for event, before in AFTER.items():
        if event in ONLY_BY_RULE and event not in ended:
            continue
        days[event] = picked.get(event) or _default_day(
            event, days=days, before=days[before], spans=spans, calendar=calendar, term_months=term_months
        )
    for span, rule in spans:
        if span.lead:
            latest = calendar.latest_start(days[span.last], rule.number, rule.period).nominal
            days[span.first] = picked.get(span.first, latest)
    bars = tuple(_bar(span, rule, days, calendar) for span, rule in spans)
    return Timetable(method=method, start=start, days=days, chosen=picked, bars=bars)


def _default_day(
    event: Event,
    *,
    days: Mapping[Event, date],
    before: date,
    spans: Iterable[tuple[Span, Rule]],
    calendar: Calendar,
    term_months: int,
) -> date:
    if event is Event.PERFORMED:
        return calendar.add_months(before, term_months).nominal
    ends = [
        (rule.comparison, calendar.add(days[span.first], rule.number, rule.period).rolled)
        for span, rule in spans
        if span.last is event and not span.lead
    ]
    least = [end for comparison, end in ends if comparison is not Comparison.MAX]
    most = [end for comparison, end in ends if comparison is Comparison.MAX]
    return max([before, *(least or ([min(most)] if most else []))])


def _bar(span: Span, rule: Rule, days: Mapping[Event, date], calendar: Calendar) -> Bar:
    if span.lead:
        due = calendar.latest_start(days[span.last], rule.number, rule.period)
        start, end, nominal = due.nominal, days[span.last], days[span.last]
    else:
        due = calendar.add(days[span.first], rule.number, rule.period)
        start, end, nominal = days[span.first], due.rolled, due.nominal
    return Bar(
        rule_id=rule.rule_id,
        name=rule.name,
        name_en=rule.name_en,
        first=span.first,
        last=span.last,
        start=start,
        end=end,
        nominal=nominal,
        count=rule.number,
        unit=rule.period,
        comparison=rule.comparison,
        basis=rule.basis,
        confirmed=rule.confirmed,
        practice=rule.practice,
        model=span.model,
        lead=span.lead,
        unknown_years=due.unknown_years,
    )


def check(table: Timetable, calendar: Calendar) -> list[DomainError]:
    """What is unlawful in the days that somebody chose, each with the next lawful day."""
    found: list[DomainError] = []
    for event, before in AFTER.items():
        if event in table.chosen and event in table.days and table.days[event] < table.days[before]:
            found.append(
                OutOfOrder(
                    field=event.value,
                    event=EVENT_NAMES[event],
                    first=EVENT_NAMES[before],
                    given=table.days[event].isoformat(),
                    earliest=table.days[before].isoformat(),
                )
            )
    for bar in table.bars:
        found += _breach(bar, table, calendar)
    return found


def _breach(bar: Bar, table: Timetable, calendar: Calendar) -> list[DomainError]:
    day = table.days[bar.last]
    said: dict[str, object] = {
        "event": EVENT_NAMES[bar.last],
        "first": EVENT_NAMES[bar.first],
        "count": bar.count,
        "unit": UNIT_NAMES[bar.unit],
        "basis": bar.basis,
    }
    if bar.lead:
        due = calendar.add(table.days[bar.first], bar.count, bar.unit)
        if due.nominal <= day:
            return []
        said |= {"given": table.days[bar.first].isoformat(), "short": calendar.between(day, due.nominal, bar.unit)}
        return [LeadTooShort(field=bar.first.value, offered=due.rolled.isoformat(), **said)]
    if bar.comparison is Comparison.MAX and day > bar.end:
        return [TooLate(field=bar.last.value, given=day.isoformat(), latest=bar.end.isoformat(), **said)]
    if bar.comparison is Comparison.MIN and day < bar.nominal and bar.last in table.chosen:
        said |= {"earliest": bar.nominal.isoformat(), "offered": bar.end.isoformat()}
        said |= {"given": day.isoformat(), "short": calendar.between(day, bar.nominal, bar.unit)}
        return [TooEarly(field=bar.last.value, **said)]
    return []


def first_lawful_close(
    rules: RuleSet, calendar: Calendar, method: MethodCode, published: date, *, invited: bool = False
) -> Due:
    """The first lawful closing day for a notice of ``published``: ``nominal`` by law, ``rolled`` to offer."""
    table = timetable(rules, calendar, method, published, invited=invited)
    ends = [Due(bar.nominal, bar.end, bar.unknown_years) for bar in table.bars_to(Event.CLOSE) if not bar.lead]
    return max(ends, key=lambda due: due.nominal, default=Due(published, published))
