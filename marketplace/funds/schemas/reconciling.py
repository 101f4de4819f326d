"""Shapes of reconciliation that go in and out; amounts in fen as they change the account: what left is negative."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.funds.rules.reconciling import Item
from marketplace.funds.rules.terms import Custody
from marketplace.funds.states.reconciling import Category, NoteState, Side
from marketplace.kit.fields import Line, Reason

ItemKey = Annotated[str, Meta(pattern=r"^(line|booking|statement|movement):[0-9A-Za-z_:-]{1,100}$(?!\n)")]
GATEWAY_BOOK = "gateway"
"""The key of the one book of the gateway; the others bear the id of their account."""


class NewMatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items that belong together, by their keys."""

    items: tuple[ItemKey, ...]
    note: Line = ""


class NewNote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an item has no counterpart; an open one names who looks into it and by when."""

    item: ItemKey
    category: Category
    text: Reason
    owner_id: UUID | None = None
    due_on: date | None = None


class Undoing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a match is undone."""

    reason: Reason


class Book(Struct, frozen=True, kw_only=True):
    """What is compared with the ledger: an account at a bank or at the treasury, or the gateway's balance.

    ``account_id`` is empty for the gateway, and for money whose account nobody has recorded; then ``key`` is too.
    """

    key: str
    custody: Custody
    account_id: UUID | None
    holder_id: UUID | None
    holder: str
    name: str
    number: str


class NoteView(Struct, frozen=True, kw_only=True):
    """What was said about an item."""

    id: UUID
    category: Category
    text: str
    state: NoteState
    owner_id: UUID | None
    owner: str
    due_on: date | None
    made_by: UUID | None
    made_at: datetime


class ItemView(Struct, frozen=True, kw_only=True):
    """One record that has no counterpart yet, with what may explain it."""

    key: str
    side: Side
    day: date
    amount_fen: int
    name: str
    text: str
    number: str
    url: str
    categories: tuple[Category, ...]
    note: NoteView | None = None
    is_doubled: bool = False

    @property
    def item(self) -> Item:
        """The record as the rules know it."""
        return Item(self.key, self.side, self.amount_fen, self.day, self.name, self.is_doubled)


class SuggestionView(Struct, frozen=True, kw_only=True):
    """Items that very likely belong together."""

    theirs: tuple[ItemView, ...]
    ours: tuple[ItemView, ...]
    is_named: bool


class MatchView(Struct, frozen=True, kw_only=True):
    """A match that a person confirmed."""

    id: UUID
    amount_fen: int
    items: int
    note: str
    matched_by: UUID | None
    matched_at: datetime


class Closing(Struct, frozen=True, kw_only=True):
    """Whether a book closes: ``theirs - ledger = explained + open + untold + gap``, all in fen.

    ``theirs_fen`` is None while no statement came in. ``untold`` are items that nobody has matched or explained,
    ``gap`` is what statements lack between their days. It closes when neither is left.
    """

    book: Book
    day: date
    ledger_fen: int
    theirs_fen: int | None
    explained_fen: dict[Category, int]
    open_fen: int
    untold_fen: int
    gap_fen: int
    explained_items: int
    open_items: int
    untold_items: int

    @property
    def difference_fen(self) -> int:
        """By how much their record is above ours."""
        return (self.theirs_fen or 0) - self.ledger_fen

    @property
    def is_closed(self) -> bool:
        """Whether each difference is explained by a category or is an open item with an owner."""
        known = self.theirs_fen is not None or not (self.ledger_fen or self.untold_items)
        return known and not self.untold_items and not self.gap_fen


class BookPage(Struct, frozen=True, kw_only=True):
    """A book with its two lists and what is suggested."""

    closing: Closing
    theirs: tuple[ItemView, ...]
    ours: tuple[ItemView, ...]
    suggestions: tuple[SuggestionView, ...]
    matches: tuple[MatchView, ...]
