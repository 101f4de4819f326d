"""What comes before a notice: surveys, reviews, minutes, intention notices, invitations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KINDS = (
    "intention", "single_source", "tender", "amendment", "cancellation", "unsuccessful", "result", "contract",
    "acceptance",
)  # fmt: skip
PUBLIC_KINDS = (*KINDS, "answer", "opening")
WRITTEN_ONCE = (
    "demand_survey",
    "demand_survey_answer",
    "project_draw",
    "project_intention",
    "project_invited",
    "project_minutes",
    "project_plan_filing",
    "project_pre_evaluation",
    "project_review_opinion",
    "project_sole_source",
)
"""Rows that nobody changes or removes."""

WHOLE = """
CREATE OR REPLACE FUNCTION public.project_sums_hold() RETURNS trigger LANGUAGE plpgsql AS $$
-- What is handed in adds up: funding to the budget, costs within the ceiling, milestones and criteria to the
-- whole; where only the price counts, nothing else is weighed.
DECLARE
    broken text;
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT FROM project_cost_line WHERE project_id = NEW.id
            AND (unit = '' OR amount_fen IS NULL)) THEN 'costs'
        WHEN EXISTS (SELECT FROM project_planned_funding WHERE project_id = NEW.id AND amount_fen IS NULL) THEN 'funding'
        WHEN EXISTS (SELECT FROM project_criterion WHERE project_id = NEW.id AND weight_bp IS NULL) THEN 'criteria'
        WHEN EXISTS (SELECT FROM project_milestone WHERE project_id = NEW.id AND (share_bp IS NULL OR due_on IS NULL
            OR deliverable = '' OR (kind = 'deliverable' AND evidence = ''))) THEN 'milestones'
        WHEN (SELECT sum(amount_fen) FROM project_planned_funding WHERE project_id = NEW.id)
            IS DISTINCT FROM NEW.budget_fen THEN 'funding'
        WHEN coalesce((SELECT sum(amount_fen) FROM project_cost_line WHERE project_id = NEW.id)
            NOT BETWEEN 1 AND NEW.ceiling_fen, true) THEN 'costs'
        WHEN (SELECT sum(share_bp) FROM project_milestone WHERE project_id = NEW.id)
            IS DISTINCT FROM 10000 THEN 'milestones'
        WHEN NEW.method IN ('competitive_negotiation', 'inquiry', 'single_source') THEN CASE WHEN EXISTS (
            SELECT FROM project_criterion WHERE project_id = NEW.id AND (kind <> 'price' OR weight_bp <> 10000)
        ) THEN 'criteria' END
        WHEN (SELECT sum(weight_bp) FROM project_criterion WHERE project_id = NEW.id)
            IS DISTINCT FROM 10000 THEN 'criteria'
        END INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'parts of the project do not add up: ' || broken, ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_sums_hold';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    """Apply this revision."""
    _kinds("project_notice", "noticekind", KINDS)
    _kinds("public_event", "publickind", PUBLIC_KINDS)
    op.execute(WHOLE)
    _papers()
    _surveys()
    _reviews()
    _choices()
    app = migration_roles().app
    for table in WRITTEN_ONCE:
        op.execute(f'REVOKE UPDATE, DELETE ON {table} FROM "{app}"')
    op.execute(f'REVOKE UPDATE ON project_reviewer FROM "{app}"')


def _kinds(table: str, name: str, kinds: tuple[str, ...]) -> None:
    """Let a notice, or its event, be of further kinds."""
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (kind IN ({words}))")


