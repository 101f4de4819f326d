"""The demo's projects: drafted, approved, published, asked about, bid for and opened by their own people."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.queries import asked_of
from marketplace.bids.schemas import Answer, Contact, CostLine, DraftChange, StaffMember
from marketplace.bids.schemas import Plan as BidPlan
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.documents.commands import store
from marketplace.documents.storage import Storage
from marketplace.flows import publishing
from marketplace.flows.opening import open_bids
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.money import parse_yuan
from marketplace.projects import commands as projects
from marketplace.projects import queries
from marketplace.projects.rules import CostPlan, FundingPlan, NegativeAnswers
from marketplace.projects.rules import Plan as ProjectPlan
from marketplace.projects.schemas import NewFile, NewProject
from marketplace.projects.schemas.preparing import NewMinutes
from marketplace.projects.states import FileKind
from seed.people import PASSPHRASE
from seed.year import Project

CLERKS = {"qzgh": "clerk", "tqw": "youth-clerk", "qfl": "women-clerk", "qcl": "disabled-clerk", "qkx": "science-clerk"}
HEADS = {"qzgh": "head", "tqw": "youth-head", "qfl": "women-head", "qcl": "disabled-head", "qkx": "science-head"}
CENTRE_CLERK, CENTRE_OPENER, SUPERVISOR = "centre-clerk", "centre-head", "supervisor"
ALL_NO = NegativeAnswers(
    not_duty=False, direct_duty=False, goods_or_works=False, financing=False, hiring=False, other=False
)
MEETING_FEN = 5_000_000
"""From this budget on a meeting decides."""
DISCOUNTS = (940, 885, 965, 915)
"""Prices of the bidders, in thousandths of the ceiling."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the projects are played on: people by login, funds and organizations by key."""

    actors: dict[str, Actor]
    ids: dict[str, UUID]
    keys: ApplicationKeys
    asker_key: bytes
    storage: Storage


def drafter(project: Project) -> str:
    """Who writes the project: the centre's clerk, or the buyer's own."""
    return CENTRE_CLERK if project.centre else CLERKS[project.buyer]


def openers(project: Project) -> tuple[str, str, str]:
    """The three named openers: of whoever runs the procedure, of the buyer, of the supervisor."""
    return (CENTRE_OPENER if project.centre else CLERKS[project.buyer], HEADS[project.buyer], SUPERVISOR)


def draft(db: Session, stage: Stage, project: Project, *, now: datetime) -> UUID:
    """Begin the project from its catalogue entry and fill in what is its own."""
    author = stage.actors[drafter(project)]
    buyer_id = stage.ids[project.buyer] if project.centre else None
    new = NewProject(catalogue_code=project.code, title=project.title, buyer_id=buyer_id)
    project_id = projects.draft(db, author, new, now=now)
    if project.centre:
        paper = f"演示委托书：委托区党群服务中心办理「{project.title}」。\n".encode()
        document = store(db, stage.storage, author, [paper], name="委托书.txt", limit_bytes=1 << 20, now=now)
        mandate = NewFile(document_id=document, kind=FileKind.MANDATE, title="委托书")
        projects.attach(db, author, project_id, mandate, now=now)
    if project.quantity * parse_yuan(project.unit_yuan) >= MEETING_FEN:
        _minuted(db, stage, project, project_id, now=now)
    begun = queries.dossier(db, author, project_id, now=now)
    projects.edit(
        db, author, project_id, _filled(stage, project, begun.plan, legal_day(now)), version=begun.version, now=now
    )
    return project_id


