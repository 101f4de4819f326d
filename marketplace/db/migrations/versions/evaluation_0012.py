"""Panel, checks, scores, ranking and award."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINSHIP = """
CREATE FUNCTION public.bids_in(project uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
-- Whether somebody is of an organization that bids in a project.
SELECT EXISTS (
    SELECT FROM opened_bid JOIN membership ON membership.organization_id = opened_bid.organization_id
    WHERE opened_bid.project_id = project AND membership.person_id = person AND membership.ended_at IS NULL
)
$$
"""

MEMBERS = """
CREATE FUNCTION public.panel_member_guard() RETURNS trigger LANGUAGE plpgsql AS $$
-- No bidder judges, no staff of the buyer sits as an expert, and no sheet is locked with a gap in it.
DECLARE
    broken text;
BEGIN
    SELECT CASE
        WHEN NEW.state NOT IN ('recused', 'dismissed') AND bids_in(NEW.project_id, NEW.person_id) THEN 'bidder'
        WHEN TG_OP = 'INSERT' AND NEW.kind = 'expert' AND EXISTS (
            SELECT FROM project JOIN membership ON membership.organization_id = project.buyer_id
            WHERE project.id = NEW.project_id AND membership.person_id = NEW.person_id AND membership.ended_at IS NULL
        ) THEN 'buyer'
        WHEN TG_OP = 'UPDATE' AND OLD.state = 'seated' AND NEW.state = 'locked' AND EXISTS (
            SELECT FROM opened_bid JOIN bid ON bid.id = opened_bid.bid_id AND bid.state = 'valid'
            JOIN project_criterion ON project_criterion.project_id = opened_bid.project_id
                AND project_criterion.kind = 'quality'
            LEFT JOIN score ON score.member_id = NEW.id AND score.bid_id = bid.id
                AND score.criterion_id = project_criterion.id
            WHERE opened_bid.project_id = NEW.project_id AND (score.points_bp IS NULL OR score.reason = '')
        ) THEN 'gap'
        WHEN TG_OP = 'UPDATE' AND (NEW.project_id, NEW.person_id, NEW.kind) IS DISTINCT FROM
            (OLD.project_id, OLD.person_id, OLD.kind) THEN 'moved'
        END INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'panel member: ' || broken, ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_panel_member_' || broken;
    END IF;
    RETURN NEW;
END
$$
"""

SCORES = """
CREATE FUNCTION public.score_guard() RETURNS trigger LANGUAGE plpgsql AS $$
-- Points are given in the steps of a quality criterion, to valid bids, by a member whose sheet is not locked.
DECLARE
    who uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.member_id ELSE NEW.member_id END;
    broken text;
BEGIN
    PERFORM FROM panel_member WHERE id = who AND state = 'seated' FOR SHARE;
    IF NOT FOUND THEN
        broken := 'locked';
    ELSIF TG_OP <> 'DELETE' THEN
        SELECT CASE
            WHEN NOT EXISTS (SELECT FROM opened_bid JOIN bid ON bid.id = opened_bid.bid_id
                WHERE bid.id = NEW.bid_id AND bid.state = 'valid' AND opened_bid.project_id = NEW.project_id) THEN 'valid'
            WHEN NOT EXISTS (SELECT FROM project_criterion WHERE id = NEW.criterion_id AND kind = 'quality'
                AND project_id = NEW.project_id) THEN 'criterion'
            WHEN NEW.points_bp > 0 AND NOT EXISTS (
                SELECT FROM project_criterion, jsonb_array_elements(steps) AS step
                WHERE id = NEW.criterion_id AND (step ->> 'score_bp')::bigint = NEW.points_bp) THEN 'step'
            END INTO broken;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'score: ' || broken, ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_score_' || broken;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

CHECKS = """
CREATE FUNCTION public.bid_check_guard() RETURNS trigger LANGUAGE plpgsql AS $$
-- Findings change only while bids are being checked.
DECLARE
    parent uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.project_id ELSE NEW.project_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM evaluation WHERE project_id = parent AND state = 'checking') THEN
        RAISE EXCEPTION USING MESSAGE = 'the checks are closed', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_bid_check_closed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

AWARDS = """
CREATE FUNCTION public.award_guard() RETURNS trigger LANGUAGE plpgsql AS $$
-- The award goes to the bid ranked first, by somebody who neither bids nor sat on the panel.
DECLARE
    broken text;
BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM ranked_bid JOIN opened_bid USING (bid_id) WHERE bid_id = NEW.bid_id AND place = 1
            AND organization_id = NEW.organization_id AND price_fen = NEW.price_fen) THEN 'first'
        WHEN bids_in(NEW.project_id, NEW.decided_by) THEN 'bidder'
        WHEN EXISTS (SELECT FROM panel_member WHERE project_id = NEW.project_id AND person_id = NEW.decided_by
            AND state IN ('locked', 'signed')) THEN 'scorer'
        END INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'award: ' || broken, ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_award_' || broken;
    END IF;
    RETURN NEW;
