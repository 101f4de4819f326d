"""Substantive amendments, and bids to be confirmed again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BID_STATES = "'draft', 'sealed', 'withdrawn', 'opened', 'unreadable', 'unconfirmed', 'valid', 'disqualified'"

FROZEN = """
CREATE OR REPLACE FUNCTION public.project_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- Lists of a project change while it is a draft; those of an open one only (and never its money) after the running
-- transaction has kept what was before, which the edition that follows ends.
DECLARE
    parent uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.project_id ELSE NEW.project_id END;
BEGIN
    IF EXISTS (SELECT FROM project p WHERE p.id = parent AND p.state <> 'draft' AND NOT (
        TG_TABLE_NAME <> 'project_planned_funding' AND p.state = 'open'
        AND EXISTS (SELECT FROM project_edition e WHERE e.project_id = parent AND e.number = p.edition)
    )) THEN
        RAISE EXCEPTION USING MESSAGE = 'the project is no draft, its parts are frozen', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_part_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

SUMS_TRIGGER = """
CREATE TRIGGER project_sums_still_hold BEFORE UPDATE OF edition ON project FOR EACH ROW
WHEN (OLD.edition <> NEW.edition) EXECUTE FUNCTION project_sums_hold()
"""

PUBLISHED = """
CREATE FUNCTION public.project_published_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- What was published stays; what a correction may change, changes with a new edition, and what was before is kept.
BEGIN
    IF (NEW.buyer_id, NEW.procuring_entity_id, NEW.catalogue_item_id, NEW.method, NEW.budget_fen, NEW.opener_centre_id,
        NEW.opener_buyer_id, NEW.opener_supervisor_id) IS DISTINCT FROM
       (OLD.buyer_id, OLD.procuring_entity_id, OLD.catalogue_item_id, OLD.method, OLD.budget_fen, OLD.opener_centre_id,
        OLD.opener_buyer_id, OLD.opener_supervisor_id) THEN
        RAISE EXCEPTION USING MESSAGE = 'no correction changes who buys what how', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_published_frozen';
    END IF;
    IF NEW.edition <> OLD.edition THEN
        IF NEW.edition <> OLD.edition + 1 OR NOT EXISTS (
            SELECT FROM project_edition WHERE project_id = NEW.id AND number = OLD.edition) THEN
            RAISE EXCEPTION USING MESSAGE = 'what was published before is not kept', ERRCODE = 'check_violation',
                CONSTRAINT = 'ck_project_edition_kept';
        END IF;
    ELSIF (NEW.requirement, NEW.ceiling_fen, NEW.people_kind, NEW.people_count, NEW.location, NEW.service_from,
        NEW.service_until, NEW.serves_minors, NEW.binding_edition) IS DISTINCT FROM
       (OLD.requirement, OLD.ceiling_fen, OLD.people_kind, OLD.people_count, OLD.location, OLD.service_from,
        OLD.service_until, OLD.serves_minors, OLD.binding_edition) THEN
        RAISE EXCEPTION USING MESSAGE = 'a published project changes with a new edition', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_edition_kept';
    END IF;
    RETURN NEW;
END
$$
"""

PUBLISHED_TRIGGER = """
CREATE TRIGGER project_published_frozen BEFORE UPDATE ON project FOR EACH ROW
WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION project_published_frozen()
"""

OVERTAKEN = """
CREATE FUNCTION public.project_edition_overtaken() RETURNS trigger LANGUAGE plpgsql AS $$
-- Keeping what was before unfreezes the lists until the next edition begins: a transaction that kept must go on to it.
BEGIN
    IF NOT EXISTS (SELECT FROM project WHERE id = NEW.project_id AND edition = NEW.number + 1) THEN
        RAISE EXCEPTION USING MESSAGE = 'an edition was kept and no other begun', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_edition_overtaken';
    END IF;
    RETURN NULL;
END
$$
"""

OVERTAKEN_TRIGGER = """
CREATE CONSTRAINT TRIGGER project_edition_overtaken AFTER INSERT ON project_edition
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION project_edition_overtaken()
"""


def upgrade() -> None:
    """Create them."""
    _editions()
    _questions()
    _bids()
    for statement in (FROZEN, SUMS_TRIGGER, PUBLISHED, PUBLISHED_TRIGGER, OVERTAKEN, OVERTAKEN_TRIGGER):
        op.execute(statement)
    app = migration_roles().app
    op.execute(f'REVOKE UPDATE, DELETE ON project_edition, project_amendment FROM "{app}"')
    changeable = "state, content, base_edition, proposer_ids, proposed_at, ended_by, ended_at, end_reason, notice_id"
    op.execute(f'GRANT UPDATE ({changeable}) ON project_amendment TO "{app}"')


