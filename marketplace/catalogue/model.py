"""Tables of the service catalogue: its editions, their entries, and the procurement codes these carry."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.catalogue.states import EditionState, Match
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
    """A dated edition of the catalogue. At most one is published."""

    __tablename__ = "catalogue_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("label <> ''", name="labelled"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_when_in_force"),
        CheckConstraint("(state = 'replaced') = (replaced_at IS NOT NULL)", name="replaced_when_over"),
        CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_people"),
        Index("uq_catalogue_version_one_published", "state", unique=True, postgresql_where="state = 'published'"),
    )

    number: Mapped[int] = mapped_column(unique=True)
    label: Mapped[str]
    note: Mapped[str]
    state: Mapped[EditionState] = mapped_column(state_enum(EditionState))
    drafted_by: Mapped[UUID | None]
    drafted_at: Mapped[datetime]
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class CatalogueItem(Searchable, Keyed):
    """One entry of an edition. ``pinyin`` sorts it; it is found by its name, codes and pinyin."""

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
    note: Mapped[str]
    note_en: Mapped[str]
    pinyin: Mapped[str]


class CatalogueItemCode(Row):
    """A procurement code that an entry carries; ``place`` keeps their order."""

    __tablename__ = "catalogue_item_code"
    __table_args__ = (CheckConstraint("place >= 0", name="place_not_negative"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_item.id"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("procurement_code.code"), primary_key=True, index=True)
    place: Mapped[int] = mapped_column(SmallInteger)
