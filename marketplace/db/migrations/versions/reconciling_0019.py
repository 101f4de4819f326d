"""Reconciliation: the gateway's own bookings, confirmed matches, notes that explain differences."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_booking",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "net_fen = amount_fen - fee_fen AND id <> '' AND kind <> ''", name=op.f("ck_gateway_booking_whole")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_booking")),
    )
    op.create_index("ix_gateway_booking_made_at", "gateway_booking", ["made_at"], unique=False)
    op.create_index("ix_gateway_booking_source", "gateway_booking", ["source"], unique=False)
    op.create_table(
        "reconciliation_match",
        sa.Column(
            "custody",
            sa.Enum("quota", "bank", "gateway", name="custody", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("standing", "undone", name="matchstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(custody = 'gateway') = (account_id IS NULL)", name=op.f("ck_reconciliation_match_book_known")
        ),
        sa.CheckConstraint(
            "(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_reconciliation_match_undone_has_time")
        ),
        sa.CheckConstraint("state <> 'undone' OR reason <> ''", name=op.f("ck_reconciliation_match_undone_has_reason")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["custody_account.id"], name=op.f("fk_reconciliation_match_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_match")),
    )
    op.create_index(
        "ix_reconciliation_match_book", "reconciliation_match", ["custody", "account_id", "matched_at"], unique=False
    )
    op.create_table(
        "reconciliation_item",
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("executed_by", sa.Uuid(), nullable=True),
        sa.Column("bank_line_id", sa.Uuid(), nullable=True),
        sa.Column("booking_id", sa.Text(), nullable=True),
        sa.Column("statement_id", sa.Uuid(), nullable=True),
        sa.Column("fund_id", sa.Uuid(), nullable=True),
        sa.Column("movement_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("matched_by <> executed_by", name=op.f("ck_reconciliation_item_payer_does_not_reconcile")),
        sa.CheckConstraint(
            "num_nonnulls(bank_line_id, booking_id, statement_id, movement_id) = 1 AND (fund_id IS NULL) = (movement_id IS NULL) AND amount_fen <> 0",
            name=op.f("ck_reconciliation_item_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_statement_line.id"], name=op.f("fk_reconciliation_item_bank_line_id")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["gateway_booking.id"], name=op.f("fk_reconciliation_item_booking_id")),
        sa.ForeignKeyConstraint(
            ["fund_id", "movement_id"],
            ["ledger.movement.fund_id", "ledger.movement.id"],
            name=op.f("fk_reconciliation_item_fund_id_movement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["reconciliation_match.id"], name=op.f("fk_reconciliation_item_match_id")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_reconciliation_item_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_item")),
    )
    op.create_index(op.f("ix_reconciliation_item_match_id"), "reconciliation_item", ["match_id"], unique=False)
    op.create_index(
        "uq_reconciliation_item_booking",
        "reconciliation_item",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("is_live AND booking_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reconciliation_item_line",
        "reconciliation_item",
        ["bank_line_id"],
        unique=True,
        postgresql_where=sa.text("is_live AND bank_line_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reconciliation_item_movement",
        "reconciliation_item",
        ["fund_id", "movement_id"],
        unique=True,
        postgresql_where=sa.text("is_live AND movement_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reconciliation_item_statement",
        "reconciliation_item",
        ["statement_id"],
        unique=True,
        postgresql_where=sa.text("is_live AND statement_id IS NOT NULL"),
    )
    op.create_table(
        "reconciliation_note",
        sa.Column(
            "category",
            sa.Enum(
                "fee",
                "in_transit",
                "returned",
                "unidentified",
                "payout",
                "opening",
                "open",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "standing",
                "withdrawn",
                "settled",
                name="notestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_line_id", sa.Uuid(), nullable=True),
        sa.Column("booking_id", sa.Text(), nullable=True),
        sa.Column("statement_id", sa.Uuid(), nullable=True),
        sa.Column("fund_id", sa.Uuid(), nullable=True),
        sa.Column("movement_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(category = 'open') = (owner_id IS NOT NULL) AND (owner_id IS NULL) = (due_on IS NULL)",
            name=op.f("ck_reconciliation_note_open_has_owner"),
        ),
        sa.CheckConstraint(
            "(state = 'standing') = (ended_at IS NULL)", name=op.f("ck_reconciliation_note_ended_has_time")
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_reconciliation_note_told")),
        sa.CheckConstraint(
            "num_nonnulls(bank_line_id, booking_id, statement_id, movement_id) = 1 AND (fund_id IS NULL) = (movement_id IS NULL) AND amount_fen <> 0",
            name=op.f("ck_reconciliation_note_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_statement_line.id"], name=op.f("fk_reconciliation_note_bank_line_id")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["gateway_booking.id"], name=op.f("fk_reconciliation_note_booking_id")),
        sa.ForeignKeyConstraint(
            ["fund_id", "movement_id"],
            ["ledger.movement.fund_id", "ledger.movement.id"],
            name=op.f("fk_reconciliation_note_fund_id_movement_id"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_reconciliation_note_owner_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_reconciliation_note_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_note")),
    )
    op.create_index(op.f("ix_reconciliation_note_owner_id"), "reconciliation_note", ["owner_id"], unique=False)
    op.create_index(
        "uq_reconciliation_note_booking",
        "reconciliation_note",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("state = 'standing' AND booking_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reconciliation_note_line",
        "reconciliation_note",
        ["bank_line_id"],
        unique=True,
        postgresql_where=sa.text("state = 'standing' AND bank_line_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reconciliation_note_movement",
        "reconciliation_note",
        ["fund_id", "movement_id"],
        unique=True,
        postgresql_where=sa.text("state = 'standing' AND movement_id IS NOT NULL"),
    )
    op.create_index(
        "uq_reconciliation_note_statement",
        "reconciliation_note",
        ["statement_id"],
        unique=True,
        postgresql_where=sa.text("state = 'standing' AND statement_id IS NOT NULL"),
    )
