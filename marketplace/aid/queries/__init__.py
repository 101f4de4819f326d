"""Reads of aid: programmes and what reached people, rosters masked, and what is sealed by way of a recorded reading."""

from marketplace.aid.queries.people import payees, person, sheet
from marketplace.aid.queries.programmes import activities, paying, programme, programmes, public_programmes, report
from marketplace.aid.queries.rosters import masked_sheet, readings, roster, rosters, todos

__all__ = [
    "activities",
    "masked_sheet",
    "payees",
    "paying",
    "person",
    "programme",
    "programmes",
    "public_programmes",
    "readings",
    "report",
    "roster",
    "rosters",
    "sheet",
    "todos",
]
