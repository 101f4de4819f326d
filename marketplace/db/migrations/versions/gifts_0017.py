"""Legal basis to receive, invitations to donors, gifts through the gateway."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gift_basis",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("standing", "withdrawn", name="basisstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_gift_basis_withdrawn_has_time")
        ),
        sa.CheckConstraint("document_no <> ''", name=op.f("ck_gift_basis_numbered")),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR withdraw_reason <> ''", name=op.f("ck_gift_basis_withdrawn_has_reason")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_gift_basis_document_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["organization.id"], name=op.f("fk_gift_basis_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_basis")),
    )
    op.create_index(op.f("ix_gift_basis_holder_id"), "gift_basis", ["holder_id"], unique=False)
    op.create_index(
        "uq_gift_basis_standing",
        "gift_basis",
        ["holder_id"],
        unique=True,
        postgresql_where=sa.text("state = 'standing'"),
    )
    op.create_table(
        "gift_invitation",
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("basis_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("donor", sa.Text(), nullable=False),
        sa.Column("suggested_fen", sa.BigInteger(), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "lapsed",
                "revoked",
                "given",
                name="invitationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'given') = (given_at IS NOT NULL)", name=op.f("ck_gift_invitation_given_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'revoked') <= (revoked_at IS NOT NULL)", name=op.f("ck_gift_invitation_revoked_has_time")
        ),
        sa.CheckConstraint("agreement <> ''", name=op.f("ck_gift_invitation_agreement_written")),
        sa.CheckConstraint(
            "revoked_at IS NULL OR revoke_reason <> ''", name=op.f("ck_gift_invitation_revoked_has_reason")
        ),
        sa.CheckConstraint(
            "suggested_fen IS NULL OR suggested_fen > 0", name=op.f("ck_gift_invitation_suggested_positive")
        ),
        sa.ForeignKeyConstraint(["basis_id"], ["gift_basis.id"], name=op.f("fk_gift_invitation_basis_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_terms.id"], name=op.f("fk_gift_invitation_fund_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gift_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_invitation")),
    )
    op.create_index(op.f("ix_gift_invitation_fund_id"), "gift_invitation", ["fund_id"], unique=False)
    op.create_index(op.f("ix_gift_invitation_person_id"), "gift_invitation", ["person_id"], unique=False)
    op.create_table(
        "gift_link",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_digest", postgresql.BYTEA(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose IN ('invite', 'follow')", name=op.f("ck_gift_link_purpose_known")),
        sa.ForeignKeyConstraint(["invitation_id"], ["gift_invitation.id"], name=op.f("fk_gift_link_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_gift_link_token_digest")),
    )
    op.create_index(op.f("ix_gift_link_invitation_id"), "gift_link", ["invitation_id"], unique=False)
    op.create_index(
        "uq_gift_link_live",
        "gift_link",
        ["invitation_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "gift_payment",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("donor", sa.Text(), nullable=False),
        sa.Column("disclose", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "intended",
                "unknown",
                "open",
                "processing",
                "paid",
                "lapsed",
                "refused",
                name="giftstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("session_url", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=True),
        sa.Column("net_fen", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_gift_payment_paid_has_time")),
        sa.CheckConstraint(
            "(state = 'paid') = (receipt_id IS NOT NULL)", name=op.f("ck_gift_payment_paid_has_receipt")
        ),
        sa.CheckConstraint(
            "state <> 'paid' OR (fee_fen IS NOT NULL AND net_fen IS NOT NULL AND fee_fen >= 0 AND net_fen > 0 AND fee_fen + net_fen = amount_fen)",
            name=op.f("ck_gift_payment_gross_is_net_and_fee"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('open', 'processing', 'paid') OR session_id <> ''",
            name=op.f("ck_gift_payment_open_has_session"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_gift_payment_amount_positive")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_terms.id"], name=op.f("fk_gift_payment_fund_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["gift_invitation.id"], name=op.f("fk_gift_payment_invitation_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["fund_receipt.id"], name=op.f("fk_gift_payment_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_payment")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_gift_payment_idempotency_key")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_gift_payment_receipt_id")),
    )
    op.create_index(op.f("ix_gift_payment_fund_id"), "gift_payment", ["fund_id"], unique=False)
    op.create_index(op.f("ix_gift_payment_invitation_id"), "gift_payment", ["invitation_id"], unique=False)
    op.create_index(
        "uq_gift_payment_charge",
        "gift_payment",
        ["charge_id"],
        unique=True,
        postgresql_where=sa.text("charge_id <> ''"),
    )
    op.create_index(
        "uq_gift_payment_session",
        "gift_payment",
        ["session_id"],
        unique=True,
        postgresql_where=sa.text("session_id <> ''"),
    )
    op.create_index(
        "uq_gift_payment_under_way",
        "gift_payment",
        ["invitation_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('intended', 'unknown', 'open', 'processing')"),
    )
