"""The statements of reconciliation: what crosses a custody's border in the ledger, and what has no counterpart."""

from sqlalchemy import text

from marketplace.ledger.states import GONE

_GONE = "(" + ", ".join(sorted(f"'{role}'" for role in GONE)) + ")"
_CROSSING = (
    " FROM ledger.movement m JOIN fund_terms f ON f.id = m.fund_id"
    " JOIN ledger.account t ON t.id = m.to_account LEFT JOIN ledger.account s ON s.id = m.from_account"
    " LEFT JOIN ledger.receipt r ON r.fund_id = m.fund_id AND r.movement_id = m.id"
    " LEFT JOIN fund_receipt p ON p.id = r.id"
    " WHERE f.custody = :custody AND (CAST(:holder AS uuid) IS NULL OR f.holder_id = :holder) AND m.value_date <= :day"
    f" AND (s.role IS NULL OR s.role IN {_GONE}) <> (t.role IN {_GONE})"
)
_SIGNED = f"CASE WHEN t.role IN {_GONE} THEN -m.amount_fen ELSE m.amount_fen END"
LEDGER = text(f"SELECT coalesce(sum({_SIGNED}), 0){_CROSSING}")

_PAID_LINE = (
    "l.attempt_id = m.attempt_id AND l.amount_fen = -m.amount_fen AND l.booked_on <= :day AND m.value_date <= :day"
)
_BACK_LINE = "x.id = l.attempt_id AND l.amount_fen = m.amount_fen AND l.booked_on <= :day AND m.value_date <= :day"
_BOOKED_TRANSFER = "g.source <> '' AND g.source = a.transfer_id AND g.amount_fen = -m.amount_fen"
_BOOKED_GIFT = "g.source <> '' AND g.source = k.charge_id AND g.amount_fen = k.amount_fen AND g.fee_fen = k.fee_fen"
_EARLIER = (
    "e.source <> '' AND e.source = g.source AND e.amount_fen = g.amount_fen AND (e.made_at, e.id) < (g.made_at, g.id)"
)
_SAME_TRANSFER = (
    f"EXISTS (SELECT FROM gateway_booking e JOIN payment_attempt d ON d.transfer_id = e.source WHERE {_EARLIER})"
)
_SAME_GIFT = (
    "EXISTS (SELECT FROM gateway_booking e JOIN gift_payment d ON d.charge_id = e.source AND d.fee_fen = e.fee_fen"
    f" AND d.amount_fen = e.amount_fen WHERE e.fee_fen = g.fee_fen AND {_EARLIER})"
)
"""The gateway listed the same transfer or charge before: our books have the first, a doubled one stays open."""
_BOOKED_BY = "(g.made_at AT TIME ZONE 'Asia/Shanghai')::date <= :day"
_SAME_BOOK = "o.custody = :custody AND (CAST(:holder AS uuid) IS NULL OR o.holder_id = :holder)"
OURS = text(
    f"SELECT m.fund_id, m.id, {_SIGNED}, m.value_date, m.cause, p.payer, p.number, p.id, y.payee_name, y.number, y.id,"
    f" f.name{_CROSSING.replace(' WHERE ', ' LEFT JOIN payment y ON y.id IN (s.ref, t.ref) WHERE ', 1)}"
    # a person's match
    " AND NOT EXISTS (SELECT FROM reconciliation_item i WHERE i.is_live AND i.fund_id = m.fund_id"
    " AND i.movement_id = m.id)"
    # the bank's line bears the number of our attempt, or of the attempt that came back
    f" AND NOT EXISTS (SELECT FROM bank_statement_line l WHERE {_PAID_LINE})"
    " AND NOT EXISTS (SELECT FROM bank_statement_line l JOIN payment_attempt x ON x.payment_id = s.ref"
    f" WHERE s.role = 'paid' AND {_BACK_LINE})"
    # the gateway's booking bears the number of our transfer, or of the charge that brought the gift and its fee
    " AND NOT EXISTS (SELECT FROM payment_attempt a JOIN gateway_booking g"
    f" ON {_BOOKED_TRANSFER} AND {_BOOKED_BY} WHERE a.id = m.attempt_id)"
    " AND NOT EXISTS (SELECT FROM gift_payment k JOIN gateway_booking g"
    f" ON {_BOOKED_GIFT} AND {_BOOKED_BY} WHERE k.receipt_id = r.id OR m.key = 'gift-fee/' || k.id)"
    # a mistyped receipt and its correction, a change of purpose within the account
    " AND NOT (m.verb = 'void' AND m.value_date <= :day) AND NOT EXISTS (SELECT FROM ledger.movement v"
    " JOIN ledger.movement_span w ON w.fund_id = v.fund_id AND w.movement_id = v.id"
    " WHERE v.fund_id = m.fund_id AND v.verb = 'void' AND v.value_date <= :day AND w.span && r.span)"
    f" AND NOT EXISTS (SELECT FROM fund_terms o WHERE t.role = 'transferred' AND o.id = t.ref AND {_SAME_BOOK})"
    f" AND NOT EXISTS (SELECT FROM fund_terms o WHERE o.id = r.origin_fund_id AND {_SAME_BOOK})"
    " ORDER BY m.value_date, m.id"
)
LINES = text(
    "SELECT l.id, l.amount_fen, l.booked_on, l.purpose, l.counter_name, l.reference FROM bank_statement_line l"
    " WHERE l.account_id = :account AND l.booked_on <= :day"
    " AND NOT EXISTS (SELECT FROM reconciliation_item i WHERE i.is_live AND i.bank_line_id = l.id)"
    f" AND NOT EXISTS (SELECT FROM ledger.movement m WHERE {_PAID_LINE})"
    " AND NOT EXISTS (SELECT FROM payment_attempt x JOIN ledger.account s ON s.role = 'paid' AND s.ref = x.payment_id"
    f" JOIN ledger.movement m ON m.from_account = s.id WHERE {_BACK_LINE})"
    " ORDER BY l.booked_on, l.reference"
)
BOOKINGS = text(
    "SELECT g.id, g.net_fen, (g.made_at AT TIME ZONE 'Asia/Shanghai')::date, g.kind, g.source,"
    f" {_SAME_TRANSFER} OR {_SAME_GIFT} FROM gateway_booking g"
    f" WHERE {_BOOKED_BY}"
    " AND NOT EXISTS (SELECT FROM reconciliation_item i WHERE i.is_live AND i.booking_id = g.id)"
    " AND NOT EXISTS (SELECT FROM payment_attempt a JOIN ledger.movement m ON m.attempt_id = a.id"
    f" AND m.value_date <= :day WHERE {_BOOKED_TRANSFER} AND NOT {_SAME_TRANSFER})"
    " AND NOT EXISTS (SELECT FROM gift_payment k JOIN ledger.receipt r ON r.id = k.receipt_id"
    " JOIN ledger.movement m ON m.fund_id = r.fund_id AND m.id = r.movement_id AND m.value_date <= :day"
    f" WHERE {_BOOKED_GIFT} AND NOT {_SAME_GIFT})"
    " ORDER BY g.made_at, g.id"
)
TAKEN = text("SELECT sum(g.net_fen), count(*) FROM gateway_booking g WHERE " + _BOOKED_BY)
