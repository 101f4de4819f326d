"""Purchasing rules and the calendar."""

import sqlalchemy as sa
from alembic import op

from marketplace.db.roles import migration_roles

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TOPICS = (
    "planning", "qualification", "threshold", "comparison", "notice", "suppliers", "panel", "price", "award",
    "policy", "contract", "bond", "challenge", "payment", "framework", "performance", "donation", "organization",
    "privacy",
)  # fmt: skip
METHODS = (
    "any", "open_tender", "invited_tender", "competitive_consultation", "competitive_negotiation", "inquiry",
    "single_source", "framework", "below_threshold_comparison",
)  # fmt: skip


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_{name}"), native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    app = migration_roles().app
    op.create_table(
        "rule_edition",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_rule_edition_version_positive")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_rule_edition_reasoned")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_edition")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_edition_version")),
    )
    op.create_table(
        "rule_row",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("topic", _words("rule_row_topic", *TOPICS), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column(
            "unit",
            _words("rule_row_ruleunit", "working_days", "calendar_days", "minutes", "count", "percent", "fen"),
            nullable=False,
        ),
        sa.Column("comparison", _words("rule_row_comparison", "min", "max", "exactly"), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rule_id ~ '^[a-z][a-z0-9_]+$'", name=op.f("ck_rule_row_rule_id_form")),
        sa.CheckConstraint("name <> '' AND basis <> ''", name=op.f("ck_rule_row_named_and_based")),
        sa.CheckConstraint(
            "method IN ({})".format(", ".join(f"'{word}'" for word in METHODS)), name=op.f("ck_rule_row_method_known")
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_rule_row_value_not_negative")),
        sa.CheckConstraint("unit = 'percent' OR value = trunc(value)", name=op.f("ck_rule_row_value_whole")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to",
            name=op.f("ck_rule_row_dates_in_order"),
        ),
        sa.CheckConstraint("NOT (practice AND confirmed)", name=op.f("ck_rule_row_practice_is_not_law")),
        sa.CheckConstraint("region ~ '^([0-9]{2}){0,3}$'", name=op.f("ck_rule_row_region_form")),
        sa.ForeignKeyConstraint(["version"], ["rule_edition.version"], name=op.f("fk_rule_row_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_row")),
        sa.UniqueConstraint(
            "rule_id", "region", "unit_id", "valid_from", "version",
            name="uq_rule_row_place_and_day", postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_rule_row_version"), "rule_row", ["version"], unique=False)
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("year BETWEEN 1949 AND 2200", name=op.f("ck_calendar_year_year_sane")),
        sa.CheckConstraint("basis <> ''", name=op.f("ck_calendar_year_based")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_calendar_year_revision_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_year")),
        sa.UniqueConstraint("year", name=op.f("uq_calendar_year_year")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("kind", _words("calendar_day_daykind", "holiday", "makeup"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("extract(year FROM day) = year", name=op.f("ck_calendar_day_in_its_year")),
        sa.CheckConstraint(
            "kind <> 'makeup' OR extract(isodow FROM day) IN (6, 7)", name=op.f("ck_calendar_day_makeup_on_weekend")
        ),
        sa.ForeignKeyConstraint(["year"], ["calendar_year.year"], name=op.f("fk_calendar_day_year")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_index(op.f("ix_calendar_day_year"), "calendar_day", ["year"], unique=False)
    op.execute(f'REVOKE UPDATE, DELETE ON rule_row FROM "{app}"')
    op.execute(f'REVOKE UPDATE, DELETE ON rule_edition FROM "{app}"')
    op.execute(f'GRANT UPDATE (reason) ON rule_edition TO "{app}"')  # a lock asks for the right to change something
