"""Tables of contracts: the contract, the funds that pay it, its papers and the signatures over them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.contracts.states import CONTRACT, ContractState, Side
from marketplace.db.base import Keyed, state_enum

_LOOSE = "state IN ('draft', 'cancelled')"
_BINDING = "state IN ('active', 'completed')"
_EIGHT = " AND ".join(
    f"coalesce(clauses ->> '{name}', '') <> ''"
    for name in ("content", "term", "quantity", "quality", "price", "payment", "duties", "breach")
)


class Contract(Keyed):
    """A contract. ``drafter_ids`` are all who wrote in it: none of them may approve it.

    ``clauses`` holds a text a clause, ``milestone_days`` the days of the project's milestones in their order;
    ``paper_edition`` names the paper that is to be signed. A trigger lets it take effect only with both signatures.
    """

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("number ~ '^HT-[0-9]{4}-[0-9]{4,}$'", name="number_form"),
        CheckConstraint("title <> ''", name="titled"),
        CheckConstraint("price_fen > 0", name="price_positive"),
        CheckConstraint("version > 0", name="counted"),
        CheckConstraint("supplier_id <> buyer_id AND supplier_id <> procuring_entity_id", name="parties_differ"),
        CheckConstraint("jsonb_typeof(clauses) = 'object'", name="clauses_object"),
        CheckConstraint("jsonb_typeof(milestone_days) = 'array'", name="milestone_days_listed"),
        CheckConstraint("service_until >= service_from", name="service_ends_later"),
        CheckConstraint(
            f"{_LOOSE} OR (number IS NOT NULL AND submitted_at IS NOT NULL AND service_from IS NOT NULL"
            f" AND service_until IS NOT NULL AND {_EIGHT})",
            name="complete_when_submitted",
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'signing', 'active', 'completed')"
            " OR (approved_at IS NOT NULL AND paper_edition IS NOT NULL)",
            name="approved_has_paper",
        ),
        CheckConstraint("NOT (approved_by = ANY (drafter_ids))", name="drafter_does_not_approve"),
        CheckConstraint(f"({_BINDING}) = (signed_at IS NOT NULL)", name="binding_is_signed"),
        CheckConstraint("published_at IS NULL OR signed_at IS NOT NULL", name="published_is_signed"),
        CheckConstraint("(state = 'completed') = (completed_at IS NOT NULL)", name="completed_has_time"),
        CheckConstraint("(state = 'cancelled') = (ended_at IS NOT NULL AND end_reason <> '')", name="end_has_reason"),
        ForeignKeyConstraint(
            ["id", "paper_edition"],
            ["contract_paper.contract_id", "contract_paper.edition"],
            name="fk_contract_paper",
            use_alter=True,
        ),
        Index("uq_contract_live", "project_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_contract_supplier_id", "supplier_id", "updated_at"),
        Index("ix_contract_buyer_id", "buyer_id", "updated_at"),
        Index("ix_contract_procuring_entity_id", "procuring_entity_id", "updated_at"),
    )

    number: Mapped[str | None] = mapped_column(unique=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), index=True)
    award_id: Mapped[UUID] = mapped_column(ForeignKey("award.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    procuring_entity_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    state: Mapped[ContractState] = mapped_column(state_enum(ContractState), default=CONTRACT.start)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str]
    price_fen: Mapped[int]
    clauses: Mapped[dict[str, Any]] = mapped_column(JSONB)
    service_from: Mapped[date | None]
    service_until: Mapped[date | None]
    milestone_days: Mapped[list[Any]] = mapped_column(JSONB)

    drafter_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    drafted_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(default="")
    returned_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    paper_edition: Mapped[int | None] = mapped_column(SmallInteger)
    signed_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")


class ContractFunding(Keyed):
    """What each fund pays of the price. Funds stand on a higher floor, so the id is kept without a key down."""

    __tablename__ = "contract_funding"
    __table_args__ = (
        UniqueConstraint("contract_id", "place"),
        UniqueConstraint("contract_id", "fund_id"),
        CheckConstraint("amount_fen >= 0", name="not_negative"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    fund_id: Mapped[UUID]
    amount_fen: Mapped[int]


class ContractPaper(Keyed):
    """The paper of a contract as it was approved; never changed, a new approval makes a new edition."""

    __tablename__ = "contract_paper"
    __table_args__ = (
        UniqueConstraint("contract_id", "edition"),
        UniqueConstraint("id", "sha256"),
        CheckConstraint("edition > 0", name="edition_counted"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint("sm3 ~ '^[0-9a-f]{64}$'", name="sm3_hex"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    edition: Mapped[int] = mapped_column(SmallInteger)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    sha256: Mapped[str]
    sm3: Mapped[str]
    at: Mapped[datetime]


class ContractSignature(Keyed):
    """One party's recorded act over the digest of one paper; a second key ties the digest to that very paper."""

    __tablename__ = "contract_signature"
    __table_args__ = (
        UniqueConstraint("paper_id", "side"),
        ForeignKeyConstraint(["paper_id", "sha256"], ["contract_paper.id", "contract_paper.sha256"]),
    )

    paper_id: Mapped[UUID]
    sha256: Mapped[str]
    side: Mapped[Side] = mapped_column(state_enum(Side))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
