"""Tables of funds: terms of the money, receipts, and the funding lines of projects; amounts live in the ledger."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.funds.rules import Custody, ReceiptKind, SourceKind
from marketplace.funds.states import FUND, FUNDING, RECEIPT, FundingState, FundState, ReceiptState
from marketplace.ledger.model import fund as line


class Fund(Row):
    """Money under one restriction and in one custody; its id is the id of the ledger's line of fen."""

    __tablename__ = "fund_terms"
    __table_args__ = (
        CheckConstraint(
            "(source = 'fiscal_fund' AND custody = 'quota') OR (source = 'union_fund' AND custody = 'bank')"
            " OR (source = 'donation_fund' AND custody IN ('bank', 'gateway'))",
            name="custody_of_source",
        ),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey(line.c.id), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    source: Mapped[SourceKind] = mapped_column(state_enum(SourceKind))
    custody: Mapped[Custody] = mapped_column(state_enum(Custody))
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    year: Mapped[int]
    basis_document_no: Mapped[str]
    clause: Mapped[str] = mapped_column(default="")
    catalogue_codes: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    expires_on: Mapped[date | None]
    state: Mapped[FundState] = mapped_column(state_enum(FundState), default=FUND.start)
    opened_by: Mapped[UUID | None]
    opened_at: Mapped[datetime]


class Receipt(Keyed):
    """One income, with its paper; its id is the id of the ledger's receipt, which owns the fen it brought."""

    __tablename__ = "fund_receipt"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("(state = 'voided') = (voided_at IS NOT NULL)", name="voided_has_time"),
        CheckConstraint("state <> 'voided' OR void_reason <> ''", name="voided_has_reason"),
        Index(
            "uq_fund_receipt_document",
            "fund_id",
            "document_no",
            unique=True,
            postgresql_where=text("state = 'recorded'"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    check_code: Mapped[str]
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund_terms.id"), index=True)
    kind: Mapped[ReceiptKind] = mapped_column(state_enum(ReceiptKind))
    amount_fen: Mapped[int]
    value_date: Mapped[date]
    document_no: Mapped[str]
    payer: Mapped[str]
    disclose_payer: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[ReceiptState] = mapped_column(state_enum(ReceiptState), default=RECEIPT.start)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("fund_receipt.id"), unique=True)
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    voided_by: Mapped[UUID | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")


class ProjectFunding(Keyed):
    """One fund's share in one project: reserved from publication on, committed once the contract is signed."""

    __tablename__ = "project_funding"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("committed_fen BETWEEN 0 AND amount_fen", name="commits_what_is_reserved"),
        CheckConstraint(
            "(state = 'committed') = (contract_id IS NOT NULL AND committed_at IS NOT NULL AND committed_fen > 0)",
            name="committed_to_contract",
        ),
        Index(
            "uq_project_funding_live",
            "project_id",
            "fund_id",
            unique=True,
            postgresql_where=text("state <> 'released'"),
        ),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), index=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund_terms.id"), index=True)
    amount_fen: Mapped[int]
    state: Mapped[FundingState] = mapped_column(state_enum(FundingState), default=FUNDING.start)
    committed_fen: Mapped[int] = mapped_column(default=0)
    contract_id: Mapped[UUID | None] = mapped_column(index=True)
    reserved_at: Mapped[datetime]
    committed_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
