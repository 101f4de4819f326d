"""Tables of evaluations: the panel, the checks of bids, the members' points, the ranking, the award."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, SmallInteger, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.evaluation.states import EVALUATION, MEMBER, EvaluationState, MemberState, SeatKind

_RANKED = "state IN ('scored', 'signing', 'reported', 'decided', 'published')"
_WRITTEN = "state IN ('signing', 'reported', 'decided', 'published')"


class Evaluation(Row):
    """The evaluation of one project's bids, begun when its panel is composed.

    ``draw_seed`` is what experts were drawn with: the draw can be repeated from it. ``report_digest`` is the SHA-256
    of the report that the members sign.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        CheckConstraint("state <> 'composing'", name="begun"),
        CheckConstraint("octet_length(draw_seed) = 32", name="seeded"),
        CheckConstraint("state = 'declaring' OR convened_at IS NOT NULL", name="convened"),
        CheckConstraint("state IN ('declaring', 'checking') OR checked_at IS NOT NULL", name="checked"),
        CheckConstraint("NOT (rechecked_by = ANY (checker_ids))", name="two_check"),
        CheckConstraint("(checked_at IS NULL) = (rechecked_by IS NULL)", name="checker_named"),
        CheckConstraint(f"NOT ({_RANKED}) OR ranked_at IS NOT NULL", name="ranked"),
        CheckConstraint(
            f"NOT ({_WRITTEN}) OR (opinion <> '' AND written_by IS NOT NULL AND report_digest ~ '^[0-9a-f]{{64}}$')",
            name="written",
        ),
        CheckConstraint(
            "state NOT IN ('reported', 'decided', 'published') OR (reported_at IS NOT NULL AND decide_by IS NOT NULL)",
            name="reported",
        ),
        CheckConstraint("(state = 'failed') = (fail_reason <> '')", name="failure_has_reason"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("opening.project_id"), primary_key=True)
    state: Mapped[EvaluationState] = mapped_column(state_enum(EvaluationState), default=EVALUATION.start)
    draw_seed: Mapped[bytes]
    composed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    composed_at: Mapped[datetime]
    convened_at: Mapped[datetime | None]
    checker_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    rechecked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[datetime | None]
    ranked_at: Mapped[datetime | None]
    opinion: Mapped[str] = mapped_column(default="")
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    report_digest: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    decide_by: Mapped[date | None]
    fail_reason: Mapped[str] = mapped_column(default="")


class PanelMember(Keyed):
    """One person on one panel. Whoever left it stays in the list, with the reason."""

    __tablename__ = "panel_member"
    __table_args__ = (
        UniqueConstraint("project_id", "person_id"),
        UniqueConstraint("project_id", "place"),
        UniqueConstraint("id", "project_id"),
        CheckConstraint("place > 0", name="place_positive"),
        CheckConstraint("(state IN ('recused', 'dismissed')) = (left_reason <> '')", name="left_with_reason"),
        CheckConstraint("state IN ('appointed', 'dismissed') OR declared_at IS NOT NULL", name="declared_before"),
        CheckConstraint("(state IN ('locked', 'signed')) = (locked_at IS NOT NULL)", name="locked"),
        CheckConstraint(
            "(state = 'signed') = (signed_at IS NOT NULL AND signed_digest ~ '^[0-9a-f]{64}$')", name="signed"
        ),
        CheckConstraint("dissent = '' OR state = 'signed'", name="dissent_with_signature"),
        CheckConstraint("locked_at >= declared_at AND signed_at >= locked_at", name="in_order"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.project_id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[SeatKind] = mapped_column(state_enum(SeatKind))
    state: Mapped[MemberState] = mapped_column(state_enum(MemberState), default=MEMBER.start)
    appointed_at: Mapped[datetime]
    declared_at: Mapped[datetime | None]
    left_reason: Mapped[str] = mapped_column(default="")
    locked_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_digest: Mapped[str] = mapped_column(default="")
    dissent: Mapped[str] = mapped_column(default="")


class BidCheck(Row):
    """What the panel found of one bid: whether it goes on, and why not.

    ``findings`` are ``[{"condition_id", "met", "reason"}, …]``, one for each condition; ``conforms`` is whether it
    meets what the document asks of every bid, its price limit among it.
    """

    __tablename__ = "bid_check"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(findings) = 'array'", name="findings_listed"),
        CheckConstraint("passed = (reason = '')", name="refused_with_reason"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("opened_bid.bid_id"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.project_id"), index=True)
    findings: Mapped[list[Any]] = mapped_column(JSONB)
    conforms: Mapped[bool]
    passed: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Score(Row):
    """A member's points for one bid under one criterion, in hundredths of a point; None while it is not given yet."""

    __tablename__ = "score"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "project_id"], ["panel_member.id", "panel_member.project_id"], name="fk_score_member"
        ),
        CheckConstraint("points_bp BETWEEN 0 AND 10000", name="points_bounded"),
    )

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("opened_bid.bid_id"), primary_key=True, index=True)
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("project_criterion.id"), primary_key=True, index=True)
    project_id: Mapped[UUID]
    points_bp: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class RankedBid(Row):
    """A valid bid in the ranking, in hundredths of a point: points of the price, mean of the quality points, total."""

    __tablename__ = "ranked_bid"
    __table_args__ = (
        UniqueConstraint("project_id", "place"),
        UniqueConstraint("bid_id", "project_id"),
        CheckConstraint("place > 0", name="place_positive"),
        CheckConstraint("price_bp >= 0 AND quality_bp >= 0", name="points_positive"),
        CheckConstraint("total_bp = price_bp + quality_bp AND total_bp <= 10000", name="adds_up"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("opened_bid.bid_id"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.project_id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    price_bp: Mapped[int]
    quality_bp: Mapped[int]
    total_bp: Mapped[int]


class Award(Keyed):
    """The decision for the bid ranked first. ``apart_ids`` are all who scored: none of them may decide.

    ``notice_until`` is the last day of the result's period, ``signable_from`` the first instant of signing.
    """

    __tablename__ = "award"
    __table_args__ = (
        ForeignKeyConstraint(
            ["bid_id", "project_id"], ["ranked_bid.bid_id", "ranked_bid.project_id"], name="fk_award_ranked_bid"
        ),
        CheckConstraint("price_fen > 0", name="price_positive"),
        CheckConstraint("cardinality(apart_ids) > 0", name="somebody_scored"),
        CheckConstraint("NOT (decided_by = ANY (apart_ids))", name="scorer_does_not_decide"),
        CheckConstraint("published_at >= decided_at", name="published_later"),
        CheckConstraint(
            "(published_at IS NULL) = (notice_until IS NULL) AND (published_at IS NULL) = (signable_from IS NULL)",
            name="published_with_period",
        ),
        CheckConstraint("signable_from > published_at", name="signable_later"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("evaluation.project_id"), unique=True)
    bid_id: Mapped[UUID]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    price_fen: Mapped[int]
    apart_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    notice_until: Mapped[date | None]
    signable_from: Mapped[datetime | None]
