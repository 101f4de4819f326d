"""Which way fen went: from a receipt to where each is now, and from a payment back to the receipts it was made of."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, and_, func, select, text
from sqlalchemy.orm import Session

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.ledger.model import account, holding, movement, movement_span, receipt
from marketplace.ledger.rules import Span, across, back_across, united, without
from marketplace.ledger.schemas import HeldPart, Piece, Place, ReceiptTrace, RefTrace, Source, Step, place_of
from marketplace.ledger.states import NOBODY, AccountRole


class NoTrace(DomainError):
    """Neither a receipt nor a thing with an account has this id."""

    kind, code = Kind.MISSING, "no_trace"
    text = N_("没有找到这张收据或这笔款项。请核对编号后再查。")


class _Search(NamedTuple):
    """Fen to be followed on in a fund: where they are there, which serials of the first receipt, their way so far."""

    span: Span
    came_from: Span
    path: tuple[Step, ...]


_WANTED = "unnest(CAST(:los AS bigint[]), CAST(:his AS bigint[])) WITH ORDINALITY w (lo, hi, n)"
_HELD = text(
    "SELECT w.n, greatest(lower(h.span), w.lo), least(upper(h.span), w.hi), a.role, a.ref"
    f" FROM {_WANTED} JOIN ledger.holding h ON h.fund_id = :fund AND h.span && int8range(w.lo, w.hi)"
    " JOIN ledger.account a ON a.id = h.account_id ORDER BY 1, 2"
)
_CARRIED = text(
    "SELECT w.n, greatest(lower(s.span), w.lo), least(upper(s.span), w.hi), m.id, a.role, a.ref, m.cause, m.value_date"
    f" FROM {_WANTED} JOIN ledger.movement_span s ON s.fund_id = :fund AND s.span && int8range(w.lo, w.hi)"
    " JOIN ledger.movement m ON m.fund_id = s.fund_id AND m.id = s.movement_id"
    " JOIN ledger.account a ON a.id = m.to_account ORDER BY 1, 2"
)
_RECEIVED = text(
    "SELECT greatest(lower(r.span), w.lo), least(upper(r.span), w.hi), lower(r.span), r.id, r.origin_fund_id,"
    " r.origin_id, m.value_date, m.cause"
    f" FROM {_WANTED} JOIN ledger.receipt r ON r.fund_id = :fund AND r.span && int8range(w.lo, w.hi)"
    " JOIN ledger.movement m ON m.fund_id = r.fund_id AND m.id = r.movement_id ORDER BY 1"
)


def trace_receipt(db: Session, receipt_id: UUID) -> ReceiptTrace:
    """Where each fen of a receipt is now and by which movements it got there, through transfers into other funds too.

    Raises:
        NoTrace: no such receipt.
    """
    query = select(receipt.c.fund_id, func.lower(receipt.c.span), func.upper(receipt.c.span))
    found = db.execute(query.where(receipt.c.id == receipt_id)).one_or_none()
    if found is None:
        raise NoTrace
    fund_id, span = found[0], Span(found[1], found[2])
    todo: dict[UUID, list[_Search]] = {fund_id: [_Search(span, span, ())]}
    pieces: list[Piece] = []
    crossings = _Crossings(db)
    while todo:
        onward: dict[UUID, list[_Search]] = defaultdict(list)
        for here, searches in todo.items():
            for piece in _pieces(db, here, searches):
                if piece.place.role == AccountRole.TRANSFERRED and piece.place.ref is not None:
                    onward[piece.place.ref].append(crossings.arrival(piece))
                else:
                    pieces.append(piece)
        todo = onward
    pieces.sort(key=lambda piece: piece.came_from)
    return ReceiptTrace(receipt_id=receipt_id, fund_id=fund_id, span=span, amount_fen=span.fen, pieces=tuple(pieces))


def trace_ref(db: Session, ref: UUID) -> RefTrace:
    """The fen in the accounts of a payment, contract, project or milestone, and those that passed through them.

    Each with the receipts it came from, back through transfers; ``amount_fen`` is what is held.

    Raises:
        NoTrace: no account is kept for this id.
    """
    accounts = db.execute(
        select(account.c.id, account.c.fund_id, account.c.role).where(account.c.ref == ref, account.c.ref != NOBODY)
    ).all()
    if not accounts:
        raise NoTrace
    places = {number: (fund_id, Place(role, ref)) for number, fund_id, role in accounts}
    held: list[tuple[UUID, Place, Span]] = []
    rows = db.execute(
        select(holding.c.account_id, func.lower(holding.c.span), func.upper(holding.c.span))
        .where(holding.c.account_id.in_(places))
        .order_by(holding.c.account_id, holding.c.span)
    )
    for number, lo, hi in rows:
        held.append((*places[number], Span(lo, hi)))
    passed: list[tuple[UUID, Place, Span]] = []
    for fund_id in sorted({fund for fund, _ in places.values()}):
        ever = _ever_in(db, fund_id, [number for number, (fund, _) in places.items() if fund == fund_id])
        gone = without(ever, [span for fund, _, span in held if fund == fund_id])
        for span, place in _now_at(db, fund_id, gone):
            passed.append((fund_id, place, span))
    return RefTrace(
        ref=ref,
        amount_fen=sum(span.fen for _, _, span in held),
        held=_with_sources(db, held),
        passed=_with_sources(db, passed),
    )


def _ever_in(db: Session, fund_id: UUID, accounts: Sequence[int]) -> tuple[Span, ...]:
    query = (
        select(func.lower(movement_span.c.span), func.upper(movement_span.c.span))
        .join_from(
            movement,
            movement_span,
            and_(movement_span.c.fund_id == movement.c.fund_id, movement_span.c.movement_id == movement.c.id),
        )
        .where(movement.c.fund_id == fund_id, movement.c.to_account.in_(accounts))
    )
    return united(Span(*row) for row in db.execute(query))


def _now_at(db: Session, fund_id: UUID, spans: Sequence[Span]) -> list[tuple[Span, Place]]:
    return [(Span(lo, hi), place_of(role, ref)) for _, lo, hi, role, ref in _overlapping(db, _HELD, fund_id, spans)]


def _overlapping(db: Session, query: TextClause, fund_id: UUID, spans: Sequence[Span]) -> Sequence[Any]:
    values = {"fund": fund_id, "los": [span.lo for span in spans], "his": [span.hi for span in spans]}
    return db.execute(query, values).all() if spans else []


def _pieces(db: Session, fund_id: UUID, searches: Sequence[_Search]) -> Iterator[Piece]:
    """Cut what is searched for at every edge of a movement or holding; join again what went the same way."""
    spans = [search.span for search in searches]
    places: dict[int, dict[int, Place]] = defaultdict(dict)
    begin: dict[int, dict[int, list[Step]]] = defaultdict(lambda: defaultdict(list))
    end: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for n, lo, _, role, ref in _overlapping(db, _HELD, fund_id, spans):
        places[n][lo] = place_of(role, ref)
    for n, lo, hi, number, role, ref, cause, value_date in _overlapping(db, _CARRIED, fund_id, spans):
        place = place_of(role, ref)
        begin[n][lo].append(Step(movement_id=number, fund_id=fund_id, place=place, cause=cause, value_date=value_date))
        end[n][hi].append(number)
    for n, search in enumerate(searches, 1):
        yield from _cut(fund_id, search, places[n], begin[n], end[n])


def _cut(
    fund_id: UUID, search: _Search, places: dict[int, Place], begin: dict[int, list[Step]], end: dict[int, list[int]]
) -> Iterator[Piece]:
    edges = sorted({*places, *begin, *end, search.span.hi})
    shift = search.came_from.lo - search.span.lo
    running: dict[int, Step] = {}
    last: tuple[int, Place, tuple[Step, ...]] | None = None
    for edge in edges:
        for number in end.get(edge, ()):
            del running[number]
        running |= {step.movement_id: step for step in begin.get(edge, ())}
        path = search.path + tuple(running[number] for number in sorted(running))
        place = places.get(edge, last[1] if last else None)
        if last and (edge == search.span.hi or (place, path) != last[1:]):
            came_from = Span(last[0] + shift, edge + shift)
            yield Piece(fund_id=fund_id, span=Span(last[0], edge), place=last[1], came_from=came_from, path=last[2])
            last = None
        if last is None and place is not None:
            last = (edge, place, path)


class _Crossings:
    """Where transferred fen arrived; each transfer is looked up once."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._known: dict[tuple[UUID, int], tuple[list[Span], int]] = {}

    def arrival(self, piece: Piece) -> _Search:
        """The same fen in the fund they were transferred to."""
        fund_id, out = piece.fund_id, piece.path[-1].movement_id
        if (fund_id, out) not in self._known:
            begins = select(func.lower(receipt.c.span))
            lo = self._db.execute(
                begins.where(receipt.c.origin_id == out, receipt.c.origin_fund_id == fund_id)
            ).scalar_one()
            self._known[fund_id, out] = (_spans_of(self._db, fund_id, out), lo)
        gone, lo = self._known[fund_id, out]
        (span,) = across(gone, lo, piece.span)
        return _Search(span, piece.came_from, piece.path)


