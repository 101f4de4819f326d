"""Contracts, their approvals and signatures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FOR_EVER = ("contract_funding", "contract_paper", "contract_signature")
"""What was shared out, printed and signed stays as it is: the application may add and read."""

FROZEN = """
CREATE FUNCTION public.contract_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
-- What a contract says changes only while it is a draft; between whom it is and at what price, never.
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'the contract is no draft, its text is frozen', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_contract_frozen';
END
$$
"""
FROZEN_TEXT = """
CREATE TRIGGER contract_frozen_text BEFORE UPDATE ON contract FOR EACH ROW
WHEN (OLD.state <> 'draft' AND ROW(OLD.clauses, OLD.service_from, OLD.service_until, OLD.milestone_days)
    IS DISTINCT FROM ROW(NEW.clauses, NEW.service_from, NEW.service_until, NEW.milestone_days))
EXECUTE FUNCTION contract_frozen()
"""
FROZEN_FRAME = """
CREATE TRIGGER contract_frozen_frame BEFORE UPDATE ON contract FOR EACH ROW
WHEN (ROW(OLD.project_id, OLD.award_id, OLD.buyer_id, OLD.procuring_entity_id, OLD.supplier_id, OLD.price_fen)
    IS DISTINCT FROM
    ROW(NEW.project_id, NEW.award_id, NEW.buyer_id, NEW.procuring_entity_id, NEW.supplier_id, NEW.price_fen))
EXECUTE FUNCTION contract_frozen()
"""
BOTH_SIGNED = """
CREATE FUNCTION public.contract_both_signed() RETURNS trigger LANGUAGE plpgsql AS $$
-- A contract takes effect only when both parties have signed the paper it names.
BEGIN
    IF (SELECT count(*) FROM contract_signature JOIN contract_paper ON contract_paper.id = contract_signature.paper_id
            WHERE contract_paper.contract_id = NEW.id AND contract_paper.edition = NEW.paper_edition) <> 2 THEN
        RAISE EXCEPTION USING MESSAGE = 'both parties must have signed', ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_contract_both_signed';
    END IF;
    RETURN NEW;
