"""Verbs of sealed bids: take the document, write, hand in, replace, withdraw; enrol, seal, open, check."""

from marketplace.bids.commands.checking import admit, disqualify
from marketplace.bids.commands.confirming import confirm
from marketplace.bids.commands.drafting import add_file, remove_file, reopen_draft, save_draft, start_over
from marketplace.bids.commands.gate import ready_to_write
from marketplace.bids.commands.opening import contribute, open_all
from marketplace.bids.commands.reusing import reuse_last
from marketplace.bids.commands.seals import enrol_opener_key, seal_project
from marketplace.bids.commands.submission import submit, withdraw
from marketplace.bids.commands.takings import take_document
from marketplace.bids.commands.uploads import (
    Arrival,
    add_piece,
    begin_upload,
    cancel_upload,
    finish_upload,
    forget_pieces,
    keep_piece,
    sweep_uploads,
)

__all__ = [
    "Arrival",
    "add_file",
    "add_piece",
    "admit",
    "begin_upload",
    "cancel_upload",
    "confirm",
    "contribute",
    "disqualify",
    "enrol_opener_key",
    "finish_upload",
    "forget_pieces",
    "keep_piece",
    "open_all",
    "ready_to_write",
    "remove_file",
    "reopen_draft",
    "reuse_last",
    "save_draft",
    "seal_project",
    "start_over",
    "submit",
    "sweep_uploads",
    "take_document",
    "withdraw",
]
