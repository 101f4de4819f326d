"""Tables of reconciliation: the gateway's own bookings, confirmed matches, and notes that explain differences."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.funds.rules.terms import Custody
from marketplace.funds.states.reconciling import MATCH, NOTE, Category, MatchState, NoteState
from marketplace.ledger.model import movement

_ONE_THING = (
    "num_nonnulls(bank_line_id, booking_id, statement_id, movement_id) = 1"
    " AND (fund_id IS NULL) = (movement_id IS NULL) AND amount_fen <> 0"
)
_THINGS = {
    "line": ("bank_line_id",),
    "booking": ("booking_id",),
    "statement": ("statement_id",),
    "movement": ("fund_id", "movement_id"),
}


def _once(table: str, condition: str) -> tuple[Index, ...]:
    """At most one live row of a table about each thing."""
    return tuple(
        Index(
            f"uq_{table}_{name}",
            *columns,
            unique=True,
            postgresql_where=text(f"{condition} AND {columns[-1]} IS NOT NULL"),
        )
        for name, columns in _THINGS.items()
    )


def _movement_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["fund_id", "movement_id"], [movement.c.fund_id, movement.c.id])


class _OfOneThing:
    """What a row is about: a bank's booking, a gateway's, what an account held before us, or a movement of ours."""

    bank_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_statement_line.id"))
    booking_id: Mapped[str | None] = mapped_column(ForeignKey("gateway_booking.id"))
    statement_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_statement.id"))
    fund_id: Mapped[UUID | None]
    movement_id: Mapped[int | None]
    amount_fen: Mapped[int]


class GatewayBooking(Row):
    """One line of the gateway's own account of our balance, as it came; outgoing amounts are negative."""

    __tablename__ = "gateway_booking"
    __table_args__ = (
        CheckConstraint("net_fen = amount_fen - fee_fen AND id <> '' AND kind <> ''", name="whole"),
        Index("ix_gateway_booking_source", "source"),
        Index("ix_gateway_booking_made_at", "made_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    amount_fen: Mapped[int]
    fee_fen: Mapped[int]
    net_fen: Mapped[int]
    source: Mapped[str]
    made_at: Mapped[datetime]
    taken_at: Mapped[datetime]


class ReconciliationMatch(Keyed):
    """Items of one book that a person has said belong together; ``account_id`` is empty for the gateway's book."""

    __tablename__ = "reconciliation_match"
    __table_args__ = (
        CheckConstraint("(custody = 'gateway') = (account_id IS NULL)", name="book_known"),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone_has_time"),
        CheckConstraint("state <> 'undone' OR reason <> ''", name="undone_has_reason"),
        Index("ix_reconciliation_match_book", "account_id", "custody", "matched_at"),
    )

    custody: Mapped[Custody] = mapped_column(state_enum(Custody))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("custody_account.id"))
    state: Mapped[MatchState] = mapped_column(state_enum(MatchState), default=MATCH.start)
    note: Mapped[str] = mapped_column(default="")
    matched_by: Mapped[UUID | None]
    matched_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")


class ReconciliationItem(_OfOneThing, Keyed):
    """One item of a match; who executed its payment may not have matched it."""

    __tablename__ = "reconciliation_item"
    __table_args__ = (
        CheckConstraint(_ONE_THING, name="one_thing"),
        CheckConstraint("matched_by <> executed_by", name="payer_does_not_reconcile"),
        _movement_key(),
        *_once("reconciliation_item", "is_live"),
    )

    match_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation_match.id"), index=True)
    is_live: Mapped[bool] = mapped_column(default=True)
    matched_by: Mapped[UUID | None]
    executed_by: Mapped[UUID | None]


class ReconciliationNote(_OfOneThing, Keyed):
    """Why an item has no counterpart, or who looks into it and by when."""

    __tablename__ = "reconciliation_note"
    __table_args__ = (
        CheckConstraint(_ONE_THING, name="one_thing"),
        CheckConstraint(
            "(category = 'open') = (owner_id IS NOT NULL) AND (owner_id IS NULL) = (due_on IS NULL)",
            name="open_has_owner",
        ),
        CheckConstraint("text <> ''", name="told"),
        CheckConstraint("(state = 'standing') = (ended_at IS NULL)", name="ended_has_time"),
        _movement_key(),
        *_once("reconciliation_note", "state = 'standing'"),
    )

    category: Mapped[Category] = mapped_column(state_enum(Category))
    text: Mapped[str]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date | None]
    state: Mapped[NoteState] = mapped_column(state_enum(NoteState), default=NOTE.start)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
