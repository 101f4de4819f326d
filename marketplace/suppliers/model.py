"""Tables of the register: organizations as suppliers, their proofs and checks, decisions, changes and debarments."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.db.search import Searchable, grams_index
from marketplace.suppliers.states import (
    CHANGE,
    REGISTRABLE,
    SUPPLIER,
    Applies,
    ChangeState,
    ChangeSubject,
    CheckResult,
    InterestKind,
    Nature,
    ProofBy,
    SupplierAction,
    SupplierState,
    YearlyState,
)

_MAY_SUPPLY = ", ".join(f"'{nature.value}'" for nature in sorted({*REGISTRABLE, Nature.INDIVIDUAL}))
_WORDED = "reason <> '' OR action NOT IN ('return', 'suspend', 'reinstate')"


class ReadinessKind(Row):
    """One item of the readiness list with its legal basis; ``confirmed`` is False until a person compared the basis."""

    __tablename__ = "readiness_kind"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z][a-z_]+$'", name="code_form"),
        CheckConstraint("name <> '' AND basis <> ''", name="named_and_based"),
        CheckConstraint("months BETWEEN 0 AND 120", name="months_sane"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    name_en: Mapped[str]
    hint: Mapped[str]
    hint_en: Mapped[str]
    basis: Mapped[str]
    confirmed: Mapped[bool]
    applies: Mapped[Applies] = mapped_column(state_enum(Applies))
    proof_by: Mapped[ProofBy] = mapped_column(state_enum(ProofBy))
    must_expire: Mapped[bool]
    months: Mapped[int] = mapped_column(SmallInteger)
    pledge: Mapped[bool]
    public: Mapped[bool]


class Supplier(Searchable, Row):
    """An organization in the register. The account number is sealed; its holder is the organization itself.

    ``valid_to`` is the last day of the proof that ends first; every rule compares the day, never the state alone.
    """

    __tablename__ = "supplier"
    __table_args__ = (
        CheckConstraint(f"nature IN ({_MAY_SUPPLY})", name="may_supply"),
        CheckConstraint("legal_representative <> '' AND contact_name <> '' AND contact_phone <> ''", name="reachable"),
        CheckConstraint("region ~ '^[0-9]{6}$'", name="region_form"),
        CheckConstraint("(bank_sealed IS NULL) = (bank_last4 = '')", name="bank_whole"),
        CheckConstraint("(rating_grade IS NULL) = (rating_until IS NULL)", name="rating_whole"),
        CheckConstraint("rating_grade BETWEEN 1 AND 5", name="rating_grades"),
        CheckConstraint("staff_count >= 0", name="staff_counted"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name="submitted_before"),
        CheckConstraint(
            "state NOT IN ('qualified', 'suspended', 'expired')"
            " OR (qualified_at IS NOT NULL AND bank_sealed IS NOT NULL)",
            name="qualified_whole",
        ),
        CheckConstraint("qualified_by <> submitted_by AND qualified_by <> registered_by", name="two_people"),
        CheckConstraint("revision > 0", name="revision_positive"),
        grams_index("supplier"),
        Index("ix_supplier_state", "state"),
        Index("ix_supplier_services", "services", postgresql_using="gin"),
        Index("ix_supplier_pinyin", "pinyin", "organization_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    state: Mapped[SupplierState] = mapped_column(state_enum(SupplierState), default=SUPPLIER.start)
    revision: Mapped[int] = mapped_column(default=1)
    nature: Mapped[Nature] = mapped_column(state_enum(Nature))
    pinyin: Mapped[str]
    supervising_unit: Mapped[str]
    registrar: Mapped[str]
    service_scope: Mapped[str]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    serves_minors: Mapped[bool]
    legal_representative: Mapped[str]
    region: Mapped[str]
    address: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    contact_email: Mapped[str]
    founded_on: Mapped[date | None]
    staff_count: Mapped[int | None]
    rating_grade: Mapped[int | None] = mapped_column(SmallInteger)
    rating_until: Mapped[date | None]
    bank_name: Mapped[str] = mapped_column(default="")
    bank_last4: Mapped[str] = mapped_column(default="")
    bank_sealed: Mapped[bytes | None]
    registered_by: Mapped[UUID | None]
    registered_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    qualified_by: Mapped[UUID | None]
    qualified_at: Mapped[datetime | None]
    valid_to: Mapped[date | None]


class SupplierDocument(Keyed):
    """A file handed in as proof of one item; a replaced one is kept, because a check may stand on it."""

    __tablename__ = "supplier_document"
    __table_args__ = (
        UniqueConstraint("organization_id", "document_id"),
        UniqueConstraint("id", "organization_id", "kind"),
        Index("ix_supplier_document_organization_id", "organization_id", "kind"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"))
    kind: Mapped[str] = mapped_column(ForeignKey("readiness_kind.code"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    added_by: Mapped[UUID | None]
    added_at: Mapped[datetime]
    by_organization: Mapped[bool]
    removed_at: Mapped[datetime | None]


class SupplierCheck(Keyed):
    """One look at one item: what was found, where, by whom, on which proof. Written once, never changed."""

    __tablename__ = "supplier_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["proof_id", "organization_id", "kind"],
            ["supplier_document.id", "supplier_document.organization_id", "supplier_document.kind"],
            name="fk_supplier_check_proof",
        ),
        CheckConstraint("source <> ''", name="has_source"),
        CheckConstraint("result = 'failed' OR valid_to IS NULL OR valid_to >= checked_on", name="ends_later"),
        CheckConstraint("result <> 'failed' OR note <> ''", name="failure_told"),
        CheckConstraint("result = 'failed' OR proof_id IS NOT NULL", name="proved"),
        CheckConstraint("(proof_id IS NULL) = (proof_sha256 IS NULL)", name="proof_digested"),
        UniqueConstraint("organization_id", "kind", "n"),
    )

    n: Mapped[int] = mapped_column(SmallInteger)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"))
    kind: Mapped[str] = mapped_column(ForeignKey("readiness_kind.code"))
    result: Mapped[CheckResult] = mapped_column(state_enum(CheckResult))
    source: Mapped[str]
    checked_on: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str]
    proof_id: Mapped[UUID | None]
    proof_sha256: Mapped[str | None]
    checked_by: Mapped[UUID | None]
    checked_at: Mapped[datetime]


class SupplierDecision(Keyed):
    """One move of a registration, with its reason and, for a qualification, what was checked. Written once."""

    __tablename__ = "supplier_decision"
    __table_args__ = (
        CheckConstraint(_WORDED, name="reasoned"),
        UniqueConstraint("organization_id", "n"),
    )

    n: Mapped[int] = mapped_column(SmallInteger)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"))
    action: Mapped[SupplierAction] = mapped_column(state_enum(SupplierAction))
    state: Mapped[SupplierState] = mapped_column(state_enum(SupplierState))
    reason: Mapped[str]
    checks: Mapped[list[Any]]
    person_id: Mapped[UUID | None]
    at: Mapped[datetime]


class SupplierChange(Keyed):
    """Other data proposed for a reviewed organization. ``before`` and ``proposed`` hold no account number."""

    __tablename__ = "supplier_change"
    __table_args__ = (
        CheckConstraint("(subject = 'bank') = (bank_sealed IS NOT NULL)", name="bank_sealed"),
        CheckConstraint("(state IN ('accepted', 'returned')) <= (decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("decided_by <> proposed_by", name="two_people"),
        CheckConstraint("state <> 'returned' OR decision_reason <> ''", name="return_reasoned"),
        CheckConstraint("revision > 0", name="revision_positive"),
        Index(
            "uq_supplier_change_open",
            "organization_id",
            "subject",
            unique=True,
            postgresql_where="state IN ('submitted', 'returned')",
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"), index=True)
    subject: Mapped[ChangeSubject] = mapped_column(state_enum(ChangeSubject))
    state: Mapped[ChangeState] = mapped_column(state_enum(ChangeState), default=CHANGE.start)
    revision: Mapped[int] = mapped_column(default=1)
    before: Mapped[dict[str, Any]]
    proposed: Mapped[dict[str, Any]]
    bank_sealed: Mapped[bytes | None]
    reason: Mapped[str]
    proposed_by: Mapped[UUID | None]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")


class Debarment(Keyed):
    """A time in which an organization may not take part, by whose decision; it can be lifted, never erased."""

    __tablename__ = "debarment"
    __table_args__ = (
        CheckConstraint("source <> '' AND reason <> ''", name="told"),
        CheckConstraint("to_on >= from_on", name="ends_later"),
        CheckConstraint("(lifted_at IS NULL) = (lift_reason = '')", name="lift_reasoned"),
        CheckConstraint("end_told_at IS NULL OR (to_on IS NOT NULL AND lifted_at IS NULL)", name="ended_by_time"),
        Index("ix_debarment_organization_id", "organization_id", "from_on"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    source: Mapped[str]
    reference: Mapped[str]
    reason: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(default="")
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    end_told_at: Mapped[datetime | None]


class SupplierReminder(Keyed):
    """That the end of one check was told of: 30 days before, 7 days before, and when it was over. Written once."""

    __tablename__ = "supplier_reminder"
    __table_args__ = (
        CheckConstraint("days IN (30, 7, 0)", name="known_days"),
        UniqueConstraint("check_id", "days"),
    )

    check_id: Mapped[UUID] = mapped_column(ForeignKey("supplier_check.id"))
    days: Mapped[int] = mapped_column(SmallInteger)
    told_at: Mapped[datetime]


class SupplierDeclaration(Keyed):
    """One signature under the declaration on the six general conditions; used in every bid while it holds."""

    __tablename__ = "supplier_declaration"
    __table_args__ = (
        CheckConstraint("edition <> ''", name="has_edition"),
        CheckConstraint("clean_since < signed_on AND valid_to >= signed_on", name="days_in_order"),
        UniqueConstraint("organization_id", "n"),
    )

    n: Mapped[int] = mapped_column(SmallInteger)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"))
    edition: Mapped[str]
    clean_since: Mapped[date]
    signed_by: Mapped[UUID]
    signed_on: Mapped[date]
    signed_at: Mapped[datetime]
    valid_to: Mapped[date]


class YearlyReport(Keyed):
    """How an organization's report of one year stood, as somebody read it; the newest entry of a year counts."""

    __tablename__ = "supplier_yearly_report"
    __table_args__ = (
        CheckConstraint("year BETWEEN 2000 AND 2999", name="year_sane"),
        CheckConstraint("source <> ''", name="has_source"),
        UniqueConstraint("organization_id", "year", "n"),
    )

    n: Mapped[int] = mapped_column(SmallInteger)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"))
    year: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[YearlyState] = mapped_column(state_enum(YearlyState))
    source: Mapped[str]
    note: Mapped[str]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]


class Interest(Keyed):
    """A tie between a person of a buyer or a centre and an organization of the register; few may read it."""

    __tablename__ = "supplier_interest"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR from_on IS NULL OR to_on >= from_on", name="ends_later"),
        CheckConstraint("kind <> 'other' OR note <> ''", name="other_told"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdraw_reason = '')", name="withdrawal_reasoned"),
        Index("ix_supplier_interest_organization_id", "organization_id", "person_id"),
        Index("ix_supplier_interest_person_id", "person_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.organization_id"))
    kind: Mapped[InterestKind] = mapped_column(state_enum(InterestKind))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    note: Mapped[str]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str] = mapped_column(default="")
