"""The gateway's own account of our balance against the ledger."""

from dataclasses import replace
from datetime import datetime

from marketplace.funds.commands import instructing
from marketplace.funds.commands import reconciling as reconcile
from marketplace.funds.commands.settling import Finding, Verdict, settle
from marketplace.funds.model import Fund, PaymentAttempt
from marketplace.funds.queries.reconciling import books, page
from marketplace.funds.rules import Custody
from marketplace.funds.schemas.reconciling import NewMatch, NewNote
from marketplace.funds.states.reconciling import Category, Side
from marketplace.payments.schemas import GatewayEntry
from tests.funds.desk import a_purse, approved
from tests.funds.office import Office, _payments, office
from tests.funds.purse import DAY

__all__ = ["office"]


def entry(key: str, kind: str, fen: int, *, source: str = "", fee: int = 0, now: datetime) -> GatewayEntry:
    return GatewayEntry(id=key, kind=kind, amount_fen=fen, fee_fen=fee, net_fen=fen - fee, source=source, made_at=now)


def test_the_gateways_own_account_is_taken_in_once_and_held_against_the_ledger(office: Office, now: datetime) -> None:
    fund = a_purse(office.db, office.desk, Custody.GATEWAY, 20_000, now=now)
    one = next(one for one in books(office.db, holder_id=office.desk.holder_id) if one.key == "gateway")
    assert page(office.db, one, now=now).closing.theirs_fen is None
    entries = [
        entry("txn_1", "charge", 20_000, source="ch_1", now=now),
        entry("txn_2", "payout", -5_000, now=now),
        entry("txn_3", "stripe_fee", -30, now=now),
    ]
    assert reconcile.take_bookings(office.db, entries, now=now) == 3
    assert reconcile.take_bookings(office.db, entries, now=now) == 0
    assert reconcile.take_bookings(office.db, [], now=now) == 0
    shown = page(office.db, one, now=now)
    assert (shown.closing.theirs_fen, shown.closing.ledger_fen) == (14_970, 20_000)
    assert {view.side for view in shown.theirs} == {Side.GATEWAY}
    assert [(likely.theirs[0].key, len(likely.ours)) for likely in shown.suggestions] == [("booking:txn_1", 1)]
    accountant = office.desk.accountant
    new = NewMatch(items=("booking:txn_1", shown.ours[0].key))
    match_id = reconcile.confirm_match(office.db, accountant, "gateway", new, now=now)
    for key, category in (("booking:txn_2", Category.PAYOUT), ("booking:txn_3", Category.FEE)):
        note = NewNote(item=key, category=category, text="见流水")
        reconcile.explain(office.db, accountant, "gateway", note, now=now)
    closing = page(office.db, one, now=now).closing
    assert closing.is_closed
    assert closing.difference_fen == sum(closing.explained_fen.values()) == -5_030
    reconcile.undo_match(office.db, accountant, match_id, reason="试", now=now)
    assert not page(office.db, one, now=now).closing.is_closed
    assert office.db.get_one(Fund, fund).custody is Custody.GATEWAY


def test_a_transfer_of_ours_and_the_gateways_booking_agree_by_its_number(office: Office, now: datetime) -> None:
    desk = replace(
        office.desk,
        funds={Custody.GATEWAY: a_purse(office.db, office.desk, Custody.GATEWAY, 20_000, now=now)},
    )
    application_id = approved(office.db, desk, 8_000, now=now, custody=Custody.GATEWAY)
    (payment,) = _payments(office.db, application_id)
    (attempt_id,) = instructing.release_transfers(office.db, desk.cashier, [payment.id], now=now)
    settle(office.db, [Finding(attempt_id, Verdict.TAKEN), Finding(attempt_id, Verdict.PAID, "", DAY)], now=now)
    office.db.get_one(PaymentAttempt, attempt_id).transfer_id = "tr_1"
    office.db.flush()
    one = next(one for one in books(office.db) if one.key == "gateway")
    assert -8_000 in [view.amount_fen for view in page(office.db, one, now=now).ours]
    reconcile.take_bookings(office.db, [entry("txn_1", "transfer", -8_000, source="tr_1", now=now)], now=now)
    shown = page(office.db, one, now=now)
    assert shown.theirs == ()
    assert [view.amount_fen for view in shown.ours] == [20_000]
