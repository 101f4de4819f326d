"""Verbs of aid: programmes, the rows of a roster, the roster itself, and reading what is sealed."""

from marketplace.aid.commands.access import note_access
from marketplace.aid.commands.programmes import open_programme, record_activity
from marketplace.aid.commands.rosters import (
    approve_roster,
    cancel_roster,
    draft_roster,
    follow_payments,
    mark_applied,
    return_roster,
    submit_roster,
)
from marketplace.aid.commands.rows import add_person, import_rows, record_consent, remove_person

__all__ = [
    "add_person",
    "approve_roster",
    "cancel_roster",
    "draft_roster",
    "follow_payments",
    "import_rows",
    "mark_applied",
    "note_access",
    "open_programme",
    "record_activity",
    "record_consent",
    "remove_person",
    "return_roster",
    "submit_roster",
]
