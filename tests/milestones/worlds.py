"""A contract in force with an advance and two deliverables, its money committed: built once a run, copied by tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from marketplace.contracts.commands.scheduling import schedule
from marketplace.contracts.model import Contract, ContractPaper, ContractSignature
from marketplace.contracts.schemas import PlannedMilestone
from marketplace.contracts.states import ContractState, Side
from marketplace.db.base import driver_url
from marketplace.documents.model import Document
from marketplace.evaluation.model import Award
from marketplace.funds import commands as funds
from marketplace.funds.rules import Use
from marketplace.funds.schemas import FundingLine
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.projects import commands as projects
from marketplace.projects.states import MilestoneKind
from tests.conftest import Urls, _admin, _copy, _urls
from tests.funds.purse import Office, a_fund, a_new_receipt
from tests.identity.town import a_person, an_organization
from tests.projects.village import ENTRY, Village, a_paper, a_village, in_evaluation, somebody

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE).astimezone(UTC)
SIGNED = datetime(2026, 5, 6, 10, 0, tzinfo=LEGAL_ZONE).astimezone(UTC)
"""When the contract took effect."""
PRICE = 3_333_333
BUDGET = 5_000_000
EVIDENCE = "活动现场照片\n签到表"
EIGHT = ("content", "term", "quantity", "quality", "price", "payment", "duties", "breach")
PLAN = (
    PlannedMilestone(place=1, kind=MilestoneKind.ADVANCE, title="首付款", share_bp=3_000, amount_fen=1_000_000),
    PlannedMilestone(
        place=2, kind=MilestoneKind.DELIVERABLE, title="暑期托管开班", share_bp=4_000, amount_fen=1_333_333,
        deliverable="开设两个托管点，服务儿童六十人", evidence=EVIDENCE, due_on=date(2026, 7, 31),
    ),
    PlannedMilestone(
        place=3, kind=MilestoneKind.DELIVERABLE, title="暑期托管结班", share_bp=3_000, amount_fen=1_000_000,
        deliverable="完成四十天托管服务并结班", evidence="结班报告", due_on=date(2026, 9, 30),
    ),
)  # fmt: skip


@dataclass
class Delivery:
    """Who is concerned by the contract, and its milestones."""

    contract_id: UUID
    project_id: UUID
    milestones: tuple[UUID, UUID, UUID]
    funds: tuple[UUID, UUID]
    supplier_clerk: Actor
    supplier_head: Actor
    project_drafter: Actor
    contract_drafter: Actor
    decider: Actor
    verifier: Actor
    acceptor: Actor
    second_acceptor: Actor
    auditor: Actor
    stranger: Actor
    other_supplier: Actor
    finance: Actor


def _purses(db: Session, village: Village) -> tuple[tuple[UUID, UUID], Actor]:
    """Two funds of the village's buyer with enough in them, and who keeps them."""
    holder = an_organization(db, Function.FINANCE_OFFICE, now=NOW, name="示例财政局")
    accountant = actor_of(db, a_person(db, holder, Role.ACCOUNTANT, now=NOW), holder)
    cashier = actor_of(db, a_person(db, holder, Role.CASHIER, now=NOW), holder)
    office = Office(accountant=accountant, cashier=cashier, buyer_id=village.buyer_id)
    first, second = (
        a_fund(db, office, now=NOW, name=name, basis_document_no=name) for name in ("甲项经费", "乙项经费")
    )
    for fund, fen in ((first, 2_000_000), (second, 3_000_000)):
        funds.receive(db, accountant, a_new_receipt(fund, fen), now=NOW)
    return (first, second), accountant


def _awarded(db: Session, village: Village, decider: Actor, supplier_id: UUID) -> tuple[UUID, UUID]:
    """A project whose award stands; what lies between (bids, panel) is of no concern here and left out."""
    project_id = in_evaluation(db, village, NOW)
    projects.award(db, SYSTEM, project_id, now=SIGNED - timedelta(days=20))
    award = Award(
        project_id=project_id, bid_id=uuid4(), organization_id=supplier_id, price_fen=PRICE, apart_ids=[uuid4()],
        decided_by=decider.person_id, decided_at=SIGNED - timedelta(days=20),
        published_at=SIGNED - timedelta(days=19), published_by=decider.person_id,
        notice_until=date(2026, 4, 20), signable_from=SIGNED - timedelta(days=10),
    )  # fmt: skip
    db.add(award)
    db.flush()
    return project_id, award.id


