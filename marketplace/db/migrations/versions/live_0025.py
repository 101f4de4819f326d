"""The change feed of public events, numbered as they commit; and what people follow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

KINDS = ("tender", "amendment", "answer", "opening", "cancellation", "unsuccessful", "result", "contract", "acceptance")

NUMBERED = """
CREATE FUNCTION public.public_event_numbered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
-- Gives an event its place when its transaction commits. The lock on the one row of feed_end is held until the commit
-- is visible, so places become visible in their order and a reader who follows them passes none by.
DECLARE
    place bigint;
BEGIN
    UPDATE feed_end SET n = n + 1 RETURNING n INTO place;
    UPDATE public_event SET n = place WHERE id = NEW.id;
    RETURN NULL;
END
$$
"""
NUMBERED_TRIGGER = """
CREATE CONSTRAINT TRIGGER public_event_numbered AFTER INSERT ON public_event
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public_event_numbered()
"""

BEFORE = """
WITH happened AS (
    SELECT kind, project_id, id AS notice_id, NULL::uuid AS question_id, at FROM project_notice
    UNION ALL
    SELECT 'answer', project_id, NULL, id, answered_at FROM project_question WHERE answered_at IS NOT NULL
    UNION ALL
    SELECT 'opening', id, NULL, NULL, closed_at FROM project
    WHERE closed_at IS NOT NULL AND (state <> 'unsuccessful' OR closed_at <> ended_at)
)
INSERT INTO public_event (id, n, kind, project_id, notice_id, question_id, at)
SELECT gen_random_uuid(), row_number() OVER (ORDER BY at, kind, project_id), kind, project_id, notice_id, question_id,
    at
FROM happened
"""
"""What happened before there was a feed, in the order in which it happened."""


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "feed_end",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_feed_end_alone")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_feed_end")),
    )
    op.create_table(
        "public_event",
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="publickind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("ck_public_event_counted")),
        sa.CheckConstraint(
            "(kind = 'answer') = (question_id IS NOT NULL)", name=op.f("ck_public_event_answer_has_question")
        ),
        sa.CheckConstraint(
            "(kind IN ('answer', 'opening')) = (notice_id IS NULL)", name=op.f("ck_public_event_else_has_notice")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["project_notice.id"], name=op.f("fk_public_event_notice_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_public_event_project_id")),
        sa.ForeignKeyConstraint(["question_id"], ["project_question.id"], name=op.f("fk_public_event_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_event")),
        sa.UniqueConstraint("n", name=op.f("uq_public_event_n")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_public_event_notice_id")),
        sa.UniqueConstraint("question_id", name=op.f("uq_public_event_question_id")),
    )
    op.create_index("ix_public_event_project_id", "public_event", ["project_id", "n"])
    op.execute(BEFORE)
    op.execute("INSERT INTO feed_end SELECT true, count(*) FROM public_event")
    op.execute(NUMBERED)
    op.execute(NUMBERED_TRIGGER)
    _following()
    app = migration_roles().app
    op.execute(f'REVOKE INSERT, UPDATE, DELETE ON public_event, feed_end FROM "{app}"')
    op.execute(f'GRANT INSERT (id, kind, project_id, notice_id, question_id, at) ON public_event TO "{app}"')
    op.execute(f'REVOKE UPDATE ON following FROM "{app}"')
    op.execute(f'GRANT UPDATE (name, frequency, told_n, due_at) ON following TO "{app}"')


def _following() -> None:
    op.create_table(
        "following",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "at_once", "daily", "weekly", name="frequency", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("told_n", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop_key", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(project_id IS NULL) = (name <> '')", name=op.f("ck_following_search_is_named")),
        sa.CheckConstraint("jsonb_typeof(asked) = 'object'", name=op.f("ck_following_asked_object")),
        sa.CheckConstraint("told_n >= 0", name=op.f("ck_following_counted")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_following_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_following_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_following")),
        sa.UniqueConstraint("person_id", "project_id", name=op.f("uq_following_person_id_project_id")),
        sa.UniqueConstraint("stop_key", name=op.f("uq_following_stop_key")),
    )
    op.create_index("ix_following_due_at", "following", ["due_at", "id"])
    op.create_index("ix_following_project_id", "following", ["project_id"])
