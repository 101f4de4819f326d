"""Tables of gifts by invitation: the holder's legal basis, invitations, secret links, and attempts to give."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, state_enum
from marketplace.funds.states.gifts import (
    BASIS,
    GIFT,
    INVITATION,
    BasisState,
    GiftState,
    InvitationState,
)

PURPOSE_CHECK = "purpose IN ('invite', 'follow')"


class GiftBasis(Keyed):
    """The paper by which a holder may receive gifts; shown as to be confirmed, for no program can confirm it."""

    __tablename__ = "gift_basis"
    __table_args__ = (
        CheckConstraint("document_no <> ''", name="numbered"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_has_time"),
        CheckConstraint("state <> 'withdrawn' OR withdraw_reason <> ''", name="withdrawn_has_reason"),
        Index("uq_gift_basis_standing", "holder_id", unique=True, postgresql_where=text("state = 'standing'")),
    )

    holder_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    document_no: Mapped[str]
    dated_on: Mapped[date]
    note: Mapped[str] = mapped_column(default="")
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    state: Mapped[BasisState] = mapped_column(state_enum(BasisState), default=BASIS.start)
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str] = mapped_column(default="")


class GiftInvitation(Keyed):
    """One named donor asked for one gift into one fund; ``agreement`` keeps the words as the donor saw them."""

    __tablename__ = "gift_invitation"
    __table_args__ = (
        CheckConstraint("suggested_fen IS NULL OR suggested_fen > 0", name="suggested_positive"),
        CheckConstraint("agreement <> ''", name="agreement_written"),
        CheckConstraint("(state = 'revoked') <= (revoked_at IS NOT NULL)", name="revoked_has_time"),
        CheckConstraint("revoked_at IS NULL OR revoke_reason <> ''", name="revoked_has_reason"),
        CheckConstraint("(state = 'given') = (given_at IS NOT NULL)", name="given_has_time"),
    )

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund_terms.id"), index=True)
    basis_id: Mapped[UUID] = mapped_column(ForeignKey("gift_basis.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    donor: Mapped[str]
    suggested_fen: Mapped[int | None]
    agreement: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    expires_on: Mapped[date]
    state: Mapped[InvitationState] = mapped_column(state_enum(InvitationState), default=INVITATION.start)
    invited_by: Mapped[UUID | None]
    invited_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime | None]


class GiftLink(Keyed):
    """A secret link of an invitation: to give by, or to follow the gift by; its token stands in no table in clear."""

    __tablename__ = "gift_link"
    __table_args__ = (
        CheckConstraint(PURPOSE_CHECK, name="purpose_known"),
        Index(
            "uq_gift_link_live",
            "invitation_id",
            "purpose",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    invitation_id: Mapped[UUID] = mapped_column(ForeignKey("gift_invitation.id"), index=True)
    purpose: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    sealed: Mapped[bytes | None]
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GiftPayment(Keyed):
    """One attempt to give: saved with its idempotency key before the gateway is asked, closed by what it reports."""

    __tablename__ = "gift_payment"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("(state = 'paid') = (receipt_id IS NOT NULL)", name="paid_has_receipt"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_time"),
        CheckConstraint(
            "state <> 'paid' OR (fee_fen IS NOT NULL AND net_fen IS NOT NULL"
            " AND fee_fen >= 0 AND net_fen > 0 AND fee_fen + net_fen = amount_fen)",
            name="gross_is_net_and_fee",
        ),
        CheckConstraint("state NOT IN ('open', 'processing', 'paid') OR session_id <> ''", name="open_has_session"),
        Index("uq_gift_payment_session", "session_id", unique=True, postgresql_where=text("session_id <> ''")),
        Index("uq_gift_payment_charge", "charge_id", unique=True, postgresql_where=text("charge_id <> ''")),
        Index(
            "uq_gift_payment_under_way",
            "invitation_id",
            unique=True,
            postgresql_where=text("state IN ('intended', 'unknown', 'open', 'processing')"),
        ),
    )

    invitation_id: Mapped[UUID] = mapped_column(ForeignKey("gift_invitation.id"), index=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund_terms.id"), index=True)
    amount_fen: Mapped[int]
    donor: Mapped[str]
    disclose: Mapped[bool]
    message: Mapped[str] = mapped_column(default="")
    state: Mapped[GiftState] = mapped_column(state_enum(GiftState), default=GIFT.start)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    intended_at: Mapped[datetime]
    session_id: Mapped[str] = mapped_column(default="")
    session_url: Mapped[str] = mapped_column(default="")
    ends_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(default="")
    charge_id: Mapped[str] = mapped_column(default="")
    fee_fen: Mapped[int | None]
    net_fen: Mapped[int | None]
    paid_at: Mapped[datetime | None]
    receipt_id: Mapped[UUID | None] = mapped_column(ForeignKey("fund_receipt.id"), unique=True)
