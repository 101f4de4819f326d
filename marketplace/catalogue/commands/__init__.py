"""Verbs of the service catalogue and its editor."""

from marketplace.catalogue.commands.consulting import answer_opinion, consult, give_opinion, review
from marketplace.catalogue.commands.editions import (
    come_into_force,
    copy_edition,
    draft_edition,
    enter_codes,
    publish_edition,
    withdraw_edition,
)
from marketplace.catalogue.commands.entries import add_entry, change_entry, move_entry, retire_entry
from marketplace.catalogue.commands.reviewing import (
    approve,
    keep_minutes,
    record_expert,
    remove_expert,
    return_edition,
    submit,
)
from marketplace.catalogue.commands.sheets import apply_sheet, keep_sheet

__all__ = [
    "add_entry",
    "answer_opinion",
    "apply_sheet",
    "approve",
    "change_entry",
    "come_into_force",
    "consult",
    "copy_edition",
    "draft_edition",
    "enter_codes",
    "give_opinion",
    "keep_minutes",
    "keep_sheet",
    "move_entry",
    "publish_edition",
    "record_expert",
    "remove_expert",
    "retire_entry",
    "return_edition",
    "review",
    "submit",
    "withdraw_edition",
]
