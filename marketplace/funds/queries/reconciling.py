"""Reads of reconciliation: each book's two records side by side, what has no counterpart, and whether it closes.

A book's own side is every movement of the ledger that crosses its custody's border, so that its sum is the ledger's
total. What the number of a payment or a receipt ties together needs no person; the rest is matched or explained.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.funds.model import (
    BankStatement,
    CustodyAccount,
    Fund,
    GatewayBooking,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationNote,
)
from marketplace.funds.queries.reconciling_sql import BOOKINGS, LEDGER, LINES, OURS, TAKEN
from marketplace.funds.rules import CUSTODY_LABELS, Custody
from marketplace.funds.rules.reconciling import Item, categories, suggest
from marketplace.funds.schemas.reconciling import (
    GATEWAY_BOOK,
    Book,
    BookPage,
    Closing,
    ItemView,
    MatchView,
    NoteView,
    SuggestionView,
)
from marketplace.funds.states.reconciling import Category, MatchState, NoteState, Side
from marketplace.identity.model import Organization
from marketplace.identity.queries import names
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo

MATCHES_SHOWN = 20
DOUBLED = N_("支付平台把同一笔记了两次，待查")
OVERLAP = timedelta(days=2)
"""Bookings are asked for a little further back than the newest known, so that a late one is not missed."""
BEGINNING = datetime(2015, 1, 1, tzinfo=UTC)


def books(db: Session, *, holder_id: UUID | None = None) -> list[Book]:
    """What can be reconciled: the accounts of one office or of all, the gateway, and money without an account."""
    accounts = select(CustodyAccount, Organization.name).join(Organization).order_by(CustodyAccount.number)
    if holder_id is not None:
        accounts = accounts.where(CustodyAccount.holder_id == holder_id)
    found = [
        Book(
            key=str(row.id), custody=row.custody, account_id=row.id, holder_id=row.holder_id, holder=holder,
            name=row.bank_name, number=row.number,
        )
        for row, holder in db.execute(accounts)
    ]  # fmt: skip
    known = {(book.holder_id, book.custody) for book in found}
    funded = select(Fund.holder_id, Fund.custody, Organization.name).join(
        Organization, Organization.id == Fund.holder_id
    )
    if holder_id is not None:
        funded = funded.where(Fund.holder_id == holder_id)
    rows = db.execute(funded.distinct().order_by(Organization.name, Fund.custody)).all()
    found += [
        Book(key="", custody=custody, account_id=None, holder_id=holder, holder=name, name="", number="")
        for holder, custody, name in rows
        if custody is not Custody.GATEWAY and (holder, custody) not in known
    ]
    if any(custody is Custody.GATEWAY for _, custody, _ in rows):
        found.append(_gateway())
    return found


def _gateway() -> Book:
    return Book(
        key=GATEWAY_BOOK, custody=Custody.GATEWAY, account_id=None, holder_id=None, holder="",
        name=CUSTODY_LABELS[Custody.GATEWAY], number="",
    )  # fmt: skip


def book(db: Session, actor: Actor, key: str) -> Book:
    """One book that the actor's office keeps.

    Raises:
        NotFound: there is none with this key, or it is another office's.
    """
    holder_id = None if actor.is_system else actor.organization_id
    for one in books(db, holder_id=holder_id):
        if one.key and one.key == key:
            return one
    raise NotFound


def parties_of(actor: Actor, one: Book) -> dict[Relation, UUID | None]:
    """Whose book it is; the gateway's belongs to each office that holds money there."""
    return {Relation.FINANCE: one.holder_id or actor.organization_id}


def closing(db: Session, one: Book, *, now: datetime) -> Closing:
    """Whether a book closes, as of its last statement; the gateway's as of today."""
    return page(db, one, now=now).closing


def page(db: Session, one: Book, *, now: datetime) -> BookPage:
    """A book with its two lists, suggestions and last matches."""
    first, last = _statements(db, one)
    day = last.day if last else legal_day(now)
    values = {"custody": str(one.custody), "holder": one.holder_id, "account": one.account_id, "day": day}
    notes = _notes(db)
    ours = [_our_view(row, notes) for row in db.execute(OURS, values)]
    theirs, theirs_fen = _theirs(db, one, first, last, values, notes)
    ledger_fen = int(db.execute(LEDGER, values).scalar_one())
    by_key = {view.key: view for view in (*theirs, *ours)}
    untold = [view for view in by_key.values() if view.note is None]
    found = suggest(
        [view.item for view in untold if view.side is not Side.OURS],
        [view.item for view in untold if view.side is Side.OURS],
    )
    return BookPage(
        closing=_closing(one, day, ledger_fen, theirs_fen, list(by_key.values())),
        theirs=tuple(theirs),
        ours=tuple(ours),
        suggestions=tuple(
            SuggestionView(
                theirs=tuple(by_key[key] for key in likely.theirs),
                ours=tuple(by_key[key] for key in likely.ours),
                is_named=likely.is_named,
            )
            for likely in found
        ),
        matches=_matches(db, one),
    )


