"""Tables of aid: programmes with their rates, people found by a keyed index, rosters, entitlements, who read what."""

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
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.aid.states import (
    ENTITLEMENT,
    ROSTER,
    AccessPurpose,
    EntitlementState,
    ProgrammeKind,
    Purpose,
    PurposeRule,
    RosterState,
    Sex,
    Stage,
)
from marketplace.db.base import Keyed, Row, state_enum
from marketplace.funds.rules import SourceKind

_LIVE = "state IN ('granted', 'paid')"


class Programme(Keyed):
    """What an organization does for people in a year; ``story`` names the seeded story it belongs to, if any."""

    __tablename__ = "aid_programme"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year_sane"),
        CheckConstraint("kind <> 'aid' OR source IS NOT NULL", name="money_known"),
        UniqueConstraint("organization_id", "name", "year"),
        UniqueConstraint("id", "organization_id"),
        Index("ix_aid_programme_story", "story", postgresql_where=text("story <> ''")),
    )

    kind: Mapped[ProgrammeKind] = mapped_column(state_enum(ProgrammeKind, "programme_kind"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    year: Mapped[int]
    story: Mapped[str] = mapped_column(default="")
    purpose: Mapped[Purpose] = mapped_column(state_enum(Purpose))
    rule: Mapped[PurposeRule] = mapped_column(state_enum(PurposeRule, "purpose_rule"))
    source: Mapped[SourceKind | None] = mapped_column(state_enum(SourceKind, "source_kind"))
    catalogue_codes: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    note: Mapped[str] = mapped_column(default="")
    opened_by: Mapped[UUID | None]
    opened_at: Mapped[datetime]


class Organizer(Row):
    """An organization that runs a programme together with its lead."""

    __tablename__ = "aid_organizer"

    programme_id: Mapped[UUID] = mapped_column(ForeignKey("aid_programme.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)
    place: Mapped[int] = mapped_column(SmallInteger)


class Activity(Keyed):
    """Something the organizations held together, with what came of it, for the public page."""

    __tablename__ = "aid_activity"
    __table_args__ = (CheckConstraint("name <> ''", name="named"), UniqueConstraint("story", "name"))

    story: Mapped[str] = mapped_column(default="")
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    partners: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    held: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]


class Rate(Keyed):
    """One line of a programme: whom it helps, in the words of its year, and with how much a head."""

    __tablename__ = "aid_rate"
    __table_args__ = (
        CheckConstraint("rate_fen > 0", name="rate_positive"),
        CheckConstraint("heads_max > 0", name="heads_positive"),
        CheckConstraint("group_name <> ''", name="named"),
        UniqueConstraint("programme_id", "stage"),
        UniqueConstraint("id", "programme_id", "rate_fen"),
    )

    programme_id: Mapped[UUID] = mapped_column(ForeignKey("aid_programme.id"))
    group_name: Mapped[str]
    group_name_en: Mapped[str] = mapped_column(default="")
    stage: Mapped[Stage] = mapped_column(state_enum(Stage))
    sex: Mapped[Sex] = mapped_column(state_enum(Sex))
    rate_fen: Mapped[int]
    heads_max: Mapped[int | None]


class Beneficiary(Keyed):
    """One person, once for all organizations: a sealed ID number, found again by its keyed index alone."""

    __tablename__ = "aid_person"
    __table_args__ = (
        CheckConstraint("octet_length(id_index) = 32", name="index_length"),
        UniqueConstraint("key_version", "id_index"),
    )

    key_version: Mapped[int] = mapped_column(SmallInteger)
    id_index: Mapped[bytes]
    id_sealed: Mapped[bytes]
    first_seen_at: Mapped[datetime]


class Roster(Keyed):
    """资助发放名册: people of one programme who are paid from one fund; ``turn`` counts its submissions."""

    __tablename__ = "aid_roster"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "organization_id"],
            ["aid_programme.id", "aid_programme.organization_id"],
            name="fk_aid_roster_programme",
        ),
        CheckConstraint("title <> ''", name="titled"),
        CheckConstraint("revision > 0 AND turn >= 0", name="counted"),
        CheckConstraint("heads >= 0 AND total_fen >= 0 AND (heads = 0) = (total_fen = 0)", name="sums_sane"),
        CheckConstraint("state IN ('draft', 'cancelled') OR heads > 0", name="not_empty"),
        CheckConstraint("state IN ('draft', 'cancelled') OR submitted_at IS NOT NULL", name="submitted_before"),
        CheckConstraint(
            "(state IN ('approved', 'paying', 'paid')) = (approved_at IS NOT NULL)", name="approved_before"
        ),
        CheckConstraint("approved_by <> submitted_by AND approved_by <> drafted_by", name="two_people"),
        CheckConstraint("state NOT IN ('paying', 'paid') OR application_id IS NOT NULL", name="applied_before"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_time"),
        UniqueConstraint("id", "programme_id", "organization_id"),
        Index("ix_aid_roster_organization_id", "organization_id", "state"),
        Index("ix_aid_roster_application_id", "application_id"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[UUID] = mapped_column(index=True)
    organization_id: Mapped[UUID]
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund_terms.id"), index=True)
    title: Mapped[str]
    state: Mapped[RosterState] = mapped_column(state_enum(RosterState), default=ROSTER.start)
    revision: Mapped[int] = mapped_column(default=1)
    turn: Mapped[int] = mapped_column(default=0)
    heads: Mapped[int] = mapped_column(default=0)
    total_fen: Mapped[int] = mapped_column(default=0)
    drafted_by: Mapped[UUID | None]
    drafted_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    returned_reason: Mapped[str] = mapped_column(default="")
    application_id: Mapped[UUID | None]
    paid_at: Mapped[datetime | None]


class Entitlement(Keyed):
    """The help for one person: (person, purpose, period, amount, organization). Names and accounts are sealed."""

    __tablename__ = "aid_entitlement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["rate_id", "programme_id", "amount_fen"],
            ["aid_rate.id", "aid_rate.programme_id", "aid_rate.rate_fen"],
            name="fk_aid_entitlement_rate",
        ),
        ForeignKeyConstraint(
            ["roster_id", "programme_id", "organization_id"],
            ["aid_roster.id", "aid_roster.programme_id", "aid_roster.organization_id"],
            name="fk_aid_entitlement_roster",
        ),
        CheckConstraint("row_number > 0", name="row_positive"),
        CheckConstraint("state = 'proposed' OR NOT under_14 OR guardian_consent", name="guardian_agreed"),
        CheckConstraint("state <> 'paid' OR payment_id IS NOT NULL", name="paid_by_a_payment"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_time"),
        CheckConstraint("NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)", name="period_whole"),
        UniqueConstraint("roster_id", "person_id"),
        UniqueConstraint("roster_id", "row_number"),
        UniqueConstraint("payment_id"),
        ExcludeConstraint(
            ("person_id", "="),
            ("purpose", "="),
            ("period", "&&"),
            where=text(f"rule = 'exclusive' AND {_LIVE}"),
            name="ex_aid_entitlement_helped_once",
            using="gist",
        ),
    )

    roster_id: Mapped[UUID]
    programme_id: Mapped[UUID]
    rate_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("aid_person.id"), index=True)
    organization_id: Mapped[UUID]
    row_number: Mapped[int]
    purpose: Mapped[Purpose] = mapped_column(state_enum(Purpose))
    rule: Mapped[PurposeRule] = mapped_column(state_enum(PurposeRule, "purpose_rule"))
    period: Mapped[Range[date]] = mapped_column(DATERANGE)
    amount_fen: Mapped[int]
    state: Mapped[EntitlementState] = mapped_column(state_enum(EntitlementState), default=ENTITLEMENT.start)
    name_sealed: Mapped[bytes]
    name_masked: Mapped[str]
    id_last4: Mapped[str]
    bank_name: Mapped[str]
    account_sealed: Mapped[bytes]
    account_last4: Mapped[str]
    under_14: Mapped[bool]
    guardian_consent: Mapped[bool]
    payment_id: Mapped[UUID | None]
    paid_at: Mapped[datetime | None]


class AidAccess(Keyed):
    """One reading of plain personal data: who, of whom or of which roster, why. Written before, never changed."""

    __tablename__ = "aid_access"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reasoned"),
        CheckConstraint("(purpose = 'view') = (beneficiary_id IS NOT NULL)", name="of_whom"),
        Index("ix_aid_access_roster_id", "roster_id", "at"),
    )

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("aid_roster.id"))
    beneficiary_id: Mapped[UUID | None] = mapped_column(ForeignKey("aid_person.id"), index=True)
    purpose: Mapped[AccessPurpose] = mapped_column(state_enum(AccessPurpose, "access_purpose"))
    reason: Mapped[str]
    person_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    at: Mapped[datetime]


class RosterImport(Row):
    """The last sheet taken into a roster, whole and sealed, until it is replaced or the roster is handed in."""

    __tablename__ = "aid_import"

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("aid_roster.id"), primary_key=True)
    sealed: Mapped[bytes]
    lines: Mapped[int]
    wrong: Mapped[int]
    by: Mapped[UUID | None]
    at: Mapped[datetime]
