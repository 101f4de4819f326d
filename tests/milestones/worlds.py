"""A contract in force with an advance and two deliverables, its money committed: built once a run, copied by tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from marketplace.contracts import commands as contracts
from marketplace.contracts.queries import milestones_of
from marketplace.contracts.schemas import PlannedMilestone
from marketplace.contracts.states import Side
from marketplace.db.base import connect
from marketplace.flows import contracting
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.projects.rules import MilestonePlan
from marketplace.projects.states import MilestoneKind
from tests.conftest import Urls, copied
from tests.contracts.support import an_awarded, signed
from tests.projects.village import somebody

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE).astimezone(UTC)
SIGNED = datetime(2026, 5, 6, 10, 0, tzinfo=LEGAL_ZONE).astimezone(UTC)
"""When the contract took effect."""
PRICE = 3_333_333
EVIDENCE = "活动现场照片\n签到表"
PLAN = (
    PlannedMilestone(place=1, kind=MilestoneKind.ADVANCE, title="首付款", share_bp=3_000, amount_fen=1_000_000,
        deliverable="合同签订"),
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


def a_delivery(db: Session, folder: Path) -> Delivery:
    """A contract in force and published, made by the verbs: four people of the desk have had to do with it so far."""
    deal = an_awarded(
        db,
        folder,
        NOW,
        price_fen=PRICE,
        milestones=tuple(
            MilestonePlan(
                title=one.title, kind=one.kind, deliverable=one.deliverable, evidence=one.evidence,
                due_on=one.due_on or date(2026, 5, 6), share_bp=one.share_bp,
            )
            for one in PLAN
        ),
    )  # fmt: skip
    village = deal.village
    assert village.centre_head.organization_id
    assert deal.supplier.organization_id
    contract_drafter = somebody(db, village.centre_head.organization_id, Role.CLERK, NOW)
    contract_id = deal.contract_id = contracting.draft(db, contract_drafter, deal.project_id, now=deal.at)
    contracts.submit(db, contract_drafter, contract_id, now=deal.at)
    contracting.approve(db, deal.storage, village.centre_head, contract_id, now=deal.at)
    for side in (Side.SUPPLIER, Side.BUYER):
        signed(db, deal, side, at=SIGNED)
    contracts.publish(db, village.buyer_clerk, contract_id, now=SIGNED + timedelta(days=1))
    first, second, third = (one.id for one in milestones_of(db, contract_id))
    return Delivery(
        contract_id=contract_id,
        project_id=deal.project_id,
        milestones=(first, second, third),
        funds=(deal.funds[0], deal.funds[1]),
        supplier_clerk=somebody(db, deal.supplier.organization_id, Role.CLERK, NOW),
        supplier_head=deal.supplier,
        project_drafter=village.centre_clerk,
        contract_drafter=contract_drafter,
        decider=village.buyer_head,
        verifier=village.buyer_clerk,
        acceptor=village.centre_head,
        second_acceptor=somebody(db, village.buyer_id, Role.CLERK, NOW),
        auditor=village.auditor,
        stranger=village.stranger,
        other_supplier=deal.losers[0],
        finance=deal.office.accountant,
    )


@pytest.fixture(scope="session")
def built(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Delivery]]:
    """A database that nobody is connected to, with the contract in it."""
    with copied(template) as urls:
        database = connect(urls.app)
        with database.write() as db:
            delivery = a_delivery(db, tmp_path_factory.mktemp("delivery"))
        database.dispose()
        yield urls.name, delivery


@pytest.fixture(scope="session")
def shared_urls(built: tuple[str, Delivery]) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    with copied(built[0]) as urls:
        yield urls


@pytest.fixture
def committing_urls(built: tuple[str, Delivery]) -> Iterator[Urls]:
    """A really committing database of the test's own, with the contract in it."""
    with copied(built[0]) as urls:
        yield urls


@pytest.fixture
def delivery(built: tuple[str, Delivery]) -> Delivery:
    """Who is concerned by the contract in that database."""
    return built[1]
