"""A paying desk whose worker speaks with running stand-ins of bank and gateway."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.model import Payment, PaymentAttempt
from marketplace.funds.rules import Custody
from marketplace.funds.schemas import PaymentView
from marketplace.kit.clock import ManualClock
from marketplace.ledger.queries import balances_of, verify
from marketplace.outbox.commands import take_in
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.rails import bank_of, gateway_of
from marketplace.settings import Settings
from marketplace.standin.control import Control
from tests.funds.desk import ACCOUNTS, Desk, a_desk, approved
from tests.identity.town import SAFE
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services
from workers.settlement import Rails, settlement

FEN = 10_000_000
HELD_S = 3.0
TIMEOUT_S = 0.6


@dataclass
class Outside:
    """The desk, its worker and the stand-ins."""

    database: Database
    clock: ManualClock
    standin: Control
    desk: Desk
    services: Services
    rails: Rails

    def close(self) -> None:
        """Give up the connections to the stand-ins."""
        assert self.rails.bank
        assert self.rails.gateway
        self.rails.bank.close()
        self.rails.gateway.close()

    def order(self, fen: int = 50_000, *, custody: Custody = Custody.BANK) -> PaymentView:
        """A payment that the cashier has just ordered."""
        with self.database.write() as db:
            application_id = approved(db, self.desk, fen, now=self.clock.now(), custody=custody)
            (one,) = queries.application(db, application_id).payments
            act = commands.release_transfers if custody is Custody.GATEWAY else commands.instruct
            act(db, self.desk.cashier, [one.id], now=self.clock.now())
        return self.look(one.id)

    def work(self, *, scheduled: bool = False) -> None:
        """Let the worker do all that is due now."""
        drain(self.services, scheduled=scheduled)

    def later(self, by: timedelta = timedelta(hours=1)) -> None:
        """Let time pass and the schedule do its part."""
        self.clock.advance(by)
        self.work(scheduled=True)

    def look(self, payment_id: UUID) -> PaymentView:
        with self.database.read() as db:
            return queries.payment(db, payment_id)

    def where(self, payment_id: UUID) -> dict[str, int]:
        """What the payment's own accounts hold, by role."""
        with self.database.read() as db:
            return {role: fen for (_, role), fen in balances_of(db, [payment_id])[payment_id].items()}

    def payable(self, obligation_id: UUID) -> int:
        with self.database.read() as db:
            held = balances_of(db, [obligation_id])[obligation_id]
        return sum(fen for (_, role), fen in held.items() if role == "payable")

    def obligation(self, payment: PaymentView) -> UUID:
        """What the payment's application asks to be paid for."""
        with self.database.read() as db:
            return queries.application(db, payment.application_id).obligation_id

    def webhooks(self, *, backwards: bool = False) -> None:
        """Take in every event of the gateway, as its webhooks would bring them."""
        assert self.rails.gateway
        events = list(self.rails.gateway.events(since=self.clock.now() - timedelta(days=1)))
        for event in events if backwards else reversed(events):
            with self.database.write() as db:
                hint = {"object_kind": event.object_kind, "object_id": event.object_id}
                take_in(db, "gateway", event.id, event.kind, hint, now=self.clock.now())

    def outside_paid(self, payment: PaymentView) -> int:
        """How often the bank or the gateway says it paid this, over all attempts; what came back does not count."""
        with self.database.read() as db:
            rows = db.execute(
                select(PaymentAttempt.reference, PaymentAttempt.idempotency_key)
                .join(Payment, Payment.id == PaymentAttempt.payment_id)
                .where(Payment.id == payment.id)
            ).all()
        truth = self.standin.ledger()
        return paid_outside(truth, {row[0] for row in rows}, {row[1] for row in rows})

    def sound(self) -> None:
        with self.database.read() as db:
            found = verify(db)
        assert found.ok, found


def paid_outside(truth: dict[str, Any], references: set[str], keys: set[str]) -> int:
    """How often these were paid, by the stand-ins' own lists."""
    by_bank: int = sum(line["number"] in references and line["state"] == "paid" for line in truth["bank"]["lines"])
    by_gateway: int = sum(one["group"] in keys and not one["returned_fen"] for one in truth["gateway"]["transfers"])
    return by_bank + by_gateway


def an_outside(database: Database, clock: ManualClock, standin: Control) -> Outside:
    settings = Settings(
        bank_url=standin.bank_url,
        gateway_url=standin.gateway_url,
        gateway_key=standin.identity.key,
        gateway_secret=standin.identity.secret,
        rail_timeout_s=TIMEOUT_S,
    )
    with database.write() as db:
        desk = a_desk(db, now=clock.now(), fen=FEN, custodies=(Custody.BANK, Custody.QUOTA, Custody.GATEWAY))
    open_accounts(standin, clock.now())
    rails = Rails(database, clock, SAFE, settings, bank_of(settings, clock), gateway_of(settings, clock))
    services = assemble(database, clock, Settings(), safe=SAFE, more={SETTLEMENT: settlement(rails)})
    drain(services, scheduled=False)
    return Outside(database, clock, standin, desk, services, rails)


def open_accounts(standin: Control, now: datetime, fen: int = FEN) -> None:
    for custody, number in ACCOUNTS.items():
        standin.open_account(number, "示例财政局", fen=fen, kind=custody.value)
    standin.top_up(fen, now=now)
