"""Verbs of reconciliation: match what belongs together, explain what differs, take in the gateway's own account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import lock, lock_all
from marketplace.funds.model import (
    BankStatementLine,
    CustodyAccount,
    GatewayBooking,
    Payment,
    PaymentAttempt,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationNote,
)
from marketplace.funds.queries.reconciling import book, key_of, page, parties_of
from marketplace.funds.rules.reconciling import NotOpenItem, StrangerAsOwner, match_refusals, note_refusals
from marketplace.funds.schemas.reconciling import Book, ItemView, NewMatch, NewNote
from marketplace.funds.states.reconciling import MATCH, NOTE, MatchAction, NoteAction, NoteState
from marketplace.identity.model import Membership
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, raise_all
from marketplace.ledger.model import account, movement
from marketplace.outbox.commands import emit
from marketplace.payments.schemas import GatewayEntry

CHUNK = 5_000
"""Bookings in one statement to the database."""


def _opened(db: Session, actor: Actor, key: str) -> Book:
    """A book the actor may reconcile, held so that two people do not match one item at a time."""
    one = book(db, actor, key)
    require(actor, Right.RECONCILE, parties_of(actor, one))
    if one.account_id is not None:
        lock(db, CustodyAccount, one.account_id)
    return one


def _chosen(db: Session, one: Book, keys: Iterable[str], *, now: datetime) -> list[ItemView]:
    shown = page(db, one, now=now)
    known = {view.key: view for view in (*shown.theirs, *shown.ours)}
    wanted = list(dict.fromkeys(keys))
    if any(key not in known for key in wanted):
        raise NotOpenItem(field="items")
    return [known[key] for key in wanted]


def _reference(key: str) -> dict[str, Any]:
    """The columns that say what a row is about."""
    kind, _, rest = key.partition(":")
    if kind == "movement":
        fund_id, _, number = rest.partition(":")
        return {"fund_id": UUID(fund_id), "movement_id": int(number)}
    if kind == "booking":
        return {"booking_id": rest}
    return {"bank_line_id" if kind == "line" else "statement_id": UUID(rest)}


def _payers(db: Session, items: Iterable[ItemView]) -> dict[str, UUID]:
    """Who executed the payments that the items are about, by the key of the item."""
    found: dict[str, UUID] = {}
    for item in items:
        about = _reference(item.key)
        query = select(Payment.executed_by).where(Payment.executed_by.is_not(None))
        if "movement_id" in about:
            query = query.join(account, account.c.ref == Payment.id).join(
                movement, (movement.c.to_account == account.c.id) | (movement.c.from_account == account.c.id)
            )
            query = query.where(movement.c.fund_id == about["fund_id"], movement.c.id == about["movement_id"])
        elif "bank_line_id" in about:
            query = query.join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
            query = query.join(BankStatementLine, BankStatementLine.attempt_id == PaymentAttempt.id)
            query = query.where(BankStatementLine.id == about["bank_line_id"])
        else:
            continue
        payer = db.scalar(query.limit(1))
        if payer is not None:
            found[item.key] = payer
    return found


def confirm_match(db: Session, actor: Actor, book_key: str, new: NewMatch, *, now: datetime) -> UUID:
    """Say that items of a book belong together: what theirs sum up to is what ours do. Returns the match's id.

    Notes about the items have done their service and are settled.

    Raises:
        NotFound: there is no such book, or it is another office's.
        Forbidden: the actor does not reconcile.
        NotOpenItem: an item has a counterpart already, or is not of this book.
        NothingToMatch: fewer than two items, or too many.
        SumsDiffer: the two sides are not equal.
        DutiesClash: the actor executed one of the payments.

    Source:
        会计法第三十五条: who pays does not keep the books that check it.
    """
    one = _opened(db, actor, book_key)
    items = _chosen(db, one, new.items, now=now)
    raise_all(match_refusals([item.item for item in items]))
    payers = _payers(db, items)
    apart(actor, Duty.RECONCILE, {Duty.EXECUTE_PAYMENT: payers.values()})
    match = ReconciliationMatch(
        custody=one.custody, account_id=one.account_id, note=new.note, matched_by=actor.person_id, matched_at=now
    )
    try:
        with db.begin_nested():
            db.add(match)
            db.flush()
            for item in items:
                about = _reference(item.key)
                row = ReconciliationItem(
                    match_id=match.id, amount_fen=item.amount_fen, matched_by=actor.person_id, **about,
                    executed_by=payers.get(item.key),
                )  # fmt: skip
                db.add(row)
    except IntegrityError:  # somebody matched one of them at the same time
        raise NotOpenItem(field="items") from None
    for note in lock_all(db, ReconciliationNote, [item.note.id for item in items if item.note]):
        _end(note, actor, NoteAction.SETTLE, now=now)
    keys = sorted(item.key for item in items)
    record(db, actor, "reconciliation.matched", "reconciliation_match", match.id, now=now, items=keys)
    return match.id


def undo_match(db: Session, actor: Actor, match_id: UUID, *, reason: str, now: datetime) -> None:
    """Take a match apart; its items are without a counterpart again.

    Raises:
        NotFound: there is no such match, or it is another office's.
        Forbidden: the actor does not reconcile.
        IllegalMove: it was undone already.
    """
    seen = db.get(ReconciliationMatch, match_id)
    if seen is None:
        raise NotFound
    _opened(db, actor, str(seen.account_id) if seen.account_id else "gateway")
    row = lock(db, ReconciliationMatch, match_id) or seen
    row.state = MATCH.after(row.state, MatchAction.UNDO)
    row.undone_by, row.undone_at, row.reason = actor.person_id, now, reason
    items = select(ReconciliationItem).where(ReconciliationItem.match_id == row.id)
    for item in db.scalars(items):
        item.is_live = False
    record(db, actor, "reconciliation.unmatched", "reconciliation_match", row.id, now=now, reason=reason)


def explain(db: Session, actor: Actor, book_key: str, new: NewNote, *, now: datetime) -> UUID:
    """Say why an item has no counterpart, or who looks into it and by when; an earlier note gives way.

    Raises:
        NotFound: there is no such book, or it is another office's.
        Forbidden: the actor does not reconcile.
        NotOpenItem: the item has a counterpart already, or is not of this book.
        WrongCategory: the category cannot explain this item.
        OwnerNeeded: an open item lacks its owner or day, or an explained one has them.
        StrangerAsOwner: the owner is not one of the office's people.
    """
    one = _opened(db, actor, book_key)
    (item,) = _chosen(db, one, [new.item], now=now)
    refusals = note_refusals(
        item.item,
        new.category,
        is_opening=new.item.startswith("statement:"),
        has_owner=new.owner_id is not None,
        has_day=new.due_on is not None,
    )
    raise_all(refusals)
    if new.owner_id is not None and not _belongs(db, new.owner_id, parties_of(actor, one).values()):
        raise StrangerAsOwner(field="owner_id")
    if item.note is not None:
        for note in lock_all(db, ReconciliationNote, [item.note.id]):
            _end(note, actor, NoteAction.WITHDRAW, now=now)
        db.flush()
    row = ReconciliationNote(
        amount_fen=item.amount_fen, category=new.category, text=new.text, owner_id=new.owner_id, due_on=new.due_on,
        made_by=actor.person_id, made_at=now, **_reference(item.key),
    )  # fmt: skip
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:  # somebody explained it at the same time
        raise NotOpenItem(field="items") from None
    record(
        db, actor, "reconciliation.explained", "reconciliation_note", row.id,
        now=now, item=item.key, category=str(new.category), reason=new.text,
    )  # fmt: skip
    if new.owner_id is not None:
        emit(db, "reconciliation.assigned", now=now, note_id=row.id)
    return row.id


def _belongs(db: Session, person_id: UUID, organization_ids: Iterable[UUID | None]) -> bool:
    query = select(func.count()).where(
        Membership.person_id == person_id,
        Membership.organization_id.in_([one for one in organization_ids if one is not None]),
        Membership.joined_at.is_not(None),
        Membership.ended_at.is_(None),
    )
    return bool(db.scalar(query))


def withdraw_note(db: Session, actor: Actor, book_key: str, note_id: UUID, *, now: datetime) -> None:
    """Take a note back; its item waits for a counterpart or another note.

    Raises:
        NotFound: there is no such note in this book, or the book is another office's.
        Forbidden: the actor does not reconcile.
        IllegalMove: it was withdrawn or settled already.
    """
    one = _opened(db, actor, book_key)
    row = lock(db, ReconciliationNote, note_id)
    if row is None:
        raise NotFound
    if row.state is NoteState.STANDING and not _is_of(db, one, row, now=now):
        raise NotFound
    _end(row, actor, NoteAction.WITHDRAW, now=now)
    record(db, actor, "reconciliation.note_withdrawn", "reconciliation_note", row.id, now=now)


def _is_of(db: Session, one: Book, row: ReconciliationNote, *, now: datetime) -> bool:
    shown = page(db, one, now=now)
    return key_of(row) in {view.key for view in (*shown.theirs, *shown.ours)}


def _end(row: ReconciliationNote, actor: Actor, action: NoteAction, *, now: datetime) -> None:
    row.state = NOTE.after(row.state, action)
    row.ended_by, row.ended_at = actor.person_id, now


def take_bookings(db: Session, entries: Iterable[GatewayEntry], *, now: datetime) -> int:
    """Take in the gateway's own account of our balance, each line once; returns how many were new."""
    rows = [
        {
            "id": entry.id,
            "kind": entry.kind,
            "amount_fen": entry.amount_fen,
            "fee_fen": entry.fee_fen,
            "net_fen": entry.net_fen,
            "source": entry.source,
            "made_at": entry.made_at,
            "taken_at": now,
        }
        for entry in entries
    ]
    fresh = 0
    for start in range(0, len(rows), CHUNK):
        query = insert(GatewayBooking).values(rows[start : start + CHUNK]).on_conflict_do_nothing(index_elements=["id"])
        fresh += len(db.execute(query.returning(GatewayBooking.id)).all())
    return fresh
