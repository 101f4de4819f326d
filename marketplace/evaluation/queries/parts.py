"""The parts of an evaluation that verbs and readers both need: panel, bids to judge, criteria, sheets, report."""

from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bids
from marketplace.bids.schemas import OpenedBidView
from marketplace.bids.states import BidState
from marketplace.evaluation.model import BidCheck, Evaluation, PanelMember, RankedBid, Score
from marketplace.evaluation.rules import Candidate, Points, Weighted
from marketplace.evaluation.schemas import CheckView, Finding, Given, ReportFacts, ReportRow, SheetFacts
from marketplace.evaluation.states import DECLARED, MemberState
from marketplace.procedures.rules import PanelDemand, panel_demand
from marketplace.projects.model import Project
from marketplace.projects.queries import criteria, kept_rules
from marketplace.projects.schemas import CriterionView
from marketplace.projects.states import CriterionKind


def demand_of(db: Session, project: Project) -> PanelDemand | None:
    """How the project's panel must be composed by the rules it keeps; None where they ask for none.

    Raises:
        RuleMissing: a row it needs is not in force.
    """
    if project.method is None or project.budget_fen is None:
        return None
    return panel_demand(kept_rules(db, project), project.method, project.budget_fen)


def members_of(db: Session, project_id: UUID) -> list[PanelMember]:
    """Everybody on the panel, those who left it too, in the order of their seats."""
    query = select(PanelMember).where(PanelMember.project_id == project_id).order_by(PanelMember.place)
    return list(db.scalars(query))


def quality(db: Session, project_id: UUID) -> list[CriterionView]:
    """The criteria that members score, in the order of the document."""
    return [one for one in criteria(db, project_id) if one.kind is CriterionKind.QUALITY]


def price_weight_bp(db: Session, project_id: UUID) -> int:
    """The weight of the price in hundredths of a point."""
    return sum(one.weight_bp or 0 for one in criteria(db, project_id) if one.kind is CriterionKind.PRICE)


def valid_bids(db: Session, project_id: UUID) -> list[OpenedBidView]:
    """The bids that go into the scoring, in the order they came in."""
    return [bid for bid in opened_bids(db, project_id) if bid.state is BidState.VALID]


def checks(db: Session, project_id: UUID) -> dict[UUID, CheckView]:
    """What was found of each bid so far."""
    rows = db.scalars(select(BidCheck).where(BidCheck.project_id == project_id))
    return {
        row.bid_id: CheckView(
            bid_id=row.bid_id,
            findings=msgspec.convert(row.findings, tuple[Finding, ...]),
            conforms=row.conforms,
            passed=row.passed,
            reason=row.reason,
            person_id=row.person_id,
            at=row.at,
        )
        for row in rows
    }


def sheet_of(db: Session, member_id: UUID) -> dict[tuple[UUID, UUID], Given]:
    """One member's points by (bid, criterion)."""
    rows = db.scalars(select(Score).where(Score.member_id == member_id))
    return {
        (row.bid_id, row.criterion_id): Given(
            bid_id=row.bid_id, criterion_id=row.criterion_id, points_bp=row.points_bp, reason=row.reason
        )
        for row in rows
    }


def locked_sheets(db: Session, project_id: UUID) -> Mapping[UUID, Mapping[UUID, Points]]:
    """All locked points: by bid, by member, by criterion."""
    query = (
        select(Score.bid_id, Score.member_id, Score.criterion_id, Score.points_bp)
        .join(PanelMember, PanelMember.id == Score.member_id)
        .where(Score.project_id == project_id, PanelMember.state.in_((MemberState.LOCKED, MemberState.SIGNED)))
    )
    found: dict[UUID, dict[UUID, dict[UUID, int]]] = defaultdict(lambda: defaultdict(dict))
    for bid_id, member_id, criterion_id, points_bp in db.execute(query):
        found[bid_id][member_id][criterion_id] = points_bp or 0
    return found


def candidates(db: Session, project_id: UUID) -> tuple[list[Candidate], list[Weighted]]:
    """What the ranking is made from."""
    criteria_ = quality(db, project_id)
    sheets = locked_sheets(db, project_id)
    judges = [one.id for one in members_of(db, project_id) if one.state in DECLARED]
    bids = [
        Candidate(
            bid_id=bid.bid_id,
            price_fen=bid.price_fen,
            received_at=bid.received_at,
            sheets=tuple(sheets[bid.bid_id][judge] if criteria_ else {} for judge in judges),
        )
        for bid in valid_bids(db, project_id)
    ]
    return bids, [Weighted(one.id, one.weight_bp or 0) for one in criteria_]


def ranking(db: Session, project_id: UUID) -> list[RankedBid]:
    """The ranked bids from the first place on."""
    return list(db.scalars(select(RankedBid).where(RankedBid.project_id == project_id).order_by(RankedBid.place)))


def report_facts(db: Session, evaluation: Evaluation, opinion: str) -> ReportFacts:
    """All that the report says, in ids and numbers that no later renaming changes."""
    project_id = evaluation.project_id
    judges = [one for one in members_of(db, project_id) if one.state in DECLARED]
    prices = {bid.bid_id: bid for bid in opened_bids(db, project_id)}
    found = checks(db, project_id)
    return ReportFacts(
        project_id=project_id,
        panel=tuple((one.person_id, one.kind) for one in judges),
        refused=tuple((bid_id, found[bid_id].reason) for bid_id in prices if not found[bid_id].passed),
        ranking=tuple(
            ReportRow(
                place=row.place,
                bid_id=row.bid_id,
                organization_id=prices[row.bid_id].organization_id,
                price_fen=prices[row.bid_id].price_fen,
                price_bp=row.price_bp,
                quality_bp=row.quality_bp,
                total_bp=row.total_bp,
            )
            for row in ranking(db, project_id)
        ),
        sheets=tuple(
            SheetFacts(
                person_id=one.person_id,
                scores=tuple(given for _, given in sorted(sheet_of(db, one.id).items())),
            )
            for one in judges
        ),
        opinion=opinion,
    )


def digest_of(facts: ReportFacts) -> str:
    """The SHA-256 that members sign."""
    return sha256(msgspec.json.encode(facts)).hexdigest()