def _spans_of(db: Session, fund_id: UUID, movement_id: int) -> list[Span]:
    s = movement_span.c
    query = select(func.lower(s.span), func.upper(s.span)).where(s.fund_id == fund_id, s.movement_id == movement_id)
    return sorted(Span(*row) for row in db.execute(query))


def _with_sources(db: Session, parts: Sequence[tuple[UUID, Place, Span]]) -> tuple[HeldPart, ...]:
    return tuple(
        HeldPart(fund_id=fund_id, place=place, span=span, amount_fen=span.fen, sources=_sources(db, fund_id, [span]))
        for fund_id, place, span in parts
    )


def _sources(db: Session, fund_id: UUID, spans: Sequence[Span]) -> tuple[Source, ...]:
    """The receipts that first brought these fen in, back through every transfer."""
    found: list[Source] = []
    for row in _overlapping(db, _RECEIVED, fund_id, spans):
        lo, hi, begins, receipt_id, origin_fund, origin, value_date, cause = row
        part = Span(lo, hi)
        if origin is None:
            found.append(Source(receipt_id=receipt_id, fund_id=fund_id, span=part, value_date=value_date, cause=cause))
        else:
            found += _sources(db, origin_fund, back_across(_spans_of(db, origin_fund, origin), begins, part))
    return tuple(found)
