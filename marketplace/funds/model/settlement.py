"""Tables of settlement: applications, payments, attempts, instruction files, statements; amounts live in the ledger."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.funds.rules.terms import Custody
from marketplace.funds.states.settlement import (
    APPLICATION,
    INSTRUCTION,
    PAYMENT,
    ApplicationState,
    AttemptOutcome,
    InstructionState,
    ObligationKind,
    PaymentState,
)

_APART = "prepared_by <> approved_by AND approved_by <> executed_by AND prepared_by <> executed_by"
_ORDERED = "state IN ('submitting', 'unknown', 'in_transit', 'paid', 'failed', 'returned')"


class CustodyAccount(Keyed):
    """An account of an office at its bank (or a quota account at the treasury), out of which its funds are paid."""

    __tablename__ = "custody_account"
    __table_args__ = (
        UniqueConstraint("holder_id", "custody"),
        CheckConstraint("custody IN ('bank', 'quota')", name="has_a_bank"),
        CheckConstraint("number ~ '^[0-9]{8,32}$' AND bank_name <> '' AND name <> ''", name="whole"),
    )

    holder_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    custody: Mapped[Custody] = mapped_column(state_enum(Custody))
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    bank_name: Mapped[str]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]


class PaymentApplication(Keyed):
    """付款申请: asks to pay what is payable of one obligation out of the funds that one office holds.

    The obligation is plain data: its id is the ref of its ``payable`` accounts in the ledger.
    """

    __tablename__ = "payment_application"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("prepared_by <> approved_by", name="preparer_does_not_approve"),
        CheckConstraint("state NOT IN ('approved', 'settled') OR approved_at IS NOT NULL", name="approved_has_time"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_has_time"),
        CheckConstraint("state NOT IN ('returned', 'cancelled') OR reason <> ''", name="sent_back_with_reason"),
        CheckConstraint("(invoice_no IS NULL) = (invoice_on IS NULL)", name="invoice_whole"),
        CheckConstraint("invoice_on >= contract_signed_on", name="invoice_after_contract"),
        CheckConstraint("obligation_kind <> 'milestone' OR payee_id IS NOT NULL", name="milestone_has_payee"),
        Index(
            "uq_payment_application_invoice",
            "invoice_no",
            unique=True,
            postgresql_where=text("invoice_no IS NOT NULL AND state <> 'cancelled'"),
        ),
        Index("ix_payment_application_holder", "holder_id", "prepared_at"),
        Index("ix_payment_application_open", "state", postgresql_where=text("state NOT IN ('settled', 'cancelled')")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ApplicationState] = mapped_column(state_enum(ApplicationState), default=APPLICATION.start)
    obligation_kind: Mapped[ObligationKind] = mapped_column(state_enum(ObligationKind))
    obligation_id: Mapped[UUID] = mapped_column(index=True)
    label: Mapped[str]
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    procuring_entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"), index=True)
    payee_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"), index=True)
    contract_id: Mapped[UUID | None] = mapped_column(index=True)
    contract_number: Mapped[str] = mapped_column(default="")
    contract_signed_on: Mapped[date | None]
    project_id: Mapped[UUID | None] = mapped_column(index=True)
    catalogue_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amount_fen: Mapped[int]
    invoice_no: Mapped[str | None]
    invoice_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    prepared_by: Mapped[UUID | None]
    prepared_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class Payment(Keyed):
    """One payment to one payee out of one fund; prepared, approved and executed by three different people.

    The payee's account is what it was when the payment was prepared: what was approved is what is paid. It is sealed,
    and ``account_place`` says for which place. So is the name of a person who is helped; ``payee_name`` is then masked.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("application_id", "place"),
        CheckConstraint("amount_fen > 0 AND place > 0 AND tries >= 0", name="counted"),
        CheckConstraint(_APART, name="three_people"),
        CheckConstraint("payee_name <> ''", name="payee_named"),
        CheckConstraint("(payee_id IS NULL) = (name_sealed IS NOT NULL)", name="person_sealed"),
        CheckConstraint("rail = 'gateway' OR account_sealed IS NOT NULL", name="payee_has_account"),
        CheckConstraint("rail <> 'gateway' OR payee_id IS NOT NULL", name="gateway_pays_organizations"),
        CheckConstraint(f"NOT ({_ORDERED}) OR tries > 0", name="ordered_by_attempt"),
        CheckConstraint("(state = 'paid') = (value_date IS NOT NULL AND paid_at IS NOT NULL)", name="paid_has_date"),
        CheckConstraint("state NOT IN ('failed', 'returned') OR reason <> ''", name="failed_has_reason"),
        Index("ix_payment_open", "state", postgresql_where=text("state NOT IN ('paid', 'cancelled')")),
        Index("ix_payment_line", "line_id", postgresql_where=text("line_id IS NOT NULL")),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("payment_application.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[str] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund_terms.id"), index=True)
    rail: Mapped[Custody] = mapped_column(state_enum(Custody, "rail"))
    line_id: Mapped[UUID | None]
    payee_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"), index=True)
    payee_name: Mapped[str]
    name_sealed: Mapped[bytes | None]
    name_place: Mapped[str] = mapped_column(default="")
    bank_name: Mapped[str] = mapped_column(default="")
    account_sealed: Mapped[bytes | None]
    account_place: Mapped[str] = mapped_column(default="")
    account_last4: Mapped[str] = mapped_column(default="")
    amount_fen: Mapped[int]
    state: Mapped[PaymentState] = mapped_column(state_enum(PaymentState), default=PAYMENT.start)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    reason: Mapped[str] = mapped_column(default="")
    prepared_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]
    executed_by: Mapped[UUID | None]
    value_date: Mapped[date | None]
    paid_at: Mapped[datetime | None]


