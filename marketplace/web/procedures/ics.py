"""The ruler as a calendar file (RFC 5545): one all-day event for each legal day, lines folded at 75 octets."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

TYPE = "text/calendar; charset=utf-8"
LINE_OCTETS = 75
_DAY = timedelta(days=1)


class Entry(Struct, frozen=True):
    """An all-day event: ``key`` makes its lasting id, so that a later version of the file moves it."""

    key: str
    day: date
    title: str
    text: str


def calendar(name: str, entries: Iterable[Entry], *, now: datetime) -> str:
    """A whole calendar file that clients ask for again every day."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//marketplace//ruler//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        *(line for entry in entries for line in _event(entry, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uuid5(NAMESPACE_URL, entry.key)}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.day + _DAY:%Y%m%d}"
    yield f"SUMMARY:{escaped(entry.title)}"
    yield f"DESCRIPTION:{escaped(entry.text)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends escaped; other control characters dropped.

    Source:
        RFC 5545 §3.3.11.
    """
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        whole = whole.replace(plain, written)
    return "".join(one for one in whole if one >= " " and one != "\x7f")


def folded(line: str) -> list[str]:
    """A line in pieces of at most 75 octets, each further one begun with a space; no character is cut in two.

    Source:
        RFC 5545 §3.1.
    """
    pieces, piece, size = list[str](), "", 0
    for one in line:
        octets = len(one.encode())
        if size + octets > LINE_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + one, size + octets
    return [*pieces, piece]
