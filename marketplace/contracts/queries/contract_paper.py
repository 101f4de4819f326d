"""What a contract's draft and its paper are made of: the tender, the winning bid, the award, the rules."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bid
from marketplace.contracts.model import Contract
from marketplace.contracts.queries.contract import funding_lines, installments, party, planned, terms_of
from marketplace.contracts.rules import Frame
from marketplace.contracts.rules.paper import PaperFacts, PaperFund, PaperMilestone, PaperParty, contract_paper
from marketplace.contracts.rules.wording import LATE_RATE_RULE, PAYMENT_DAYS_RULE, Brief, cost_line
from marketplace.contracts.schemas import FundName
from marketplace.evaluation.queries import award_of
from marketplace.evaluation.schemas import Award
from marketplace.kit.errors import NotFound
from marketplace.papers.pdf import printable
from marketplace.papers.schemas import FormalPaper
from marketplace.projects import queries as projects
from marketplace.projects.model import Project

NO_FUND = FundName(number="", name="")


def frame(db: Session, row: Contract) -> Frame:
    """What a contract is held against before it is handed in.

    Raises:
        NotFound: the project was never published.
    """
    project = db.get_one(Project, row.project_id)
    return Frame(
        price_fen=row.price_fen,
        milestones=planned(db, row.project_id),
        term_reason=project.term_reason,
        rules=projects.kept_rules(db, project),
        printable=printable(),
    )


def brief(db: Session, project: Project, award: Award) -> Brief:
    """What is known of the service when its contract is drafted.

    Raises:
        NotFound: the project was never published, or the winning bid is not open.
    """
    bid = opened_bid(db, award.bid_id).content
    rules = projects.kept_rules(db, project)
    days, rate = rules.find(PAYMENT_DAYS_RULE), rules.find(LATE_RATE_RULE)
    return Brief(
        title=project.title,
        people_kind=project.people_kind,
        people_count=project.people_count,
        people_note=project.people_note,
        location=project.location,
        requirement=project.requirement,
        service_from=project.service_from,
        service_until=project.service_until,
        price_fen=award.price_fen,
        milestones=planned(db, project.id),
        approach=bid.plan.approach,
        schedule=bid.plan.schedule,
        quality=bid.plan.quality,
        costs=tuple(cost_line(line.name, line.quantity, line.unit) for line in bid.cost_lines),
        payment_days=days.number if days else None,
        late_rate=f"{rate.value.normalize():f}" if rate else "",
    )


def paper(db: Session, row: Contract, funds: Mapping[UUID, FundName]) -> FormalPaper:
    """The contract as a paper, by what is written now; ``funds`` names the funds, which stand above contracts.

    Raises:
        NotFound: there is no award, or the winning bid is not open.
    """
    project, award = db.get_one(Project, row.project_id), award_of(db, row.project_id)
    if award is None:
        raise NotFound
    heads = [("甲方（购买主体）", row.buyer_id), ("乙方（承接主体）", row.supplier_id)]
    if row.procuring_entity_id != row.buyer_id:
        heads.insert(1, ("受托经办单位", row.procuring_entity_id))
    known = [(role, party(db, one)) for role, one in heads]
    facts = PaperFacts(
        number=row.number or "",
        title=row.title,
        project_number=project.number or "",
        bid_sha256=opened_bid(db, award.bid_id).sha256,
        parties=tuple(PaperParty(role=role, name=one.name, uscc=one.uscc) for role, one in known),
        price_fen=row.price_fen,
        terms=terms_of(row),
        milestones=tuple(
            PaperMilestone(
                title=one.title,
                kind=one.kind,
                deliverable=one.deliverable,
                due_on=one.due_on,
                share_bp=one.share_bp,
                amount_fen=one.amount_fen,
            )
            for one in installments(db, row)
        ),
        funds=tuple(
            PaperFund(number=name.number, name=name.name, amount_fen=line.amount_fen)
            for line in funding_lines(db, row.id)
            for name in (funds.get(line.fund_id, NO_FUND),)
            if line.amount_fen
        ),
    )
    return contract_paper(facts)
