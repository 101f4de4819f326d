"""The gateway's objects as far as we read them, in its own words; and how they become ours."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from marketplace.payments.schemas import (
    Checkout,
    CheckoutState,
    GatewayAccount,
    GatewayEntry,
    GatewayEvent,
    GatewayPayment,
    Refund,
    Transfer,
)


def instant(seconds: int) -> datetime:
    """The instant of a Unix time."""
    return datetime.fromtimestamp(seconds, UTC)


class Session(Struct, frozen=True):
    """A Checkout Session."""

    id: str
    status: CheckoutState
    payment_status: str
    amount_total: int
    expires_at: int
    url: str | None = None
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None

    def plain(self) -> Checkout:
        """As the house speaks of it."""
        return Checkout(
            id=self.id,
            url=self.url or "",
            state=self.status,
            is_paid=self.payment_status == "paid",
            amount_fen=self.amount_total,
            payment_id=self.payment_intent or "",
            expires_at=instant(self.expires_at),
            metadata=self.metadata or {},
        )


class Entry(Struct, frozen=True):
    """A balance transaction."""

    id: str
    type: str
    amount: int
    fee: int
    net: int
    created: int
    source: str | None = None

    def plain(self) -> GatewayEntry:
        """As the house speaks of it."""
        return GatewayEntry(
            id=self.id,
            kind=self.type,
            amount_fen=self.amount,
            fee_fen=self.fee,
            net_fen=self.net,
            source=self.source or "",
            made_at=instant(self.created),
        )


class Charge(Struct, frozen=True):
    """A charge with its balance transaction, which may not be booked yet."""

    id: str
    created: int
    amount_refunded: int
    paid: bool
    balance_transaction: Entry | None = None


class Intent(Struct, frozen=True):
    """A PaymentIntent with its latest charge."""

    id: str
    status: str
    amount: int
    latest_charge: Charge | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def plain(self) -> GatewayPayment:
        """As the house speaks of it."""
        charge = self.latest_charge
        entry = charge.balance_transaction if charge else None
        return GatewayPayment(
            id=self.id,
            is_paid=self.status == "succeeded",
            amount_fen=self.amount,
            refunded_fen=charge.amount_refunded if charge else 0,
            charge_id=charge.id if charge else "",
            entry_id=entry.id if entry else "",
            fee_fen=entry.fee if entry else None,
            net_fen=entry.net if entry else None,
            paid_at=instant(charge.created) if charge and charge.paid else None,
            metadata=self.metadata,
        )


class Account(Struct, frozen=True):
    """A connected account."""

    id: str
    business_profile: dict[str, Any] | None = None
    capabilities: dict[str, str] | None = None
    metadata: dict[str, str] | None = None

    def plain(self) -> GatewayAccount:
        """As the house speaks of it."""
        return GatewayAccount(
            id=self.id,
            name=str((self.business_profile or {}).get("name") or ""),
            may_receive=(self.capabilities or {}).get("transfers") == "active",
            metadata=self.metadata or {},
        )


class Moved(Struct, frozen=True):
    """A transfer to a connected account."""

    id: str
    amount: int
    amount_reversed: int
    destination: str
    created: int
    transfer_group: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def plain(self) -> Transfer:
        """As the house speaks of it."""
        return Transfer(
            id=self.id,
            amount_fen=self.amount,
            returned_fen=self.amount_reversed,
            account=self.destination,
            group=self.transfer_group or "",
            made_at=instant(self.created),
            metadata=self.metadata,
        )


class GivenBack(Struct, frozen=True):
    """A refund."""

    id: str
    amount: int
    created: int
    payment_intent: str | None = None

    def plain(self) -> Refund:
        """As the house speaks of it."""
        return Refund(
            id=self.id,
            amount_fen=self.amount,
            payment_id=self.payment_intent or "",
            made_at=instant(self.created),
        )


class Funds(Struct, frozen=True):
    """An amount of one currency within a balance."""

    amount: int
    currency: str


class Balance(Struct, frozen=True):
    """What is available of our balance, by currency."""

    available: list[Funds]


class Concerned(Struct, frozen=True):
    """The object of an event: which one it is, nothing of what it says."""

    id: str
    object: str


class Data(Struct, frozen=True):
    """The envelope of an event's object."""

    object: Concerned


class Event(Struct, frozen=True):
    """An event, as listed or as sent."""

    id: str
    type: str
    created: int
    data: Data

    def plain(self) -> GatewayEvent:
        """As the house speaks of it."""
        return GatewayEvent(
            id=self.id,
            kind=self.type,
            object_kind=self.data.object.object,
            object_id=self.data.object.id,
            made_at=instant(self.created),
        )


class Page(Struct, frozen=True):
    """One page of a list."""

    data: list[dict[str, Any]]
    has_more: bool
