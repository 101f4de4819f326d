"""Payment applications, payments, attempts, instruction files and bank statements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custody_account",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column(
            "custody",
            sa.Enum("quota", "bank", "gateway", name="custody", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("custody IN ('bank', 'quota')", name=op.f("ck_custody_account_has_a_bank")),
        sa.CheckConstraint(
            "number ~ '^[0-9]{8,32}$' AND bank_name <> '' AND name <> ''", name=op.f("ck_custody_account_whole")
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["organization.id"], name=op.f("fk_custody_account_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_account")),
        sa.UniqueConstraint("holder_id", "custody", name=op.f("uq_custody_account_holder_id_custody")),
        sa.UniqueConstraint("number", name=op.f("uq_custody_account_number")),
    )
    op.create_table(
        "payee_account",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("account <> '' AND idempotency_key <> ''", name=op.f("ck_payee_account_whole")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_payee_account_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_payee_account")),
        sa.UniqueConstraint("account", name=op.f("uq_payee_account_account")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payee_account_idempotency_key")),
    )
    op.create_table(
        "payment_application",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "returned",
                "approved",
                "settled",
                "cancelled",
                name="applicationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "obligation_kind",
            sa.Enum("milestone", "roster", name="obligationkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("obligation_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("procuring_entity_id", sa.Uuid(), nullable=True),
        sa.Column("payee_id", sa.Uuid(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("contract_number", sa.Text(), nullable=False),
        sa.Column("contract_signed_on", sa.Date(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("catalogue_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("invoice_no", sa.Text(), nullable=True),
        sa.Column("invoice_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL)", name=op.f("ck_payment_application_settled_has_time")
        ),
        sa.CheckConstraint(
            "obligation_kind <> 'milestone' OR payee_id IS NOT NULL",
            name=op.f("ck_payment_application_milestone_has_payee"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'settled') OR approved_at IS NOT NULL",
            name=op.f("ck_payment_application_approved_has_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('returned', 'cancelled') OR reason <> ''",
            name=op.f("ck_payment_application_sent_back_with_reason"),
        ),
        sa.CheckConstraint(
            "(invoice_no IS NULL) = (invoice_on IS NULL)", name=op.f("ck_payment_application_invoice_whole")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_application_amount_positive")),
        sa.CheckConstraint(
            "invoice_on >= contract_signed_on", name=op.f("ck_payment_application_invoice_after_contract")
        ),
        sa.CheckConstraint("prepared_by <> approved_by", name=op.f("ck_payment_application_preparer_does_not_approve")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organization.id"], name=op.f("fk_payment_application_buyer_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["organization.id"], name=op.f("fk_payment_application_holder_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organization.id"], name=op.f("fk_payment_application_payee_id")),
        sa.ForeignKeyConstraint(
            ["procuring_entity_id"], ["organization.id"], name=op.f("fk_payment_application_procuring_entity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_application")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_application_number")),
    )
    op.create_index(op.f("ix_payment_application_buyer_id"), "payment_application", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_payment_application_contract_id"), "payment_application", ["contract_id"], unique=False)
    op.create_index("ix_payment_application_holder", "payment_application", ["holder_id", "prepared_at"], unique=False)
    op.create_index(
        op.f("ix_payment_application_obligation_id"), "payment_application", ["obligation_id"], unique=False
    )
    op.create_index(
        "ix_payment_application_open",
        "payment_application",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('settled', 'cancelled')"),
    )
    op.create_index(op.f("ix_payment_application_payee_id"), "payment_application", ["payee_id"], unique=False)
    op.create_index(op.f("ix_payment_application_project_id"), "payment_application", ["project_id"], unique=False)
    op.create_index(
        "uq_payment_application_invoice",
        "payment_application",
        ["invoice_no"],
        unique=True,
        postgresql_where=sa.text("invoice_no IS NOT NULL AND state <> 'cancelled'"),
    )
    op.create_table(
        "bank_statement",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("opening_fen", sa.BigInteger(), nullable=False),
        sa.Column("closing_fen", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("fresh", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_bank_statement_digest_form")),
        sa.CheckConstraint("lines >= 0 AND fresh >= 0 AND fresh <= lines", name=op.f("ck_bank_statement_counted")),
        sa.ForeignKeyConstraint(["account_id"], ["custody_account.id"], name=op.f("fk_bank_statement_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("digest", name=op.f("uq_bank_statement_digest")),
    )
    op.create_index("ix_bank_statement_day", "bank_statement", ["account_id", "day"], unique=False)
    op.create_table(
        "payment",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column(
            "rail",
            sa.Enum("quota", "bank", "gateway", name="rail", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("payee_id", sa.Uuid(), nullable=True),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("name_sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("name_place", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("account_sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("account_place", sa.Text(), nullable=False),
        sa.Column("account_last4", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "submitting",
                "unknown",
                "in_transit",
                "paid",
                "failed",
                "returned",
                "cancelled",
                name="paymentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("executed_by", sa.Uuid(), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'paid') = (value_date IS NOT NULL AND paid_at IS NOT NULL)", name=op.f("ck_payment_paid_has_date")
        ),
        sa.CheckConstraint(
            "NOT (state IN ('submitting', 'unknown', 'in_transit', 'paid', 'failed', 'returned')) OR tries > 0",
            name=op.f("ck_payment_ordered_by_attempt"),
        ),
        sa.CheckConstraint("payee_name <> ''", name=op.f("ck_payment_payee_named")),
        sa.CheckConstraint("(payee_id IS NULL) = (name_sealed IS NOT NULL)", name=op.f("ck_payment_person_sealed")),
        sa.CheckConstraint(
            "rail <> 'gateway' OR payee_id IS NOT NULL", name=op.f("ck_payment_gateway_pays_organizations")
        ),
        sa.CheckConstraint("rail = 'gateway' OR account_sealed IS NOT NULL", name=op.f("ck_payment_payee_has_account")),
        sa.CheckConstraint(
            "state NOT IN ('failed', 'returned') OR reason <> ''", name=op.f("ck_payment_failed_has_reason")
        ),
        sa.CheckConstraint("amount_fen > 0 AND place > 0 AND tries >= 0", name=op.f("ck_payment_counted")),
        sa.CheckConstraint(
            "prepared_by <> approved_by AND approved_by <> executed_by AND prepared_by <> executed_by",
            name=op.f("ck_payment_three_people"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["payment_application.id"], name=op.f("fk_payment_application_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_terms.id"], name=op.f("fk_payment_fund_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organization.id"], name=op.f("fk_payment_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("application_id", "place", name=op.f("uq_payment_application_id_place")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
    )
    op.create_index(op.f("ix_payment_fund_id"), "payment", ["fund_id"], unique=False)
    op.create_index(
        "ix_payment_line", "payment", ["line_id"], unique=False, postgresql_where=sa.text("line_id IS NOT NULL")
    )
    op.create_index(
        "ix_payment_open",
        "payment",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('paid', 'cancelled')"),
    )
    op.create_table(
        "payment_instruction",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "made",
                "unknown",
                "accepted",
                "refused",
                "finished",
                name="instructionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_payment_instruction_digest_form")),
        sa.CheckConstraint(
            "state <> 'refused' OR reason <> ''", name=op.f("ck_payment_instruction_refused_with_reason")
        ),
        sa.CheckConstraint(
            "state IN ('made', 'unknown') OR answered_at IS NOT NULL",
            name=op.f("ck_payment_instruction_answered_has_time"),
        ),
        sa.CheckConstraint("calls = 0 OR digest IS NOT NULL", name=op.f("ck_payment_instruction_digest_before_call")),
        sa.CheckConstraint("count > 0 AND total_fen > 0 AND calls >= 0", name=op.f("ck_payment_instruction_counted")),
        sa.ForeignKeyConstraint(["account_id"], ["custody_account.id"], name=op.f("fk_payment_instruction_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_instruction")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_instruction_number")),
    )
    op.create_index(op.f("ix_payment_instruction_account_id"), "payment_instruction", ["account_id"], unique=False)
    op.create_index(
        "ix_payment_instruction_open",
        "payment_instruction",
        ["state"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("instruction_id", sa.Uuid(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "paid",
                "failed",
                "returned",
                name="attemptoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("idempotency_key <> '' AND reference <> ''", name=op.f("ck_payment_attempt_keyed")),
        sa.CheckConstraint(
            "outcome IN ('failed', 'returned') IS NOT TRUE OR reason <> ''",
            name=op.f("ck_payment_attempt_failed_has_reason"),
        ),
        sa.CheckConstraint(
            "outcome IN ('paid', 'returned') IS NOT TRUE OR value_date IS NOT NULL",
            name=op.f("ck_payment_attempt_paid_has_date"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)", name=op.f("ck_payment_attempt_outcome_has_time")
        ),
        sa.CheckConstraint("amount_fen > 0 AND n > 0 AND calls >= 0", name=op.f("ck_payment_attempt_counted")),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["payment_instruction.id"], name=op.f("fk_payment_attempt_instruction_id")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_attempt_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_attempt_idempotency_key")),
        sa.UniqueConstraint("payment_id", "n", name=op.f("uq_payment_attempt_payment_id_n")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_attempt_reference")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_payment_attempt_transfer_id")),
    )
    op.create_index(op.f("ix_payment_attempt_instruction_id"), "payment_attempt", ["instruction_id"], unique=False)
    op.create_index(
        "uq_payment_attempt_open",
        "payment_attempt",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index(
        "uq_payment_attempt_paid",
        "payment_attempt",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'paid'"),
    )
    op.create_table(
        "bank_statement_line",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("counter_name", sa.Text(), nullable=False),
        sa.Column("counter_account_last4", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_fen <> 0 AND reference <> ''", name=op.f("ck_bank_statement_line_whole")),
        sa.CheckConstraint(
            "attempt_id IS NULL OR instruction <> ''", name=op.f("ck_bank_statement_line_matched_by_number")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["custody_account.id"], name=op.f("fk_bank_statement_line_account_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempt.id"], name=op.f("fk_bank_statement_line_attempt_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_statement_line_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement_line")),
        sa.UniqueConstraint("account_id", "reference", name=op.f("uq_bank_statement_line_account_id_reference")),
    )
    op.create_index(
        "ix_bank_statement_line_attempt",
        "bank_statement_line",
        ["attempt_id"],
        unique=False,
        postgresql_where=sa.text("attempt_id IS NOT NULL"),
    )
    op.create_index("ix_bank_statement_line_day", "bank_statement_line", ["account_id", "booked_on"], unique=False)
    op.create_index(
        "ix_bank_statement_line_loose",
        "bank_statement_line",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("attempt_id IS NULL"),
    )
    op.create_index(op.f("ix_bank_statement_line_statement_id"), "bank_statement_line", ["statement_id"], unique=False)
    op.add_column("project_funding", sa.Column("committed_fen", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("project_funding", "committed_fen", server_default=None)
    op.add_column("project_funding", sa.Column("contract_id", sa.Uuid(), nullable=True))
    op.add_column("project_funding", sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_project_funding_contract_id"), "project_funding", ["contract_id"], unique=False)
    op.drop_constraint("fundingstate", "project_funding", type_="check")
    op.create_check_constraint("fundingstate", "project_funding", "state IN ('reserved', 'committed', 'released')")
    op.create_check_constraint(
        op.f("ck_project_funding_commits_what_is_reserved"),
        "project_funding",
        "committed_fen BETWEEN 0 AND amount_fen",
    )
    op.create_check_constraint(
        op.f("ck_project_funding_committed_to_contract"),
        "project_funding",
        "(state = 'committed') = (contract_id IS NOT NULL AND committed_at IS NOT NULL AND committed_fen > 0)",
    )
    op.drop_index("uq_project_funding_live", table_name="project_funding")
    op.create_index(
        "uq_project_funding_live",
        "project_funding",
        ["project_id", "fund_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'released'"),
    )
