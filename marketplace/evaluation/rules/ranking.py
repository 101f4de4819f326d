"""Points and ranking in whole hundredths of a point: no float anywhere, each rounding named where it happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from marketplace.kit.i18n import N_
from marketplace.kit.money import half_up
from marketplace.procedures.rules import price_score
from marketplace.projects.rules import Step

TIE_RULES = (
    N_("综合得分相同的，报价低的在前"),
    N_("报价也相同的，权重最高的质量评分项得分高的在前"),
    N_("仍相同的，递交时间早的在前"),
)
"""How a tie is broken, in this order; said on the pages."""


def points(value_bp: int) -> str:
    """Hundredths of a point as they are written: always two decimals, ``15.72``."""
    return f"{value_bp // 100}.{value_bp % 100:02d}"


def steps_of(steps: Sequence[Step]) -> tuple[int, ...]:
    """The points that may be given, highest first; none of the steps reached is zero, whether that is said or not."""
    return tuple(sorted({0, *(step.score_bp for step in steps)}, reverse=True))


@dataclass(frozen=True, slots=True)
class Weighted:
    """A quality criterion and its weight in hundredths of a point, in the order of the document."""

    id: UUID
    weight_bp: int


Points = Mapping[UUID, int]
"""One member's points for one bid, by criterion."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A valid bid with every member's points for it."""

    bid_id: UUID
    price_fen: int
    received_at: datetime
    sheets: tuple[Points, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A bid's place, and its points in hundredths: of the price, the mean of the members' quality points, the sum."""

    bid_id: UUID
    place: int
    price_bp: int
    quality_bp: int

    @property
    def total_bp(self) -> int:
        """Price and quality together."""
        return self.price_bp + self.quality_bp


def price_points_bp(lowest_fen: int, price_fen: int, weight_bp: int) -> int:
    """Points of a price in hundredths: lowest valid price ÷ this price × weight, half up to two decimals, once.

    Raises:
        ValueError: no price, or one below the lowest.
    """
    return int(price_score(lowest_fen, price_fen, Decimal(weight_bp).scaleb(-2)).scaleb(2))


def rank(bids: Sequence[Candidate], criteria: Sequence[Weighted], price_weight_bp: int) -> tuple[Ranked, ...]:
    """The bids from the first place on.

    A bid's quality points are the mean over the members of each one's sum, rounded half up to two decimals, once. The
    total as published decides; equal totals are told apart by :data:`TIE_RULES`. The identity of a bid, which tells
    nothing about it, stands last so that the order is always the same.

    Source:
        采购法条例第三十四条: the highest total of quantified points wins.

    Raises:
        ValueError: there is no bid, or one without any sheet.
    """
    lowest = min(bid.price_fen for bid in bids)
    heaviest = max(criteria, key=lambda one: one.weight_bp).id if criteria else None
    found = []
    for bid in bids:
        if not bid.sheets:
            raise ValueError("a bid is ranked by the sheets of a panel")
        mean = Fraction(sum(sum(sheet.values()) for sheet in bid.sheets), len(bid.sheets))
        price_bp, quality_bp = price_points_bp(lowest, bid.price_fen, price_weight_bp), half_up(mean)
        best = sum(sheet[heaviest] for sheet in bid.sheets) if heaviest else 0
        key = (-(price_bp + quality_bp), bid.price_fen, -best, bid.received_at, bid.bid_id)
        found.append((key, price_bp, quality_bp))
    return tuple(
        Ranked(bid_id=key[-1], place=place, price_bp=price_bp, quality_bp=quality_bp)
        for place, (key, price_bp, quality_bp) in enumerate(sorted(found), 1)
    )