def _signed(db: Session, village: Village, contract: Contract, buyer: Actor, supplier: Actor) -> None:
    """The paper with both signatures."""
    document = db.get_one(Document, a_paper(db, village.centre_clerk, NOW))
    paper = ContractPaper(
        contract_id=contract.id, edition=1, document_id=document.id, sha256=document.sha256, sm3=document.sha256, at=NOW
    )  # fmt: skip
    db.add(paper)
    db.flush()
    for side, who in ((Side.BUYER, buyer), (Side.SUPPLIER, supplier)):
        db.add(
            ContractSignature(
                paper_id=paper.id, sha256=paper.sha256, side=side, organization_id=who.organization_id,
                person_id=who.person_id, at=SIGNED,
            )
        )  # fmt: skip
    db.flush()


def a_delivery(db: Session) -> Delivery:
    """A contract in force: written as it would stand after both signatures, its money committed by the verbs."""
    village = a_village(db, NOW)
    assert village.supplier.organization_id
    assert village.centre_head.organization_id
    supplier_id, centre_id = village.supplier.organization_id, village.centre_head.organization_id
    contract_drafter = somebody(db, centre_id, Role.CLERK, NOW)
    other = an_organization(db, Function.SUPPLIER, now=NOW, name="另一家社工服务中心")
    purses, accountant = _purses(db, village)
    project_id, award_id = _awarded(db, village, village.buyer_head, supplier_id)
    lines = [FundingLine(fund_id=purses[0], amount_fen=2_000_000), FundingLine(fund_id=purses[1], amount_fen=3_000_000)]
    use = Use(catalogue_code=ENTRY, buyer_id=village.buyer_id, until=date(2026, 9, 30))
    funds.reserve(db, SYSTEM, project_id, lines, use, now=NOW)
    contract = Contract(
        number="HT-2026-0001", project_id=project_id, award_id=award_id, buyer_id=village.buyer_id,
        procuring_entity_id=centre_id, supplier_id=supplier_id, state=ContractState.ACTIVE, title="托管服务合同",
        price_fen=PRICE, clauses=dict.fromkeys(EIGHT, "见附件"), service_from=date(2026, 5, 6),
        service_until=date(2026, 9, 30),
        milestone_days=[], drafter_ids=[contract_drafter.person_id], drafted_at=NOW, updated_at=SIGNED,
        submitted_at=NOW, approved_at=NOW, approved_by=village.centre_head.person_id, paper_edition=1, signed_at=SIGNED,
        published_at=SIGNED + timedelta(days=1),
    )  # fmt: skip
    db.add(contract)
    db.flush()
    _signed(db, village, contract, village.buyer_head, somebody(db, supplier_id, Role.HEAD, NOW))
    facts = schedule(db, SYSTEM, contract.id, PLAN, now=SIGNED)
    funds.commit(db, SYSTEM, project_id, contract.id, PRICE, now=SIGNED)
    funds.make_payable(db, SYSTEM, contract.id, facts[0].id, facts[0].amount_fen, now=SIGNED)
    return Delivery(
        contract_id=contract.id,
        project_id=project_id,
        milestones=(facts[0].id, facts[1].id, facts[2].id),
        funds=purses,
        supplier_clerk=village.supplier,
        supplier_head=somebody(db, supplier_id, Role.HEAD, NOW),
        project_drafter=village.centre_clerk,
        contract_drafter=contract_drafter,
        decider=village.buyer_head,
        verifier=village.buyer_clerk,
        acceptor=village.centre_head,
        second_acceptor=somebody(db, village.buyer_id, Role.CLERK, NOW),
        auditor=village.auditor,
        stranger=village.stranger,
        other_supplier=somebody(db, other, Role.HEAD, NOW),
        finance=accountant,
    )


@pytest.fixture(scope="session")
def built(template: str) -> Iterator[tuple[str, Delivery]]:
    """A database that nobody is connected to, with the contract in it."""
    name = _copy(template)
    engine = create_engine(driver_url(_urls(name).owner), connect_args={"options": "-c timezone=UTC"})
    with Session(engine, expire_on_commit=False) as db, db.begin():
        db.execute(text("SET session_replication_role = replica"))
        delivery = a_delivery(db)
    engine.dispose()
    yield name, delivery
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def shared_urls(built: tuple[str, Delivery]) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    name = _copy(built[0])
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def committing_urls(built: tuple[str, Delivery]) -> Iterator[Urls]:
    """A really committing database of the test's own, with the contract in it."""
    name = _copy(built[0])
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def delivery(built: tuple[str, Delivery]) -> Delivery:
    """Who is concerned by the contract in that database."""
    return built[1]
