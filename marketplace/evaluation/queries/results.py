"""The result: as everybody may see it, and as each bidder learns where it lost points."""

from collections.abc import Mapping
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.model import OpenedBid
from marketplace.bids.queries import opened_bid, opened_bids
from marketplace.bids.schemas import OpenedBidView
from marketplace.bids.states import BidState
from marketplace.evaluation.model import PanelMember, RankedBid, Score
from marketplace.evaluation.queries.award import award_of
from marketplace.evaluation.queries.parts import checks, members_of, price_weight_bp, quality, ranking
from marketplace.evaluation.rules import result_period
from marketplace.evaluation.rules.refusals import StillSealedResult
from marketplace.evaluation.schemas import CriterionResult, OwnResult, PublicResult, ResultRow
from marketplace.evaluation.states import DECLARED
from marketplace.identity.queries import names, organizations
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.money import half_up
from marketplace.procedures import queries as law
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules
from marketplace.projects.schemas import CriterionView

PRICE = N_("价格")


def public_result(db: Session, project_id: UUID) -> PublicResult | None:
    """The published result of a project; None until it is published."""
    award, project = award_of(db, project_id), db.get(Project, project_id)
    if award is None or project is None or project.method is None:
        return None
    if award.published_at is None or award.notice_until is None or award.signable_from is None:
        return None
    rows = _rows(db, project_id)
    winner = next(row for row in rows if row.organization_id == award.organization_id)
    judges = [one for one in members_of(db, project_id) if one.state in DECLARED]
    people = names(db, (one.person_id for one in judges))
    period = result_period(kept_rules(db, project), law.calendar(db), project.method, legal_day(award.published_at))
    return PublicResult(
        project_id=project_id,
        number=project.number or "",
        title=project.title,
        winner_id=award.organization_id,
        winner_name=winner.organization_name,
        price_fen=award.price_fen,
        decided_at=award.decided_at,
        published_at=award.published_at,
        notice_until=award.notice_until,
        signable_from=award.signable_from,
        rows=rows,
        panel=tuple((people[one.person_id], one.kind) for one in judges),
        rules=period.rules,
    )


def _rows(db: Session, project_id: UUID) -> tuple[ResultRow, ...]:
    bids, ranked = opened_bids(db, project_id), {one.bid_id: one for one in ranking(db, project_id)}
    named = organizations(db, (bid.organization_id for bid in bids))
    rows = [_row(bid, ranked.get(bid.bid_id), named[bid.organization_id].name) for bid in bids]
    return tuple(sorted(rows, key=lambda row: (row.place is None, row.place or 0)))


def _row(bid: OpenedBidView, one: RankedBid | None, name: str) -> ResultRow:
    return ResultRow(
        organization_id=bid.organization_id,
        organization_name=name,
        price_fen=bid.price_fen,
        place=one.place if one else None,
        price_bp=one.price_bp if one else None,
        quality_bp=one.quality_bp if one else None,
        total_bp=one.total_bp if one else None,
    )


def own_result(db: Session, project_id: UUID, organization_id: UUID) -> OwnResult:
    """What a bidder learns of its own bid.

    Raises:
        NotFound: the organization has no opened bid in the project.
        StillSealedResult: the result is not published, and the bid was not refused in the checks.

    Source:
        采购法条例第四十三条; who does not win is told its own points and why.
    """
    found = select(OpenedBid.bid_id).where(
        OpenedBid.project_id == project_id, OpenedBid.organization_id == organization_id
    )
    bid_id, project = db.scalar(found), db.get(Project, project_id)
    if bid_id is None or project is None:
        raise NotFound
    bid, result = opened_bid(db, bid_id), public_result(db, project_id)
    refused = bid.state is BidState.DISQUALIFIED
    if result is None and not refused:
        raise StillSealedResult
    check = checks(db, project_id).get(bid_id)
    mine = None if refused else db.get(RankedBid, bid_id)
    means, reasons = _own_points(db, bid_id)
    return OwnResult(
        project_id=project_id,
        number=project.number or "",
        title=project.title,
        organization_id=organization_id,
        price_fen=bid.price_fen,
        passed=not refused,
        reason=check.reason if check else "",
        place=mine.place if mine else None,
        price=_price(db, project_id, mine),
        criteria=tuple(_criterion(one, means, reasons) for one in quality(db, project_id)) if mine else (),
        quality_bp=mine.quality_bp if mine else 0,
        total_bp=mine.total_bp if mine else 0,
        result=result,
    )


def _price(db: Session, project_id: UUID, mine: RankedBid | None) -> CriterionResult | None:
    if mine is None:
        return None
    most = price_weight_bp(db, project_id)
    return CriterionResult(name=PRICE, most_bp=most, mean_bp=mine.price_bp, reasons=())


def _own_points(db: Session, bid_id: UUID) -> tuple[Mapping[UUID, list[int]], Mapping[UUID, list[str]]]:
    query = (
        select(Score.criterion_id, Score.points_bp, Score.reason)
        .join(PanelMember, PanelMember.id == Score.member_id)
        .where(Score.bid_id == bid_id, PanelMember.state.in_(DECLARED))
        .order_by(Score.reason)
    )
    given: dict[UUID, list[int]] = {}
    reasons: dict[UUID, list[str]] = {}
    for criterion_id, points_bp, reason in db.execute(query):
        given.setdefault(criterion_id, []).append(points_bp or 0)
        reasons.setdefault(criterion_id, []).append(reason)
    return given, reasons


def _criterion(
    one: CriterionView, given: Mapping[UUID, list[int]], reasons: Mapping[UUID, list[str]]
) -> CriterionResult:
    """The mean of the members, half up to two decimals, and each different reason once."""
    points = given.get(one.id, [])
    mean = half_up(Fraction(sum(points), len(points))) if points else 0
    said = tuple(dict.fromkeys(reasons.get(one.id, [])))
    return CriterionResult(name=one.name, most_bp=one.weight_bp or 0, mean_bp=mean, reasons=said)
