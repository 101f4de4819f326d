"""How facts are written on pages: money, days, instants and tags, none of which ever breaks over a line."""

from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from marketplace.kit.clock import LEGAL_ZONE, legal_day
from marketplace.kit.i18n import N_
from marketplace.kit.money import FEN_PER_WAN, FEN_PER_YUAN, percent, wan, yuan_grouped
from marketplace.kit.text import Hidden
from marketplace.web.i18n import gettext, say

TONES = frozenset({"grey", "blue", "green", "yellow", "orange", "red", "purple", "teal", "magenta"})

DAYS_LEFT = N_("还有 {days} 天")
HOURS_LEFT = N_("还有 {hours} 小时 {minutes} 分")
OVER = N_("已截止")
PEOPLE, SMALL, WITHHELD = N_("{count} 人"), N_("少于 5 人"), N_("不公开")


def _html(text: str) -> Markup:
    """Markup of figures and our own words, escaped already; ``Markup.format`` is slow where a page has a hundred."""
    return Markup(text)  # noqa: S704 - see above


_NOTHING = _html('<span class="nowrap">—</span>')


def money(fen: int | None, *, unit: bool = False) -> Markup:
    """Fen as yuan with two decimals and tabular figures; with ``unit`` also the word 元. ``None`` is a dash."""
    if fen is None:
        return _NOTHING
    end = escape(say(N_("{amount} 元"), amount=yuan_grouped(fen))) if unit else yuan_grouped(fen)
    return _html(f'<span class="money">{end}</span>')


def money_short(fen: int, beside: int = 0) -> Markup:
    """A round figure for headlines: whole yuan up to a million, 万元 with two decimals above; exact in its title.

    ``beside`` is the largest amount it stands beside: figures that are read together have one unit.
    """
    figure, unit = _rounded(fen, beside)
    exact = say(N_("{amount} 元"), amount=yuan_grouped(fen))
    return Markup('<span class="money" title="{}">{}<small>{}</small></span>').format(exact, figure, unit)


def _rounded(fen: int, beside: int) -> tuple[str, str]:
    """A round figure and its unit, which is that of the larger of both."""
    if max(abs(fen), abs(beside)) < 100 * FEN_PER_WAN:
        return (f"{fen // FEN_PER_YUAN:,}" if fen % FEN_PER_YUAN == 0 else yuan_grouped(fen)), gettext(N_("元"))
    hundredths = (abs(fen) * 100 + FEN_PER_WAN // 2) // FEN_PER_WAN
    return f"{'-' if fen < 0 else ''}{hundredths // 100:,}.{hundredths % 100:02d}", gettext(N_("万元"))


def round_figure(fen: int, beside: int = 0) -> str:
    """The same round figure as plain text, for figures that have no room."""
    return " ".join(_rounded(fen, beside))


def _time(stamp: str, shown: str) -> Markup:
    return _html(f'<time class="nowrap" datetime="{stamp}">{shown}</time>')


def day(value: date | None) -> Markup:
    """A date as 2026-03-05, unbroken."""
    return _NOTHING if value is None else _time(value.isoformat(), value.isoformat())


def instant(value: datetime | None) -> Markup:
    """An instant as 2026-03-05 17:00 in the time of China, unbroken."""
    if value is None:
        return _NOTHING
    local = value.astimezone(LEGAL_ZONE)
    return _time(local.isoformat(timespec="seconds"), local.strftime("%Y-%m-%d %H:%M"))


def second(value: datetime) -> Markup:
    """An instant to the second, where a deadline is held against it: 2026-03-05 17:00:07 in the time of China."""
    local = value.astimezone(LEGAL_ZONE)
    return _time(local.isoformat(timespec="milliseconds"), local.strftime("%Y-%m-%d %H:%M:%S"))


def day_of(value: datetime | None) -> Markup:
    """The day in China of an instant."""
    return day(legal_day(value) if value else None)


def left(until: datetime, now: datetime) -> Markup:
    """The time left, in words; the countdown on the page goes on from there by the clock of the browser."""
    gap = until - now
    stamp = until.astimezone(LEGAL_ZONE).isoformat(timespec="seconds")
    words = "|".join(gettext(text) for text in (DAYS_LEFT, HOURS_LEFT, OVER))
    seconds = max(0, int(gap.total_seconds()))
    return _html(
        f'<time class="nowrap" datetime="{stamp}" data-countdown="{seconds}" data-words="{escape(words)}">'
        f"{escape(left_words(gap))}</time>"
    )


def left_words(gap: timedelta) -> str:
    """A stretch of time in whole days, or hours and minutes on the last day."""
    seconds = int(gap.total_seconds())
    if seconds <= 0:
        return gettext(OVER)
    if gap.days >= 1:
        return say(DAYS_LEFT, days=gap.days)
    return say(HOURS_LEFT, hours=seconds // 3600, minutes=seconds % 3600 // 60)


def share(bp: int) -> Markup:
    """Basis points as 33.33% or 40%, unbroken."""
    return _html(f'<span class="money">{percent(bp).removesuffix(".00")}%</span>')


def tag(label: str, tone: str = "grey") -> Markup:
    """A state in a word; ``label`` is a message id, ``tone`` a colour of the component set.

    Raises:
        ValueError: there is no such tone.
    """
    if tone not in TONES:
        raise ValueError(f"no tone {tone}; there are {sorted(TONES)}")
    return _html(f'<strong class="govuk-tag govuk-tag--{tone}">{escape(gettext(label))}</strong>')


def people(count: int | Hidden | None) -> str:
    """A number of people as everybody may see it: never a group under five."""
    if count is None:
        return "—"
    if isinstance(count, Hidden):
        return gettext(SMALL if count is Hidden.SMALL else WITHHELD)
    return say(PEOPLE, count=count)


def size(count: int) -> str:
    """A number of bytes for people: 214 KB, 1.2 MB."""
    if count < 1024:  # noqa: PLR2004 - a kilobyte
        return f"{count} B"
    if count < 1024**2:
        return f"{count / 1024:.0f} KB"
    return f"{count / 1024**2:.1f} MB"


SHOWN = {
    "money": money,
    "money_short": money_short,
    "wan": wan,
    "day": day,
    "day_of": day_of,
    "instant": instant,
    "second": second,
    "left": left,
    "share": share,
    "tag": tag,
    "size": size,
    "people": people,
}
"""What every template may call."""