END
$$
"""
BOTH_SIGNED_TRIGGER = """
CREATE TRIGGER contract_both_signed BEFORE UPDATE OF state ON contract FOR EACH ROW
WHEN (NEW.state IN ('active', 'completed')) EXECUTE FUNCTION contract_both_signed()
"""
AS_AWARDED = """
CREATE FUNCTION public.contract_as_awarded() RETURNS trigger LANGUAGE plpgsql AS $$
-- A contract is made of one published award: its project, its supplier, its price.
BEGIN
    IF NEW.state <> 'draft' OR NOT EXISTS (SELECT FROM award WHERE id = NEW.award_id
            AND project_id = NEW.project_id AND organization_id = NEW.supplier_id AND price_fen = NEW.price_fen
            AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION USING MESSAGE = 'a contract begins as a draft of what was awarded',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_contract_as_awarded';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    app = migration_roles().app
    op.create_table(
        "contract",
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("procuring_entity_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "signing",
                "active",
                "completed",
                "cancelled",
                name="contractstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("clauses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_until", sa.Date(), nullable=True),
        sa.Column("milestone_days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drafter_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("returned_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_edition", sa.SmallInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (ended_at IS NOT NULL AND end_reason <> '')",
            name=op.f("ck_contract_end_has_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_contract_completed_has_time")
        ),
        sa.CheckConstraint(
            "(state IN ('active', 'completed')) = (signed_at IS NOT NULL)", name=op.f("ck_contract_binding_is_signed")
        ),
        sa.CheckConstraint("jsonb_typeof(clauses) = 'object'", name=op.f("ck_contract_clauses_object")),
        sa.CheckConstraint("jsonb_typeof(milestone_days) = 'array'", name=op.f("ck_contract_milestone_days_listed")),
        sa.CheckConstraint("number ~ '^HT-[0-9]{4}-[0-9]{4,}$'", name=op.f("ck_contract_number_form")),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR (number IS NOT NULL AND submitted_at IS NOT NULL AND service_from IS NOT NULL AND service_until IS NOT NULL AND coalesce(clauses ->> 'content', '') <> '' AND coalesce(clauses ->> 'term', '') <> '' AND coalesce(clauses ->> 'quantity', '') <> '' AND coalesce(clauses ->> 'quality', '') <> '' AND coalesce(clauses ->> 'price', '') <> '' AND coalesce(clauses ->> 'payment', '') <> '' AND coalesce(clauses ->> 'duties', '') <> '' AND coalesce(clauses ->> 'breach', '') <> '')",
            name=op.f("ck_contract_complete_when_submitted"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'signing', 'active', 'completed') OR (approved_at IS NOT NULL AND paper_edition IS NOT NULL)",
            name=op.f("ck_contract_approved_has_paper"),
        ),
        sa.CheckConstraint("title <> ''", name=op.f("ck_contract_titled")),
        sa.CheckConstraint("NOT (approved_by = ANY (drafter_ids))", name=op.f("ck_contract_drafter_does_not_approve")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_contract_price_positive")),
        sa.CheckConstraint(
            "published_at IS NULL OR signed_at IS NOT NULL", name=op.f("ck_contract_published_is_signed")
        ),
        sa.CheckConstraint("service_until >= service_from", name=op.f("ck_contract_service_ends_later")),
        sa.CheckConstraint(
            "supplier_id <> buyer_id AND supplier_id <> procuring_entity_id", name=op.f("ck_contract_parties_differ")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_contract_counted")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_contract_approved_by")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_contract_award_id")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organization.id"], name=op.f("fk_contract_buyer_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_contract_ended_by")),
        sa.ForeignKeyConstraint(
            ["procuring_entity_id"], ["organization.id"], name=op.f("fk_contract_procuring_entity_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_contract_project_id")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_contract_published_by")),
        sa.ForeignKeyConstraint(["returned_by"], ["person.id"], name=op.f("fk_contract_returned_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_contract_submitted_by")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organization.id"], name=op.f("fk_contract_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    op.create_index(op.f("ix_contract_award_id"), "contract", ["award_id"], unique=False)
    op.create_index("ix_contract_buyer_id", "contract", ["buyer_id", "updated_at"], unique=False)
    op.create_index("ix_contract_procuring_entity_id", "contract", ["procuring_entity_id", "updated_at"], unique=False)
    op.create_index(op.f("ix_contract_project_id"), "contract", ["project_id"], unique=False)
    op.create_index("ix_contract_supplier_id", "contract", ["supplier_id", "updated_at"], unique=False)
    op.create_index(
        "uq_contract_live", "contract", ["project_id"], unique=True, postgresql_where=sa.text("state <> 'cancelled'")
    )
    op.create_table(
        "contract_funding",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_contract_funding_not_negative")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_funding_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_funding")),
        sa.UniqueConstraint("contract_id", "fund_id", name=op.f("uq_contract_funding_contract_id_fund_id")),
        sa.UniqueConstraint("contract_id", "place", name=op.f("uq_contract_funding_contract_id_place")),
    )
    op.create_table(
        "contract_paper",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sm3", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_contract_paper_sha256_hex")),
        sa.CheckConstraint("sm3 ~ '^[0-9a-f]{64}$'", name=op.f("ck_contract_paper_sm3_hex")),
        sa.CheckConstraint("edition > 0", name=op.f("ck_contract_paper_edition_counted")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_paper_contract_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_contract_paper_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_paper")),
        sa.UniqueConstraint("contract_id", "edition", name=op.f("uq_contract_paper_contract_id_edition")),
        sa.UniqueConstraint("id", "sha256", name=op.f("uq_contract_paper_id_sha256")),
    )
    op.create_index(op.f("ix_contract_paper_document_id"), "contract_paper", ["document_id"], unique=False)
    op.create_table(
        "contract_signature",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("buyer", "supplier", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_contract_signature_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["paper_id", "sha256"],
            ["contract_paper.id", "contract_paper.sha256"],
            name=op.f("fk_contract_signature_paper_id_sha256"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contract_signature_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_signature")),
        sa.UniqueConstraint("paper_id", "side", name=op.f("uq_contract_signature_paper_id_side")),
    )
    op.create_index(
        op.f("ix_contract_signature_organization_id"), "contract_signature", ["organization_id"], unique=False
    )
    op.create_foreign_key(
        "fk_contract_paper", "contract", "contract_paper", ["id", "paper_edition"], ["contract_id", "edition"]
    )
    op.execute(FROZEN)
    op.execute(FROZEN_TEXT)
    op.execute(FROZEN_FRAME)
    op.execute(BOTH_SIGNED)
    op.execute(BOTH_SIGNED_TRIGGER)
    op.execute(AS_AWARDED)
    op.execute(
        "CREATE TRIGGER contract_as_awarded BEFORE INSERT ON contract"
        " FOR EACH ROW EXECUTE FUNCTION contract_as_awarded()"
    )
    for table in FOR_EVER:
        op.execute(f'REVOKE UPDATE, DELETE ON {table} FROM "{app}"')
    op.execute(f'REVOKE DELETE ON contract FROM "{app}"')