def _minuted(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    author = stage.actors[drafter(project)]
    paper = f"演示会议纪要：会议研究，同意「{project.title}」立项。\n".encode()
    document = store(db, stage.storage, author, [paper], name="会议纪要.txt", limit_bytes=1 << 20, now=now)
    held = NewMinutes(
        held_on=legal_day(now),
        attended="单位负责人、分管负责人、财务负责人、纪检负责人（演示）",
        decision="同意立项，按限额以下比选办理（演示）",
        document_id=document,
    )
    projects.record_minutes(db, author, project_id, held, now=now)


def _filled(stage: Stage, project: Project, plan: ProjectPlan, today: date) -> ProjectPlan:
    unit_fen = parse_yuan(project.unit_yuan)
    budget_fen = project.quantity * unit_fen
    centre, buyer, supervisor = (stage.actors[login].person_id for login in openers(project))
    return msgspec.structs.replace(
        _lasting(plan, project.months),
        title=project.title,
        need=project.need,
        requirement=_requirement(project, plan.requirement),
        duty_basis="本单位职责规定中关于服务群众、帮扶困难群体的条款（演示）",
        people_kind=project.served,
        people_count=project.count,
        serves_minors=project.minors,
        location=project.place,
        contact_name="项目联络人（演示）",
        contact_phone="0826-2000000",
        budget_fen=budget_fen,
        ceiling_fen=budget_fen,
        cost_lines=(
            CostPlan(
                item=project.title.removesuffix("服务") + "服务",
                unit=project.unit,
                quantity=Decimal(project.quantity),
                unit_cost_fen=unit_fen,
            ),
        ),
        funding=tuple(
            FundingPlan(fund_id=stage.ids[key], amount_fen=parse_yuan(str(yuan)))
            for key, yuan in sorted(project.funds.items())
        ),
        no_agent_reason=project.agent_reason,
        no_agent_on=today if project.agent_reason else None,
        negative=ALL_NO,
        opener_centre_id=centre,
        opener_buyer_id=buyer,
        opener_supervisor_id=supervisor,
    )


def _requirement(project: Project, template: str) -> str:
    """What is asked for: the template's words, or, where it only has headings, the story's own facts under them."""
    if not template.splitlines()[0].endswith("："):
        return template
    return "\n".join((
        f"一、服务内容：面向{project.served}提供{project.title.removesuffix('服务')}，按需求说明分阶段实施，每次服务有签到和记录。",
        f"二、服务数量：不少于 {project.quantity} {project.unit}，覆盖 {project.count} 人。",
        "三、质量标准：服务记录完整，抽查合格率不低于百分之九十五，服务对象满意度不低于百分之九十。",
        f"四、服务时间和方式：在服务期内于{project.place}开展，时间与服务对象约定，避开上课和上班时间。",
    ))  # fmt: skip


def _lasting(plan: ProjectPlan, months: int) -> ProjectPlan:
    """The plan with another length of service, its milestones where they lie in proportion."""
    begin, until = plan.service_from, plan.service_until
    if not months or begin is None or until is None:
        return plan
    end = begin + timedelta(days=months * 365 // 12 - 1)

    def moved(day: date | None) -> date | None:
        return None if day is None else begin + (day - begin) * (end - begin).days // (until - begin).days

    milestones = tuple(msgspec.structs.replace(one, due_on=moved(one.due_on)) for one in plan.milestones)
    return msgspec.structs.replace(plan, service_until=end, milestones=milestones)


def submit(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """Hand the draft in for approval."""
    projects.submit(db, stage.actors[drafter(project)], project_id, now=now)


def send_back(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """The buyer's head returns it with the story's reason."""
    projects.return_(db, stage.actors[HEADS[project.buyer]], project_id, reason=project.returned_reason, now=now)


def approve(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """The buyer's head approves."""
    projects.approve(db, stage.actors[HEADS[project.buyer]], project_id, now=now)


def publish(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> datetime:
    """The buyer's head publishes; returns the deadline."""
    head = stage.actors[HEADS[project.buyer]]
    publishing.publish(db, stage.keys, head, project_id, now=now)
    due = queries.published(db, project_id).bids_due_at
    assert due is not None  # noqa: S101 - a CHECK: what is open has a deadline
    return due


def cancel(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """The buyer's head ends the project with the story's reason."""
    publishing.cancel(db, stage.actors[HEADS[project.buyer]], project_id, reason=project.cancelled_reason, now=now)


def take(db: Session, stage: Stage, login: str, project_id: UUID, *, now: datetime) -> None:
    """A social organization takes the document."""
    bids.take_document(db, stage.actors[login], project_id, received_at=now, now=now)


def ask(db: Session, stage: Stage, login: str, project_id: UUID, text: str, *, now: datetime) -> UUID:
    """Somebody asks; nobody will know who."""
    return projects.ask_question(
        db, stage.actors[login], project_id, text, key=stage.asker_key, took_document=True, now=now
    )


def answer(db: Session, stage: Stage, project: Project, question_id: UUID, text: str, *, now: datetime) -> None:
    """Whoever runs the procedure answers for everybody."""
    projects.answer_question(db, stage.actors[drafter(project)], question_id, text, now=now)


def bid(
    db: Session, stage: Stage, project: Project, login: str, place: int, project_id: UUID, *, now: datetime
) -> None:
    """A complete bid, handed in."""
    asked, who = asked_of(db, project_id), stage.actors[login]
    unit_fen = parse_yuan(project.unit_yuan) * DISCOUNTS[place % len(DISCOUNTS)] // 1000
    change = DraftChange(
        cost_lines=(
            CostLine(
                name=project.title[:40],
                unit=project.unit,
                quantity_hundredths=project.quantity * 100,
                unit_price_fen=unit_fen,
            ),
        ),
        plan=BidPlan(
            approach=f"围绕「{project.served}」的需要，分摸底、实施、巩固三个阶段开展服务，每次服务有签到、有记录、有反馈。",
            schedule="签约后两周内完成摸底和人员培训，随后按计划每周实施，结束前完成评估。",
            quality="每月抽查服务记录，每季度做一次满意度调查，发现问题当周整改。",
            risks="人员请假有替补，活动前做风险排查并购买保险，突发情况按预案上报。",
        ),
        staff=tuple(
            StaffMember(name=f"{'甲乙丙丁'[n]}社工（演示）", post=post, qualification="社会工作者职业资格", years=5 - n)
            for n, post in enumerate(("项目负责人", "专职社工", "专职社工"))
        ),
        criteria={one.id: Answer(text="做法和证明材料见服务方案对应部分。") for one in asked.criteria},
        conditions={one.id: Answer(met=True, text="符合，证明材料已在组织资料中备案。") for one in asked.conditions},
        contact=Contact(name="项目联络人（演示）", phone="0826-2000000"),
        declared=True,
    )
    bids.save_draft(db, stage.keys, who, project_id, change, received_at=now)
    bids.submit(db, stage.keys, who, project_id, received_at=now, now=now)


def withdraw(db: Session, stage: Stage, login: str, project_id: UUID, *, now: datetime) -> None:
    """A bidder takes its bid back before the deadline."""
    bids.withdraw(db, stage.keys, stage.actors[login], project_id, received_at=now, now=now)


def open_box(db: Session, stage: Stage, project: Project, project_id: UUID, *, now: datetime) -> None:
    """Two of the three openers open all bids: whoever runs the procedure, and the supervisor."""
    first, _, third = openers(project)
    bids.contribute(db, stage.actors[first], project_id, PASSPHRASE, now=now)
    open_bids(
        db,
        stage.keys,
        stage.actors[third],
        project_id,
        PASSPHRASE,
        storage=stage.storage,
        now=now + timedelta(minutes=1),
    )
