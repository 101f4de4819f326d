"""Sealed bids: takings, openers, seals, bids with their entries, openings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FOR_EVER = ("seal_seat", "project_seal", "bid_entry", "opened_bid")
"""What was sealed, handed in and opened stays as it is: the application may add and read."""


def upgrade() -> None:
    app = migration_roles().app
    op.create_table(
        "document_taking",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_document_taking_organization_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_document_taking_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_document_taking_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_taking")),
        sa.UniqueConstraint(
            "project_id", "organization_id", name=op.f("uq_document_taking_project_id_organization_id")
        ),
    )
    op.create_index(op.f("ix_document_taking_organization_id"), "document_taking", ["organization_id"], unique=False)
    op.create_table(
        "opener",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.BYTEA(), nullable=False),
        sa.Column("locked_private_key", postgresql.BYTEA(), nullable=False),
        sa.Column("voucher", postgresql.BYTEA(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("octet_length(voucher) = 32", name=op.f("ck_opener_vouched")),
        sa.CheckConstraint("retired_at >= enrolled_at", name=op.f("ck_opener_retired_later")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_opener_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opener_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opener")),
    )
    op.create_index(op.f("ix_opener_organization_id"), "opener", ["organization_id"], unique=False)
    op.create_index(
        "uq_opener_live", "opener", ["person_id"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.create_table(
        "project_seal",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.BYTEA(), nullable=False),
        sa.Column("wrapped", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("voucher", postgresql.BYTEA(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(wrapped) = 'object'", name=op.f("ck_project_seal_wrapped_is_object")),
        sa.CheckConstraint("octet_length(voucher) = 32", name=op.f("ck_project_seal_vouched")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_seal_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_seal")),
    )
    op.create_table(
        "seal_seat",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum("centre", "buyer", "supervisor", name="seat", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opener_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["opener_id"], ["opener.id"], name=op.f("fk_seal_seat_opener_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_seal_seat_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seal_seat_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project_seal.project_id"], name=op.f("fk_seal_seat_project_id")),
        sa.PrimaryKeyConstraint("project_id", "seat", name=op.f("pk_seal_seat")),
        sa.UniqueConstraint("project_id", "opener_id", name=op.f("uq_seal_seat_project_id_opener_id")),
        sa.UniqueConstraint("project_id", "person_id", name=op.f("uq_seal_seat_project_id_person_id")),
    )
    op.create_index(op.f("ix_seal_seat_person_id"), "seal_seat", ["person_id"], unique=False)
    op.create_table(
        "bid",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("bidder_digest", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sealed",
                "withdrawn",
                "opened",
                "unreadable",
                "valid",
                "disqualified",
                name="bidstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "entries >= 0 AND (entries = 0) = (state = 'draft')", name=op.f("ck_bid_handed_in_has_entries")
        ),
        sa.CheckConstraint("octet_length(bidder_digest) = 32", name=op.f("ck_bid_digest_sha256")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_bid_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
        sa.UniqueConstraint("project_id", "bidder_digest", name=op.f("uq_bid_project_id_bidder_digest")),
    )
    op.create_table(
        "bid_draft",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_seed", postgresql.BYTEA(), nullable=True),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_bid_draft_version_positive")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_draft_bid_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_bid_draft")),
    )
    op.create_table(
        "bid_entry",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("withdrawal", sa.Boolean(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("envelope", postgresql.BYTEA(), nullable=True),
        sa.Column("envelope_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sm3", sa.Text(), nullable=False),
        sa.Column("salt", postgresql.BYTEA(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("journal_entry_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("commitment ~ '^[0-9a-f]{64}$'", name=op.f("ck_bid_entry_committed")),
        sa.CheckConstraint("sm3 ~ '^[0-9a-f]{64}$'", name=op.f("ck_bid_entry_sm3_hex")),
        sa.CheckConstraint(
            "withdrawal OR (sha256 = encode(sha256(envelope), 'hex') AND envelope_bytes = octet_length(envelope))",
            name=op.f("ck_bid_entry_digests_fit"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_bid_entry_number_positive")),
        sa.CheckConstraint("octet_length(salt) = 32", name=op.f("ck_bid_entry_salted")),
        sa.CheckConstraint("withdrawal = (envelope IS NULL)", name=op.f("ck_bid_entry_withdrawal_is_empty")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_entry_bid_id")),
        sa.ForeignKeyConstraint(["journal_entry_id"], ["journal_entry.id"], name=op.f("fk_bid_entry_journal_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_entry")),
        sa.UniqueConstraint("bid_id", "number", name=op.f("uq_bid_entry_bid_id_number")),
        sa.UniqueConstraint("journal_entry_id", name=op.f("uq_bid_entry_journal_entry_id")),
    )
    op.create_table(
        "opening",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sealed_box",
                "half_open",
                "open_box",
                name="openingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "first_seat",
            sa.Enum(
                "centre", "buyer", "supervisor", name="first_seat", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("first_person_id", sa.Uuid(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("peeled", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "second_seat",
            sa.Enum(
                "centre",
                "buyer",
                "supervisor",
                name="second_seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("second_person_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open_box') = (opened_at IS NOT NULL AND second_person_id IS NOT NULL AND second_seat IS NOT NULL AND peeled IS NULL)",
            name=op.f("ck_opening_open_by_two"),
        ),
        sa.CheckConstraint("state <> 'sealed_box'", name=op.f("ck_opening_begun")),
        sa.CheckConstraint(
            "first_person_id <> second_person_id AND first_seat <> second_seat", name=op.f("ck_opening_two_people")
        ),
        sa.CheckConstraint("opened_at >= first_at", name=op.f("ck_opening_opened_later")),
        sa.ForeignKeyConstraint(["first_person_id"], ["person.id"], name=op.f("fk_opening_first_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project_seal.project_id"], name=op.f("fk_opening_project_id")),
        sa.ForeignKeyConstraint(["second_person_id"], ["person.id"], name=op.f("fk_opening_second_person_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_opening")),
    )
    op.create_table(
        "opened_bid",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("damaged_files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_opened_bid_price_positive")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_opened_bid_bid_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["bid_entry.id"], name=op.f("fk_opened_bid_entry_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_opened_bid_organization_id")),
        sa.ForeignKeyConstraint(["project_id"], ["opening.project_id"], name=op.f("fk_opened_bid_project_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_opened_bid")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_opened_bid_entry_id")),
        sa.UniqueConstraint("project_id", "organization_id", name=op.f("uq_opened_bid_project_id_organization_id")),
    )
    op.create_index(op.f("ix_opened_bid_organization_id"), "opened_bid", ["organization_id"], unique=False)
    for table in FOR_EVER:
        op.execute(f'REVOKE UPDATE, DELETE ON {table} FROM "{app}"')
    op.execute(f'REVOKE DELETE ON bid, opener, opening, document_taking FROM "{app}"')
