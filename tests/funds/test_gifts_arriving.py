"""A gift that arrives: booked once in whatever order it is told, gross is net and fee, every fen can be traced."""

from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.commands import gifts, giving
from marketplace.funds.model import GiftInvitation, GiftPayment, Receipt
from marketplace.funds.queries import gifts as reads
from marketplace.funds.rules.gifts import (
    AlreadyGiven,
    FeeUnknown,
    GiftDiffers,
)
from marketplace.funds.states.gifts import (
    GiftState,
    InvitationState,
)
from marketplace.kit.errors import NotFound
from marketplace.ledger.queries import totals, trace_receipt, verify
from tests.funds.givers import Hands, a_wish, an_invitation, an_open_checkout, open_hands, paid
from tests.identity.town import SAFE


@pytest.fixture
def hands(db: Session, tmp_path: Path, now: datetime) -> Hands:
    return open_hands(db, tmp_path, now=now)


def test_a_paid_gift_is_one_receipt_whatever_is_told_again(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = an_open_checkout(db, issued.token, now=now)
    receipt = giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
    assert receipt is not None
    for _ in range(3):
        assert giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now + timedelta(days=1)) == receipt
    assert giving.settle(db, SAFE, intent.payment_id, paid(intent, state=GiftState.OPEN), now=now) == receipt
    assert db.scalar(select(func.count()).select_from(Receipt)) == 1
    assert totals(db, [hands.fund_id])[hands.fund_id] == {"available": 19_880, "fee": 120}
    view = queries.receipt(db, receipt)
    assert (view.amount_fen, view.payer, view.disclose_payer, view.kind.value) == (20_000, "陈七念", True, "gift")
    with pytest.raises(AlreadyGiven):
        giving.intend(db, issued.token, a_wish(), now=now)
    shown = reads.given(db, issued.token, now=now)
    assert (shown.state, shown.receipt_number) == (InvitationState.GIVEN, view.number)
    assert [gift.id for gift in reads.gifts(db, hands.holder_id)] == [intent.payment_id]


SIGHTINGS: tuple[dict[str, Any], ...] = (
    {"state": GiftState.OPEN},
    {"state": GiftState.PROCESSING},
    {"state": GiftState.PAID},
    {"state": GiftState.LAPSED},
)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_whatever_order_it_is_told_the_money_is_booked_once(
    db: Session, hands: Hands, now: datetime, order: tuple[int, ...]
) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = giving.intend(db, issued.token, a_wish(), now=now)
    for place in order:
        giving.settle(db, SAFE, intent.payment_id, paid(intent, **SIGHTINGS[place]), now=now)
    assert reads.gift(db, intent.payment_id).state is GiftState.PAID
    assert totals(db, [hands.fund_id])[hands.fund_id] == {"available": 19_880, "fee": 120}


def test_an_attempt_that_was_refused_and_is_paid_after_all_is_a_gift(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = giving.intend(db, issued.token, a_wish(), now=now)
    giving.refused(db, intent.payment_id, reason="card_declined", now=now)
    for sight in SIGHTINGS[:2] + SIGHTINGS[3:]:
        assert giving.settle(db, SAFE, intent.payment_id, paid(intent, **sight), now=now) is None
        assert reads.gift(db, intent.payment_id).state is GiftState.REFUSED
    receipt = giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
    assert receipt is not None
    for late in (giving.refused, giving.lost):
        told = {"reason": "card_declined"} if late is giving.refused else {}
        late(db, intent.payment_id, now=now, **told)
    assert reads.gift(db, intent.payment_id).state is GiftState.PAID
    assert giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now) == receipt
    assert totals(db, [hands.fund_id])[hands.fund_id] == {"available": 19_880, "fee": 120}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_fen=st.lists(st.tuples(st.integers(100, 5_000_000), st.integers(0, 99)), min_size=1, max_size=4))