def _papers() -> None:
    op.create_table(
        "project_minutes",
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("attended", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("attended <> '' AND decision <> ''", name=op.f("ck_project_minutes_said")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_minutes_document_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_minutes_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_minutes_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_minutes")),
    )
    op.create_index(op.f("ix_project_minutes_document_id"), "project_minutes", ["document_id"], unique=False)
    op.create_index(op.f("ix_project_minutes_project_id"), "project_minutes", ["project_id"], unique=False)
    op.create_table(
        "project_plan_filing",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_project_plan_filing_numbered")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_plan_filing_document_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_plan_filing_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_plan_filing_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_plan_filing")),
    )
    op.create_index(op.f("ix_project_plan_filing_document_id"), "project_plan_filing", ["document_id"], unique=False)
    op.create_index(op.f("ix_project_plan_filing_project_id"), "project_plan_filing", ["project_id"], unique=False)
    op.create_table(
        "project_pre_evaluation",
        sa.Column("necessity", sa.Text(), nullable=False),
        sa.Column("own_duty", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "necessity <> '' AND own_duty <> '' AND market <> '' AND cost <> '' AND result <> ''",
            name=op.f("ck_project_pre_evaluation_said"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_pre_evaluation_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_pre_evaluation_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_pre_evaluation")),
    )
    op.create_index(
        op.f("ix_project_pre_evaluation_project_id"), "project_pre_evaluation", ["project_id"], unique=False
    )
    op.create_table(
        "project_intention",
        sa.Column(
            "kind",
            sa.Enum(
                "intention",
                "single_source",
                "tender",
                "amendment",
                "cancellation",
                "unsuccessful",
                "result",
                "contract",
                "acceptance",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum("small", "urgent", name="exemptground", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ground IS NULL OR kind = 'intention'", name=op.f("ck_project_intention_only_intention_exempt")
        ),
        sa.CheckConstraint("kind IN ('intention', 'single_source')", name=op.f("ck_project_intention_early")),
        sa.CheckConstraint("title <> '' AND need <> ''", name=op.f("ck_project_intention_said")),
        sa.CheckConstraint(
            "(notice_id IS NULL) = (ground IS NOT NULL)", name=op.f("ck_project_intention_public_or_exempt")
        ),
        sa.CheckConstraint("budget_fen > 0", name=op.f("ck_project_intention_budget_positive")),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_project_intention_month_begins")),
        sa.ForeignKeyConstraint(["notice_id"], ["project_notice.id"], name=op.f("fk_project_intention_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_intention_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_intention_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_intention")),
    )
    op.create_index(op.f("ix_project_intention_project_id"), "project_intention", ["project_id"], unique=False)
    op.create_index(
        "ix_project_intention_public",
        "project_intention",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("notice_id IS NOT NULL"),
    )
    op.create_index(
        "uq_project_intention_notice_id",
        "project_intention",
        ["notice_id"],
        unique=True,
        postgresql_where=sa.text("notice_id IS NOT NULL"),
    )


def _surveys() -> None:
    op.create_table(
        "demand_survey",
        sa.Column("catalogue_code", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("answers", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("public_opinion", sa.Text(), nullable=False),
        sa.Column("reused_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "reused_id IS NOT NULL OR answers > 0 OR reason <> ''", name=op.f("ck_demand_survey_asked_or_explained")
        ),
        sa.CheckConstraint("answers >= 0", name=op.f("ck_demand_survey_counted")),
        sa.CheckConstraint("reused_id <> id", name=op.f("ck_demand_survey_reuses_another")),
        sa.CheckConstraint("reused_id IS NULL OR answers = 0", name=op.f("ck_demand_survey_reused_or_asked")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_demand_survey_document_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_demand_survey_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_demand_survey_project_id")),
        sa.ForeignKeyConstraint(["reused_id"], ["demand_survey.id"], name=op.f("fk_demand_survey_reused_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_survey")),
    )
    op.create_index("ix_demand_survey_catalogue_code", "demand_survey", ["catalogue_code", "made_on"], unique=False)
    op.create_index(op.f("ix_demand_survey_document_id"), "demand_survey", ["document_id"], unique=False)
    op.create_index(op.f("ix_demand_survey_project_id"), "demand_survey", ["project_id"], unique=False)
    op.create_index(op.f("ix_demand_survey_reused_id"), "demand_survey", ["reused_id"], unique=False)
    op.create_table(
        "demand_survey_answer",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column(
            "asked_how",
            sa.Enum(
                "visit",
                "meeting",
                "letter",
                "phone",
                "online",
                name="askedhow",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("organization <> '' AND summary <> ''", name=op.f("ck_demand_survey_answer_said")),
        sa.ForeignKeyConstraint(["survey_id"], ["demand_survey.id"], name=op.f("fk_demand_survey_answer_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_survey_answer")),
        sa.UniqueConstraint("survey_id", "organization", name=op.f("uq_demand_survey_answer_survey_id_organization")),
        sa.UniqueConstraint("survey_id", "place", name=op.f("uq_demand_survey_answer_survey_id_place")),
    )


def _reviews() -> None:
    op.create_table(
        "project_review_opinion",
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "function",
            sa.Enum(
                "purchasing",
                "finance",
                "business",
                "supervision",
                "legal",
                name="reviewfunction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("outside_name", sa.Text(), nullable=False),
        sa.Column("passes", sa.Boolean(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("drafter_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(reviewer_id IS NULL) = (outside_name <> '')", name=op.f("ck_project_review_opinion_person_or_name")
        ),
        sa.CheckConstraint("function <> 'legal' OR opinion <> ''", name=op.f("ck_project_review_opinion_legal_note")),
        sa.CheckConstraint("passes OR opinion <> ''", name=op.f("ck_project_review_opinion_refusal_has_reason")),
        sa.CheckConstraint(
            "NOT (reviewer_id = ANY (drafter_ids))", name=op.f("ck_project_review_opinion_drafter_does_not_review")
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_project_review_opinion_digest_sha256")),
        sa.CheckConstraint(
            "reviewer_id IS NOT NULL OR document_id IS NOT NULL",
            name=op.f("ck_project_review_opinion_outsider_signed_paper"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_review_opinion_document_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_review_opinion_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_review_opinion_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_project_review_opinion_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_review_opinion")),
    )
    op.create_index(
        op.f("ix_project_review_opinion_document_id"), "project_review_opinion", ["document_id"], unique=False
    )
    op.create_index(
        op.f("ix_project_review_opinion_project_id"), "project_review_opinion", ["project_id"], unique=False
    )
    op.create_index(
        "uq_project_review_opinion_function",
        "project_review_opinion",
        ["project_id", "digest", "function"],
        unique=True,
        postgresql_where=sa.text("passes"),
    )
    op.create_index(
        "uq_project_review_opinion_reviewer",
        "project_review_opinion",
        ["project_id", "digest", "reviewer_id"],
        unique=True,
        postgresql_where=sa.text("passes"),
    )
    op.create_table(
        "project_reviewer",
        sa.Column(
            "function",
            sa.Enum(
                "purchasing",
                "finance",
                "business",
                "supervision",
                "legal",
                name="reviewfunction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("outside_name", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(reviewer_id IS NULL) = (outside_name <> '')", name=op.f("ck_project_reviewer_person_or_name")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_reviewer_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_reviewer_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_project_reviewer_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_reviewer")),
        sa.UniqueConstraint("project_id", "function", name=op.f("uq_project_reviewer_project_id_function")),
        sa.UniqueConstraint("project_id", "reviewer_id", name=op.f("uq_project_reviewer_project_id_reviewer_id")),
    )
    op.create_index(op.f("ix_project_reviewer_project_id"), "project_reviewer", ["project_id"], unique=False)


def _choices() -> None:
    op.create_table(
        "project_draw",
        sa.Column("seed", postgresql.BYTEA(), nullable=False),
        sa.Column("wanted", sa.SmallInteger(), nullable=False),
        sa.Column("pool", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(pool) = 'array' AND wanted > 0", name=op.f("ck_project_draw_counted")),
        sa.CheckConstraint("octet_length(seed) = 32", name=op.f("ck_project_draw_seed_length")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_draw_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_draw_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_draw")),
        sa.UniqueConstraint("project_id", name=op.f("uq_project_draw_project_id")),
    )
    op.create_index(op.f("ix_project_draw_project_id"), "project_draw", ["project_id"], unique=False)
    op.create_table(
        "project_invited",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_project_invited_organization_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_invited_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_invited")),
        sa.UniqueConstraint(
            "project_id", "organization_id", name=op.f("uq_project_invited_project_id_organization_id")
        ),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_invited_project_id_place")),
    )
    op.create_index(op.f("ix_project_invited_organization_id"), "project_invited", ["organization_id"], unique=False)
    op.create_table(
        "project_sole_source",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "only_one",
                "emergency",
                "continuity",
                name="soleground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_project_sole_source_said")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_sole_source_document_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_project_sole_source_organization_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_sole_source_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_sole_source_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_sole_source")),
    )
    op.create_index(op.f("ix_project_sole_source_document_id"), "project_sole_source", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_project_sole_source_organization_id"), "project_sole_source", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_project_sole_source_project_id"), "project_sole_source", ["project_id"], unique=False)
