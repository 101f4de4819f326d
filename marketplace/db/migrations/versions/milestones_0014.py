"""Milestones: reports, evidence, verification and acceptance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FOR_EVER = ("milestone_verification", "milestone_acceptance")
"""What was found and decided stays as it is: the application may add and read."""

WHOLE = """
CREATE FUNCTION public.contract_milestones_whole() RETURNS trigger LANGUAGE plpgsql AS $$
-- The milestones of a contract are together exactly 100.00 % and exactly its price.
BEGIN
    IF EXISTS (
        SELECT FROM contract_milestone WHERE contract_id = NEW.contract_id
        HAVING sum(share_bp) <> 10000
            OR sum(amount_fen) <> (SELECT price_fen FROM contract WHERE id = NEW.contract_id)
    ) THEN
        RAISE EXCEPTION USING MESSAGE = 'the milestones do not add up to the contract', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_contract_milestone_whole';
    END IF;
    RETURN NULL;
END
$$
"""
WHOLE_TRIGGER = """
CREATE CONSTRAINT TRIGGER contract_milestone_whole AFTER INSERT ON contract_milestone
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION contract_milestones_whole()
"""

AGREED = """
CREATE FUNCTION public.contract_milestone_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
-- What the parties signed stays, and so does a decision.
BEGIN
    IF (OLD.id, OLD.contract_id, OLD.place, OLD.kind, OLD.title, OLD.deliverable, OLD.evidence, OLD.due_on,
            OLD.share_bp, OLD.amount_fen)
        IS DISTINCT FROM (NEW.id, NEW.contract_id, NEW.place, NEW.kind, NEW.title, NEW.deliverable, NEW.evidence,
            NEW.due_on, NEW.share_bp, NEW.amount_fen)
        OR OLD.state IN ('accepted', 'partly_accepted', 'rejected')
    THEN
        RAISE EXCEPTION USING MESSAGE = 'what is agreed or decided of a milestone is never changed',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_contract_milestone_agreed';
    END IF;
    RETURN NEW;
END
$$
"""
AGREED_TRIGGER = """
CREATE TRIGGER contract_milestone_agreed BEFORE UPDATE ON contract_milestone
FOR EACH ROW EXECUTE FUNCTION contract_milestone_agreed()
"""

FROZEN = """
CREATE FUNCTION public.milestone_report_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- A report that was handed in, and its files, stay as they are.
DECLARE
    parent uuid;
BEGIN
    IF TG_TABLE_NAME = 'milestone_report' THEN
        parent := OLD.id;
    ELSIF TG_OP = 'DELETE' THEN
        parent := OLD.report_id;
    ELSE
        parent := NEW.report_id;
    END IF;
    IF EXISTS (SELECT FROM milestone_report WHERE id = parent AND submitted_at IS NOT NULL) THEN
        RAISE EXCEPTION USING MESSAGE = 'a report that was handed in is never changed', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_milestone_report_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""
FROZEN_TRIGGER = """
CREATE TRIGGER milestone_report_frozen BEFORE UPDATE OR DELETE ON milestone_report
FOR EACH ROW EXECUTE FUNCTION milestone_report_frozen()
"""
FROZEN_FILES_TRIGGER = """
CREATE TRIGGER milestone_evidence_frozen BEFORE INSERT OR UPDATE OR DELETE ON milestone_evidence
FOR EACH ROW EXECUTE FUNCTION milestone_report_frozen()
"""
GUARDS = (WHOLE, WHOLE_TRIGGER, AGREED, AGREED_TRIGGER, FROZEN, FROZEN_TRIGGER, FROZEN_FILES_TRIGGER)


