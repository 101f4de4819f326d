"""Reads of bids. Before opening a bidder finds its own through the keyed digest, and nobody finds anything else."""

from marketplace.bids.queries.opened import opened_bid, opened_bids, opened_file, opening_list, takers, takers_to_notify
from marketplace.bids.queries.own import (
    asked_of,
    my_bid,
    my_draft_file,
    my_states,
    receipt_of,
    taking,
    takings_of,
    to_confirm,
)
from marketplace.bids.queries.reuse import saved_data
from marketplace.bids.queries.seals import enrolled, live_opener, live_openers, opener_view, seal, seats_of, todos
from marketplace.bids.queries.uploads import Piece, Upload, my_upload, my_uploads

__all__ = [
    "Piece",
    "Upload",
    "asked_of",
    "enrolled",
    "live_opener",
    "live_openers",
    "my_bid",
    "my_draft_file",
    "my_states",
    "my_upload",
    "my_uploads",
    "opened_bid",
    "opened_bids",
    "opened_file",
    "opener_view",
    "opening_list",
    "receipt_of",
    "saved_data",
    "seal",
    "seats_of",
    "takers",
    "takers_to_notify",
    "taking",
    "takings_of",
    "to_confirm",
    "todos",
]
