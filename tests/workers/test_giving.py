"""A gift on its way against the running stand-in: one checkout, one receipt, whatever is lost or doubled."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.flows.giving import ask, begin, look
from marketplace.funds.queries import gifts as queries
from marketplace.funds.rules.gifts import GatewayOff, GiftUnderWay
from marketplace.funds.schemas.gifts import GivenView
from marketplace.funds.states.gifts import GiftState, InvitationState
from marketplace.kit.clock import ManualClock
from marketplace.ledger.queries import totals, trace_receipt, verify
from marketplace.notices.model import Mail
from marketplace.outbox.commands import take_in
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.gateway import Gateway
from marketplace.payments.rails import gateway_of
from marketplace.settings import Settings
from marketplace.standin.control import Control
from tests.funds.givers import Hands, a_wish, an_invitation, open_hands
from tests.identity.town import SAFE
from tests.standin.conftest import standin, standin_process
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services
from workers.settlement import Rails, settlement

__all__ = ["standin", "standin_process"]

BASE = "https://example.com"
FEN = 20_000
HELD_S = 3.0


class Way:
    """An invitation, the gateway, and the worker that hears of it."""

    def __init__(self, database: Database, clock: ManualClock, standin: Control, folder: Path) -> None:
        settings = Settings(
            gateway_url=standin.gateway_url, gateway_key=standin.identity.key, gateway_secret=standin.identity.secret,
            rail_timeout_s=0.6, public_url=BASE,
        )  # fmt: skip
        self.database, self.clock, self.standin = database, clock, standin
        found = gateway_of(settings, clock)
        assert found is not None
        self.gateway: Gateway = found
        rails = Rails(database, clock, SAFE, settings, None, self.gateway)
        self.work: Services = assemble(database, clock, settings, safe=SAFE, more={SETTLEMENT: settlement(rails)})
        with database.write() as db:
            self.hands: Hands = open_hands(db, folder, now=clock.now())
            issued = an_invitation(db, self.hands, now=clock.now())
        self.token, self.invitation_id = issued.token, issued.invitation_id
        drain(self.work, scheduled=False)

    def begin(self, amount_fen: int = FEN, reached: Callable[[str], None] = lambda _: None) -> UUID:
        return begin(
            self.database,
            self.gateway,
            self.token,
            a_wish(amount_fen),
            base_url=BASE,
            now=self.clock.now(),
            reached=reached,
        )

    def look(self) -> GivenView:
        with self.database.read() as db:
            return queries.given(db, self.token, now=self.clock.now())

    def session(self, payment_id: UUID) -> str:
        with self.database.read() as db:
            return queries.intent_of(db, payment_id).session_id

    def pay(self, payment_id: UUID) -> None:
        self.standin.pay(self.session(payment_id), now=self.clock.now())

    def webhooks(self, *, times: int = 1, reverse: bool = False) -> None:
        told = list(self.gateway.events(since=self.clock.now() - timedelta(days=2)))
        for number, event in enumerate((told if reverse else told[::-1]) * times):
            with self.database.write() as db:
                hint = {"object_kind": event.object_kind, "object_id": event.object_id}
                take_in(db, "gateway", f"{event.id}/{number}", event.kind, hint, now=self.clock.now())

    def booked(self) -> dict[str, int]:
        with self.database.read() as db:
            assert verify(db).ok
            return totals(db, [self.hands.fund_id])[self.hands.fund_id]

    def checkouts(self) -> int:
        """How many checkouts the gateway itself knows of."""
        return len(self.sessions())

    def sessions(self) -> list[str]:
        """The checkouts that the gateway itself knows of."""
        answer = httpx.get(
            f"{self.standin.gateway_url}/v1/checkout/sessions",
            headers={"authorization": f"Bearer {self.standin.identity.key}"},
        )
        return [one["id"] for one in answer.json()["data"]]


@pytest.fixture
def way(committing: Database, clock: ManualClock, standin: Control, tmp_path: Path) -> Iterator[Way]:
    found = Way(committing, clock, standin, tmp_path)
    yield found
    found.gateway.close()


def test_a_gift_goes_from_invitation_to_receipt_and_every_fen_can_be_followed(way: Way) -> None:
    payment_id = way.begin()
    waiting = way.look()
    assert waiting.payment is not None
    assert (waiting.payment.state, waiting.checkout_url[:7]) == (GiftState.OPEN, "http://")
    assert way.begin() == payment_id, "a second click finds the same checkout"
    with pytest.raises(GiftUnderWay):
        way.begin(30_000)
    way.pay(payment_id)
    way.webhooks(times=3)
    drain(way.work)
    given = way.look()
    assert (given.state, given.payment and given.payment.state) == (InvitationState.GIVEN, GiftState.PAID)
    assert given.payment is not None
    assert given.payment.fee_fen
    assert way.booked() == {"available": FEN - given.payment.fee_fen, "fee": given.payment.fee_fen}
    assert given.receipt_id is not None
    with way.database.read() as db:
        trace = trace_receipt(db, given.receipt_id)
        mails = sorted(db.scalars(select(Mail.topic)))
    assert sum(piece.amount_fen for piece in trace.pieces) == FEN
    assert mails == ["gift.invited", "gift.thanked"]


def test_when_no_webhook_ever_comes_the_schedule_asks(way: Way) -> None:
    payment_id = way.begin()
    way.pay(payment_id)
    assert way.booked() == {}
    way.clock.advance(timedelta(minutes=11))
    drain(way.work)
    assert way.look().receipt_number
    before = way.booked()
    way.webhooks(times=2, reverse=True)
    drain(way.work)
    way.clock.advance(timedelta(hours=2))
    drain(way.work)
    assert way.booked() == before


def test_a_donor_who_comes_back_before_the_webhook_sees_the_truth(way: Way) -> None:
    payment_id = way.begin()
    assert ask(way.database, way.gateway, SAFE, payment_id, base_url=BASE, now=way.clock.now()) is None
    way.pay(payment_id)
    receipt = ask(way.database, way.gateway, SAFE, payment_id, base_url=BASE, now=way.clock.now())
    assert receipt is not None
    assert ask(way.database, way.gateway, SAFE, payment_id, base_url=BASE, now=way.clock.now()) is None
    assert way.look().receipt_id == receipt


@pytest.mark.parametrize("outcome", ["time_out_but_accept", "time_out_and_drop"])
def test_an_answer_that_never_came_is_asked_for_again_and_one_checkout_is_made(way: Way, outcome: str) -> None:
    way.standin.next("checkout", outcome, seconds=HELD_S)
    payment_id = way.begin()
    held = way.look().payment
    assert held is not None
    assert held.state is GiftState.UNKNOWN
    again = way.begin()
    assert again == payment_id
    now_open = way.look()
    assert now_open.payment is not None
    assert now_open.payment.state is GiftState.OPEN
    assert now_open.checkout_url
    assert way.checkouts() == 1


def test_a_refusal_of_the_gateway_asks_for_no_money_and_another_try_may_follow(way: Way) -> None:
    way.standin.next("checkout", "refuse", code="amount_too_small")
    way.begin()
    refused = way.look().payment
    assert refused is not None
    assert (refused.state, refused.refusal) == (GiftState.REFUSED, "amount_too_small")
    way.begin(30_000)
    assert way.look().checkout_url


def test_a_checkout_nobody_pays_lapses_and_the_donor_may_begin_anew(way: Way) -> None:
    first = way.begin()
    way.clock.advance(timedelta(hours=24))
    drain(way.work)
    lapsed = way.look().payment
    assert lapsed is not None
    assert lapsed.state is GiftState.LAPSED
    second = way.begin()
    assert second != first
    way.pay(second)
    way.clock.advance(timedelta(minutes=11))
    drain(way.work)
    assert way.look().receipt_number


def test_a_card_that_is_refused_and_another_that_pays_are_one_gift(way: Way) -> None:
    payment_id = way.begin()
    session = way.session(payment_id)
    way.standin.decline(session, now=way.clock.now())
    way.webhooks()
    drain(way.work)
    assert way.booked() == {}
    way.pay(payment_id)
    way.webhooks()
    drain(way.work)
    booked = way.booked()
    assert sum(booked.values()) == FEN
    way.standin.decline(session, now=way.clock.now())
    for reverse in (False, True):
        way.webhooks(reverse=reverse)
        drain(way.work)
    assert way.booked() == booked, "a refusal that is told late changes nothing"
    given = way.look()
    assert given.payment is not None
    assert given.payment.state is GiftState.PAID


def test_a_checkout_that_was_made_though_the_gateway_said_no_and_is_paid_is_a_gift(way: Way) -> None:
    way.standin.next("checkout", "time_out_but_accept", seconds=HELD_S)
    payment_id = way.begin()
    way.standin.next("checkout", "refuse", code="account_closed")
    assert way.begin() == payment_id
    refused = way.look().payment
    assert refused is not None
    assert refused.state is GiftState.REFUSED
    (made,) = way.sessions()
    way.standin.pay(made, now=way.clock.now())
    way.webhooks(times=2)
    drain(way.work)
    assert way.look().receipt_number
    assert sum(way.booked().values()) == FEN


class Killed(BaseException):
    """Ends a story as a crash would."""


@pytest.mark.parametrize("point", ["gift.intended", "gift.answered"])
def test_a_crash_while_going_to_pay_leaves_one_checkout(way: Way, point: str) -> None:
    def crash(reached: str) -> None:
        if reached == point:
            raise Killed

    with pytest.raises(Killed):
        way.begin(reached=crash)
    payment_id = way.begin()
    assert way.checkouts() == 1
    way.pay(payment_id)
    way.clock.advance(timedelta(minutes=11))
    drain(way.work)
    assert way.look().receipt_number


@pytest.mark.parametrize("point", ["gift.looked", "gift.settled"])
def test_a_crash_while_it_is_booked_books_it_once(way: Way, point: str) -> None:
    def crash(reached: str) -> None:
        if reached == point:
            raise Killed

    payment_id = way.begin()
    way.pay(payment_id)
    session = way.session(payment_id)
    with pytest.raises(Killed):
        look(way.database, way.gateway, SAFE, session, now=way.clock.now(), reached=crash)
    assert look(way.database, way.gateway, SAFE, session, now=way.clock.now())
    assert look(way.database, way.gateway, SAFE, session, now=way.clock.now())
    assert sum(way.booked().values()) == FEN


def test_a_checkout_that_is_none_of_ours_is_left_alone(way: Way) -> None:
    foreign = way.gateway.create_checkout(
        amount_fen=500, title="别人的", success_url=BASE, cancel_url=BASE,
        expires_at=way.clock.now() + timedelta(hours=2), key="foreign", metadata={},
    )  # fmt: skip
    assert not look(way.database, way.gateway, SAFE, foreign.id, now=way.clock.now())


def test_without_a_gateway_nothing_is_begun(way: Way) -> None:
    with pytest.raises(GatewayOff):
        begin(way.database, None, way.token, a_wish(), base_url=BASE, now=way.clock.now())
    assert way.look().payment is None
