"""Shapes of funds and receipts that go in and out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.funds.rules import Custody, ReceiptKind, SourceKind
from marketplace.funds.states import FundingState, FundState, ReceiptState
from marketplace.kit.fields import CatalogueCode, Fen, Line, Name, Reason, Title

Year = Annotated[int, Meta(ge=2000, le=2100, description="budget year")]


class NewFund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new line of money: who holds it, who may use it, for what and until when."""

    name: Title
    source: SourceKind
    custody: Custody
    buyer_id: UUID
    year: Year
    basis_document_no: Name
    clause: Line = ""
    catalogue_codes: tuple[CatalogueCode, ...] = ()
    expires_on: date | None = None


class NewReceipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Income as finance records it from its paper."""

    fund_id: UUID
    kind: ReceiptKind
    amount_fen: Fen
    value_date: date
    document_no: Name
    payer: Name
    disclose_payer: bool = True
    note: Line = ""


class Correction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mistyped receipt should have been, and why it is corrected."""

    receipt: NewReceipt
    reason: Reason


class FundingLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fund's share in a project."""

    fund_id: UUID
    amount_fen: Fen


class FundView(Struct, frozen=True, kw_only=True):
    """A fund with its balances in fen, as the ledger has them now."""

    id: UUID
    number: str
    name: str
    source: SourceKind
    custody: Custody
    holder_id: UUID
    holder: str
    buyer_id: UUID
    buyer: str
    year: int
    basis_document_no: str
    clause: str
    catalogue_codes: tuple[str, ...]
    expires_on: date | None
    state: FundState
    balances_fen: dict[str, int]

    @property
    def received_fen(self) -> int:
        """All fen that stand in the line, without what was voided."""
        return sum(self.balances_fen.values()) - self.balances_fen.get("voided", 0)

    @property
    def available_fen(self) -> int:
        """What may still be reserved."""
        return self.balances_fen.get("available", 0)


class ReceiptView(Struct, frozen=True, kw_only=True):
    """A receipt with the range of serial numbers its fen got: ``[first, after_last)``."""

    id: UUID
    number: str
    check_code: str
    fund_id: UUID
    fund: str
    fund_number: str
    kind: ReceiptKind
    amount_fen: int
    value_date: date
    document_no: str
    payer: str
    disclose_payer: bool
    note: str
    state: ReceiptState
    first_serial: int
    after_last_serial: int
    recorded_at: datetime
    replaces_id: UUID | None
    replaced_by_id: UUID | None
    void_reason: str


class FundingView(Struct, frozen=True, kw_only=True):
    """A fund's share in a project, for the project's page."""

    fund_id: UUID
    fund: str
    source: SourceKind
    amount_fen: int
    state: FundingState
