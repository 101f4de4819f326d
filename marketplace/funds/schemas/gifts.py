"""Shapes of gifts that go in and out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.funds.states.gifts import BasisState, GiftState, InvitationState
from marketplace.kit.fields import Email, Fen, Line, Name, Reason

Agreement = Annotated[str, Meta(min_length=2, max_length=5_000, pattern=r"\S", description="words of the agreement")]
Message = Annotated[str, Meta(max_length=200, description="a donor's own words, may be empty")]


class NewBasis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The paper that lets a holder receive gifts."""

    holder_id: UUID
    document_no: Name
    dated_on: date
    note: Line = ""


class NewInvitation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named donor asked for one gift; without an agreement text the fund's own clause is taken."""

    fund_id: UUID
    donor: Name
    email: Email
    suggested_fen: Fen | None = None
    agreement: Annotated[str, Meta(max_length=5_000)] = ""
    expires_on: date
    note: Line = ""


class Renewal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invitation sent once more, with a new link; the earlier one no longer leads anywhere."""

    expires_on: date


class Why(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reason for an act."""

    reason: Reason


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a donor wishes to give, and how to be named."""

    amount_fen: Fen
    donor: Name
    anonymous: bool = False
    message: Message = ""


class Issued(Struct, frozen=True, kw_only=True):
    """An invitation and its secret, which is told here once."""

    invitation_id: UUID
    token: str


class Intent(Struct, frozen=True, kw_only=True):
    """What the gateway is to be asked for: always the same words under the same key, so that it may be asked again."""

    payment_id: UUID
    key: str
    amount_fen: int
    title: str
    ends_at: datetime
    state: GiftState
    session_id: str
    url: str
    asked_at: datetime | None


class Seen(Struct, frozen=True, kw_only=True):
    """A checkout as the gateway has it now: ``open``, ``processing``, ``paid`` or ``lapsed``."""

    session_id: str
    state: GiftState
    amount_fen: int
    charge_id: str = ""
    fee_fen: int | None = None
    paid_at: datetime | None = None


class BasisView(Struct, frozen=True, kw_only=True):
    """A legal basis; ``document_id`` is its paper."""

    id: UUID
    holder_id: UUID
    holder: str
    document_no: str
    dated_on: date
    note: str
    document_id: UUID
    state: BasisState
    recorded_at: datetime
    withdraw_reason: str


class GiftView(Struct, frozen=True, kw_only=True):
    """One attempt to give, for the finance desk."""

    id: UUID
    invitation_id: UUID
    fund_id: UUID
    fund: str
    donor: str
    disclose: bool
    message: str
    amount_fen: int
    fee_fen: int | None
    net_fen: int | None
    state: GiftState
    refusal: str
    intended_at: datetime
    paid_at: datetime | None
    receipt_id: UUID | None
    receipt_number: str


class InvitationView(Struct, frozen=True, kw_only=True):
    """An invitation, for the finance desk; ``state`` is as the clock has it."""

    id: UUID
    fund_id: UUID
    fund: str
    holder_id: UUID
    donor: str
    email: str
    suggested_fen: int | None
    agreement: str
    note: str
    expires_on: date
    state: InvitationState
    invited_at: datetime
    revoke_reason: str
    given_at: datetime | None
    gifts: tuple[GiftView, ...]


class GivenView(Struct, frozen=True, kw_only=True):
    """What a donor's link shows: who receives, for what, and how far this donor's gift has come."""

    invitation_id: UUID
    state: InvitationState
    holder: str
    holder_id: UUID
    fund: str
    fund_id: UUID
    clause: str
    agreement: str
    donor: str
    suggested_fen: int | None
    expires_on: date
    basis_no: str
    basis_on: date
    is_on: bool
    payment: GiftView | None
    checkout_url: str
    checkout_ends_at: datetime | None
    receipt_number: str
    check_code: str
    receipt_id: UUID | None
