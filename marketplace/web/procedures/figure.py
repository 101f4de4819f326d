"""The drawing of the ruler: bars on a scale of days, rest days shaded; one drawing for the desk, one for the phone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from markupsafe import Markup
from msgspec import Struct

from marketplace.kit.days import Calendar
from marketplace.kit.i18n import N_
from marketplace.procedures.rules import Bar
from marketplace.procedures.states import EVENT_NAMES, Comparison, Event
from marketplace.web.i18n import say
from marketplace.web.procedures.words import length, named

SHADED_DAYS_MAX = 130
"""On longer scales single rest days are thinner than a line and are left out."""
FIGURE_PX = 7
"""About the width of a figure of the scale."""
WEEKLY_DAYS_MAX = 120
_DAY = timedelta(days=1)


class Sheet(Struct, frozen=True, kw_only=True):
    """The measures of one drawing, in its own units."""

    width: int
    labels: int
    row: int
    bar: int
    right: int
    stacked: bool
    tick_gap: int


WIDE = Sheet(width=1120, labels=265, row=30, bar=16, right=165, stacked=False, tick_gap=66)
NARROW = Sheet(width=350, labels=0, row=46, bar=14, right=8, stacked=True, tick_gap=64)
_TOP = 26
_LANE = 50
"""The height below the bars where the days stand that can be moved."""


class _Scale:
    """From days to places."""

    def __init__(self, first: date, last: date, sheet: Sheet) -> None:
        self.first, self.last, self.sheet = first, last, sheet
        self.step = (sheet.width - sheet.labels - sheet.right) / max(1, (last - first).days + 1)

    def x(self, day: date) -> float:
        """Where a day begins."""
        return self.sheet.labels + (day - self.first).days * self.step

    def days(self) -> Iterator[date]:
        """Every day of the scale."""
        return (self.first + offset * _DAY for offset in range((self.last - self.first).days + 1))


def ruler(
    bars: Sequence[Bar],
    calendar: Calendar,
    label: str,
    sheet: Sheet = WIDE,
    handles: Mapping[Event, date] | None = None,
) -> Markup:
    """The bars, one a row, over a scale of days. ``label`` names the figure for those who do not see it.

    ``handles`` are days that a script lets one drag; without it they are marks, and the form beside moves them.
    """
    if not bars:
        return Markup()
    grips = {} if sheet.stacked else dict(handles or {})
    days = [*grips.values(), *(day for bar in bars for day in (bar.start, bar.end))]
    scale = _Scale(min(days), max(days), sheet)
    foot = _TOP + sheet.row * len(bars) + 4
    height = foot + (_LANE if grips else 0)
    parts = [*_rest(scale, calendar, height), *_ticks(scale, height)]
    for place, bar in enumerate(bars):
        parts += _row(bar, scale, _TOP + place * sheet.row)
    for place, (event, day) in enumerate(grips.items()):
        parts += _handle(event, day, scale, foot, place % 2)
    kind = "ruler--narrow" if sheet.stacked else "ruler--wide"
    return Markup(
        '<svg class="ruler {}" viewBox="0 0 {} {}" role="img" aria-label="{}" data-first="{}" data-from="{}"'
        ' data-step="{:.4f}">{}</svg>'
    ).format(
        kind, sheet.width, height, label, scale.first.isoformat(), sheet.labels, scale.step, Markup("").join(parts)
    )


def _handle(event: Event, day: date, scale: _Scale, foot: int, line: int) -> Iterator[Markup]:
    x = scale.x(day) + scale.step / 2
    said = f"{say(EVENT_NAMES[event])} {day.month}-{day.day}"
    yield Markup('<g class="handle" data-event="{}" data-day="{}">').format(event.value, day.isoformat())
    yield Markup('<line x1="{0:.2f}" x2="{0:.2f}" y1="{1}" y2="{2}"/>').format(x, _TOP - 4, foot + 6)
    yield Markup('<circle cx="{:.2f}" cy="{}" r="6"/>').format(x, foot + 6)
    yield Markup('<text x="{:.2f}" y="{}" text-anchor="middle">{}</text></g>').format(x, foot + 26 + 17 * line, said)


def _rest(scale: _Scale, calendar: Calendar, height: int) -> Iterator[Markup]:
    if (scale.last - scale.first).days > SHADED_DAYS_MAX:
        return
    for day in scale.days():
        if not calendar.is_working_day(day):
            yield Markup('<rect class="rest" x="{:.2f}" y="{}" width="{:.2f}" height="{}"/>').format(
                scale.x(day), _TOP - 4, scale.step, height - _TOP + 4
            )


def _ticks(scale: _Scale, height: int) -> Iterator[Markup]:
    span = (scale.last - scale.first).days
    weekly = span <= WEEKLY_DAYS_MAX
    days = [day for day in scale.days() if (day.weekday() == 0 if weekly else day.day == 1)] or [scale.first]
    beyond = said = 0.0
    for day in days:
        x = scale.x(day)
        if x < beyond:
            continue
        beyond = x + scale.sheet.tick_gap * (1 if not weekly else 0.7)
        text = f"{day.month}-{day.day}" if weekly else f"{day.year}-{day.month:02d}"
        yield Markup('<line class="tick" x1="{0:.2f}" x2="{0:.2f}" y1="18" y2="{1}"/>').format(x, height)
        wide = len(text) * FIGURE_PX
        ends = x + 2 + wide > scale.sheet.width  # beside the last line it stands on the inner side
        if ends and x - 2 - wide < said:
            continue  # where the day before stands already
        said = x + 2 + wide
        place = Markup(' text-anchor="end"') if ends else ""
        yield Markup('<text class="when" x="{:.2f}" y="13"{}>{}</text>').format(x - 2 if ends else x + 2, place, text)


def _row(bar: Bar, scale: _Scale, top: int) -> Iterator[Markup]:
    sheet = scale.sheet
    y = top + (24 if sheet.stacked else (sheet.row - sheet.bar) / 2)
    x, end = scale.x(bar.start), scale.x(bar.end) + scale.step
    said = say(
        N_("{name}：{start} 至 {end}，{length}，{basis}"),
        name=named(bar), start=bar.start.isoformat(), end=bar.end.isoformat(), length=length(bar), basis=bar.basis,
    )  # fmt: skip
    if sheet.stacked:
        yield Markup('<text class="name" x="0" y="{}">{}<tspan class="much" dx="6">{}</tspan></text>').format(
            top + 17, named(bar), length(bar)
        )
    else:
        yield Markup('<text class="name" x="0" y="{}">{}</text>').format(top + sheet.row / 2 + 4.5, named(bar))
    yield Markup('<g class="{}"><title>{}</title>').format(_look(bar), said)
    yield Markup('<rect class="span" x="{:.2f}" y="{}" width="{:.2f}" height="{}" rx="2"/>').format(
        x, y, max(3.0, end - x), sheet.bar
    )
    edge = x if bar.lead else end
    if bar.comparison is Comparison.MAX:
        yield Markup('<line class="edge" x1="{0:.2f}" x2="{0:.2f}" y1="{1}" y2="{2}"/>').format(
            edge, y - 3, y + sheet.bar + 3
        )
    yield Markup("</g>")
    if not sheet.stacked:
        yield Markup('<text class="much" x="{:.2f}" y="{}">{}</text>').format(
            end + 6, top + sheet.row / 2 + 4.5, length(bar)
        )


def _look(bar: Bar) -> str:
    standing = "practice" if bar.practice else "law" if bar.confirmed else "unsure"
    return f"{standing} {'at-most' if bar.comparison is Comparison.MAX else 'at-least'}"
