"""Verbs of aid: programmes, the rows of a roster, the roster itself, and reading what is sealed."""

from marketplace.aid.commands.access import note_access
from marketplace.aid.commands.programmes import open_programme, record_activity
from marketplace.aid.commands.rosters import (
    approve_roster,
    cancel_roster,
    draft_roster,
    mark_applied,
    note_bounced,
    note_paid,
    return_roster,
    submit_roster,
)
from marketplace.aid.commands.rows import add_person, import_rows, record_consent, remove_person

__all__ = [
    "add_person",
    "approve_roster",
    "cancel_roster",
    "draft_roster",
    "import_rows",
    "mark_applied",
    "note_access",
    "note_bounced",
    "note_paid",
    "open_programme",
    "record_activity",
    "record_consent",
    "remove_person",
    "return_roster",
    "submit_roster",
]
