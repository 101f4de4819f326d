"""The consumer that speaks with bank and gateway: orders go out once, and what is heard is written down once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.flows import giving
from marketplace.funds import commands as funds
from marketplace.funds.commands import FileAnswer, FileToSend, TransferAnswer, TransferToMake, Verdict
from marketplace.funds.commands.asking import days_to_read
from marketplace.funds.commands.reconciling import take_bookings
from marketplace.funds.model import CustodyAccount, PaymentAttempt
from marketplace.funds.queries.reconciling import bookings_to_ask
from marketplace.funds.rules import RailOff
from marketplace.identity.credentials import Safe
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import Clock
from marketplace.kit.steps import Reached
from marketplace.outbox.commands import open_event, settle_event, take_in
from marketplace.outbox.rules import INBOX_RECEIVED
from marketplace.outbox.schemas import Arrived, Envelope
from marketplace.outbox.states import InboxAction
from marketplace.payments.bank import Bank
from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import GatewayEntry, OutcomeUnknown, Refused, Transfer, Unreachable
from marketplace.settings import Settings
from workers.services import Consumer, Errand

SINCE = timedelta(days=3)
"""So far back the gateway is asked for events that a webhook may have lost."""
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Rails:
    """What the consumer works with; a rail that is switched off is None."""

    database: Database
    clock: Clock
    safe: Safe
    settings: Settings
    bank: Bank | None
    gateway: Gateway | None


def settlement(rails: Rails) -> Consumer:
    """The consumer of everything that is settled outside, by topic."""
    return partial(_work, rails)


def _work(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:
    return TOPICS[message.topic](rails, db, message, now)


def _hand_in(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:  # noqa: ARG001
    """Hand an instruction file in, or ask what became of it; never a second time unless the bank never had it."""
    if rails.bank is None:
        raise RailOff
    file = funds.intend_file(db, rails.safe, message.id("instruction_id"))
    if file is None:
        return None

    def conclude(db: Session, answer: FileAnswer, now: datetime) -> None:
        funds.file_answered(db, file.instruction_id, answer, now=now)

    return Errand(partial(_send_file, rails.bank, file), conclude)


def _send_file(bank: Bank, file: FileToSend, reached: Reached) -> FileAnswer:
    if not file.is_first:
        try:
            lines = bank.results(file.number)
        except (Refused, Unreachable):
            return FileAnswer(Verdict.NO_ANSWER)
        reached("settlement.asked")
        if lines is not None:
            return FileAnswer(Verdict.TAKEN, lines=tuple(lines))
        if file.has_answer:
            return FileAnswer(Verdict.NO_ANSWER)
    is_resent = not file.is_first
    try:
        bank.submit(file.content, file.number)
    except Refused as refusal:
        return FileAnswer(Verdict.REFUSED, refusal.reason or refusal.code, is_resent=is_resent)
    except OutcomeUnknown:
        return FileAnswer(Verdict.NO_ANSWER, is_resent=is_resent)
    reached("settlement.submitted")
    try:
        lines = bank.results(file.number)
    except (Refused, Unreachable):
        lines = None
    return FileAnswer(Verdict.TAKEN, is_resent=is_resent, lines=tuple(lines or ()))


def _transfer(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:  # noqa: ARG001
    """Make a transfer, or ask whether it was made; never a second time unless the gateway never made it."""
    if rails.gateway is None:
        raise RailOff
    intended = funds.intend_transfer(db, message.id("attempt_id"))
    if intended is None:
        return None

    def conclude(db: Session, answer: TransferAnswer, now: datetime) -> None:
        funds.transfer_answered(db, intended, answer, now=now)

    return Errand(partial(_make_transfer, rails.gateway, intended), conclude)


def _make_transfer(gateway: Gateway, intended: TransferToMake, reached: Reached) -> TransferAnswer:
    """Ask first whether it was made: a no to that question says nothing of the transfer."""
    account, is_resent = intended.account, not intended.is_first
    try:
        found = None if intended.is_first else gateway.find_transfer(intended.key)
    except (Refused, Unreachable):
        return TransferAnswer(Verdict.NO_ANSWER)
    if is_resent:
        reached("settlement.asked")
    if found is not None:
        return TransferAnswer(Verdict.TAKEN, transfer=found, account=account or found.account)
    try:
        if not account:
            key = funds.account_key(intended.payee_id)
            about = {"organization": str(intended.payee_id)}
            account = gateway.create_account(name=intended.payee_name, key=key, metadata=about).id
            reached("settlement.account")
        made = gateway.create_transfer(
            amount_fen=intended.amount_fen,
            account=account,
            key=intended.key,
            metadata={"payment": intended.number},
        )
    except Refused as refusal:
        return TransferAnswer(Verdict.REFUSED, refusal.reason or refusal.code, account=account, is_resent=is_resent)
    except Unreachable:
        return TransferAnswer(Verdict.NO_ANSWER, account=account, is_resent=is_resent)
    reached("settlement.submitted")
    return TransferAnswer(Verdict.TAKEN, transfer=made, account=account, is_resent=is_resent)


def _look(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:  # noqa: ARG001
    """Look at a transfer of which no event came."""
    attempt = db.get(PaymentAttempt, message.id("attempt_id"))
    if rails.gateway is None or attempt is None or attempt.outcome is not None:
        return None
    gateway, key = rails.gateway, attempt.idempotency_key

    def conclude(db: Session, found: Transfer | None, now: datetime) -> None:
        if found is not None:
            funds.transfer_heard(db, found, now=now)

    return Errand(lambda _: _quietly(lambda: gateway.find_transfer(key)), conclude)


def _quietly(ask: Callable[[], Any]) -> Any:
    """What was answered, or None: it is asked again before long."""
    try:
        return ask()
    except (Refused, Unreachable):
        return None


def _read(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:
    """Fetch the latest statements of an account and match their bookings."""
    account = db.get(CustodyAccount, message.id("account_id"))
    if rails.bank is None or account is None:
        return None
    bank, number, days = rails.bank, account.number, days_to_read(db, account.id, now=now)

    def call(reached: Reached) -> list[bytes]:
        found = []
        for day in days:
            content = _quietly(partial(bank.statement, number, day))
            if content is not None:
                found.append(content)
        reached("settlement.fetched")
        return found

    def conclude(db: Session, contents: list[bytes], now: datetime) -> None:
        for content in contents:
            funds.import_statement(db, SYSTEM, content, now=now)

    return Errand(call, conclude)


def _catch_up(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:  # noqa: ARG001
    """Take in the events that no webhook brought."""
    if rails.gateway is None:
        return None
    gateway = rails.gateway

    def conclude(db: Session, found: list[Any] | None, now: datetime) -> None:
        for event in reversed(found or []):
            hint = {"object_kind": event.object_kind, "object_id": event.object_id}
            take_in(db, GATEWAY, event.id, event.kind, hint, now=now)

    return Errand(lambda _: _quietly(lambda: list(gateway.events(since=now - SINCE))), conclude)


def _book(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:  # noqa: ARG001
    """Fetch the gateway's own account of our balance since the newest booking that we have."""
    if rails.gateway is None:
        return None
    gateway, (since, until) = rails.gateway, bookings_to_ask(db, now=now)

    def call(reached: Reached) -> list[GatewayEntry] | None:
        found: list[GatewayEntry] | None = _quietly(
            lambda: list(gateway.balance_transactions(since=since, until=until))
        )
        reached("settlement.fetched")
        return found

    def conclude(db: Session, found: list[GatewayEntry] | None, now: datetime) -> None:
        take_bookings(db, found or [], now=now)

    return Errand(call, conclude)


