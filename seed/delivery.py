"""The demo's contracts and deliveries: drafted, approved, signed, reported, verified, accepted by their own people."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.contracts import commands
from marketplace.contracts.model import Contract
from marketplace.contracts.queries.contract import current_paper
from marketplace.contracts.queries.milestones import milestone_facts, milestones_of
from marketplace.contracts.schemas import AcceptanceForm, Confirm, MilestoneFacts, NewEvidence, Report, Seen, SendBack
from marketplace.contracts.states import EvidenceKind, Side
from marketplace.flows import contracting, delivering
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.projects.states import MilestoneKind
from seed.market import HEADS, Stage, drafter
from seed.year import Project

CENTRE_HEAD = "centre-head"
SECONDS = {"qzgh": "clerk2", "tqw": "youth-clerk2", "qfl": "women-clerk2"}
"""The second clerk of a buyer that runs its own procedures: who accepts has neither drafted nor decided."""
FILE_BYTES_MAX = 1 << 20
ALL, MOST, NOTHING = 10_000, 8_500, 0
"""What is accepted of a milestone, in hundredths of a percent."""
WHY = {
    MOST: "约定三十场，实际完成二十六场，缺四场未补，按完成比例验收。",
    NOTHING: "跟踪服务没有按约定开展，随访记录缺失，整改期满仍未补齐，本节点不予通过。",
}
"""Why not all of it was accepted."""


def acceptor(project: Project) -> str:
    """Who accepts: somebody who neither drafted project or contract, nor decided, nor verified."""
    return CENTRE_HEAD if project.centre else SECONDS[project.buyer]


def draft(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> UUID:
    """Whoever runs the procedure draws the contract up from project and bid, and hands it in."""
    clerk = stage.actors[drafter(project)]
    contract_id = contracting.draft(db, clerk, project_id, now=now)
    commands.submit(db, clerk, contract_id, now=now)
    return contract_id


def scrap(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """A first contract is drawn up, and cancelled by the head who was to approve it, with the story's reason."""
    contract_id = contracting.draft(db, stage.actors[drafter(project)], project_id, now=now)
    head = stage.actors[CENTRE_HEAD if project.centre else HEADS[project.buyer]]
    commands.cancel(db, head, contract_id, reason=project.scrapped, now=now)


def give_back(db: Session, stage: Stage, project: Project, contract_id: UUID, *, now: datetime) -> None:
    """The approving head returns the contract with the story's reason."""
    head = stage.actors[CENTRE_HEAD if project.centre else HEADS[project.buyer]]
    commands.return_(db, head, contract_id, reason=project.returned_reason, now=now)


def approve(db: Session, stage: Stage, project: Project, contract_id: UUID, *, now: datetime) -> None:
    """The centre's head approves, or the buyer's own where no centre runs the procedure."""
    head = stage.actors[CENTRE_HEAD if project.centre else HEADS[project.buyer]]
    contracting.approve(db, stage.storage, head, contract_id, now=now)


def sign(db: Session, stage: Stage, project: Project, contract_id: UUID, side: Side, *, now: datetime) -> None:
    """One side signs the paper as it stands."""
    paper = current_paper(db, db.get_one(Contract, contract_id))
    assert paper is not None  # noqa: S101 - an approved contract has its paper
    who = stage.actors[HEADS[project.buyer]] if side is Side.BUYER else supplier_of(db, stage, contract_id)
    contracting.sign(db, who, contract_id, side, Seen(sha256=paper.sha256), now=now)


def supplier_of(db: Session, stage: Stage, contract_id: UUID) -> Actor:
    """The person who acts for the contract's supplier."""
    own = db.get_one(Contract, contract_id).supplier_id
    return next(actor for actor in stage.actors.values() if actor.organization_id == own)


def publish(db: Session, stage: Stage, project: Project, contract_id: UUID, *, now: datetime) -> None:
    """The contract becomes public."""
    commands.publish(db, stage.actors[drafter(project)], contract_id, now=now)


def deliverables(db: Session, contract_id: UUID) -> list[MilestoneFacts]:
    """The milestones that somebody must report, in their order."""
    return [one for one in milestones_of(db, contract_id) if one.kind is MilestoneKind.DELIVERABLE]


def advances(db: Session, contract_id: UUID) -> list[MilestoneFacts]:
    """What is payable on signature."""
    return [one for one in milestones_of(db, contract_id) if one.kind is MilestoneKind.ADVANCE]


def report(db: Session, stage: Stage, project: Project, milestone_id: UUID, *, now: datetime) -> None:
    """The supplier says what was done and proves every item."""
    one = milestone_facts(db, milestone_id)
    who = supplier_of(db, stage, one.contract_id)
    for place, item in enumerate(one.evidence):
        kind = EvidenceKind.SIGN_IN_SHEET if "签" in item else EvidenceKind.OTHER
        text = f"演示材料：{project.title}，{one.title}，{item}（不含真实个人信息）。\n".encode()
        new = NewEvidence(kind=kind, item=place)
        commands.attach_evidence(
            db, stage.storage, who, one.id, new, [text], name=f"{item}.txt", limit_bytes=FILE_BYTES_MAX, now=now
        )
    said = Report(
        attempt=one.attempts + 1,
        version=1,
        content=f"{one.title}：{one.deliverable}。服务对象为{project.served}，服务地点{project.place}，过程记录齐全。",
        people_served=project.count,
        sessions=max(4, project.quantity // 20),
        hours=Decimal(max(8, project.quantity // 5)),
        ticked=list(range(len(one.evidence))),
    )
    commands.report(db, who, one.id, said, now=now)


def verify(db: Session, stage: Stage, project: Project, milestone_id: UUID, *, now: datetime) -> None:
    """The clerk confirms what was reported."""
    found = Confirm(attempt=milestone_facts(db, milestone_id).attempts, note="抽查签到与服务记录一致（演示）")
    commands.verify(db, stage.actors[drafter(project)], milestone_id, found, now=now)


def send_back(db: Session, stage: Stage, project: Project, milestone_id: UUID, *, now: datetime) -> None:
    """The clerk sends a report back with the reason and the day by which to mend it."""
    back = SendBack(
        attempt=milestone_facts(db, milestone_id).attempts,
        reason="九月第三周的签到表缺两天，满意度调查只附了汇总，没有原始问卷。请补齐后重新提交。",
        mend_by=legal_day(now) + timedelta(days=10),
    )
    commands.send_back(db, stage.actors[drafter(project)], milestone_id, back, now=now)


def accept(
    db: Session, stage: Stage, project: Project, milestone_id: UUID, *, now: datetime, share_bp: int = ALL
) -> None:
    """Another person accepts it, with the opinion of those who were served."""
    asked = max(5, project.count // 3)
    form = AcceptanceForm(
        attempt=milestone_facts(db, milestone_id).attempts,
        share_bp=share_bp,
        asked=asked,
        satisfied=asked - asked // 12,
        opinion="电话和现场抽样询问服务对象，多数表示满意，希望延长服务时间。",
        reason=WHY.get(share_bp, ""),
    )
    delivering.accept(db, stage.actors[acceptor(project)], milestone_id, form, now=now)
