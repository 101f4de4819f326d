"""What goes to the two rails and what comes back from them, in plain structs; and how a call may end badly."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class PaymentError(Exception):
    """A call to the gateway or the bank did not bring what was asked."""


class Refused(PaymentError):
    """The other side said no, so nothing happened; ``code`` is stable, ``reason`` is for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Unreachable(PaymentError):
    """No usable answer came: ask again later."""


class OutcomeUnknown(Unreachable):
    """No usable answer came to a call that may have taken effect: find out by asking, never by doing it again."""


class KeyMismatch(OutcomeUnknown):
    """The idempotency key was used before for something else: whatever that was may have taken effect."""


class NotGenuine(PaymentError):
    """A webhook's signature is wrong, or it was signed too long ago or in the future."""


class CheckoutState(StrEnum):
    """Where a hosted payment stands."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class Checkout(Struct, frozen=True, kw_only=True):
    """A hosted page on which one amount is paid once; ``payment_id`` is empty until there is a payment."""

    id: str
    url: str
    state: CheckoutState
    is_paid: bool
    amount_fen: int
    payment_id: str
    expires_at: datetime
    metadata: dict[str, str]


class GatewayPayment(Struct, frozen=True, kw_only=True):
    """Money that came in at the gateway; fee and net are None while the gateway has not booked it yet."""

    id: str
    is_paid: bool
    amount_fen: int
    refunded_fen: int
    charge_id: str
    entry_id: str
    fee_fen: int | None
    net_fen: int | None
    paid_at: datetime | None
    metadata: dict[str, str]


class GatewayAccount(Struct, frozen=True, kw_only=True):
    """A payee's account at the gateway."""

    id: str
    name: str
    may_receive: bool
    metadata: dict[str, str]


class Transfer(Struct, frozen=True, kw_only=True):
    """Money that left our balance for a payee's account; ``group`` is the idempotency key it was ordered with."""

    id: str
    amount_fen: int
    returned_fen: int
    account: str
    group: str
    made_at: datetime
    metadata: dict[str, str]


class Refund(Struct, frozen=True, kw_only=True):
    """Money given back to whoever paid it in."""

    id: str
    amount_fen: int
    payment_id: str
    made_at: datetime


class GatewayEntry(Struct, frozen=True, kw_only=True):
    """One line of the gateway's own account of our balance; outgoing amounts are negative, net = amount - fee."""

    id: str
    kind: str
    amount_fen: int
    fee_fen: int
    net_fen: int
    source: str
    made_at: datetime


class GatewayEvent(Struct, frozen=True, kw_only=True):
    """A hint that something changed; what is true of the object is asked by its id."""

    id: str
    kind: str
    object_kind: str
    object_id: str
    made_at: datetime


class Instruction(Struct, frozen=True, kw_only=True):
    """One payment of an instruction file; ``number`` is never used for another one."""

    number: str
    payee_name: str
    payee_account: str
    payee_bank: str
    amount_fen: int
    purpose: str


class Batch(Struct, frozen=True, kw_only=True):
    """An instruction file: what is to be paid out of one account; ``number`` is never used for another file."""

    number: str
    account: str
    day: date
    lines: tuple[Instruction, ...]

    @property
    def total_fen(self) -> int:
        """The sum of all lines."""
        return sum(line.amount_fen for line in self.lines)


class InstructionState(StrEnum):
    """What the bank says of one line."""

    TAKEN = "taken"
    PAID = "paid"
    REFUSED = "refused"
    RETURNED = "returned"


class InstructionStatus(Struct, frozen=True, kw_only=True):
    """What became of one line; ``code`` and ``reason`` say why it was refused or came back."""

    number: str
    state: InstructionState
    amount_fen: int
    code: str = ""
    reason: str = ""
    booked_on: date | None = None
    reference: str = ""


class Taken(Struct, frozen=True, kw_only=True):
    """The bank has the file; ``is_again`` says that it had the very same one before."""

    number: str
    count: int
    total_fen: int
    is_again: bool


class StatementLine(Struct, frozen=True, kw_only=True):
    """One booking; a debit's amount is negative. Two alike differ by the bank's ``reference``.

    ``instruction`` is the number of the line of ours that was paid or returned, empty for all else.
    """

    reference: str
    booked_on: date
    amount_fen: int
    balance_fen: int
    counter_name: str
    counter_account: str
    instruction: str
    purpose: str


class Statement(Struct, frozen=True, kw_only=True):
    """What the bank says of one account for one day; opening plus all lines is closing."""

    account: str
    account_name: str
    day: date
    opening_fen: int
    closing_fen: int
    lines: tuple[StatementLine, ...]
