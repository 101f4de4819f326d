"""Shapes of the ledger: places and batches going in; balances, traces, journals and checks coming out."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from marketplace.ledger.rules import Span
from marketplace.ledger.states import NOBODY

PlaceLike = tuple[str, UUID | None]
"""How a place may be given: an :class:`AccountRole` and the thing it is for, if any."""


class Place(NamedTuple):
    """An account of a fund: its role, and the project, contract, milestone or payment it is for."""

    role: str
    ref: UUID | None = None


def place_of(role: str, ref: UUID) -> Place:
    """A place as the books write it: no ref stands there as zeros."""
    return Place(role, None if ref == NOBODY else ref)


class Item(Struct, frozen=True):
    """One movement of a batch."""

    key: str
    source: PlaceLike
    target: PlaceLike
    amount_fen: int
    attempt_id: UUID | None = None


class Order(Struct, frozen=True):
    """One order to pay or to refund, of the fen in ``source``."""

    attempt_id: UUID
    source: PlaceLike
    amount_fen: int


class Entry(Struct, frozen=True):
    """One movement as an accountant reads it: ``debit`` receives, ``credit`` gives (None: money from outside)."""

    movement_id: int
    fund_id: UUID
    key: str
    verb: str
    cause: str
    debit: Place
    credit: Place | None
    amount_fen: int
    value_date: date
    at: datetime
    actor_id: UUID | None


class Step(Struct, frozen=True):
    """One station of a way: when, why, and into which account the fen went."""

    movement_id: int
    fund_id: UUID
    place: Place
    cause: str
    value_date: date


class Piece(Struct, frozen=True):
    """Fen that went the same way and are in one place now; ``came_from`` are their serials in the receipt traced."""

    fund_id: UUID
    span: Span
    place: Place
    came_from: Span
    path: tuple[Step, ...]

    @property
    def amount_fen(self) -> int:
        """How many they are."""
        return self.span.fen


class Source(Struct, frozen=True):
    """The receipt that brought money into the marketplace: never itself the arriving half of a transfer."""

    receipt_id: UUID
    fund_id: UUID
    span: Span
    value_date: date
    cause: str

    @property
    def amount_fen(self) -> int:
        """How many fen of it are meant."""
        return self.span.fen


class ReceiptTrace(Struct, frozen=True):
    """Where each fen of a receipt is now, and how it got there; the pieces add up to the receipt."""

    receipt_id: UUID
    fund_id: UUID
    span: Span
    amount_fen: int
    pieces: tuple[Piece, ...]


class HeldPart(Struct, frozen=True):
    """Fen that an account with the ref asked for holds, and the receipts they came from."""

    fund_id: UUID
    place: Place
    span: Span
    amount_fen: int
    sources: tuple[Source, ...]


class RefTrace(Struct, frozen=True):
    """A payment, contract or project: what its accounts hold now, what passed through them, each with its receipts."""

    ref: UUID
    amount_fen: int
    held: tuple[HeldPart, ...]
    passed: tuple[HeldPart, ...]


class ReceiptView(Struct, frozen=True):
    """A receipt as the ledger knows it."""

    receipt_id: UUID
    fund_id: UUID
    movement_id: int
    origin_id: int | None
    span: Span
    place: Place
    value_date: date
    cause: str


class TrialLine(Struct, frozen=True):
    """One role in a trial balance over a period, in fen."""

    role: str
    opening_fen: int
    debit_fen: int
    credit_fen: int
    closing_fen: int


class StatementLine(Struct, frozen=True):
    """One line of an account's statement: what came in or went out, and what was there afterwards."""

    entry: Entry
    in_fen: int
    out_fen: int
    balance_fen: int


class Check(Struct, frozen=True):
    """One check of the books; ``found`` counts what is wrong and ``examples`` names some of it."""

    name: str
    ok: bool
    found: int
    examples: tuple[str, ...]


class Verification(Struct, frozen=True):
    """All checks of the books at one moment."""

    ok: bool
    funds: int
    movements: int
    amount_fen: int
    checks: tuple[Check, ...]
