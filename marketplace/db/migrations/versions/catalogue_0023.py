"""Editions of the catalogue are heard, discussed by experts and approved before they come in force."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATES = (
    "'draft', 'consulting', 'reviewing', 'submitted', 'approved', 'announced', 'published', 'replaced', 'withdrawn'"
)
CHANGEABLE = {
    "catalogue_opinion": "state, answer, answered_by, answered_at",
    "catalogue_expert": "",
    "catalogue_sheet": "applied_by, applied_at",
    "catalogue_version": (
        "label, note, state, revision, drafter_ids, consult_from, consult_to, review_from, minutes_id, submitted_by,"
        " submitted_at, return_reason, approved_by, approved_at, in_force_on, published_by, published_at, replaced_at,"
        " withdrawn_at, withdraw_reason"
    ),
}
"""The columns of each table that the application may change."""
KEPT = "catalogue_version, catalogue_opinion, catalogue_sheet, procurement_code"
"""Tables of which the application removes no row."""

FROZEN = """
CREATE FUNCTION public.catalogue_item_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- The entries of an edition change only while it is a draft that nobody reads, or under discussion.
DECLARE
    concerned uuid;
BEGIN
    IF TG_TABLE_NAME = 'catalogue_item' THEN
        IF TG_OP = 'DELETE' THEN concerned := OLD.version_id; ELSE concerned := NEW.version_id; END IF;
        IF TG_OP = 'UPDATE' AND OLD.version_id <> NEW.version_id THEN
            RAISE EXCEPTION USING MESSAGE = 'an entry stays in its edition', ERRCODE = 'check_violation',
                CONSTRAINT = 'ck_catalogue_item_frozen';
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT version_id INTO concerned FROM catalogue_item WHERE id = OLD.item_id;
    ELSE
        SELECT version_id INTO concerned FROM catalogue_item WHERE id = NEW.item_id;
    END IF;
    IF EXISTS (SELECT FROM catalogue_version WHERE id = concerned AND state IN ('draft', 'reviewing')) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION USING MESSAGE = 'the entries of an edition stay as they were shown',
        ERRCODE = 'check_violation', CONSTRAINT = 'ck_catalogue_item_frozen';
END
$$
"""


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_{name}"), native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Apply this revision."""
    _versions()
    _items()
    _opinions()
    _experts()
    _sheets()
    app = migration_roles().app
    for table, columns in CHANGEABLE.items():
        op.execute(f'REVOKE UPDATE ON {table} FROM "{app}"')
        if columns:
            op.execute(f'GRANT UPDATE ({columns}) ON {table} TO "{app}"')
    op.execute(f'REVOKE DELETE ON {KEPT} FROM "{app}"')


