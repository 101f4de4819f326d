"""Wishes of villages and units, and their adoption; co-organizers and their own money."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

AGREED = """
CREATE FUNCTION public.project_shares_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
-- A draft is handed in only when every co-organizer has agreed and its money stands among the funding to the fen.
BEGIN
    IF EXISTS (SELECT FROM project_share s WHERE s.project_id = NEW.id AND (s.state <> 'agreed' OR NOT EXISTS (
        SELECT FROM project_planned_funding f
        WHERE f.project_id = s.project_id AND f.fund_id = s.fund_id AND f.amount_fen = s.amount_fen)))
    THEN
        RAISE EXCEPTION USING MESSAGE = 'a co-organizer has not agreed to its part', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_shares_agreed';
    END IF;
    RETURN NEW;
END
$$
"""
AGREED_TRIGGER = """
CREATE TRIGGER project_shares_agreed BEFORE UPDATE OF state ON project FOR EACH ROW
WHEN (OLD.state = 'draft' AND NEW.state <> 'cancelled' AND NEW.state <> 'draft')
EXECUTE FUNCTION project_shares_agreed()
"""
FROZEN_TRIGGER = """
CREATE TRIGGER project_share_frozen BEFORE INSERT OR UPDATE OR DELETE ON project_share
FOR EACH ROW EXECUTE FUNCTION project_part_frozen()
"""


def upgrade() -> None:
    """Create them."""
    _needs()
    _shares()
    op.execute(FROZEN_TRIGGER)
    op.execute(AGREED)
    op.execute(AGREED_TRIGGER)


def _needs() -> None:
    op.create_table(
        "need",
        sa.Column(
            "state",
            sa.Enum(
                "collected",
                "adopted",
                "merged",
                "declined",
                "withdrawn",
                name="needstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("people_kind", sa.Text(), nullable=False),
        sa.Column("people_count", sa.BigInteger(), nullable=True),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("wished_from", sa.Date(), nullable=True),
        sa.Column("wished_until", sa.Date(), nullable=True),
        sa.Column("catalogue_code", sa.Text(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "online",
                "visit",
                "caller",
                "phone",
                "meeting",
                name="needchannel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("collected_by", sa.Uuid(), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column(
            "search_grams",
            postgresql.ARRAY(sa.BigInteger()),
            sa.Computed("bigrams(search_text)", persisted=True),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(channel = 'online') = (brought_by = '')", name=op.f("ck_need_brought_by_somebody")),
        sa.CheckConstraint(
            "(state = 'adopted') = (project_id IS NOT NULL) AND (project_id IS NULL) = (adopted_at IS NULL)",
            name=op.f("ck_need_adopted_into_project"),
        ),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_need_merged_into_need")),
        sa.CheckConstraint("state <> 'declined' OR reason <> ''", name=op.f("ck_need_decline_has_reason")),
        sa.CheckConstraint("title <> '' AND content <> ''", name=op.f("ck_need_said")),
        sa.CheckConstraint("cost_fen > 0", name=op.f("ck_need_cost_positive")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_need_not_into_itself")),
        sa.CheckConstraint("people_count > 0", name=op.f("ck_need_people_counted")),
        sa.CheckConstraint("wished_until >= wished_from", name=op.f("ck_need_wish_ends_later")),
        sa.ForeignKeyConstraint(["adopted_by"], ["person.id"], name=op.f("fk_need_adopted_by")),
        sa.ForeignKeyConstraint(["collected_by"], ["person.id"], name=op.f("fk_need_collected_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_need_decided_by")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["need.id"], name=op.f("fk_need_merged_into_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_need_organization_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_need_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index("ix_need_collected_at", "need", ["collected_at", "id"])
    op.create_index(op.f("ix_need_merged_into_id"), "need", ["merged_into_id"])
    op.create_index(op.f("ix_need_organization_id"), "need", ["organization_id"])
    op.create_index(op.f("ix_need_project_id"), "need", ["project_id"])
    op.create_index("ix_need_search_grams", "need", ["search_grams"], postgresql_using="gin")
    op.create_index("ix_need_shown", "need", ["collected_at", "id"], postgresql_where=sa.text("is_shown"))
    op.create_index("ix_need_waiting", "need", ["collected_at"], postgresql_where=sa.text("state = 'collected'"))


def _shares() -> None:
    op.create_table(
        "project_share",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "agreed", "refused", name="sharestate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_project_share_decided")),
        sa.CheckConstraint("state <> 'refused' OR reason <> ''", name=op.f("ck_project_share_refusal_has_reason")),
        sa.CheckConstraint(
            "(state = 'agreed') = (fund_id IS NOT NULL)", name=op.f("ck_project_share_agreed_names_fund")
        ),
        sa.CheckConstraint("task <> ''", name=op.f("ck_project_share_said")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_project_share_positive")),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_project_share_proposer_does_not_agree")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_project_share_decided_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_project_share_organization_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_share_project_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_project_share_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_share")),
        sa.UniqueConstraint("project_id", "organization_id", name=op.f("uq_project_share_project_id_organization_id")),
    )
    op.create_index(op.f("ix_project_share_organization_id"), "project_share", ["organization_id"])
