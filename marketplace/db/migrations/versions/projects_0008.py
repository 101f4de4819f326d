"""Service projects, their parts, questions, notices and files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PARTS = (
    "project_cost_line",
    "project_planned_funding",
    "project_condition",
    "project_criterion",
    "project_milestone",
)

FROZEN = """
CREATE FUNCTION public.project_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- Lists of a project change only while it is a draft.
DECLARE
    parent uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.project_id ELSE NEW.project_id END;
BEGIN
    IF EXISTS (SELECT FROM project WHERE id = parent AND state <> 'draft') THEN
        RAISE EXCEPTION USING MESSAGE = 'the project is no draft, its parts are frozen', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_part_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

WHOLE = """
CREATE FUNCTION public.project_sums_hold() RETURNS trigger LANGUAGE plpgsql AS $$
-- What is handed in adds up: funding to the budget, costs within the ceiling, milestones and criteria to the whole.
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

SUMS_TRIGGER = """
CREATE TRIGGER project_sums_hold BEFORE UPDATE OF state ON project FOR EACH ROW
WHEN (OLD.state = 'draft' AND NEW.state <> 'cancelled' AND NEW.state <> 'draft')
EXECUTE FUNCTION project_sums_hold()
"""

FROZEN_NOTICE = """
CREATE FUNCTION public.project_notice_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'a published notice is never changed', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_project_notice_frozen';
END
$$
"""

# fmt: off


def upgrade() -> None:
    op.create_table("project",
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Enum("draft", "submitted", "approved", "open", "evaluation", "awarded", "cancelled", "unsuccessful", name="projectstate", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("procuring_entity_id", sa.Uuid(), nullable=False),
        sa.Column("mandate_document_id", sa.Uuid(), nullable=True),
        sa.Column("catalogue_item_id", sa.Uuid(), nullable=False),
        sa.Column("catalogue_code", sa.Text(), nullable=False),
        sa.Column("procurement_code", sa.Text(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("duty_basis", sa.Text(), nullable=False),
        sa.Column("people_kind", sa.Text(), nullable=False),
        sa.Column("people_count", sa.BigInteger(), nullable=True),
        sa.Column("people_note", sa.Text(), nullable=False),
        sa.Column("serves_minors", sa.Boolean(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_until", sa.Date(), nullable=True),
        sa.Column("term_reason", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_fen", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Enum("open_tender", "invited_tender", "competitive_consultation", "competitive_negotiation", "inquiry", "single_source", "framework", "below_threshold_comparison", name="methodcode", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("method_reason", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("no_agent_reason", sa.Text(), nullable=False),
        sa.Column("no_agent_on", sa.Date(), nullable=True),
        sa.Column("negative_answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wording_note", sa.Text(), nullable=False),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("documents_until", sa.Date(), nullable=True),
        sa.Column("questions_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bids_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opening_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.Column("opener_centre_id", sa.Uuid(), nullable=True),
        sa.Column("opener_buyer_id", sa.Uuid(), nullable=True),
        sa.Column("opener_supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("rules_version", sa.BigInteger(), nullable=True),
        sa.Column("rules_on", sa.Date(), nullable=True),
        sa.Column("drafter_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("returned_plan", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("search_grams", postgresql.ARRAY(sa.BigInteger()), sa.Computed("bigrams(search_text)", persisted=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state IN ('cancelled', 'unsuccessful')) = (ended_at IS NOT NULL AND end_reason <> '')", name=op.f("ck_project_end_has_reason")),
        sa.CheckConstraint("NOT (state IN ('open', 'evaluation', 'awarded', 'unsuccessful')) OR (published_at IS NOT NULL AND approved_at IS NOT NULL AND rules_version IS NOT NULL AND rules_on IS NOT NULL)", name=op.f("ck_project_published_when_open")),
        sa.CheckConstraint("jsonb_typeof(negative_answers) = 'object'", name=op.f("ck_project_negative_answers_object")),
        sa.CheckConstraint("number ~ '^QT-[0-9]{4}-[0-9]{4,}$'", name=op.f("ck_project_number_form")),
        sa.CheckConstraint("state IN ('draft', 'cancelled') OR (number IS NOT NULL AND submitted_at IS NOT NULL AND budget_fen IS NOT NULL AND ceiling_fen IS NOT NULL AND method IS NOT NULL AND need <> '' AND duty_basis <> '' AND people_kind <> '' AND people_count IS NOT NULL AND service_until IS NOT NULL AND publish_on IS NOT NULL AND documents_until IS NOT NULL AND questions_due_at IS NOT NULL AND answers_due_at IS NOT NULL AND bids_due_at IS NOT NULL AND opening_at IS NOT NULL)", name=op.f("ck_project_complete_when_submitted")),
        sa.CheckConstraint("state IN ('draft', 'cancelled') OR (opener_centre_id <> opener_buyer_id AND opener_buyer_id <> opener_supervisor_id AND opener_supervisor_id <> opener_centre_id) IS TRUE", name=op.f("ck_project_three_openers")),
        sa.CheckConstraint("state IN ('draft', 'cancelled') OR buyer_id = procuring_entity_id OR mandate_document_id IS NOT NULL", name=op.f("ck_project_mandated")),
        sa.CheckConstraint("state NOT IN ('approved') OR approved_at IS NOT NULL", name=op.f("ck_project_approved_has_time")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_project_titled")),
        sa.CheckConstraint("NOT (approved_by = ANY (drafter_ids))", name=op.f("ck_project_drafter_does_not_approve")),
        sa.CheckConstraint("NOT (published_by = ANY (drafter_ids))", name=op.f("ck_project_drafter_does_not_publish")),
        sa.CheckConstraint("budget_fen > 0", name=op.f("ck_project_budget_positive")),
        sa.CheckConstraint("ceiling_fen > 0 AND ceiling_fen <= budget_fen", name=op.f("ck_project_ceiling_within_budget")),
        sa.CheckConstraint("people_count > 0", name=op.f("ck_project_people_counted")),
        sa.CheckConstraint("questions_due_at <= answers_due_at AND answers_due_at <= bids_due_at AND bids_due_at <= opening_at", name=op.f("ck_project_times_in_order")),
        sa.CheckConstraint("service_until >= service_from", name=op.f("ck_project_service_ends_later")),
        sa.CheckConstraint("version > 0 AND round > 0", name=op.f("ck_project_counted")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_project_approved_by")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organization.id"], name=op.f("fk_project_buyer_id")),
        sa.ForeignKeyConstraint(["catalogue_item_id"], ["catalogue_item.id"], name=op.f("fk_project_catalogue_item_id")),
        sa.ForeignKeyConstraint(["mandate_document_id"], ["document.id"], name=op.f("fk_project_mandate_document_id")),
        sa.ForeignKeyConstraint(["opener_buyer_id"], ["person.id"], name=op.f("fk_project_opener_buyer_id")),
        sa.ForeignKeyConstraint(["opener_centre_id"], ["person.id"], name=op.f("fk_project_opener_centre_id")),
        sa.ForeignKeyConstraint(["opener_supervisor_id"], ["person.id"], name=op.f("fk_project_opener_supervisor_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["project.id"], name=op.f("fk_project_previous_id")),
        sa.ForeignKeyConstraint(["procuring_entity_id"], ["organization.id"], name=op.f("fk_project_procuring_entity_id")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_project_published_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_project_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("number", name=op.f("uq_project_number"))
    )
    op.create_index("ix_project_buyer_id", "project", ["buyer_id", "updated_at"], unique=False)
    op.create_index("ix_project_closing", "project", ["bids_due_at", "id"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_project_procuring_entity_id", "project", ["procuring_entity_id", "updated_at"], unique=False)
    op.create_index("ix_project_public", "project", ["published_at", "id"], unique=False, postgresql_where=sa.text("published_at IS NOT NULL"))
    op.create_index("ix_project_search_grams", "project", ["search_grams"], unique=False, postgresql_using="gin")
    op.create_table("project_condition",
        sa.Column("kind", sa.Enum("general", "project", "minors", name="conditionkind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("content <> ''", name=op.f("ck_project_condition_said")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_condition_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_condition")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_condition_project_id_place"))
    )
    op.create_table("project_cost_line",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("quantity_hundredths", sa.BigInteger(), nullable=True),
        sa.Column("unit_cost_fen", sa.BigInteger(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("item <> ''", name=op.f("ck_project_cost_line_named")),
        sa.CheckConstraint("amount_fen IS NOT DISTINCT FROM (quantity_hundredths * unit_cost_fen + 50) / 100", name=op.f("ck_project_cost_line_amount_follows")),
        sa.CheckConstraint("quantity_hundredths > 0 AND unit_cost_fen > 0 AND amount_fen > 0", name=op.f("ck_project_cost_line_positive")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_cost_line_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_cost_line")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_cost_line_project_id_place"))
    )
    op.create_table("project_criterion",
        sa.Column("kind", sa.Enum("price", "quality", name="criterionkind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weight_bp", sa.BigInteger(), nullable=True),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(steps) = 'array'", name=op.f("ck_project_criterion_steps_listed")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_project_criterion_named")),
        sa.CheckConstraint("weight_bp > 0 AND weight_bp <= 10000", name=op.f("ck_project_criterion_weight_bounded")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_criterion_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_criterion")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_criterion_project_id_place"))
    )
    op.create_index("uq_project_criterion_price", "project_criterion", ["project_id"], unique=True, postgresql_where=sa.text("kind = 'price'"))
    op.create_table("project_file",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum("tender_document", "attachment", "mandate", "minutes", "survey", "internal", name="filekind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_project_file_titled")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_file_document_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_file_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_file_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_file")),
        sa.UniqueConstraint("project_id", "document_id", name=op.f("uq_project_file_project_id_document_id"))
    )
    op.create_index(op.f("ix_project_file_document_id"), "project_file", ["document_id"], unique=False)
    op.create_table("project_milestone",
        sa.Column("kind", sa.Enum("advance", "deliverable", name="milestonekind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("share_bp", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_project_milestone_named")),
        sa.CheckConstraint("share_bp > 0 AND share_bp <= 10000", name=op.f("ck_project_milestone_share_bounded")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_milestone_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_milestone")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_milestone_project_id_place"))
    )
    op.create_index("uq_project_milestone_advance", "project_milestone", ["project_id"], unique=True, postgresql_where=sa.text("kind = 'advance'"))
    op.create_table("project_notice",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Enum("tender", "amendment", "cancellation", "unsuccessful", "result", "contract", "acceptance", name="noticekind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(changes) = 'array'", name=op.f("ck_project_notice_changes_listed")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_notice_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_notice_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_notice")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_notice_project_id_place"))
    )
    op.create_table("project_planned_funding",
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_project_planned_funding_positive")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_planned_funding_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_planned_funding")),
        sa.UniqueConstraint("project_id", "fund_id", name=op.f("uq_project_planned_funding_project_id_fund_id")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_project_planned_funding_project_id_place"))
    )
    op.create_table("project_question",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("asker_digest", postgresql.BYTEA(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '') AND (answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_project_question_answered")),
        sa.CheckConstraint("content <> ''", name=op.f("ck_project_question_said")),
        sa.CheckConstraint("octet_length(asker_digest) = 32", name=op.f("ck_project_question_asker_digest_sha256")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_project_question_answered_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_question_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_question")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_project_question_project_id_number"))
    )
    op.create_index("ix_project_question_open", "project_question", ["project_id"], unique=False, postgresql_where=sa.text("answered_at IS NULL"))
    op.execute(FROZEN)
    for part in PARTS:
        op.execute(
            f"CREATE TRIGGER {part}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {part}"
            " FOR EACH ROW EXECUTE FUNCTION project_part_frozen()"
        )
    op.execute(WHOLE)
    op.execute(SUMS_TRIGGER)
    op.execute(FROZEN_NOTICE)
    op.execute(
        "CREATE TRIGGER project_notice_frozen BEFORE UPDATE OR DELETE ON project_notice"
        " FOR EACH ROW EXECUTE FUNCTION project_notice_frozen()"
    )
# fmt: on