def _statements(db: Session, one: Book) -> tuple[BankStatement | None, BankStatement | None]:
    """The first and the last statement of a book."""
    if one.account_id is None:
        return None, None
    query = select(BankStatement).where(BankStatement.account_id == one.account_id)
    first = query.order_by(BankStatement.day, BankStatement.imported_at).limit(1)
    last = query.order_by(BankStatement.day.desc(), BankStatement.imported_at.desc()).limit(1)
    return db.scalar(first), db.scalar(last)


def _theirs(
    db: Session, one: Book, first: BankStatement | None, last: BankStatement | None, values: dict[str, Any],
    notes: dict[str, NoteView],
) -> tuple[list[ItemView], int | None]:  # fmt: skip
    """What the bank or the gateway has and we have not, and its balance."""
    if one.custody is Custody.GATEWAY:
        net_fen, count = db.execute(TAKEN, values).one()
        views = [_booking_view(row, notes) for row in db.execute(BOOKINGS, values)]
        return views, int(net_fen) if count else None
    if first is None or last is None:
        return [], None
    views = [_line_view(row, notes) for row in db.execute(LINES, values)]
    matched = select(ReconciliationItem.id).where(
        ReconciliationItem.statement_id == first.id, ReconciliationItem.is_live
    )
    if first.opening_fen and db.scalar(matched) is None:
        views.insert(0, _opening_view(first, notes))
    return views, last.closing_fen


def _closing(one: Book, day: date, ledger_fen: int, theirs_fen: int | None, views: Sequence[ItemView]) -> Closing:
    explained: dict[Category, int] = defaultdict(int)
    sums = {"open": 0, "untold": 0}
    counts = {"explained": 0, "open": 0, "untold": 0}
    for view in views:
        signed = -view.amount_fen if view.side is Side.OURS else view.amount_fen
        if view.note is None:
            sums["untold"] += signed
            counts["untold"] += 1
        elif view.note.category is Category.OPEN:
            sums["open"] += signed
            counts["open"] += 1
        else:
            explained[view.note.category] += signed
            counts["explained"] += 1
    told = sum(explained.values()) + sums["open"] + sums["untold"]
    return Closing(
        book=one,
        day=day,
        ledger_fen=ledger_fen,
        theirs_fen=theirs_fen,
        explained_fen=dict(explained),
        open_fen=sums["open"],
        untold_fen=sums["untold"],
        gap_fen=0 if theirs_fen is None else theirs_fen - ledger_fen - told,
        explained_items=counts["explained"],
        open_items=counts["open"],
        untold_items=counts["untold"],
    )


def _our_view(row: Any, notes: dict[str, NoteView]) -> ItemView:
    fund_id, number, amount_fen, day, cause, payer, receipt_no, receipt_id, payee, payment_no, payment_id, fund = row
    url = f"/finance/receipts/{receipt_id}" if receipt_id else f"/finance/payments/{payment_id}" if payment_id else ""
    told = cause.removeprefix(receipt_no or "").strip()
    return _view(
        f"movement:{fund_id}:{number}", Side.OURS, day, int(amount_fen), notes,
        name=payer or payee or fund, text=told, number=receipt_no or payment_no or "", url=url,
    )  # fmt: skip


def _line_view(row: Any, notes: dict[str, NoteView]) -> ItemView:
    line_id, amount_fen, day, purpose, name, reference = row
    return _view(f"line:{line_id}", Side.BANK, day, amount_fen, notes, name=name, text=purpose, number=reference)


def _booking_view(row: Any, notes: dict[str, NoteView]) -> ItemView:
    booking_id, net_fen, day, kind, source, is_doubled = row
    return _view(
        f"booking:{booking_id}", Side.GATEWAY, day, net_fen, notes, text=DOUBLED if is_doubled else kind,
        number=source or booking_id, is_doubled=is_doubled,
    )  # fmt: skip


def _opening_view(first: BankStatement, notes: dict[str, NoteView]) -> ItemView:
    return _view(
        f"statement:{first.id}", Side.BANK, first.day, first.opening_fen, notes, text=N_("第一份对账单的期初余额")
    )


