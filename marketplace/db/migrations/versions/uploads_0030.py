"""Uploads that may be resumed: what is on its way to a draft, and the sealed pieces of it that have arrived."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them; of an upload only its end and its expiry change, a piece never does."""
    app = migration_roles().app
    op.create_table(
        "bid_upload",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("note", postgresql.BYTEA(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("octet_length(note) = 2076", name=op.f("ck_bid_upload_note_sealed")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_upload_bid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_upload")),
    )
    op.create_index(op.f("ix_bid_upload_bid_id"), "bid_upload", ["bid_id"], unique=False)
    op.create_index(op.f("ix_bid_upload_expires_at"), "bid_upload", ["expires_at"], unique=False)
    op.create_table(
        "bid_upload_piece",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("note", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_bid_upload_piece_sha256_hex")),
        sa.CheckConstraint("number > 0", name=op.f("ck_bid_upload_piece_number_positive")),
        sa.CheckConstraint("octet_length(note) = 2076", name=op.f("ck_bid_upload_piece_note_sealed")),
        sa.ForeignKeyConstraint(["upload_id"], ["bid_upload.id"], name=op.f("fk_bid_upload_piece_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_bid_upload_piece")),
    )
    op.execute(f'REVOKE UPDATE ON bid_upload, bid_upload_piece FROM "{app}"')
    op.execute(f'GRANT UPDATE (expires_at, finished_at) ON bid_upload TO "{app}"')