END
$$
"""

GUARDS = {
    "panel_member": (MEMBERS, "INSERT OR UPDATE"),
    "score": (SCORES, "INSERT OR UPDATE OR DELETE"),
    "bid_check": (CHECKS, "INSERT OR UPDATE OR DELETE"),
    "award": (AWARDS, "INSERT"),
}


def upgrade() -> None:
    app = migration_roles().app
    op.create_table(
        "evaluation",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "composing",
                "declaring",
                "checking",
                "scoring",
                "scored",
                "signing",
                "reported",
                "decided",
                "published",
                "failed",
                name="evaluationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("draw_seed", postgresql.BYTEA(), nullable=False),
        sa.Column("composed_by", sa.Uuid(), nullable=True),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("convened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checker_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("rechecked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("report_digest", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_by", sa.Date(), nullable=True),
        sa.Column("fail_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'failed') = (fail_reason <> '')", name=op.f("ck_evaluation_failure_has_reason")),
        sa.CheckConstraint(
            "NOT (state IN ('scored', 'signing', 'reported', 'decided', 'published')) OR ranked_at IS NOT NULL",
            name=op.f("ck_evaluation_ranked"),
        ),
        sa.CheckConstraint(
            "NOT (state IN ('signing', 'reported', 'decided', 'published')) OR (opinion <> '' AND written_by IS NOT NULL AND report_digest ~ '^[0-9a-f]{64}$')",
            name=op.f("ck_evaluation_written"),
        ),
        sa.CheckConstraint("state <> 'composing'", name=op.f("ck_evaluation_begun")),
        sa.CheckConstraint("state = 'declaring' OR convened_at IS NOT NULL", name=op.f("ck_evaluation_convened")),
        sa.CheckConstraint(
            "state IN ('declaring', 'checking') OR checked_at IS NOT NULL", name=op.f("ck_evaluation_checked")
        ),
        sa.CheckConstraint(
            "state NOT IN ('reported', 'decided', 'published') OR (reported_at IS NOT NULL AND decide_by IS NOT NULL)",
            name=op.f("ck_evaluation_reported"),
        ),
        sa.CheckConstraint("(checked_at IS NULL) = (rechecked_by IS NULL)", name=op.f("ck_evaluation_checker_named")),
        sa.CheckConstraint("NOT (rechecked_by = ANY (checker_ids))", name=op.f("ck_evaluation_two_check")),
        sa.CheckConstraint("octet_length(draw_seed) = 32", name=op.f("ck_evaluation_seeded")),
        sa.ForeignKeyConstraint(["composed_by"], ["person.id"], name=op.f("fk_evaluation_composed_by")),
        sa.ForeignKeyConstraint(["project_id"], ["opening.project_id"], name=op.f("fk_evaluation_project_id")),
        sa.ForeignKeyConstraint(["rechecked_by"], ["person.id"], name=op.f("fk_evaluation_rechecked_by")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_evaluation_written_by")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_evaluation")),
    )
    op.create_table(
        "bid_check",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conforms", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(findings) = 'array'", name=op.f("ck_bid_check_findings_listed")),
        sa.CheckConstraint("passed = (reason = '')", name=op.f("ck_bid_check_refused_with_reason")),
        sa.ForeignKeyConstraint(["bid_id"], ["opened_bid.bid_id"], name=op.f("fk_bid_check_bid_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bid_check_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["evaluation.project_id"], name=op.f("fk_bid_check_project_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_bid_check")),
    )
    op.create_index(op.f("ix_bid_check_project_id"), "bid_check", ["project_id"], unique=False)
    op.create_table(
        "panel_member",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "expert",
                "buyer_representative",
                "centre_staff",
                name="seatkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "appointed",
                "seated",
                "recused",
                "dismissed",
                "locked",
                "signed",
                name="memberstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", sa.Text(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_digest", sa.Text(), nullable=False),
        sa.Column("dissent", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'signed') = (signed_at IS NOT NULL AND signed_digest ~ '^[0-9a-f]{64}$')",
            name=op.f("ck_panel_member_signed"),
        ),
        sa.CheckConstraint(
            "(state IN ('locked', 'signed')) = (locked_at IS NOT NULL)", name=op.f("ck_panel_member_locked")
        ),
        sa.CheckConstraint(
            "(state IN ('recused', 'dismissed')) = (left_reason <> '')", name=op.f("ck_panel_member_left_with_reason")
        ),
        sa.CheckConstraint("dissent = '' OR state = 'signed'", name=op.f("ck_panel_member_dissent_with_signature")),
        sa.CheckConstraint(
            "state IN ('appointed', 'dismissed') OR declared_at IS NOT NULL",
            name=op.f("ck_panel_member_declared_before"),
        ),
        sa.CheckConstraint(
            "locked_at >= declared_at AND signed_at >= locked_at", name=op.f("ck_panel_member_in_order")
        ),
        sa.CheckConstraint("place > 0", name=op.f("ck_panel_member_place_positive")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_panel_member_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_panel_member_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["evaluation.project_id"], name=op.f("fk_panel_member_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_member")),
        sa.UniqueConstraint("id", "project_id", name=op.f("uq_panel_member_id_project_id")),
        sa.UniqueConstraint("project_id", "person_id", name=op.f("uq_panel_member_project_id_person_id")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_panel_member_project_id_place")),
    )
    op.create_index(op.f("ix_panel_member_person_id"), "panel_member", ["person_id"], unique=False)
    op.create_table(
        "ranked_bid",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("price_bp", sa.BigInteger(), nullable=False),
        sa.Column("quality_bp", sa.BigInteger(), nullable=False),
        sa.Column("total_bp", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("place > 0", name=op.f("ck_ranked_bid_place_positive")),
        sa.CheckConstraint("price_bp >= 0 AND quality_bp >= 0", name=op.f("ck_ranked_bid_points_positive")),
        sa.CheckConstraint(
            "total_bp = price_bp + quality_bp AND total_bp <= 10000", name=op.f("ck_ranked_bid_adds_up")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["opened_bid.bid_id"], name=op.f("fk_ranked_bid_bid_id")),
        sa.ForeignKeyConstraint(["project_id"], ["evaluation.project_id"], name=op.f("fk_ranked_bid_project_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_ranked_bid")),
        sa.UniqueConstraint("bid_id", "project_id", name=op.f("uq_ranked_bid_bid_id_project_id")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_ranked_bid_project_id_place")),
    )
    op.create_table(
        "award",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("apart_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_until", sa.Date(), nullable=True),
        sa.Column("signable_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (notice_until IS NULL) AND (published_at IS NULL) = (signable_from IS NULL)",
            name=op.f("ck_award_published_with_period"),
        ),
        sa.CheckConstraint("NOT (decided_by = ANY (apart_ids))", name=op.f("ck_award_scorer_does_not_decide")),
        sa.CheckConstraint("cardinality(apart_ids) > 0", name=op.f("ck_award_somebody_scored")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_award_price_positive")),
        sa.CheckConstraint("published_at >= decided_at", name=op.f("ck_award_published_later")),
        sa.CheckConstraint("signable_from > published_at", name=op.f("ck_award_signable_later")),
        sa.ForeignKeyConstraint(
            ["bid_id", "project_id"], ["ranked_bid.bid_id", "ranked_bid.project_id"], name="fk_award_ranked_bid"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_award_decided_by")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_award_organization_id")),
        sa.ForeignKeyConstraint(["project_id"], ["evaluation.project_id"], name=op.f("fk_award_project_id")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_award_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("project_id", name=op.f("uq_award_project_id")),
    )
    op.create_index(op.f("ix_award_organization_id"), "award", ["organization_id"], unique=False)
    op.create_table(
        "score",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("points_bp", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points_bp BETWEEN 0 AND 10000", name=op.f("ck_score_points_bounded")),
        sa.ForeignKeyConstraint(["bid_id"], ["opened_bid.bid_id"], name=op.f("fk_score_bid_id")),
        sa.ForeignKeyConstraint(["criterion_id"], ["project_criterion.id"], name=op.f("fk_score_criterion_id")),
        sa.ForeignKeyConstraint(
            ["member_id", "project_id"], ["panel_member.id", "panel_member.project_id"], name="fk_score_member"
        ),
        sa.PrimaryKeyConstraint("member_id", "bid_id", "criterion_id", name=op.f("pk_score")),
    )

    op.execute(KINSHIP)
    for table, (guard, when) in GUARDS.items():
        op.execute(guard)
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
        )
    op.execute(f'REVOKE UPDATE, DELETE ON ranked_bid, award FROM "{app}"')
    op.execute(f'GRANT UPDATE (published_by, published_at, notice_until, signable_from) ON award TO "{app}"')
    op.execute(f'REVOKE DELETE ON evaluation, panel_member FROM "{app}"')