def _view(
    key: str, side: Side, day: date, amount_fen: int, notes: dict[str, NoteView], *, name: str = "", text: str = "",
    number: str = "", url: str = "", is_doubled: bool = False,
) -> ItemView:  # fmt: skip
    about = Item(key, side, amount_fen, day, name, is_doubled)
    return ItemView(
        key=key, side=side, day=day, amount_fen=amount_fen, name=name, text=text, number=number, url=url,
        categories=categories(about, is_opening=key.startswith("statement:")), note=notes.get(key),
        is_doubled=is_doubled,
    )  # fmt: skip


def key_of(row: ReconciliationItem | ReconciliationNote) -> str:
    """The key of what a row is about."""
    if row.movement_id is not None:
        return f"movement:{row.fund_id}:{row.movement_id}"
    kind = "line" if row.bank_line_id else "booking" if row.booking_id else "statement"
    return f"{kind}:{row.bank_line_id or row.booking_id or row.statement_id}"


def _notes(db: Session) -> dict[str, NoteView]:
    """The notes that stand, by the key of their item."""
    rows = list(db.scalars(select(ReconciliationNote).where(ReconciliationNote.state == NoteState.STANDING)))
    owners = names(db, {row.owner_id for row in rows if row.owner_id})
    return {
        key_of(row): NoteView(
            id=row.id,
            category=row.category,
            text=row.text,
            state=row.state,
            owner_id=row.owner_id,
            owner=owners.get(row.owner_id, "") if row.owner_id else "",
            due_on=row.due_on,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in rows
    }


def _matches(db: Session, one: Book) -> tuple[MatchView, ...]:
    came = func.sum(ReconciliationItem.amount_fen).filter(ReconciliationItem.movement_id.is_(None))
    query = (
        select(ReconciliationMatch, func.coalesce(came, 0), func.count())
        .join(ReconciliationItem, ReconciliationItem.match_id == ReconciliationMatch.id)
        .where(
            ReconciliationMatch.custody == one.custody,
            ReconciliationMatch.state == MatchState.STANDING,
            ReconciliationMatch.account_id.is_not_distinct_from(one.account_id),
        )
        .group_by(ReconciliationMatch.id)
        .order_by(ReconciliationMatch.matched_at.desc(), ReconciliationMatch.id)
        .limit(MATCHES_SHOWN)
    )
    return tuple(
        MatchView(
            id=row.id, amount_fen=int(amount), items=count, note=row.note, matched_by=row.matched_by,
            matched_at=row.matched_at,
        )
        for row, amount, count in db.execute(query)
    )  # fmt: skip


def bookings_to_ask(db: Session, *, now: datetime) -> tuple[datetime, datetime]:
    """From when until when the gateway is asked for its bookings: since the newest that we have, with some overlap."""
    newest = db.scalar(select(func.max(GatewayBooking.made_at)))
    return (newest - OVERLAP if newest else BEGINNING), now + OVERLAP


def closings(db: Session, *, holder_id: UUID | None = None, now: datetime) -> list[Closing]:
    """Every book of one office, or of all, with whether it closes; money without an account while there is any."""
    found = [closing(db, one, now=now) for one in books(db, holder_id=holder_id)]
    return [one for one in found if one.book.key or one.ledger_fen or one.untold_items]


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """For who reconciles: books with items that nobody has matched or explained, and one's own open items."""
    if actor.is_system or not may(actor, Right.RECONCILE, {Relation.FINANCE: actor.organization_id}):
        return []
    found = [
        Todo(
            title=N_("对账：{account} 有 {count} 笔记录没有对上"),
            params={"account": one.book.name, "count": str(one.untold_items)},
            url=f"/finance/reconciliation/{one.book.key}",
            action=N_("对账"),
        )
        for one in closings(db, holder_id=actor.organization_id, now=now)
        if one.book.key and one.untold_items
    ]
    mine = select(ReconciliationNote).where(
        ReconciliationNote.owner_id == actor.person_id, ReconciliationNote.state == NoteState.STANDING
    )
    today = legal_day(now)
    return found + [
        Todo(
            title=N_("待查的对账差异，{due} 前查清"),
            params={"due": str(row.due_on)},
            url="/finance/reconciliation",
            action=N_("查看"),
            urgent=row.due_on is not None and row.due_on <= today,
        )
        for row in db.scalars(mine.order_by(ReconciliationNote.due_on, ReconciliationNote.id))
    ]
