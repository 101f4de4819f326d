"""The in-app inbox and mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sent",
                "kept",
                "failed",
                "dropped",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mail_sent_has_time")),
        sa.CheckConstraint("subject <> '' AND text <> ''", name=op.f("ck_mail_written")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("message_id", "person_id", name=op.f("uq_mail_message_id_person_id")),
    )
    op.create_index("ix_mail_queued_at", "mail", [sa.literal_column("queued_at DESC"), sa.literal_column("id DESC")])
    op.create_table(
        "reminder",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "thing_id", "day", name=op.f("pk_reminder")),
    )
    op.create_table(
        "personal_notice",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(params) = 'object'", name=op.f("ck_personal_notice_params_object")),
        sa.CheckConstraint("url LIKE '/%'", name=op.f("ck_personal_notice_url_on_this_site")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_personal_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_notice")),
        sa.UniqueConstraint("message_id", "person_id", name=op.f("uq_personal_notice_message_id_person_id")),
    )
    op.create_index(
        "ix_personal_notice_inbox",
        "personal_notice",
        ["person_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index(
        "ix_personal_notice_unread",
        "personal_notice",
        ["person_id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )
