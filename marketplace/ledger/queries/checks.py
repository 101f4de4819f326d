"""Whether the books are right: every rule the database should have kept is looked at again, from the rows alone."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from marketplace.ledger.model import fund, movement
from marketplace.ledger.rules import Line, Span
from marketplace.ledger.schemas import Check, Verification

EXAMPLES_MAX = 5
BATCH = 5_000

_MOVED = (
    "FROM ledger.movement m JOIN ledger.account t ON t.id = m.to_account"
    " LEFT JOIN ledger.account f ON f.id = m.from_account"
)
_LINE = "CASE WHEN tail = 0 THEN '{}' ELSE int8multirange(int8range(0, tail)) END"

WRONG: dict[str, str] = {
    "every_fen_is_held_once": (
        "SELECT f.id FROM ledger.fund f LEFT JOIN ledger.holding h ON h.fund_id = f.id GROUP BY f.id, f.tail"
        f" HAVING coalesce(range_agg(h.span::int8range), '{{}}') <> {_LINE}"
        " OR coalesce(sum(upper(h.span) - lower(h.span)), 0) <> f.tail"
    ),
    "receipts_cover_the_line": (
        "SELECT f.id FROM ledger.fund f LEFT JOIN ledger.receipt r ON r.fund_id = f.id GROUP BY f.id, f.tail"
        f" HAVING coalesce(range_agg(r.span::int8range), '{{}}') <> {_LINE}"
        " OR coalesce(sum(upper(r.span) - lower(r.span)), 0) <> f.tail"
    ),
    "receipts_are_what_came_in": (
        "SELECT coalesce(r.id::text, 'movement ' || m.id) FROM ledger.receipt r FULL JOIN"
        " (SELECT * FROM ledger.movement WHERE from_account IS NULL) m"
        " ON m.fund_id = r.fund_id AND m.id = r.movement_id"
        " LEFT JOIN ledger.movement_span s ON s.fund_id = m.fund_id AND s.movement_id = m.id"
        " WHERE r.id IS NULL OR m.id IS NULL OR s.span IS DISTINCT FROM r.span"
    ),
    "movements_are_as_long_as_their_amount": (
        "SELECT m.id FROM ledger.movement m LEFT JOIN ledger.movement_span s"
        " ON s.fund_id = m.fund_id AND s.movement_id = m.id"
        " GROUP BY m.fund_id, m.id, m.amount_fen HAVING coalesce(sum(upper(s.span) - lower(s.span)), 0) <> m.amount_fen"
        " OR coalesce((SELECT sum(upper(u) - lower(u)) FROM unnest(range_agg(s.span::int8range)) u), 0) <> m.amount_fen"
    ),
    "spans_belong_to_a_movement": (
        "SELECT s.movement_id FROM ledger.movement_span s LEFT JOIN ledger.movement m"
        " ON m.fund_id = s.fund_id AND m.id = s.movement_id WHERE m.id IS NULL"
    ),
    "totals_are_the_sum_of_holdings": (
        "SELECT coalesce(t.fund_id, h.fund_id) || ' ' || coalesce(t.role::text, h.role) FROM ledger.total t FULL JOIN"
        " (SELECT a.fund_id, a.role::text AS role, sum(upper(h.span) - lower(h.span)) AS fen FROM ledger.holding h"
        " JOIN ledger.account a ON a.id = h.account_id GROUP BY a.fund_id, a.role) h"
        " ON h.fund_id = t.fund_id AND h.role = t.role::text WHERE coalesce(t.amount_fen, 0) <> coalesce(h.fen, 0)"
    ),
    "movements_are_lawful": (
        f"SELECT m.id {_MOVED} WHERE NOT EXISTS (SELECT FROM ledger.lawful_move l WHERE l.verb = m.verb"
        " AND l.from_role = coalesce(f.role::text, 'outside') AND l.to_role = t.role)"
    ),
    "paid_and_refunded_were_ordered": (
        f"SELECT m.id {_MOVED} LEFT JOIN ledger.attempt o ON o.id = m.attempt_id AND o.fund_id = m.fund_id"
        " AND o.from_account = m.from_account AND o.amount_fen = m.amount_fen AND o.outcome = t.role::text"
        " WHERE t.role IN ('paid', 'refunded') AND o.id IS NULL"
    ),
    "an_attempt_is_used_once": (
        "SELECT attempt_id FROM ledger.movement WHERE attempt_id IS NOT NULL GROUP BY attempt_id HAVING count(*) > 1"
    ),
    "transfers_have_two_halves": (
        "SELECT m.id FROM ledger.movement m JOIN ledger.account t ON t.id = m.to_account AND t.role = 'transferred'"
        " FULL JOIN (SELECT * FROM ledger.receipt WHERE origin_id IS NOT NULL) r"
        " ON r.origin_id = m.id AND r.origin_fund_id = m.fund_id"
        " WHERE m.id IS NULL OR r.id IS NULL OR r.fund_id <> t.ref OR upper(r.span) - lower(r.span) <> m.amount_fen"
    ),
    "exchanges_have_two_halves": (
        "SELECT m.id FROM ledger.movement m WHERE m.verb = 'exchange' AND NOT EXISTS (SELECT FROM ledger.movement o"
        " WHERE o.verb = 'exchange' AND o.fund_id = m.fund_id AND o.amount_fen = m.amount_fen"
        " AND o.from_account = m.to_account AND o.to_account = m.from_account"
        " AND o.key IN (m.key || '/back', left(m.key, -5)))"
    ),
}
"""What must not be found: the name of a rule, and the query for what breaks it."""

REBUILT = "holdings_follow_from_movements"


def verify(db: Session, *, fund_id: UUID | None = None) -> Verification:
    """Look at every rule of the books again; nothing is changed.

    Beside the queries of ``WRONG`` every fund (or only ``fund_id``) is rebuilt from its movements alone, each of which
    must find its fen where it took them, and the result must be what is held now.
    """
    checks = [_check(name, [str(row[0]) for row in db.execute(text(query))]) for name, query in WRONG.items()]
    checks.append(_check(REBUILT, list(_rebuilt(db, fund_id))))
    funds, amount_fen = db.execute(select(func.count(), func.coalesce(func.sum(fund.c.tail), 0))).one()
    movements = db.execute(select(func.count()).select_from(movement)).scalar_one()
    return Verification(
        ok=all(check.ok for check in checks),
        funds=funds,
        movements=movements,
        amount_fen=int(amount_fen),
        checks=tuple(checks),
    )


def _check(name: str, found: list[str]) -> Check:
    return Check(name=name, ok=not found, found=len(found), examples=tuple(found[:EXAMPLES_MAX]))


_MOVEMENTS = text(
    "SELECT f.id, m.id, m.from_account, m.to_account, lower(s.span), upper(s.span)"
    " FROM ledger.fund f LEFT JOIN ledger.movement m ON m.fund_id = f.id"
    " LEFT JOIN ledger.movement_span s ON s.fund_id = m.fund_id AND s.movement_id = m.id"
    " WHERE CAST(:fund AS uuid) IS NULL OR f.id = :fund ORDER BY f.id, m.id, s.span"
)
_HOLDINGS = text("SELECT account_id, lower(span), upper(span) FROM ledger.holding WHERE fund_id = :fund ORDER BY span")


def _rebuilt(db: Session, fund_id: UUID | None) -> Iterator[str]:
    rows = db.execute(_MOVEMENTS, {"fund": fund_id}, execution_options={"yield_per": BATCH})
    for number, movements in groupby(rows, key=lambda row: row[0]):
        line = Line()
        for _, movement_id, source, target, lo, hi in movements:
            if movement_id is not None and not _replay(line, source, target, lo, hi):
                yield f"movement {movement_id}"
        held = [(row[0], Span(row[1], row[2])) for row in db.execute(_HOLDINGS, {"fund": number})]
        if held != line.holdings():
            yield f"fund {number}"


def _replay(line: Line, source: int | None, target: int, lo: Any, hi: Any) -> bool:
    if lo is None or not 0 <= lo < hi:
        return False
    return line.enter(target, Span(lo, hi)) if source is None else line.carry(source, target, Span(lo, hi))