class PaymentInstruction(Keyed):
    """指令文件: payments ordered together out of one account. Its number is its key with the bank, for ever."""

    __tablename__ = "payment_instruction"
    __table_args__ = (
        CheckConstraint("count > 0 AND total_fen > 0 AND calls >= 0", name="counted"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_form"),
        CheckConstraint("calls = 0 OR digest IS NOT NULL", name="digest_before_call"),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refused_with_reason"),
        CheckConstraint("state IN ('made', 'unknown') OR answered_at IS NOT NULL", name="answered_has_time"),
        Index("ix_payment_instruction_open", "state", postgresql_where=text("answered_at IS NULL")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("custody_account.id"), index=True)
    state: Mapped[InstructionState] = mapped_column(state_enum(InstructionState), default=INSTRUCTION.start)
    day: Mapped[date]
    count: Mapped[int]
    total_fen: Mapped[int]
    digest: Mapped[str | None]
    calls: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class PaymentAttempt(Row):
    """One attempt at a payment; its id is the ledger's order and, at the gateway, the idempotency key.

    ``reference`` is what the bank knows the line by. At most one attempt of a payment is under way.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        UniqueConstraint("payment_id", "n"),
        CheckConstraint("amount_fen > 0 AND n > 0 AND calls >= 0", name="counted"),
        CheckConstraint("idempotency_key <> '' AND reference <> ''", name="keyed"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="outcome_has_time"),
        CheckConstraint("outcome IN ('paid', 'returned') IS NOT TRUE OR value_date IS NOT NULL", name="paid_has_date"),
        CheckConstraint("outcome IN ('failed', 'returned') IS NOT TRUE OR reason <> ''", name="failed_has_reason"),
        Index("uq_payment_attempt_open", "payment_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("uq_payment_attempt_paid", "payment_id", unique=True, postgresql_where=text("outcome = 'paid'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"))
    n: Mapped[int] = mapped_column(SmallInteger)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    instruction_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_instruction.id"), index=True)
    amount_fen: Mapped[int]
    calls: Mapped[int] = mapped_column(default=0)
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    outcome: Mapped[AttemptOutcome | None] = mapped_column(state_enum(AttemptOutcome))
    reason: Mapped[str] = mapped_column(default="")
    value_date: Mapped[date | None]
    ordered_by: Mapped[UUID | None]
    ordered_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class PayeeAccount(Row):
    """An organization's account at the gateway, opened once under a key of its own."""

    __tablename__ = "payee_account"
    __table_args__ = (CheckConstraint("account <> '' AND idempotency_key <> ''", name="whole"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    account: Mapped[str] = mapped_column(unique=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]


class BankStatement(Keyed):
    """One bank statement as it came; the same bytes come in once."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_form"),
        CheckConstraint("lines >= 0 AND fresh >= 0 AND fresh <= lines", name="counted"),
        Index("ix_bank_statement_day", "account_id", "day"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("custody_account.id"))
    day: Mapped[date]
    digest: Mapped[str] = mapped_column(unique=True)
    opening_fen: Mapped[int]
    closing_fen: Mapped[int]
    lines: Mapped[int]
    fresh: Mapped[int]
    imported_by: Mapped[UUID | None]
    imported_at: Mapped[datetime]


class BankStatementLine(Keyed):
    """One booking of the bank; a debit's amount is negative. Each of the bank's references comes in once an account."""

    __tablename__ = "bank_statement_line"
    __table_args__ = (
        UniqueConstraint("account_id", "reference"),
        CheckConstraint("amount_fen <> 0 AND reference <> ''", name="whole"),
        CheckConstraint("attempt_id IS NULL OR instruction <> ''", name="matched_by_number"),
        Index("ix_bank_statement_line_day", "account_id", "booked_on"),
        Index("ix_bank_statement_line_attempt", "attempt_id", postgresql_where=text("attempt_id IS NOT NULL")),
        Index(
            "uq_bank_statement_line_paid",
            "attempt_id",
            unique=True,
            postgresql_where=text("attempt_id IS NOT NULL AND amount_fen < 0"),
        ),
        Index(
            "uq_bank_statement_line_returned",
            "attempt_id",
            unique=True,
            postgresql_where=text("attempt_id IS NOT NULL AND amount_fen > 0"),
        ),
        Index("ix_bank_statement_line_loose", "account_id", postgresql_where=text("attempt_id IS NULL")),
    )

    statement_id: Mapped[UUID] = mapped_column(ForeignKey("bank_statement.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("custody_account.id"))
    reference: Mapped[str]
    booked_on: Mapped[date]
    amount_fen: Mapped[int]
    balance_fen: Mapped[int]
    counter_name: Mapped[str]
    counter_account_last4: Mapped[str]
    instruction: Mapped[str]
    purpose: Mapped[str]
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_attempt.id"))
