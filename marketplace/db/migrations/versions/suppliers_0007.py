"""The register of those who may supply: their data, proofs, checks, decisions, changes and debarments."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.db.roles import migration_roles
from marketplace.kit.i18n import N_

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LAW_22 = "政府采购法第二十二条第一款"
KINDS: list[tuple[Any, ...]] = [
    ("certificate", N_("登记证书在有效期内"), "Certificate in force",
     "登记证书（正本或副本）扫描件或照片。", "Scan or photo of the registration certificate.",
     f"{LAW_22}第一项：具有独立承担民事责任的能力", True, "always", "organization", True, 0, False, True),
    ("scope", N_("业务范围涵盖所报服务"), "Business scope covers the services",
     "经核准的章程，或登记证书上写明业务范围的一页。", "The approved charter, or the page of the certificate that states the scope.",
     f"{LAW_22}第三项；政府购买服务管理办法（财政部令第102号）第七条", False, "always", "organization", False, 0, False, False),
    ("bank", N_("收款账户为本组织对公账户"), "Bank account held by the organization",
     "开户证明，户名应与组织名称一致。", "Proof of the account; its holder must be the organization.",
     "本平台规则：收款人须与合同承接主体一致", True, "always", "organization", False, 0, False, False),
    ("annual_report", N_("最近一次年检（年报）合格"), "Latest yearly report passed",
     "最近一个年度的年检结论或年度工作报告。", "Result of the latest yearly inspection, or the yearly report.",
     "社会团体登记管理条例第二十八条；民办非企业单位登记管理暂行条例第二十三条；基金会管理条例第三十六条",
     True, "social", "organization", False, 12, False, True),
    ("abnormal_list", N_("未列入活动异常名录"), "Not on the list of abnormal activity",
     "由中心在中国社会组织政务服务平台查询并截图。", "Looked up by the centre on the national platform of social organizations.",
     "社会组织信用信息管理办法（民政部令第60号）", False, "social", "centre", False, 12, False, True),
    ("dishonest_list", N_("未列入严重违法失信名单"), "Not on the list of serious dishonesty",
     "由中心在信用中国查询并截图。", "Looked up by the centre on Credit China.",
     "社会组织信用信息管理办法（民政部令第60号）", False, "always", "centre", False, 12, False, True),
    ("procurement_list", N_("无政府采购严重违法失信记录"), "No record of serious breaches in procurement",
     "由中心在中国政府采购网查询并截图。", "Looked up by the centre on the national procurement site.",
     f"{LAW_22}第五项", False, "always", "centre", False, 12, False, True),
    ("accounting", N_("财务会计制度健全"), "Sound accounting rules",
     "财务管理制度，或上一年度财务报告（审计报告）。", "Accounting rules, or last year's financial or audit report.",
     f"{LAW_22}第二项：具有良好的商业信誉和健全的财务会计制度", True, "always", "organization", False, 12, False, False),
    ("capability", N_("具有所需设备和专业能力"), "Equipment and professional ability",
     "主要人员资格证书、场地设备清单或以往项目材料。", "Certificates of staff, list of premises and equipment, or earlier projects.",
     f"{LAW_22}第三项：具有履行合同所必需的设备和专业技术能力", True, "always", "organization", False, 0, False, False),
    ("tax_insurance", N_("依法纳税、缴纳社会保险"), "Taxes and social insurance paid",
     "近期完税和社保缴费凭证；可先交承诺函，需注明为承诺。", "Recent proofs of payment; a pledge letter may stand in and is marked as such.",
     f"{LAW_22}第四项：有依法缴纳税收和社会保障资金的良好记录", True, "always", "organization", False, 12, True, False),
    ("declaration", N_("前三年无重大违法记录声明"), "Three-year declaration",
     "加盖公章、法定代表人签字的声明。", "Declaration with seal, signed by the legal representative.",
     f"{LAW_22}第五项：前三年内在经营活动中没有重大违法记录", True, "always", "organization", False, 12, False, False),
    ("minors_check", N_("涉未成年人岗位人员违法犯罪记录查询"), "Background checks of staff who work with minors",
     "只交本组织盖章的查询结论，不要上传个人记录。", "Hand in the organization's sealed statement only, never personal records.",
     "未成年人保护法第六十二条：招聘时查询，并每年定期查询", True, "minors", "organization", False, 12, False, True),
    ("insurance", N_("责任保险"), "Liability insurance",
     "项目有要求时提供有效保单。", "A policy in force, where a project asks for it.",
     "按项目要求", True, "on_demand", "organization", True, 0, False, False),
    ("rating", N_("社会组织评估等级"), "Rating of social organizations",
     "评估等级证书；没有参加评估的不必提交。", "Certificate of the rating; leave it out if there is none.",
     "社会组织评估管理办法（民政部令第39号）：有效期五年", False, "on_demand", "organization", True, 60, False, True),
]  # fmt: skip
COLUMNS = (
    "code", "name", "name_en", "hint", "hint_en", "basis", "confirmed",
    "applies", "proof_by", "must_expire", "months", "pledge", "public",
)  # fmt: skip


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_{name}"), native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    app = migration_roles().app
    _tables()
    _tables_of_proofs()
    kinds = sa.table("readiness_kind", sa.column("place"), *map(sa.column, COLUMNS))
    op.bulk_insert(kinds, [dict(zip(COLUMNS, row, strict=True), place=n) for n, row in enumerate(KINDS, 1)])
    op.execute(f'REVOKE INSERT, UPDATE, DELETE ON readiness_kind FROM "{app}"')
    op.execute(f'REVOKE UPDATE, DELETE ON supplier_check, supplier_decision FROM "{app}"')
    op.execute(f'REVOKE DELETE ON supplier, supplier_document, supplier_change, debarment FROM "{app}"')


def _tables() -> None:
    op.create_table(
        "readiness_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("hint_en", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column(
            "applies", _words("readiness_kind_applies", "always", "social", "minors", "on_demand"), nullable=False
        ),
        sa.Column("proof_by", _words("readiness_kind_proofby", "organization", "centre"), nullable=False),
        sa.Column("must_expire", sa.Boolean(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("pledge", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z][a-z_]+$'", name=op.f("ck_readiness_kind_code_form")),
        sa.CheckConstraint("name <> '' AND basis <> ''", name=op.f("ck_readiness_kind_named_and_based")),
        sa.CheckConstraint("months BETWEEN 0 AND 120", name=op.f("ck_readiness_kind_months_sane")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_readiness_kind")),
    )
    op.create_table(
        "debarment",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(lifted_at IS NULL) = (lift_reason = '')", name=op.f("ck_debarment_lift_reasoned")),
        sa.CheckConstraint("source <> '' AND reason <> ''", name=op.f("ck_debarment_told")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_debarment_ends_later")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_debarment_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debarment")),
    )
    op.create_index("ix_debarment_organization_id", "debarment", ["organization_id", "from_on"], unique=False)
    op.create_table(
        "supplier",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            _words(
                "supplier_supplierstate",
                "draft",
                "submitted",
                "returned",
                "qualified",
                "suspended",
                "expired",
                "withdrawn",
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column(
            "nature",
            _words(
                "supplier_nature",
                "social_group",
                "social_service_agency",
                "foundation",
                "enterprise",
                "institution_class_two",
                "institution_business",
                "rural_collective",
                "grassroots",
                "institution_class_one",
                "mass_organization",
                "government",
                "individual",
            ),
            nullable=False,
        ),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("supervising_unit", sa.Text(), nullable=False),
        sa.Column("registrar", sa.Text(), nullable=False),
        sa.Column("service_scope", sa.Text(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("serves_minors", sa.Boolean(), nullable=False),
        sa.Column("legal_representative", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("staff_count", sa.BigInteger(), nullable=True),
        sa.Column("rating_grade", sa.SmallInteger(), nullable=True),
        sa.Column("rating_until", sa.Date(), nullable=True),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("bank_last4", sa.Text(), nullable=False),
        sa.Column("bank_sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("qualified_by", sa.Uuid(), nullable=True),
        sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column(
            "search_grams",
            postgresql.ARRAY(sa.BigInteger()),
            sa.Computed("bigrams(search_text)", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("(bank_sealed IS NULL) = (bank_last4 = '')", name=op.f("ck_supplier_bank_whole")),
        sa.CheckConstraint(
            "legal_representative <> '' AND contact_name <> '' AND contact_phone <> ''",
            name=op.f("ck_supplier_reachable"),
        ),
        sa.CheckConstraint(
            "nature IN ('enterprise', 'foundation', 'grassroots', 'individual', 'institution_business', 'institution_class_two', 'rural_collective', 'social_group', 'social_service_agency')",
            name=op.f("ck_supplier_may_supply"),
        ),
        sa.CheckConstraint("region ~ '^[0-9]{6}$'", name=op.f("ck_supplier_region_form")),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name=op.f("ck_supplier_submitted_before")
        ),
        sa.CheckConstraint(
            "state NOT IN ('qualified', 'suspended', 'expired') OR (qualified_at IS NOT NULL AND bank_sealed IS NOT NULL)",
            name=op.f("ck_supplier_qualified_whole"),
        ),
        sa.CheckConstraint("(rating_grade IS NULL) = (rating_until IS NULL)", name=op.f("ck_supplier_rating_whole")),
        sa.CheckConstraint(
            "qualified_by <> submitted_by AND qualified_by <> registered_by", name=op.f("ck_supplier_two_people")
        ),
        sa.CheckConstraint("rating_grade BETWEEN 1 AND 5", name=op.f("ck_supplier_rating_grades")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_supplier_revision_positive")),
        sa.CheckConstraint("staff_count >= 0", name=op.f("ck_supplier_staff_counted")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_supplier_organization_id")),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_supplier")),
    )
    op.create_index("ix_supplier_pinyin", "supplier", ["pinyin", "organization_id"], unique=False)
    op.create_index("ix_supplier_search_grams", "supplier", ["search_grams"], unique=False, postgresql_using="gin")
    op.create_index("ix_supplier_services", "supplier", ["services"], unique=False, postgresql_using="gin")
    op.create_index("ix_supplier_state", "supplier", ["state"], unique=False)
    op.create_table(
        "supplier_change",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("subject", _words("supplier_change_changesubject", "profile", "bank"), nullable=False),
        sa.Column(
            "state",
            _words("supplier_change_changestate", "submitted", "returned", "accepted", "withdrawn"),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bank_sealed", postgresql.BYTEA(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('accepted', 'returned')) <= (decided_at IS NOT NULL)", name=op.f("ck_supplier_change_decided")
        ),
        sa.CheckConstraint(
            "(subject = 'bank') = (bank_sealed IS NOT NULL)", name=op.f("ck_supplier_change_bank_sealed")
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR decision_reason <> ''", name=op.f("ck_supplier_change_return_reasoned")
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_supplier_change_two_people")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_supplier_change_revision_positive")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_change_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_change")),
    )
    op.create_index(
        "uq_supplier_change_open",
        "supplier_change",
        ["organization_id", "subject"],
        unique=True,
        postgresql_where="state IN ('submitted', 'returned')",
    )
    op.create_table(
        "supplier_decision",
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "action",
            _words(
                "supplier_decision_supplieraction",
                "edit",
                "submit",
                "return",
                "check",
                "qualify",
                "propose",
                "suspend",
                "expire",
                "reinstate",
                "withdraw",
                "reopen",
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            _words(
                "supplier_decision_supplierstate",
                "draft",
                "submitted",
                "returned",
                "qualified",
                "suspended",
                "expired",
                "withdrawn",
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "reason <> '' OR action NOT IN ('return', 'suspend', 'reinstate')",
            name=op.f("ck_supplier_decision_reasoned"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_decision_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_decision")),
        sa.UniqueConstraint("organization_id", "n", name=op.f("uq_supplier_decision_organization_id_n")),
    )


def _tables_of_proofs() -> None:
    op.create_table(
        "supplier_document",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_organization", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_supplier_document_document_id")),
        sa.ForeignKeyConstraint(["kind"], ["readiness_kind.code"], name=op.f("fk_supplier_document_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_document_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_document")),
        sa.UniqueConstraint("id", "organization_id", "kind", name=op.f("uq_supplier_document_id_organization_id_kind")),
        sa.UniqueConstraint(
            "organization_id", "document_id", name=op.f("uq_supplier_document_organization_id_document_id")
        ),
    )
    op.create_index(
        "ix_supplier_document_organization_id", "supplier_document", ["organization_id", "kind"], unique=False
    )
    op.create_table(
        "supplier_check",
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("result", _words("supplier_check_checkresult", "passed", "pledged", "failed"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof_id", sa.Uuid(), nullable=True),
        sa.Column("proof_sha256", sa.Text(), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("result <> 'failed' OR note <> ''", name=op.f("ck_supplier_check_failure_told")),
        sa.CheckConstraint("result = 'failed' OR proof_id IS NOT NULL", name=op.f("ck_supplier_check_proved")),
        sa.CheckConstraint(
            "result = 'failed' OR valid_to IS NULL OR valid_to >= checked_on", name=op.f("ck_supplier_check_ends_later")
        ),
        sa.CheckConstraint("source <> ''", name=op.f("ck_supplier_check_has_source")),
        sa.CheckConstraint(
            "(proof_id IS NULL) = (proof_sha256 IS NULL)", name=op.f("ck_supplier_check_proof_digested")
        ),
        sa.ForeignKeyConstraint(["kind"], ["readiness_kind.code"], name=op.f("fk_supplier_check_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["supplier.organization_id"], name=op.f("fk_supplier_check_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proof_id", "organization_id", "kind"],
            ["supplier_document.id", "supplier_document.organization_id", "supplier_document.kind"],
            name="fk_supplier_check_proof",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_check")),
        sa.UniqueConstraint("organization_id", "kind", "n", name=op.f("uq_supplier_check_organization_id_kind_n")),
    )
