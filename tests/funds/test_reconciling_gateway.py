"""The gateway's own account of our balance against the ledger."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from marketplace.funds.commands import giving, instructing
from marketplace.funds.commands import reconciling as reconcile
from marketplace.funds.commands.settling import Finding, Verdict, settle
from marketplace.funds.model import Fund, PaymentAttempt
from marketplace.funds.queries.reconciling import books, page
from marketplace.funds.rules import Custody
from marketplace.funds.rules.reconciling import OwnerNeeded, WrongCategory
from marketplace.funds.schemas.reconciling import NewMatch, NewNote
from marketplace.funds.states.reconciling import Category, Side
from marketplace.payments.schemas import GatewayEntry
from tests.funds.desk import a_purse, approved
from tests.funds.givers import an_invitation, an_open_checkout, open_hands, paid
from tests.funds.office import Office, _payments, office
from tests.funds.purse import DAY
from tests.identity.town import SAFE

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


def test_what_the_gateway_lists_twice_is_not_matched_and_wants_an_owner(office: Office, now: datetime) -> None:
    desk = replace(
        office.desk,
        funds={Custody.GATEWAY: a_purse(office.db, office.desk, Custody.GATEWAY, 20_000, now=now)},
    )
    one = next(one for one in books(office.db) if one.key == "gateway")
    application_id = approved(office.db, desk, 8_000, now=now, custody=Custody.GATEWAY)
    (payment,) = _payments(office.db, application_id)
    (attempt_id,) = instructing.release_transfers(office.db, desk.cashier, [payment.id], now=now)
    settle(office.db, [Finding(attempt_id, Verdict.TAKEN), Finding(attempt_id, Verdict.PAID, "", DAY)], now=now)
    office.db.get_one(PaymentAttempt, attempt_id).transfer_id = "tr_1"
    office.db.flush()
    entries = [entry(key, "transfer", -8_000, source="tr_1", now=now) for key in ("txn_1", "txn_2")]
    reconcile.take_bookings(office.db, entries, now=now)
    shown = page(office.db, one, now=now)
    (twice,) = shown.theirs
    assert (twice.key, twice.is_doubled, twice.categories) == ("booking:txn_2", True, (Category.OPEN,))
    assert [view.amount_fen for view in shown.ours] == [20_000], "our own transfer has its counterpart once"
    assert not shown.closing.is_closed
    assert shown.closing.gap_fen == 0, "the page accounts for every fen of the difference"
    accountant = office.desk.accountant
    for category, refusal in ((Category.FEE, WrongCategory), (Category.OPEN, OwnerNeeded)):
        note = NewNote(item=twice.key, category=category, text="重复")
        with pytest.raises(refusal):
            reconcile.explain(office.db, accountant, "gateway", note, now=now)
    note = NewNote(
        item=twice.key, category=Category.OPEN, text="已请平台核查", owner_id=accountant.person_id, due_on=DAY
    )
    reconcile.explain(office.db, accountant, "gateway", note, now=now)
    after = page(office.db, one, now=now)
    assert (after.closing.open_items, after.closing.open_fen) == (1, -8_000)
    assert after.theirs[0].note is not None
    assert after.theirs[0].note.owner_id == accountant.person_id


def test_a_charge_listed_twice_is_not_matched_with_its_gift_twice(db: Session, tmp_path: Path, now: datetime) -> None:
    hands = open_hands(db, tmp_path, now=now)
    intent = an_open_checkout(db, an_invitation(db, hands, now=now).token, now=now)
    giving.settle(db, SAFE, intent.payment_id, paid(intent, charge_id="ch_1"), now=now)
    entries = [
        entry(key, "charge", 20_000, source="ch_1", fee=120, now=now + timedelta(minutes=n))
        for n, key in enumerate(("txn_b", "txn_a"))
    ]
    reconcile.take_bookings(db, entries, now=now)
    one = next(one for one in books(db) if one.key == "gateway")
    shown = page(db, one, now=now)
    assert shown.ours == ()
    assert [(view.key, view.amount_fen, view.is_doubled) for view in shown.theirs] == [("booking:txn_a", 19_880, True)]
    assert shown.closing.gap_fen == 0
