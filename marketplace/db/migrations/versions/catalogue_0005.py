"""The service catalogue, and the pairs of characters by which Chinese texts are searched."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIGRAMS = """
CREATE FUNCTION public.bigrams(source text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
-- Each two neighbouring characters of a text as one number; a space parts words, so no pair reaches over it.
DECLARE
    pairs bigint[] := '{}';
    before bigint;
    here bigint;
    sign text;
BEGIN
    FOREACH sign IN ARRAY string_to_array(lower(source), NULL) LOOP
        here := ascii(sign);
        IF here <= 32 THEN
            before := NULL;
            CONTINUE;
        END IF;
        IF before IS NOT NULL THEN
            pairs := pairs || (before << 21 | here);
        END IF;
        before := here;
    END LOOP;
    RETURN pairs;
END
$$
"""


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_{name}"), native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.execute(BIGRAMS)
    op.create_table(
        "procurement_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^C[0-9]{8}$'", name=op.f("ck_procurement_code_code_form")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_procurement_code_named")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_procurement_code")),
    )
    op.create_table(
        "catalogue_version",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", _words("catalogue_version_editionstate", "draft", "published", "replaced"), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_catalogue_version_number_positive")),
        sa.CheckConstraint("label <> ''", name=op.f("ck_catalogue_version_labelled")),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name=op.f("ck_catalogue_version_published_when_in_force")
        ),
        sa.CheckConstraint(
            "(state = 'replaced') = (replaced_at IS NOT NULL)", name=op.f("ck_catalogue_version_replaced_when_over")
        ),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> drafted_by", name=op.f("ck_catalogue_version_two_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
        sa.UniqueConstraint("number", name=op.f("uq_catalogue_version_number")),
    )
    op.create_index(
        "uq_catalogue_version_one_published", "catalogue_version", ["state"],
        unique=True, postgresql_where="state = 'published'",
    )  # fmt: skip
    op.create_table(
        "catalogue_item",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("match", _words("catalogue_item_match", "exact", "near", "unverified"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column(
            "search_grams",
            postgresql.ARRAY(sa.BigInteger()),
            sa.Computed("bigrams(search_text)", persisted=True),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("code ~ '^[AB]([0-9]{2}){0,2}$'", name=op.f("ck_catalogue_item_code_form")),
        sa.CheckConstraint("length(code) = 2 * level - 1", name=op.f("ck_catalogue_item_level_of_code")),
        sa.CheckConstraint(
            "CASE level WHEN 1 THEN parent_code IS NULL"
            " ELSE parent_code IS NOT NULL AND parent_code = left(code, -2) END",
            name=op.f("ck_catalogue_item_parent_of_code"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_catalogue_item_named")),
        sa.ForeignKeyConstraint(["version_id"], ["catalogue_version.id"], name=op.f("fk_catalogue_item_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_item")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_catalogue_item_version_id_code")),
    )
    op.create_foreign_key(
        "fk_catalogue_item_parent", "catalogue_item", "catalogue_item",
        ["version_id", "parent_code"], ["version_id", "code"], deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    op.create_index("ix_catalogue_item_search_grams", "catalogue_item", ["search_grams"], postgresql_using="gin")
    op.create_index("ix_catalogue_item_parent", "catalogue_item", ["version_id", "parent_code", "code"])
    op.create_table(
        "catalogue_item_code",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("place >= 0", name=op.f("ck_catalogue_item_code_place_not_negative")),
        sa.ForeignKeyConstraint(["item_id"], ["catalogue_item.id"], name=op.f("fk_catalogue_item_code_item_id")),
        sa.ForeignKeyConstraint(["code"], ["procurement_code.code"], name=op.f("fk_catalogue_item_code_code")),
        sa.PrimaryKeyConstraint("item_id", "code", name=op.f("pk_catalogue_item_code")),
    )
    op.create_index(op.f("ix_catalogue_item_code_code"), "catalogue_item_code", ["code"], unique=False)
