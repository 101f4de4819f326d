"""A small village for tests of projects: a buyer, a centre, a supervisor, a supplier, projects in any state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from marketplace.catalogue import commands as catalogue
from marketplace.documents.model import Document
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.clock import LEGAL_ZONE, legal_day
from marketplace.procedures import commands as procedures
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules import CostPlan, FundingPlan, NegativeAnswers, Plan
from marketplace.projects.schemas import NewFile, NewProject
from marketplace.projects.schemas.preparing import NewMinutes
from marketplace.projects.states import FileKind
from seed import reference
from tests.identity.town import a_person, an_organization

ENTRY = "A0401"
BUDGET = 5_000_000
KEY = bytes(range(32))
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE).astimezone(UTC)
"""When the village was settled: the instant at which the tests' clock stands."""


@dataclass
class Village:
    """Who acts."""

    buyer_clerk: Actor
    buyer_head: Actor
    centre_clerk: Actor
    centre_head: Actor
    auditor: Actor
    supplier: Actor
    stranger: Actor

    @property
    def buyer_id(self) -> UUID:
        assert self.buyer_head.organization_id
        return self.buyer_head.organization_id


def the_law(db: Session, now: datetime) -> None:
    """The reference catalogue, rules and calendar."""
    catalogue.enter_codes(db, SYSTEM, reference.procurement_codes(), now=now)
    edition = catalogue.draft_edition(db, SYSTEM, reference.catalogue_edition(), now=now)
    catalogue.publish_edition(db, SYSTEM, edition, now=now)
    procedures.add_rules(db, SYSTEM, reference.rule_rows(), reason="测试", now=now)
    for year in reference.calendar_years():
        procedures.import_year(db, SYSTEM, year, now=now)


def somebody(db: Session, organization_id: UUID, role: Role, now: datetime) -> Actor:
    login = f"{role.value}-{uuid4().hex[:8]}"
    return actor_of(db, a_person(db, organization_id, role, now=now, login=login), organization_id)


def a_village(db: Session, now: datetime) -> Village:
    """The law and seven people in five organizations."""
    the_law(db, now)
    buyer = an_organization(db, Function.BUYER, now=now, name="示例区总工会")
    centre = an_organization(db, Function.PROCURING_ENTITY, now=now, name="示例区党群服务中心")
    other = an_organization(db, Function.BUYER, now=now, name="示例区妇联")
    watch = an_organization(db, Function.SUPERVISOR, now=now, name="示例区监督组")
    supplier = an_organization(db, Function.SUPPLIER, now=now, name="示例社工服务中心")
    return Village(
        buyer_clerk=somebody(db, buyer, Role.CLERK, now),
        buyer_head=somebody(db, buyer, Role.HEAD, now),
        centre_clerk=somebody(db, centre, Role.CLERK, now),
        centre_head=somebody(db, centre, Role.HEAD, now),
        auditor=somebody(db, watch, Role.AUDITOR, now),
        supplier=somebody(db, supplier, Role.CLERK, now),
        stranger=somebody(db, other, Role.HEAD, now),
    )


def whole(plan: Plan, village: Village, **given: Any) -> Plan:
    """A prefilled plan with all that a clerk adds."""
    answers = NegativeAnswers(**dict.fromkeys(NegativeAnswers.__struct_fields__, False))
    lines = tuple(
        msgspec.structs.replace(line, quantity=Decimal(100), unit_cost_fen=BUDGET // 100 // len(plan.cost_lines))
        for line in plan.cost_lines
    )
    added: dict[str, Any] = {
        "duty_basis": "本单位职责清单第三条",
        "people_count": 60,
        "location": "示例镇示例村",
        "contact_name": "李示例",
        "contact_phone": "0826-2000000",
        "budget_fen": BUDGET,
        "ceiling_fen": BUDGET,
        "cost_lines": lines or (CostPlan(item="服务", unit="次", quantity=Decimal(1), unit_cost_fen=BUDGET),),
        "funding": (FundingPlan(fund_id=UUID(int=1), amount_fen=BUDGET),),
        "negative": answers,
        "opener_centre_id": village.centre_clerk.person_id,
        "opener_buyer_id": village.buyer_clerk.person_id,
        "opener_supervisor_id": village.auditor.person_id,
    }
    return msgspec.structs.replace(plan, **(added | given))


def a_paper(db: Session, actor: Actor, now: datetime) -> UUID:
    """A stored document of the actor's organization."""
    row = Document(
        sha256=uuid4().hex * 2, size_bytes=1_000, name="委托书.pdf", media_type="application/pdf",
        person_id=actor.person_id, organization_id=actor.organization_id, at=now,
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row.id


def minuted(db: Session, actor: Actor, project_id: UUID, now: datetime) -> None:
    """The minutes of the meeting that decided on a project, as from 50,000 yuan on they must be there."""
    paper = a_paper(db, actor, now)
    held = NewMinutes(held_on=legal_day(now), attended="李示例、张示例、王示例", decision="同意立项", document_id=paper)
    commands.record_minutes(db, actor, project_id, held, now=now)


def a_draft(db: Session, village: Village, now: datetime, *, title: str = "留守儿童暑期托管服务", **given: Any) -> UUID:
    """A draft of the centre's clerk for the buyer that passes every gate (unless ``given`` breaks one)."""
    new = NewProject(catalogue_code=ENTRY, title=title, buyer_id=village.buyer_id)
    project_id = commands.draft(db, village.centre_clerk, new, now=now)
    paper = NewFile(document_id=a_paper(db, village.centre_clerk, now), kind=FileKind.MANDATE, title="委托书")
    commands.attach(db, village.centre_clerk, project_id, paper, now=now)
    minuted(db, village.centre_clerk, project_id, now)
    project = db.get_one(Project, project_id)
    plan = whole(queries.plan_of(db, project), village, **given)
    commands.edit(db, village.centre_clerk, project_id, plan, version=project.version, now=now)
    return project_id


def a_submitted(db: Session, village: Village, now: datetime, **given: Any) -> UUID:
    project_id = a_draft(db, village, now, **given)
    commands.submit(db, village.centre_clerk, project_id, now=now)
    return project_id


def an_approved(db: Session, village: Village, now: datetime, **given: Any) -> UUID:
    project_id = a_submitted(db, village, now, **given)
    commands.approve(db, village.buyer_head, project_id, now=now)
    return project_id


def an_open(db: Session, village: Village, now: datetime, **given: Any) -> UUID:
    project_id = an_approved(db, village, now, **given)
    budget = db.get_one(Project, project_id).budget_fen or 0
    commands.publish(db, village.centre_head, project_id, reserved_fen=budget, sealed=True, now=now)
    return project_id


def closing(db: Session, project_id: UUID) -> datetime:
    """The instant of the deadline."""
    due = db.get_one(Project, project_id).bids_due_at
    assert due
    return due


def in_evaluation(db: Session, village: Village, now: datetime, **given: Any) -> UUID:
    project_id = an_open(db, village, now, **given)
    commands.close_for_opening(db, SYSTEM, project_id, now=closing(db, project_id) + timedelta(seconds=31))
    return project_id
