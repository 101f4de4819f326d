"""Shapes of settlement that go in and out: obligations, applications, payments, instruction files, statements."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.funds.rules.terms import Custody
from marketplace.funds.states.settlement import (
    ApplicationState,
    AttemptOutcome,
    InstructionState,
    ObligationKind,
    PaymentState,
)
from marketplace.kit.fields import BankAccount, Fen, Line, Name, Reason

InvoiceNumber = Annotated[str, Meta(pattern=r"^[0-9A-Z]{8,30}$(?!\n)", description="发票号码, figures as printed")]


class NewCustodyAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account of an office out of which its funds of one custody are paid."""

    custody: Custody
    number: BankAccount
    name: Name
    bank_name: Name


class Obligation(Struct, frozen=True, kw_only=True):
    """What is owed, as plain data from the part of the house that owes it; ``id`` is the ref of its payable money."""

    kind: ObligationKind
    id: UUID
    label: str
    buyer_id: UUID
    catalogue_codes: tuple[str, ...]
    procuring_entity_id: UUID | None = None
    payee_id: UUID | None = None
    contract_id: UUID | None = None
    contract_number: str = ""
    contract_signed_on: date | None = None
    project_id: UUID | None = None


class NewPayee(Struct, frozen=True, kw_only=True):
    """Who is paid and where; the account number is sealed, and ``account_place`` is the place it was sealed for.

    The ``name`` of a person is masked, and stands in full in ``name_sealed`` alone.
    """

    name: str
    bank_name: str
    account_sealed: bytes
    account_place: str
    account_last4: str
    organization_id: UUID | None = None
    name_sealed: bytes | None = None
    name_place: str = ""


class NewApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment application as the accountant fills it in; ``payee_id`` must be the contract's supplier."""

    obligation_id: UUID
    payee_id: UUID
    amount_fen: Fen
    invoice_no: InvoiceNumber
    invoice_on: date
    note: Line = ""


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is put right in an application that was sent back."""

    amount_fen: Fen
    invoice_no: InvoiceNumber | None = None
    invoice_on: date | None = None
    note: Line = ""


class RosterLine(Struct, frozen=True, kw_only=True):
    """One person on a roster: what they get and where; ``line_id`` is the entitlement's id."""

    line_id: UUID
    payee: NewPayee
    amount_fen: int


class NewRosterApplication(Struct, frozen=True, kw_only=True):
    """An application for a whole roster, one payment a line, in one batch."""

    obligation: Obligation
    lines: tuple[RosterLine, ...]
    note: str = ""


class SentBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an application is sent back, or a payment given up or tried again."""

    reason: Reason


class Payable(Struct, frozen=True, kw_only=True):
    """What is payable of one obligation out of one office's funds; ``free_fen`` is asked for by no application yet."""

    obligation_id: UUID
    holder_id: UUID
    payable_fen: int
    free_fen: int
    funds: tuple[str, ...]


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt at a payment: what was sent under which number, and how it ended."""

    id: UUID
    n: int
    reference: str
    instruction_id: UUID | None
    instruction: str
    transfer_id: str
    outcome: AttemptOutcome | None
    reason: str
    value_date: date | None
    ordered_by: UUID | None
    ordered_at: datetime
    settled_at: datetime | None


class PaymentView(Struct, frozen=True, kw_only=True):
    """One payment, with its attempts where one payment is looked at."""

    id: UUID
    number: str
    application_id: UUID
    place: int
    fund_id: UUID
    fund: str
    rail: Custody
    line_id: UUID | None
    payee_id: UUID | None
    payee_name: str
    bank_name: str
    account_last4: str
    amount_fen: int
    state: PaymentState
    tries: int
    reason: str
    prepared_by: UUID | None
    approved_by: UUID | None
    executed_by: UUID | None
    value_date: date | None
    paid_at: datetime | None
    attempts: tuple[AttemptView, ...] = ()


class ApplicationLine(Struct, frozen=True, kw_only=True):
    """A payment application in a list."""

    id: UUID
    number: str
    state: ApplicationState
    obligation_kind: ObligationKind
    obligation_id: UUID
    label: str
    holder_id: UUID
    payee: str
    contract_number: str
    amount_fen: int
    paid_fen: int
    payments: int
    prepared_at: datetime
    by_state: dict[PaymentState, int]


class ApplicationView(Struct, frozen=True, kw_only=True):
    """A payment application with its payments."""

    id: UUID
    number: str
    state: ApplicationState
    obligation_kind: ObligationKind
    obligation_id: UUID
    label: str
    holder_id: UUID
    holder: str
    buyer_id: UUID
    buyer: str
    procuring_entity_id: UUID | None
    payee_id: UUID | None
    payee: str
    contract_id: UUID | None
    contract_number: str
    project_id: UUID | None
    catalogue_codes: tuple[str, ...]
    amount_fen: int
    paid_fen: int
    invoice_no: str
    invoice_on: date | None
    note: str
    reason: str
    prepared_by: UUID | None
    prepared_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    settled_at: datetime | None
    payments: tuple[PaymentView, ...]


class CustodyAccountView(Struct, frozen=True, kw_only=True):
    """An account out of which an office pays."""

    id: UUID
    holder_id: UUID
    custody: Custody
    number: str
    name: str
    bank_name: str


class InstructionView(Struct, frozen=True, kw_only=True):
    """An instruction file with its payments."""

    id: UUID
    number: str
    state: InstructionState
    holder_id: UUID
    custody: Custody
    account: str
    day: date
    count: int
    total_fen: int
    digest: str
    reason: str
    made_by: UUID | None
    made_at: datetime
    answered_at: datetime | None
    payments: tuple[PaymentView, ...] = ()


class StatementView(Struct, frozen=True, kw_only=True):
    """A bank statement that was imported: of its lines, ``fresh`` were new and ``loose`` match no payment of ours."""

    id: UUID
    account_id: UUID
    account: str
    day: date
    digest: str
    opening_fen: int
    closing_fen: int
    lines: int
    fresh: int
    loose: int
    imported_by: UUID | None
    imported_at: datetime


class BookingView(Struct, frozen=True, kw_only=True):
    """One booking of a bank statement and the payment it was matched with, if any."""

    id: UUID
    reference: str
    booked_on: date
    amount_fen: int
    balance_fen: int
    counter_name: str
    counter_account_last4: str
    instruction: str
    purpose: str
    payment_id: UUID | None
    payment_number: str


class Imported(Struct, frozen=True, kw_only=True):
    """What an import of a statement did: ``statement_id`` is that of the first import where it came in before."""

    statement_id: UUID
    is_again: bool
    fresh: int
    paid: int
    returned: int
    loose: int