def _versions() -> None:
    table = "catalogue_version"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_catalogue_version_editionstate")
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_catalogue_version_published_when_in_force")
    op.add_column(table, sa.Column("based_on", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1"))
    op.add_column(
        table, sa.Column("drafter_ids", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default=sa.text("'{}'"))
    )
    op.execute(f"UPDATE {table} SET drafter_ids = ARRAY[drafted_by] WHERE drafted_by IS NOT NULL")
    for name in ("consult_from", "consult_to", "review_from", "in_force_on"):
        op.add_column(table, sa.Column(name, sa.Date(), nullable=True))
    for name in ("minutes_id", "submitted_by", "approved_by"):
        op.add_column(table, sa.Column(name, sa.Uuid(), nullable=True))
    for name in ("submitted_at", "approved_at", "withdrawn_at"):
        op.add_column(table, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("return_reason", "withdraw_reason"):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("revision", "drafter_ids", "return_reason", "withdraw_reason"):
        op.alter_column(table, name, server_default=None)
    op.create_foreign_key(op.f("fk_catalogue_version_based_on"), table, table, ["based_on"], ["id"])
    op.create_foreign_key(op.f("fk_catalogue_version_minutes_id"), table, "document", ["minutes_id"], ["id"])
    op.execute(
        f"ALTER TABLE {table}"
        f" ADD CONSTRAINT ck_catalogue_version_editionstate CHECK (state IN ({STATES})),"
        " ADD CONSTRAINT ck_catalogue_version_revision_positive CHECK (revision > 0),"
        " ADD CONSTRAINT ck_catalogue_version_dated_when_in_force CHECK"
        " ((state IN ('published', 'replaced')) = (published_at IS NOT NULL)),"
        " ADD CONSTRAINT ck_catalogue_version_withdrawn_with_reason CHECK"
        " ((state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL OR withdraw_reason <> '')),"
        " ADD CONSTRAINT ck_catalogue_version_drafter_does_not_approve CHECK (NOT (approved_by = ANY (drafter_ids))),"
        " ADD CONSTRAINT ck_catalogue_version_drafter_does_not_publish CHECK (NOT (published_by = ANY (drafter_ids))),"
        " ADD CONSTRAINT ck_catalogue_version_consulted_from_to CHECK ((consult_from IS NULL) = (consult_to IS NULL)"
        " AND (consult_to IS NULL OR consult_to >= consult_from)),"
        " ADD CONSTRAINT ck_catalogue_version_consulted_before CHECK (state NOT IN"
        " ('consulting', 'reviewing', 'submitted', 'approved', 'announced') OR consult_from IS NOT NULL),"
        " ADD CONSTRAINT ck_catalogue_version_minutes_before CHECK"
        " (state NOT IN ('submitted', 'approved', 'announced') OR minutes_id IS NOT NULL),"
        " ADD CONSTRAINT ck_catalogue_version_approved_before CHECK"
        " ((state NOT IN ('approved', 'announced') OR approved_by IS NOT NULL)"
        " AND (approved_by IS NULL) = (approved_at IS NULL)),"
        " ADD CONSTRAINT ck_catalogue_version_announced_with_day CHECK"
        " (state <> 'announced' OR in_force_on IS NOT NULL)"
    )
    op.create_index(
        "uq_catalogue_version_one_announced", table, ["state"],
        unique=True, postgresql_where="state = 'announced'",
    )  # fmt: skip


def _items() -> None:
    table = "catalogue_item"
    for name in ("unit", "standard"):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column(table, sa.Column("unit_cost_fen", sa.BigInteger(), nullable=True))
    op.add_column(table, sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1"))
    for name in ("unit", "standard", "revision"):
        op.alter_column(table, name, server_default=None)
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT ck_catalogue_item_cost_of_a_unit CHECK"
        " (unit_cost_fen IS NULL OR (unit_cost_fen > 0 AND unit <> ''))"
    )
    op.execute(FROZEN)
    for name in ("catalogue_item", "catalogue_item_code"):
        op.execute(
            f"CREATE TRIGGER {name}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION catalogue_item_frozen()"
        )


def _opinions() -> None:
    op.create_table(
        "catalogue_opinion",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("entry_name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            _words("catalogue_opinion_opinionstate", "received", "adopted", "declined", "set_aside"),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("content <> ''", name=op.f("ck_catalogue_opinion_written")),
        sa.CheckConstraint("(code = '') = (entry_name = '')", name=op.f("ck_catalogue_opinion_entry_named")),
        sa.CheckConstraint(
            "(organization_id IS NULL) = (person_id IS NULL)", name=op.f("ck_catalogue_opinion_signed_in_or_not")
        ),
        sa.CheckConstraint(
            "CASE state WHEN 'received' THEN answered_at IS NULL AND answered_by IS NULL AND answer = ''"
            " ELSE answered_at IS NOT NULL AND answered_by IS NOT NULL AND answer <> '' END",
            name=op.f("ck_catalogue_opinion_answered_in_writing"),
        ),
        sa.ForeignKeyConstraint(["version_id"], ["catalogue_version.id"], name=op.f("fk_catalogue_opinion_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_opinion")),
    )
    op.create_index("ix_catalogue_opinion_given", "catalogue_opinion", ["version_id", "given_at"])


def _experts() -> None:
    op.create_table(
        "catalogue_expert",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "conclusion",
            _words("catalogue_expert_conclusion", "agree", "agree_changed", "disagree"),
            nullable=False,
        ),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "name <> '' AND employer <> '' AND content <> ''", name=op.f("ck_catalogue_expert_named_and_written")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["catalogue_version.id"], name=op.f("fk_catalogue_expert_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_expert")),
        sa.UniqueConstraint(
            "version_id", "name", "employer", name=op.f("uq_catalogue_expert_version_id_name_employer")
        ),
    )


def _sheets() -> None:
    op.create_table(
        "catalogue_sheet",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(applied_at IS NULL) = (applied_by IS NULL)", name=op.f("ck_catalogue_sheet_applied_by_somebody")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["catalogue_version.id"], name=op.f("fk_catalogue_sheet_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_sheet")),
    )
    op.create_index("ix_catalogue_sheet_version_id", "catalogue_sheet", ["version_id"])
