"""The story of the lively year as data, moved in whole weeks so that it always ends on the present day."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

FILE = Path(__file__).parent / "data" / "year-2026.json"
TOLD_ON = date(2026, 11, 23)
"""The day on which the story as written ends."""


class Organization(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body of the story."""

    key: str
    name: str
    short: str
    kind: str
    functions: tuple[str, ...]


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody of the story, with an evidently invented name."""

    login: str
    name: str
    organization: str
    roles: tuple[str, ...]
    say: str


class Supplier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented social organization; ``stays`` is where its application stops."""

    login: str
    name: str
    kind: str
    serial: str
    scope: str
    minors: bool
    rating: str
    stays: str = "qualified"


class Fund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of money."""

    key: str
    name: str
    source: str
    custody: str
    holder: str
    buyer: str
    basis: str
    codes: tuple[str, ...]
    clause: str = ""
    expires: date | None = None


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Income on a day."""

    fund: str
    day: date
    yuan: str
    kind: str
    document: str
    payer: str
    anonymous: bool = False


class Mistyped(Receipt, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Income that was first recorded wrongly."""

    wrong_yuan: str
    reason: str


class Stray(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money at the bank that no receipt of ours records; ``category`` and ``text`` say what was found out of it."""

    office: str
    day: date
    yuan: str
    payer: str
    purpose: str
    category: str = ""
    text: str = ""
    due: date | None = None


class Basis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The paper by which an office may receive gifts."""

    holder: str
    document: str
    day: date
    note: str


class Gift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gift by invitation; who ``returns`` comes back from the gateway's page, others simply close it."""

    fund: str
    day: date
    yuan: str
    donor: str
    email: str
    message: str = ""
    anonymous: bool = False
    returns: bool = True


class Gifts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came in through the gateway, and by which paper it might."""

    basis: Basis
    given: tuple[Gift, ...]


class Project(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project with its own need and text, and how far it comes; ``months`` of service where not the template's.

    ``scrapped`` is why a first contract was cancelled before it was signed.
    """

    key: str
    buyer: str
    centre: bool
    code: str
    title: str
    need: str
    served: str
    count: int
    place: str
    unit: str
    quantity: int
    unit_yuan: str
    funds: dict[str, int]
    ends: str
    months: int = 0
    posted: date | None = None
    minors: bool = False
    agent_reason: str = ""
    bidders: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    takers: tuple[str, ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    returned_reason: str = ""
    cancelled_reason: str = ""
    scrapped: str = ""


class Year(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole story."""

    about: str
    organizations: tuple[Organization, ...]
    people: tuple[Person, ...]
    suppliers: tuple[Supplier, ...]
    funds: tuple[Fund, ...]
    receipts: tuple[Receipt, ...]
    mistyped: Mistyped
    strays: tuple[Stray, ...]
    gifts: Gifts
    projects: tuple[Project, ...]


@cache
def year() -> Year:
    """The story as written."""
    content: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return msgspec.convert(content, Year, strict=False)


def shift(today: date) -> timedelta:
    """How far the story is moved so that it ends on ``today``: whole weeks, so that weekdays stay what they are."""
    return timedelta(weeks=(today - TOLD_ON).days // 7)
