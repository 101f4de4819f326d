"""Tables of the service catalogue: its editions, their entries, and the opinions, experts and sheets on their way."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.catalogue.states import Conclusion, EditionState, Match, OpinionState
from marketplace.db.base import Keyed, Row, state_enum
from marketplace.db.search import Searchable, grams_index


class ProcurementCode(Row):
    """One row of 政府采购品目分类目录, as far as it is used here."""

    __tablename__ = "procurement_code"
    __table_args__ = (
        CheckConstraint("code ~ '^C[0-9]{8}$'", name="code_form"),
        CheckConstraint("name <> ''", name="named"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class CatalogueVersion(Keyed):
    """A dated edition of the catalogue. At most one is published, which means in force, and one waits for its day.

    ``drafter_ids`` are all who changed it; ``revision`` counts the changes; ``published_at`` is when it came in force.
    """

    __tablename__ = "catalogue_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("revision > 0", name="revision_positive"),
        CheckConstraint("label <> ''", name="labelled"),
        CheckConstraint(
            "(state IN ('published', 'replaced')) = (published_at IS NOT NULL)", name="dated_when_in_force"
        ),
        CheckConstraint("(state = 'replaced') = (replaced_at IS NOT NULL)", name="replaced_when_over"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL OR withdraw_reason <> '')",
            name="withdrawn_with_reason",
        ),
        CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_people"),
        CheckConstraint("NOT (approved_by = ANY (drafter_ids))", name="drafter_does_not_approve"),
        CheckConstraint("NOT (published_by = ANY (drafter_ids))", name="drafter_does_not_publish"),
        CheckConstraint(
            "(consult_from IS NULL) = (consult_to IS NULL) AND (consult_to IS NULL OR consult_to >= consult_from)",
            name="consulted_from_to",
        ),
        CheckConstraint(
            "state NOT IN ('consulting', 'reviewing', 'submitted', 'approved', 'announced')"
            " OR consult_from IS NOT NULL",
            name="consulted_before",
        ),
        CheckConstraint(
            "state NOT IN ('submitted', 'approved', 'announced') OR minutes_id IS NOT NULL", name="minutes_before"
        ),
        CheckConstraint(
            "(state NOT IN ('approved', 'announced') OR approved_by IS NOT NULL)"
            " AND (approved_by IS NULL) = (approved_at IS NULL)",
            name="approved_before",
        ),
        CheckConstraint("state <> 'announced' OR in_force_on IS NOT NULL", name="announced_with_day"),
        Index("uq_catalogue_version_one_published", "state", unique=True, postgresql_where="state = 'published'"),
        Index("uq_catalogue_version_one_announced", "state", unique=True, postgresql_where="state = 'announced'"),
    )

    number: Mapped[int] = mapped_column(unique=True)
    label: Mapped[str]
    note: Mapped[str]
    state: Mapped[EditionState] = mapped_column(state_enum(EditionState))
    based_on: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_version.id"))
    revision: Mapped[int] = mapped_column(default=1)
    drafted_by: Mapped[UUID | None]
    drafter_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    drafted_at: Mapped[datetime]
    consult_from: Mapped[date | None]
    consult_to: Mapped[date | None]
    review_from: Mapped[date | None]
    minutes_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    in_force_on: Mapped[date | None]
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str] = mapped_column(default="")


class CatalogueItem(Searchable, Keyed):
    """One entry of an edition. ``pinyin`` sorts it; it is found by its name, codes and pinyin.

    ``revision`` is the edition's when the entry was last written.
    """

    __tablename__ = "catalogue_item"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        ForeignKeyConstraint(
            ["version_id", "parent_code"], ["catalogue_item.version_id", "catalogue_item.code"],
            name="fk_catalogue_item_parent", deferrable=True, initially="DEFERRED",
        ),
        CheckConstraint("code ~ '^[AB]([0-9]{2}){0,2}$'", name="code_form"),
        CheckConstraint("length(code) = 2 * level - 1", name="level_of_code"),
        CheckConstraint(
            "CASE level WHEN 1 THEN parent_code IS NULL"
            " ELSE parent_code IS NOT NULL AND parent_code = left(code, -2) END",
            name="parent_of_code",
        ),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("unit_cost_fen IS NULL OR (unit_cost_fen > 0 AND unit <> '')", name="cost_of_a_unit"),
        grams_index("catalogue_item"),
        Index("ix_catalogue_item_parent", "version_id", "parent_code", "code"),
    )  # fmt: skip

    version_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_version.id"))
    code: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_code: Mapped[str | None]
    name: Mapped[str]
    name_en: Mapped[str]
    match: Mapped[Match] = mapped_column(state_enum(Match))
    unit: Mapped[str]
    unit_cost_fen: Mapped[int | None]
    standard: Mapped[str]
    note: Mapped[str]
    note_en: Mapped[str]
    pinyin: Mapped[str]
    revision: Mapped[int]


class CatalogueItemCode(Row):
    """A procurement code that an entry carries; ``place`` keeps their order."""

    __tablename__ = "catalogue_item_code"
    __table_args__ = (CheckConstraint("place >= 0", name="place_not_negative"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_item.id"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("procurement_code.code"), primary_key=True, index=True)
    place: Mapped[int] = mapped_column(SmallInteger)


class CatalogueOpinion(Keyed):
    """An opinion on a draft, on one entry (``code``, with its name as it stood) or on the whole.

    ``signed`` is how somebody who is not signed in called themselves; it is never shown to the public.
    """

    __tablename__ = "catalogue_opinion"
    __table_args__ = (
        CheckConstraint("content <> ''", name="written"),
        CheckConstraint("(code = '') = (entry_name = '')", name="entry_named"),
        CheckConstraint("(organization_id IS NULL) = (person_id IS NULL)", name="signed_in_or_not"),
        CheckConstraint(
            "CASE state WHEN 'received' THEN answered_at IS NULL AND answered_by IS NULL AND answer = ''"
            " ELSE answered_at IS NOT NULL AND answered_by IS NOT NULL AND answer <> '' END",
            name="answered_in_writing",
        ),
        Index("ix_catalogue_opinion_given", "version_id", "given_at"),
    )

    version_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_version.id"))
    code: Mapped[str]
    entry_name: Mapped[str]
    content: Mapped[str]
    signed: Mapped[str]
    person_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    given_at: Mapped[datetime]
    state: Mapped[OpinionState] = mapped_column(state_enum(OpinionState))
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]


class CatalogueExpert(Keyed):
    """What an expert said of a draft; ``revision`` is the one that lay before them."""

    __tablename__ = "catalogue_expert"
    __table_args__ = (
        UniqueConstraint("version_id", "name", "employer"),
        CheckConstraint("name <> '' AND employer <> '' AND content <> ''", name="named_and_written"),
    )

    version_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_version.id"))
    name: Mapped[str]
    employer: Mapped[str]
    title: Mapped[str]
    conclusion: Mapped[Conclusion] = mapped_column(state_enum(Conclusion))
    content: Mapped[str]
    given_on: Mapped[date]
    revision: Mapped[int]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class CatalogueSheet(Keyed):
    """A sheet that was read for a draft: its rows as texts, each ``[number, {field: text}]``.

    With ``whole`` it is the edition entire: what it does not name is retired.
    """

    __tablename__ = "catalogue_sheet"
    __table_args__ = (
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="applied_by_somebody"),
        Index("ix_catalogue_sheet_version_id", "version_id"),
    )

    version_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_version.id"))
    name: Mapped[str]
    whole: Mapped[bool]
    rows: Mapped[list[Any]]
    read_by: Mapped[UUID]
    read_at: Mapped[datetime]
    applied_by: Mapped[UUID | None]
    applied_at: Mapped[datetime | None]
