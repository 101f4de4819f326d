"""The register's declarations, reminders, yearly reports and interests; two more roles for suppliers' people."""

import sqlalchemy as sa
from alembic import op

from marketplace.db.roles import migration_roles

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ROLES = (
    "clerk", "head", "accountant", "cashier", "expert", "drafter", "signatory", "auditor", "system_admin",
    "security_admin", "audit_admin",
)  # fmt: skip


def upgrade() -> None:
    """Create them."""
    _tables()
    _debarments()
    listed = ", ".join(f"'{role}'" for role in ROLES)
    op.execute("ALTER TABLE role_holding DROP CONSTRAINT role")
    op.execute(f"ALTER TABLE role_holding ADD CONSTRAINT role CHECK (role IN ({listed}))")
    op.execute(
        "UPDATE api_token SET scopes = scopes || ARRAY['submit_bid', 'read_bid_price'] WHERE 'bid' = ANY (scopes)"
    )
    app = migration_roles().app
    op.execute(
        f"REVOKE UPDATE, DELETE ON supplier_declaration, supplier_yearly_report, supplier_reminder,"
        f' supplier_interest FROM "{app}"'
    )
    op.execute(f'GRANT UPDATE (withdrawn_by, withdrawn_at, withdraw_reason) ON supplier_interest TO "{app}"')


def _debarments() -> None:
    op.add_column("debarment", sa.Column("document_id", sa.Uuid(), nullable=True))
    op.add_column("debarment", sa.Column("end_told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_debarment_document_id"), "debarment", ["document_id"], unique=False)
    op.create_foreign_key(op.f("fk_debarment_document_id"), "debarment", "document", ["document_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_debarment_ended_by_time"),
        "debarment",
        "end_told_at IS NULL OR (to_on IS NOT NULL AND lifted_at IS NULL)",
    )


def _tables() -> None:
    op.create_table(
        "supplier_declaration",
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("clean_since", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("edition <> ''", name=op.f("ck_supplier_declaration_has_edition")),
        sa.CheckConstraint(
            "clean_since < signed_on AND valid_to >= signed_on", name=op.f("ck_supplier_declaration_days_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_declaration_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_declaration")),
        sa.UniqueConstraint("organization_id", "n", name=op.f("uq_supplier_declaration_organization_id_n")),
    )
    op.create_table(
        "supplier_interest",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "employed",
                "legal_representative",
                "director",
                "officer",
                "controller",
                "kin",
                "other",
                name="interestkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdraw_reason = '')", name=op.f("ck_supplier_interest_withdrawal_reasoned")
        ),
        sa.CheckConstraint("kind <> 'other' OR note <> ''", name=op.f("ck_supplier_interest_other_told")),
        sa.CheckConstraint(
            "to_on IS NULL OR from_on IS NULL OR to_on >= from_on", name=op.f("ck_supplier_interest_ends_later")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_interest_organization_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supplier_interest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_interest")),
    )
    op.create_index(
        "ix_supplier_interest_organization_id", "supplier_interest", ["organization_id", "person_id"], unique=False
    )
    op.create_index("ix_supplier_interest_person_id", "supplier_interest", ["person_id"], unique=False)
    op.create_table(
        "supplier_yearly_report",
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "passed",
                "basic",
                "failed",
                "missing",
                name="yearlystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("source <> ''", name=op.f("ck_supplier_yearly_report_has_source")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2999", name=op.f("ck_supplier_yearly_report_year_sane")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_yearly_report_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_yearly_report")),
        sa.UniqueConstraint(
            "organization_id", "year", "n", name=op.f("uq_supplier_yearly_report_organization_id_year_n")
        ),
    )
    op.create_table(
        "supplier_reminder",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("days IN (30, 7, 0)", name=op.f("ck_supplier_reminder_known_days")),
        sa.ForeignKeyConstraint(["check_id"], ["supplier_check.id"], name=op.f("fk_supplier_reminder_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_reminder")),
        sa.UniqueConstraint("check_id", "days", name=op.f("uq_supplier_reminder_check_id_days")),
    )