def test_gross_is_net_and_fee_and_each_gift_pays_its_own(
    db: Session, hands: Hands, now: datetime, given_fen: list[tuple[int, int]]
) -> None:
    before = totals(db, [hands.fund_id])[hands.fund_id]
    receipts: list[UUID] = []
    for amount_fen, fee_fen in given_fen:
        issued = an_invitation(db, hands, now=now, suggested_fen=None)
        intent = an_open_checkout(db, issued.token, now=now, amount_fen=amount_fen)
        receipt = giving.settle(db, SAFE, intent.payment_id, paid(intent, fee_fen), now=now)
        assert receipt is not None
        receipts.append(receipt)
        gift = reads.gift(db, intent.payment_id)
        assert gift.fee_fen is not None
        assert gift.net_fen is not None
        assert gift.amount_fen == gift.fee_fen + gift.net_fen == amount_fen
    for receipt, (amount_fen, fee_fen) in zip(receipts, given_fen, strict=True):
        trace = trace_receipt(db, receipt)
        assert sum(piece.amount_fen for piece in trace.pieces) == trace.amount_fen == amount_fen
        assert sum(piece.amount_fen for piece in trace.pieces if piece.place.role == "fee") == fee_fen
    after = totals(db, [hands.fund_id])[hands.fund_id]
    assert after.get("fee", 0) - before.get("fee", 0) == sum(fee for _, fee in given_fen)
    assert sum(after.values()) - sum(before.values()) == sum(amount for amount, _ in given_fen)
    assert verify(db).ok


def test_the_database_itself_wants_gross_to_be_net_and_fee(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = an_open_checkout(db, issued.token, now=now)
    giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
    row = db.get_one(GiftPayment, intent.payment_id)
    row.net_fen = 20_000
    with pytest.raises(IntegrityError):
        db.flush()


@pytest.mark.parametrize(
    "wrong", [{"amount_fen": 20_001}, {"session_id": "cs_other"}, {"fee_fen": 20_000}, {"fee_fen": -1}]
)
def test_a_payment_that_is_not_the_one_agreed_changes_nothing(
    db: Session, hands: Hands, now: datetime, wrong: dict[str, Any]
) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = an_open_checkout(db, issued.token, now=now)
    with pytest.raises(GiftDiffers):
        giving.settle(db, SAFE, intent.payment_id, paid(intent, **wrong), now=now)
    assert totals(db, [hands.fund_id])[hands.fund_id] == {}


def test_while_the_fee_is_unknown_nothing_is_booked(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = an_open_checkout(db, issued.token, now=now)
    with pytest.raises(FeeUnknown):
        giving.settle(db, SAFE, intent.payment_id, paid(intent, fee_fen=None), now=now)
    assert giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
    with pytest.raises(NotFound):
        giving.settle(db, SAFE, uuid4(), paid(intent), now=now)


def test_money_that_arrived_is_booked_though_the_invitation_was_revoked_and_the_fund_closed_meanwhile(
    db: Session, hands: Hands, now: datetime
) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = an_open_checkout(db, issued.token, now=now)
    gifts.revoke(db, hands.accountant, issued.invitation_id, reason="误发", now=now)
    commands.close_fund(db, hands.accountant, hands.fund_id, reason="年度结束", now=now)
    assert giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
    assert db.get_one(GiftInvitation, issued.invitation_id).state is InvitationState.GIVEN


def test_an_anonymous_gift_names_nobody_in_public(db: Session, hands: Hands, now: datetime) -> None:
    issued = an_invitation(db, hands, now=now)
    intent = giving.intend(db, issued.token, a_wish(anonymous=True, message="给孩子们"), now=now)
    giving.opened(db, intent.payment_id, session_id=f"cs_{intent.payment_id.hex}", url="https://pay.example", now=now)
    receipt = giving.settle(db, SAFE, intent.payment_id, paid(intent), now=now)
    assert receipt is not None
    view = queries.receipt(db, receipt)
    assert (view.disclose_payer, view.note) == (False, "给孩子们")
