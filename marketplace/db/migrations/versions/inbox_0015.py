"""The inbox of external events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("external_event")  # never written to: its place is taken by the table below
    op.create_table(
        "inbox_event",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "processed",
                "ignored",
                "parked",
                name="inboxstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("source <> '' AND event_id <> '' AND kind <> ''", name=op.f("ck_inbox_event_named")),
        sa.CheckConstraint("jsonb_typeof(payload) = 'object'", name=op.f("ck_inbox_event_payload_object")),
        sa.CheckConstraint("(state = 'received') = (settled_at IS NULL)", name=op.f("ck_inbox_event_settled_has_time")),
        sa.CheckConstraint(
            "state NOT IN ('ignored', 'parked') OR reason <> ''", name=op.f("ck_inbox_event_set_aside_has_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_event")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_inbox_event_source_event_id")),
    )
    op.create_index(
        "ix_inbox_event_parked",
        "inbox_event",
        ["received_at", "id"],
        postgresql_where=sa.text("state = 'parked'"),
    )