def upgrade() -> None:
    app = migration_roles().app
    op.create_table(
        "contract_milestone",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "advance", "deliverable", name="milestonekind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "reported",
                "returned",
                "verified",
                "accepted",
                "partly_accepted",
                "rejected",
                name="milestonestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mend_by", sa.Date(), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_bp", sa.BigInteger(), nullable=True),
        sa.Column("accepted_fen", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'returned') = (mend_by IS NOT NULL)", name=op.f("ck_contract_milestone_returned_has_date")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'partly_accepted', 'rejected')) = (accepted_at IS NOT NULL AND accepted_fen IS NOT NULL AND accepted_bp IS NOT NULL)",
            name=op.f("ck_contract_milestone_decided_has_facts"),
        ),
        sa.CheckConstraint(
            "NOT (state IN ('accepted', 'partly_accepted', 'rejected')) OR (state = 'accepted' AND accepted_bp = 10000 AND accepted_fen = amount_fen) OR (state = 'partly_accepted' AND accepted_bp > 0 AND accepted_bp < 10000) OR (state = 'rejected' AND accepted_bp = 0 AND accepted_fen = 0)",
            name=op.f("ck_contract_milestone_part_as_decided"),
        ),
        sa.CheckConstraint(
            "kind <> 'advance' OR state IN ('scheduled', 'accepted')",
            name=op.f("ck_contract_milestone_advance_needs_no_report"),
        ),
        sa.CheckConstraint(
            "kind = 'advance' OR NOT (state IN ('accepted', 'partly_accepted', 'rejected')) OR accepted_by IS NOT NULL",
            name=op.f("ck_contract_milestone_deliverable_accepted_by_person"),
        ),
        sa.CheckConstraint(
            "kind = 'advance' OR due_on IS NOT NULL", name=op.f("ck_contract_milestone_deliverable_has_date")
        ),
        sa.CheckConstraint(
            "kind = 'advance' OR state = 'scheduled' OR (reported_by IS NOT NULL AND reported_at IS NOT NULL AND attempts > 0)",
            name=op.f("ck_contract_milestone_reported_has_facts"),
        ),
        sa.CheckConstraint(
            "kind = 'advance' OR state NOT IN ('verified', 'accepted', 'partly_accepted', 'rejected') OR (verified_by IS NOT NULL AND verified_at IS NOT NULL)",
            name=op.f("ck_contract_milestone_verified_has_facts"),
        ),
        sa.CheckConstraint("title <> '' AND place > 0", name=op.f("ck_contract_milestone_named")),
        sa.CheckConstraint(
            "accepted_by <> verified_by AND accepted_by <> reported_by",
            name=op.f("ck_contract_milestone_acceptor_apart"),
        ),
        sa.CheckConstraint(
            "accepted_fen >= 0 AND accepted_fen <= amount_fen",
            name=op.f("ck_contract_milestone_accepted_within_amount"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_contract_milestone_amount_not_negative")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_contract_milestone_attempts_counted")),
        sa.CheckConstraint("share_bp > 0 AND share_bp <= 10000", name=op.f("ck_contract_milestone_share_bounded")),
        sa.CheckConstraint("verified_by <> reported_by", name=op.f("ck_contract_milestone_reporter_does_not_verify")),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_contract_milestone_accepted_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_milestone_contract_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"], name=op.f("fk_contract_milestone_reported_by")),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name=op.f("fk_contract_milestone_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_milestone")),
        sa.UniqueConstraint("contract_id", "place", name=op.f("uq_contract_milestone_contract_id_place")),
    )
    op.create_index(
        "ix_contract_milestone_waiting",
        "contract_milestone",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("NOT (state IN ('accepted', 'partly_accepted', 'rejected'))"),
    )
    op.create_index(
        "uq_contract_milestone_advance",
        "contract_milestone",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'advance'"),
    )
    op.create_table(
        "milestone_report",
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("people_served", sa.BigInteger(), nullable=True),
        sa.Column("sessions", sa.BigInteger(), nullable=True),
        sa.Column("hours_hundredths", sa.BigInteger(), nullable=True),
        sa.Column("ticked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(ticked) = 'array'", name=op.f("ck_milestone_report_ticked_listed")),
        sa.CheckConstraint(
            "submitted_at IS NULL OR (content <> '' AND people_served IS NOT NULL)",
            name=op.f("ck_milestone_report_complete"),
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by IS NULL)", name=op.f("ck_milestone_report_submitted_by_person")
        ),
        sa.CheckConstraint("attempt > 0 AND version > 0", name=op.f("ck_milestone_report_counted")),
        sa.CheckConstraint(
            "people_served >= 0 AND sessions >= 0 AND hours_hundredths >= 0",
            name=op.f("ck_milestone_report_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["contract_milestone.id"], name=op.f("fk_milestone_report_milestone_id")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_milestone_report_saved_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_milestone_report_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_report")),
        sa.UniqueConstraint("id", "submitted_by", name=op.f("uq_milestone_report_id_submitted_by")),
        sa.UniqueConstraint("milestone_id", "attempt", name=op.f("uq_milestone_report_milestone_id_attempt")),
    )
    op.create_index(
        "uq_milestone_report_draft",
        "milestone_report",
        ["milestone_id"],
        unique=True,
        postgresql_where=sa.text("submitted_at IS NULL"),
    )
    op.create_table(
        "milestone_acceptance",
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("satisfied", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "opinion <> '' AND asked >= 0 AND satisfied >= 0 AND satisfied <= asked",
            name=op.f("ck_milestone_acceptance_opinion_asked"),
        ),
        sa.CheckConstraint("share_bp = 10000 OR reason <> ''", name=op.f("ck_milestone_acceptance_part_has_reason")),
        sa.CheckConstraint(
            "person_id <> verified_by AND person_id <> reported_by", name=op.f("ck_milestone_acceptance_acceptor_apart")
        ),
        sa.CheckConstraint(
            "share_bp >= 0 AND share_bp <= 10000 AND amount_fen >= 0",
            name=op.f("ck_milestone_acceptance_share_bounded"),
        ),
        sa.CheckConstraint("verified_by <> reported_by", name=op.f("ck_milestone_acceptance_verifier_apart")),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["contract_milestone.id"], name=op.f("fk_milestone_acceptance_milestone_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_milestone_acceptance_person_id")),
        sa.ForeignKeyConstraint(
            ["report_id", "reported_by"],
            ["milestone_report.id", "milestone_report.submitted_by"],
            name=op.f("fk_milestone_acceptance_report_id_reported_by"),
        ),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name=op.f("fk_milestone_acceptance_verified_by")),
        sa.PrimaryKeyConstraint("milestone_id", name=op.f("pk_milestone_acceptance")),
        sa.UniqueConstraint("report_id", name=op.f("uq_milestone_acceptance_report_id")),
    )
    op.create_table(
        "milestone_evidence",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "photo",
                "sign_in_sheet",
                "other",
                name="evidencekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item", sa.SmallInteger(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_milestone_evidence_sha256_hex")),
        sa.CheckConstraint("item >= 0", name=op.f("ck_milestone_evidence_item_counted")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_milestone_evidence_added_by")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_milestone_evidence_document_id")),
        sa.ForeignKeyConstraint(["report_id"], ["milestone_report.id"], name=op.f("fk_milestone_evidence_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_evidence")),
    )
    op.create_index(op.f("ix_milestone_evidence_document_id"), "milestone_evidence", ["document_id"], unique=False)
    op.create_index("ix_milestone_evidence_report_id", "milestone_evidence", ["report_id", "added_at"], unique=False)
    op.create_table(
        "milestone_verification",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum("confirmed", "returned", name="finding", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mend_by", sa.Date(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "finding <> 'returned' OR (reason <> '' AND mend_by IS NOT NULL)",
            name=op.f("ck_milestone_verification_returned_has_reason_and_date"),
        ),
        sa.CheckConstraint("person_id <> reported_by", name=op.f("ck_milestone_verification_reporter_does_not_verify")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_milestone_verification_person_id")),
        sa.ForeignKeyConstraint(
            ["report_id", "reported_by"],
            ["milestone_report.id", "milestone_report.submitted_by"],
            name=op.f("fk_milestone_verification_report_id_reported_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_verification")),
    )
    op.create_index(
        "uq_milestone_verification_confirmed",
        "milestone_verification",
        ["report_id"],
        unique=True,
        postgresql_where=sa.text("finding = 'confirmed'"),
    )
    op.create_index(
        "uq_milestone_verification_returned",
        "milestone_verification",
        ["report_id"],
        unique=True,
        postgresql_where=sa.text("finding = 'returned'"),
    )
    for statement in GUARDS:
        op.execute(statement)
    for table in FOR_EVER:
        op.execute(f'REVOKE UPDATE, DELETE ON {table} FROM "{app}"')
    op.execute(f'REVOKE DELETE ON contract_milestone, milestone_report, milestone_evidence FROM "{app}"')