def _counted(table: str, column: str) -> None:
    """A column that counts from one; rows that stand belong to the first."""
    op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=False, server_default="1"))
    op.alter_column(table, column, server_default=None)


def _editions() -> None:
    for table, column in (
        ("project", "edition"),
        ("project", "binding_edition"),
        ("project_condition", "edition"),
        ("project_criterion", "edition"),
    ):
        _counted(table, column)
    op.create_check_constraint(
        op.f("ck_project_editions_counted"), "project", "binding_edition >= 1 AND binding_edition <= edition"
    )
    op.create_table(
        "project_edition",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(content) = 'object'", name=op.f("ck_project_edition_content_object")),
        sa.CheckConstraint("number > 0", name=op.f("ck_project_edition_counted")),
        sa.ForeignKeyConstraint(["notice_id"], ["project_notice.id"], name=op.f("fk_project_edition_notice_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_edition_project_id")),
        sa.PrimaryKeyConstraint("project_id", "number", name=op.f("pk_project_edition")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_project_edition_notice_id")),
    )
    op.create_table(
        "project_amendment",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "published",
                "dropped",
                name="amendmentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("base_edition", sa.BigInteger(), nullable=False),
        sa.Column("proposer_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(content) = 'object'", name=op.f("ck_project_amendment_content_object")),
        sa.CheckConstraint("cardinality(proposer_ids) > 0", name=op.f("ck_project_amendment_proposed_by_somebody")),
        sa.CheckConstraint("(state = 'proposed') = (ended_at IS NULL)", name=op.f("ck_project_amendment_ended")),
        sa.CheckConstraint(
            "(state = 'published') = (notice_id IS NOT NULL)", name=op.f("ck_project_amendment_published_has_notice")
        ),
        sa.CheckConstraint(
            "(state = 'dropped') = (end_reason <> '')", name=op.f("ck_project_amendment_dropped_has_reason")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR NOT (ended_by = ANY (proposer_ids))",
            name=op.f("ck_project_amendment_proposer_does_not_publish"),
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_project_amendment_ended_by")),
        sa.ForeignKeyConstraint(["notice_id"], ["project_notice.id"], name=op.f("fk_project_amendment_notice_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_amendment_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_amendment")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_project_amendment_notice_id")),
    )
    op.create_index("ix_project_amendment_project_id", "project_amendment", ["project_id"])
    op.create_index(
        "uq_project_amendment_live",
        "project_amendment",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def _questions() -> None:
    table = "project_question"
    op.add_column(table, sa.Column("state", sa.String(40), nullable=False, server_default="asked"))
    op.execute("UPDATE project_question SET state = 'answered' WHERE answered_at IS NOT NULL")
    op.alter_column(table, "state", server_default=None)
    op.create_check_constraint("questionstate", table, "state IN ('asked', 'answered', 'dismissed', 'corrected')")
    op.add_column(table, sa.Column("first_answer", sa.Text(), nullable=False, server_default=""))
    op.alter_column(table, "first_answer", server_default=None)
    op.add_column(table, sa.Column("corrected_by", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_project_question_corrected_by"), table, "person", ["corrected_by"], ["id"])
    op.create_check_constraint(
        op.f("ck_project_question_asked_until_answered"), table, "(state = 'asked') = (answered_at IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_project_question_corrected"),
        table,
        "(state = 'corrected') = (corrected_at IS NOT NULL) AND (corrected_at IS NULL) = (first_answer = '')"
        " AND (corrected_at IS NULL) = (corrected_by IS NULL)",
    )


def _bids() -> None:
    op.drop_constraint("bidstate", "bid", type_="check")
    op.create_check_constraint("bidstate", "bid", f"state IN ({BID_STATES})")
    table = "bid_entry"
    op.add_column(table, sa.Column("confirms", sa.BigInteger(), nullable=True))
    _counted(table, "edition")
    for name in ("withdrawal_is_empty", "digests_fit"):
        op.drop_constraint(op.f(f"ck_bid_entry_{name}"), table, type_="check")
    op.create_check_constraint(
        op.f("ck_bid_entry_withdrawal_is_empty"),
        table,
        "(withdrawal OR confirms IS NOT NULL) = (envelope IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_bid_entry_confirms_earlier"),
        table,
        "confirms IS NULL OR (confirms > 0 AND confirms < number AND NOT withdrawal)",
    )
    op.create_check_constraint(op.f("ck_bid_entry_edition_counted"), table, "edition > 0")
    op.create_check_constraint(
        op.f("ck_bid_entry_digests_fit"),
        table,
        "envelope IS NULL OR (sha256 = encode(sha256(envelope), 'hex') AND envelope_bytes = octet_length(envelope))",
    )