def _event(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:
    """Process an event from outside, from the object as it is now; one that concerns nothing of ours is set aside."""
    arrived = open_event(db, message.id("event_id"))
    if arrived is None:
        return None
    for start, handler in EVENTS.items():
        if arrived.kind.startswith(start):
            return handler(rails, arrived)
    settle_event(db, arrived.id, InboxAction.IGNORE, now=now, reason="本系统不处理这类事件")
    return None


def _done(db: Session, event_id: UUID, *, concerns_us: bool, now: datetime) -> None:
    if open_event(db, event_id) is None:
        return
    if concerns_us:
        settle_event(db, event_id, InboxAction.PROCESS, now=now)
    else:
        settle_event(db, event_id, InboxAction.IGNORE, now=now, reason="与本系统的款项无关")


def _transfer_event(rails: Rails, arrived: Arrived) -> Errand:
    gateway, transfer_id = _gateway(rails), str(arrived.payload.get("object_id", ""))

    def call(_: Reached) -> Transfer | None:
        try:
            return gateway.transfer(transfer_id)
        except Refused:
            return None

    def conclude(db: Session, found: Transfer | None, now: datetime) -> None:
        settled = funds.transfer_heard(db, found, now=now) if found else None
        _done(db, arrived.id, concerns_us=settled is not None, now=now)

    return Errand(call, conclude)


def _checkout_event(rails: Rails, arrived: Arrived) -> Errand:
    gateway, session_id = _gateway(rails), str(arrived.payload.get("object_id", ""))

    def call(reached: Reached) -> bool:
        return giving.look(rails.database, gateway, rails.safe, session_id, now=rails.clock.now(), reached=reached)

    def conclude(db: Session, concerns_us: bool, now: datetime) -> None:
        _done(db, arrived.id, concerns_us=concerns_us, now=now)

    return Errand(call, conclude)


def _gift(rails: Rails, db: Session, message: Envelope, now: datetime) -> Errand | None:  # noqa: ARG001
    """Ask what became of a gift under way of which nobody told us."""
    if rails.gateway is None:
        return None
    gateway, payment_id = rails.gateway, message.id("payment_id")

    def call(reached: Reached) -> UUID | None:
        base_url = rails.settings.base_url
        asked: UUID | None = _quietly(
            lambda: giving.ask(
                rails.database,
                gateway,
                rails.safe,
                payment_id,
                base_url=base_url,
                now=rails.clock.now(),
                reached=reached,
            )
        )
        return asked

    return Errand(call, lambda *_: None)


def _gateway(rails: Rails) -> Gateway:
    if rails.gateway is None:
        raise RailOff
    return rails.gateway


Handler = Callable[[Rails, Session, Envelope, datetime], Errand | None]
TOPICS: Mapping[str, Handler] = {
    "instruction.made": _hand_in,
    "instruction.asked": _hand_in,
    "transfer.ordered": _transfer,
    "transfer.asked": _transfer,
    "transfer.wanted": _look,
    "statement.wanted": _read,
    "gateway.asked": _catch_up,
    "bookings.wanted": _book,
    "gift.wanted": _gift,
    INBOX_RECEIVED: _event,
}
"""What each topic asks for."""
EVENTS: Mapping[str, Callable[[Rails, Arrived], Errand]] = {
    "transfer.": _transfer_event,
    "checkout.session.": _checkout_event,
}
"""Who looks after which events of the gateway, by how their kind begins."""
