"""Aid programmes, beneficiaries, entitlements and rosters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_{name}"), native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    app = migration_roles().app
    _people()
    _activities()
    _programmes()
    _rosters()
    _entitlements()
    _reading()
    op.execute(f'REVOKE UPDATE, DELETE ON aid_access FROM "{app}"')
    op.execute(f'REVOKE DELETE ON aid_person, aid_roster FROM "{app}"')


def _people() -> None:
    op.create_table(
        "aid_person",
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("id_index", postgresql.BYTEA(), nullable=False),
        sa.Column("id_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("octet_length(id_index) = 32", name=op.f("ck_aid_person_index_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_person")),
        sa.UniqueConstraint("key_version", "id_index", name=op.f("uq_aid_person_key_version_id_index")),
    )


def _activities() -> None:
    op.create_table(
        "aid_activity",
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("partners", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_aid_activity_named")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_aid_activity_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_activity")),
        sa.UniqueConstraint("story", "name", name=op.f("uq_aid_activity_story_name")),
    )
    op.create_index(op.f("ix_aid_activity_organization_id"), "aid_activity", ["organization_id"], unique=False)


def _programmes() -> None:
    op.create_table(
        "aid_programme",
        sa.Column("kind", _words("aid_programme_programme_kind", "aid", "activity", "planned"), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("purpose", _words("aid_programme_purpose", "study"), nullable=False),
        sa.Column("rule", _words("aid_programme_purpose_rule", "exclusive", "stackable"), nullable=False),
        sa.Column(
            "source", _words("aid_programme_source_kind", "fiscal_fund", "union_fund", "donation_fund"), nullable=True
        ),
        sa.Column("catalogue_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind <> 'aid' OR source IS NOT NULL", name=op.f("ck_aid_programme_money_known")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_aid_programme_named")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_aid_programme_year_sane")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_aid_programme_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_programme")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_aid_programme_id_organization_id")),
        sa.UniqueConstraint("organization_id", "name", "year", name=op.f("uq_aid_programme_organization_id_name_year")),
    )
    op.create_index(
        "ix_aid_programme_story", "aid_programme", ["story"], unique=False, postgresql_where=sa.text("story <> ''")
    )
    op.create_table(
        "aid_organizer",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_aid_organizer_organization_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["aid_programme.id"], name=op.f("fk_aid_organizer_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "organization_id", name=op.f("pk_aid_organizer")),
    )
    op.create_table(
        "aid_rate",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("group_name_en", sa.Text(), nullable=False),
        sa.Column(
            "stage", _words("aid_rate_stage", "university", "senior_secondary", "compulsory", "primary"), nullable=False
        ),
        sa.Column("sex", _words("aid_rate_sex", "any", "female"), nullable=False),
        sa.Column("rate_fen", sa.BigInteger(), nullable=False),
        sa.Column("heads_max", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("group_name <> ''", name=op.f("ck_aid_rate_named")),
        sa.CheckConstraint("heads_max > 0", name=op.f("ck_aid_rate_heads_positive")),
        sa.CheckConstraint("rate_fen > 0", name=op.f("ck_aid_rate_rate_positive")),
        sa.ForeignKeyConstraint(["programme_id"], ["aid_programme.id"], name=op.f("fk_aid_rate_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_rate")),
        sa.UniqueConstraint("id", "programme_id", "rate_fen", name=op.f("uq_aid_rate_id_programme_id_rate_fen")),
        sa.UniqueConstraint("programme_id", "stage", name=op.f("uq_aid_rate_programme_id_stage")),
    )


def _rosters() -> None:
    op.create_table(
        "aid_roster",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "state",
            _words("aid_roster_rosterstate", "draft", "submitted", "approved", "paying", "paid", "cancelled"),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("heads", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_aid_roster_paid_has_time")),
        sa.CheckConstraint(
            "(state IN ('approved', 'paying', 'paid')) = (approved_at IS NOT NULL)",
            name=op.f("ck_aid_roster_approved_before"),
        ),
        sa.CheckConstraint("state IN ('draft', 'cancelled') OR heads > 0", name=op.f("ck_aid_roster_not_empty")),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR submitted_at IS NOT NULL", name=op.f("ck_aid_roster_submitted_before")
        ),
        sa.CheckConstraint(
            "state NOT IN ('paying', 'paid') OR application_id IS NOT NULL", name=op.f("ck_aid_roster_applied_before")
        ),
        sa.CheckConstraint("title <> ''", name=op.f("ck_aid_roster_titled")),
        sa.CheckConstraint(
            "approved_by <> submitted_by AND approved_by <> drafted_by", name=op.f("ck_aid_roster_two_people")
        ),
        sa.CheckConstraint(
            "heads >= 0 AND total_fen >= 0 AND (heads = 0) = (total_fen = 0)", name=op.f("ck_aid_roster_sums_sane")
        ),
        sa.CheckConstraint("revision > 0 AND turn >= 0", name=op.f("ck_aid_roster_counted")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_terms.id"], name=op.f("fk_aid_roster_fund_id")),
        sa.ForeignKeyConstraint(
            ["programme_id", "organization_id"],
            ["aid_programme.id", "aid_programme.organization_id"],
            name="fk_aid_roster_programme",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_roster")),
        sa.UniqueConstraint(
            "id", "programme_id", "organization_id", name=op.f("uq_aid_roster_id_programme_id_organization_id")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_aid_roster_number")),
    )
    op.create_index("ix_aid_roster_application_id", "aid_roster", ["application_id"], unique=False)
    op.create_index(op.f("ix_aid_roster_fund_id"), "aid_roster", ["fund_id"], unique=False)
    op.create_index("ix_aid_roster_organization_id", "aid_roster", ["organization_id", "state"], unique=False)
    op.create_index(op.f("ix_aid_roster_programme_id"), "aid_roster", ["programme_id"], unique=False)


def _entitlements() -> None:
    op.create_table(
        "aid_entitlement",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("rate_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("purpose", _words("aid_entitlement_purpose", "study"), nullable=False),
        sa.Column("rule", _words("aid_entitlement_purpose_rule", "exclusive", "stackable"), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", _words("aid_entitlement_entitlementstate", "proposed", "granted", "paid"), nullable=False),
        sa.Column("name_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("name_masked", sa.Text(), nullable=False),
        sa.Column("id_last4", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("account_sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("account_last4", sa.Text(), nullable=False),
        sa.Column("under_14", sa.Boolean(), nullable=False),
        sa.Column("guardian_consent", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("purpose"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("rule = 'exclusive' AND state IN ('granted', 'paid')"),
            using="gist",
            name="ex_aid_entitlement_helped_once",
        ),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_aid_entitlement_paid_has_time")),
        sa.CheckConstraint(
            "state <> 'paid' OR payment_id IS NOT NULL", name=op.f("ck_aid_entitlement_paid_by_a_payment")
        ),
        sa.CheckConstraint(
            "state = 'proposed' OR NOT under_14 OR guardian_consent", name=op.f("ck_aid_entitlement_guardian_agreed")
        ),
        sa.CheckConstraint(
            "NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)",
            name=op.f("ck_aid_entitlement_period_whole"),
        ),
        sa.CheckConstraint("row_number > 0", name=op.f("ck_aid_entitlement_row_positive")),
        sa.ForeignKeyConstraint(["person_id"], ["aid_person.id"], name=op.f("fk_aid_entitlement_person_id")),
        sa.ForeignKeyConstraint(
            ["rate_id", "programme_id", "amount_fen"],
            ["aid_rate.id", "aid_rate.programme_id", "aid_rate.rate_fen"],
            name="fk_aid_entitlement_rate",
        ),
        sa.ForeignKeyConstraint(
            ["roster_id", "programme_id", "organization_id"],
            ["aid_roster.id", "aid_roster.programme_id", "aid_roster.organization_id"],
            name="fk_aid_entitlement_roster",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_entitlement")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_aid_entitlement_payment_id")),
        sa.UniqueConstraint("roster_id", "person_id", name=op.f("uq_aid_entitlement_roster_id_person_id")),
        sa.UniqueConstraint("roster_id", "row_number", name=op.f("uq_aid_entitlement_roster_id_row_number")),
    )
    op.create_index(op.f("ix_aid_entitlement_person_id"), "aid_entitlement", ["person_id"], unique=False)
    op.create_index(op.f("ix_aid_entitlement_rate_id"), "aid_entitlement", ["rate_id"], unique=False)


def _reading() -> None:
    op.create_table(
        "aid_access",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", _words("aid_access_access_purpose", "view", "payment", "export"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(purpose = 'view') = (beneficiary_id IS NOT NULL)", name=op.f("ck_aid_access_of_whom")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_aid_access_reasoned")),
        sa.ForeignKeyConstraint(["beneficiary_id"], ["aid_person.id"], name=op.f("fk_aid_access_beneficiary_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["aid_roster.id"], name=op.f("fk_aid_access_roster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_access")),
    )
    op.create_index("ix_aid_access_roster_id", "aid_access", ["roster_id", "at"], unique=False)
    op.create_table(
        "aid_import",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["roster_id"], ["aid_roster.id"], name=op.f("fk_aid_import_roster_id")),
        sa.PrimaryKeyConstraint("roster_id", name=op.f("pk_aid_import")),
    )
