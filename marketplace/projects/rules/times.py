"""The timetable of a project: proposed in working days from a first day, and checked against the rules in force."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.procedures.rules import RuleSet, Timetable, check, timetable
from marketplace.procedures.states import Event, MethodCode
from marketplace.projects.rules.plan import Times, moment
from marketplace.projects.rules.refusals import DayPassed, Lacking, NotWorkingDay, TimesOutOfOrder

DAY = timedelta(days=1)
CLOSE_AT = (17, 0)
OPEN_AFTER = timedelta(minutes=30)
RESULT_DAYS = 3
"""House habit: the result is planned so many working days after the opening."""
FIELDS = {
    Event.PUBLISH: "publish_on",
    Event.HANDOUT_END: "documents_until",
    Event.CLARIFY: "answers_due_at",
    Event.CLOSE: "bids_due_at",
    Event.OPEN: "opening_at",
    Event.REPORT: "result_on",
    Event.CONFIRM: "result_on",
    Event.NOTICE: "result_on",
}
"""The field that each legal event stands in."""


class TimeField(StrEnum):
    """The times of a project in their order."""

    PUBLISH = "publish_on"
    DOCUMENTS = "documents_until"
    QUESTIONS = "questions_due_at"
    ANSWERS = "answers_due_at"
    BIDS = "bids_due_at"
    OPENING = "opening_at"
    RESULT = "result_on"


TIME_NAMES = {
    TimeField.PUBLISH: N_("发布公告"),
    TimeField.DOCUMENTS: N_("采购文件领取截止"),
    TimeField.QUESTIONS: N_("提问截止"),
    TimeField.ANSWERS: N_("答复截止"),
    TimeField.BIDS: N_("响应截止"),
    TimeField.OPENING: N_("开启"),
    TimeField.RESULT: N_("结果公告"),
}
_CHAIN = (
    TimeField.PUBLISH,
    TimeField.QUESTIONS,
    TimeField.ANSWERS,
    TimeField.BIDS,
    TimeField.OPENING,
    TimeField.RESULT,
)


def _day(value: date | datetime) -> date:
    return legal_day(value) if isinstance(value, datetime) else value


def table_of(
    rules: RuleSet, calendar: Calendar, method: MethodCode, times: Times, *, start: date | None = None
) -> Timetable:
    """The legal timetable around the times that were chosen, counted from ``start`` (else the planned first day).

    Report and award are no times of their own here: they follow the result, as late as the rules let them.

    Raises:
        ValueError: there is neither a first day nor a planned one.
    """
    first = start or times.publish_on
    if first is None:
        raise ValueError("a timetable needs its first day")
    chosen: dict[Event, date] = {}
    for event in (Event.HANDOUT_END, Event.CLARIFY, Event.CLOSE, Event.OPEN):
        value = getattr(times, FIELDS[event])
        if value is not None:
            chosen[event] = _day(value)
    if times.result_on is not None:
        latest = timetable(rules, calendar, method, first, chosen=chosen, intention=False).days
        chosen |= {event: min(times.result_on, latest[event]) for event in (Event.REPORT, Event.CONFIRM)}
        chosen[Event.NOTICE] = times.result_on
    return timetable(rules, calendar, method, first, chosen=chosen, intention=False)


def propose(rules: RuleSet, calendar: Calendar, method: MethodCode, publish_on: date) -> Times:
    """The first lawful times for a notice of ``publish_on``, at office hours of working days."""
    days = timetable(rules, calendar, method, publish_on, intention=False).days
    close = calendar.on_or_after(days[Event.CLOSE])
    if close <= publish_on:
        close = calendar.add_working_days(publish_on, 1).rolled
    answers = max(_worked(calendar, days.get(Event.CLARIFY) or close - DAY), publish_on)
    questions = max(_worked(calendar, answers - DAY), publish_on)
    due = at_legal(close, *CLOSE_AT)
    return Times(
        publish_on=publish_on,
        documents_until=max(days[Event.HANDOUT_END], publish_on),
        questions_due_at=at_legal(questions, *CLOSE_AT),
        answers_due_at=at_legal(answers, *CLOSE_AT),
        bids_due_at=due,
        opening_at=due + OPEN_AFTER,
        result_on=calendar.add_working_days(close, RESULT_DAYS).rolled,
    )


def _worked(calendar: Calendar, day: date) -> date:
    """The last working day until ``day``."""
    while not calendar.is_working_day(day):
        day -= DAY
    return day


def check_times(
    rules: RuleSet, calendar: Calendar, method: MethodCode, times: Times, *, start: date | None = None
) -> list[DomainError]:
    """What is missing or unlawful in the times, each at its field; counted from ``start`` (else the planned day)."""
    missing: list[DomainError] = [
        Lacking(field=name.value, label=TIME_NAMES[name]) for name in TimeField if getattr(times, name.value) is None
    ]
    if missing:
        return missing
    found = list(order(times))
    found += _rest_days(calendar, times)
    if not found:
        table = table_of(rules, calendar, method, times, start=start)
        for refusal in check(table, calendar):
            if Event(refusal.field) in FIELDS:  # what comes after the result is not chosen here
                refusal.field = FIELDS[Event(refusal.field)]
                found.append(refusal)
    return found


def order(times: Times) -> Iterator[DomainError]:
    """Refusals of times that lie before the one they follow."""
    for earlier, later in pairwise(_CHAIN):
        before, given = getattr(times, earlier.value), getattr(times, later.value)
        if before is None or given is None:
            continue
        both = isinstance(before, datetime) and isinstance(given, datetime)
        if (given < before) if both else (_day(given) < _day(before)):
            yield TimesOutOfOrder(
                field=later.value,
                later=TIME_NAMES[later],
                earlier=TIME_NAMES[earlier],
                given=moment(given),
                before=moment(before),
            )


def _rest_days(calendar: Calendar, times: Times) -> Iterator[DomainError]:
    for name in (TimeField.BIDS, TimeField.OPENING):
        value = getattr(times, name.value)
        day = _day(value)
        if not calendar.is_working_day(day):
            offered = calendar.on_or_after(day).isoformat()
            yield NotWorkingDay(field=name.value, label=TIME_NAMES[name], given=day.isoformat(), offered=offered)


def passed(times: Times, today: date) -> list[DomainError]:
    """The refusal of a first day that lies behind us."""
    if times.publish_on is None or times.publish_on >= today:
        return []
    name = TimeField.PUBLISH
    return [DayPassed(field=name.value, label=TIME_NAMES[name], given=times.publish_on.isoformat())]


def bases(table: Timetable) -> Mapping[str, str]:
    """The legal basis of each of our times, by field, where a rule speaks of it."""
    found: dict[str, list[str]] = {}
    for bar in table.bars:
        field = FIELDS.get(bar.first if bar.lead else bar.last)
        if field is not None and bar.basis not in found.setdefault(field, []):
            found[field].append(bar.basis)
    return {field: "；".join(basis) for field, basis in found.items()}
