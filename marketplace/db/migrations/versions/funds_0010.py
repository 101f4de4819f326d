"""Funds, receipts and project funding."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fund_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "fiscal_fund",
                "union_fund",
                "donation_fund",
                name="sourcekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "custody",
            sa.Enum("quota", "bank", "gateway", name="custody", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("basis_document_no", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("catalogue_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="fundstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(source = 'fiscal_fund' AND custody = 'quota') OR (source = 'union_fund' AND custody = 'bank') OR (source = 'donation_fund' AND custody IN ('bank', 'gateway'))",
            name=op.f("ck_fund_terms_custody_of_source"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_fund_terms_named")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organization.id"], name=op.f("fk_fund_terms_buyer_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["organization.id"], name=op.f("fk_fund_terms_holder_id")),
        sa.ForeignKeyConstraint(["id"], ["ledger.fund.id"], name=op.f("fk_fund_terms_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_terms")),
        sa.UniqueConstraint("number", name=op.f("uq_fund_terms_number")),
    )
    op.create_index(op.f("ix_fund_terms_buyer_id"), "fund_terms", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_fund_terms_holder_id"), "fund_terms", ["holder_id"], unique=False)
    op.create_table(
        "fund_receipt",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("check_code", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "appropriation",
                "union_allotment",
                "gift",
                "interest",
                name="receiptkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("disclose_payer", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("recorded", "voided", name="receiptstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'voided') = (voided_at IS NOT NULL)", name=op.f("ck_fund_receipt_voided_has_time")
        ),
        sa.CheckConstraint("state <> 'voided' OR void_reason <> ''", name=op.f("ck_fund_receipt_voided_has_reason")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_fund_receipt_amount_positive")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_terms.id"], name=op.f("fk_fund_receipt_fund_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["fund_receipt.id"], name=op.f("fk_fund_receipt_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_fund_receipt_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_fund_receipt_replaces_id")),
    )
    op.create_index(op.f("ix_fund_receipt_fund_id"), "fund_receipt", ["fund_id"], unique=False)
    op.create_index(
        "uq_fund_receipt_document",
        "fund_receipt",
        ["fund_id", "document_no"],
        unique=True,
        postgresql_where=sa.text("state = 'recorded'"),
    )
    op.create_table(
        "project_funding",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("reserved", "released", name="fundingstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_project_funding_amount_positive")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_terms.id"], name=op.f("fk_project_funding_fund_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_funding_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_funding")),
    )
    op.create_index(op.f("ix_project_funding_fund_id"), "project_funding", ["fund_id"], unique=False)
    op.create_index(op.f("ix_project_funding_project_id"), "project_funding", ["project_id"], unique=False)
    op.create_index(
        "uq_project_funding_live",
        "project_funding",
        ["project_id", "fund_id"],
        unique=True,
        postgresql_where=sa.text("state = 'reserved'"),
    )
