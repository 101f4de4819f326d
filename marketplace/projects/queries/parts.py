"""The lists of a project as structs, and the whole as the plan its drafters write."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.documents import queries as documents
from marketplace.documents.schemas import DocumentView
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.days import Calendar
from marketplace.kit.money import WHOLE_BP, split
from marketplace.procedures.rules import RuleSet
from marketplace.projects.model import (
    Condition,
    CostLine,
    Criterion,
    Milestone,
    Notice,
    PlannedFunding,
    Project,
    ProjectFile,
    Question,
)
from marketplace.projects.rules import (
    ConditionPlan,
    CostPlan,
    CriterionPlan,
    FundingPlan,
    MilestonePlan,
    NegativeAnswers,
    Plan,
    Step,
    write_steps,
)
from marketplace.projects.schemas import (
    ChangeView,
    ConditionView,
    CostView,
    CriterionView,
    FileView,
    FundingShare,
    MilestoneView,
    NoticeView,
    QuestionView,
)
from marketplace.projects.states import PUBLIC_FILES, ConditionKind

REPLY_RULE = "enquiry_reply_days"
_HUNDRED = Decimal(100)
_LISTS = frozenset({"cost_lines", "funding", "conditions", "criteria", "milestones", "negative"})
SCALARS = tuple(name for name in Plan.__struct_fields__ if name not in _LISTS)
"""The fields of a plan that are columns of the project under the same name."""


def _quantity(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else (Decimal(hundredths) / _HUNDRED).normalize() + Decimal(0)


def cost_lines(db: Session, project_id: UUID) -> tuple[CostView, ...]:
    """The unit cost sheet."""
    rows = db.scalars(select(CostLine).where(CostLine.project_id == project_id).order_by(CostLine.place))
    return tuple(
        CostView(
            item=row.item,
            unit=row.unit,
            quantity=_quantity(row.quantity_hundredths),
            unit_cost_fen=row.unit_cost_fen,
            amount_fen=row.amount_fen,
        )
        for row in rows
    )


def funding(db: Session, project_id: UUID) -> tuple[FundingShare, ...]:
    """Which funds are to give how much."""
    query = select(PlannedFunding).where(PlannedFunding.project_id == project_id).order_by(PlannedFunding.place)
    return tuple(FundingShare(fund_id=row.fund_id, amount_fen=row.amount_fen) for row in db.scalars(query))


def conditions(db: Session, project_id: UUID) -> tuple[ConditionView, ...]:
    """The qualification conditions, the general ones first."""
    rows = db.scalars(select(Condition).where(Condition.project_id == project_id).order_by(Condition.place))
    return tuple(ConditionView(id=row.id, kind=row.kind, content=row.content, proof=row.proof) for row in rows)


def criteria(db: Session, project_id: UUID) -> tuple[CriterionView, ...]:
    """The criteria with their quantified steps."""
    rows = db.scalars(select(Criterion).where(Criterion.project_id == project_id).order_by(Criterion.place))
    return tuple(
        CriterionView(
            id=row.id,
            kind=row.kind,
            name=row.name,
            weight_bp=row.weight_bp,
            steps=msgspec.convert(row.steps, tuple[Step, ...]),
        )
        for row in rows
    )


def milestones(db: Session, project_id: UUID, total_fen: int | None) -> tuple[MilestoneView, ...]:
    """The milestones, each with its share of ``total_fen`` where the shares are whole already."""
    query = select(Milestone).where(Milestone.project_id == project_id).order_by(Milestone.place)
    rows = list(db.scalars(query))
    shares = [row.share_bp or 0 for row in rows]
    whole = total_fen is not None and sum(shares) == WHOLE_BP
    amounts: list[int | None] = list(split(total_fen, shares)) if whole and total_fen else [None] * len(rows)
    return tuple(
        MilestoneView(
            id=row.id,
            kind=row.kind,
            title=row.title,
            deliverable=row.deliverable,
            evidence=tuple(line for line in row.evidence.splitlines() if line),
            due_on=row.due_on,
            share_bp=row.share_bp,
            amount_fen=amount,
        )
        for row, amount in zip(rows, amounts, strict=True)
    )


def plan_of(db: Session, project: Project) -> Plan:
    """Everything the drafters wrote, as they may write it again."""
    return Plan(
        **{name: getattr(project, name) for name in SCALARS},
        cost_lines=tuple(
            CostPlan(item=row.item, unit=row.unit, quantity=row.quantity, unit_cost_fen=row.unit_cost_fen)
            for row in cost_lines(db, project.id)
        ),
        funding=tuple(FundingPlan(fund_id=row.fund_id, amount_fen=row.amount_fen) for row in funding(db, project.id)),
        conditions=tuple(
            ConditionPlan(content=row.content, proof=row.proof)
            for row in conditions(db, project.id)
            if row.kind is ConditionKind.PROJECT
        ),
        criteria=tuple(
            CriterionPlan(name=row.name, kind=row.kind, weight_bp=row.weight_bp, steps=write_steps(row.steps))
            for row in criteria(db, project.id)
        ),
        milestones=tuple(
            MilestonePlan(
                title=row.title,
                kind=row.kind,
                deliverable=row.deliverable,
                evidence="\n".join(row.evidence),
                due_on=row.due_on,
                share_bp=row.share_bp,
            )
            for row in milestones(db, project.id, None)
        ),
        negative=NegativeAnswers(**project.negative_answers),
    )


def answer_due(row: Question, project: Project, rules: RuleSet | None, calendar: Calendar) -> datetime | None:
    """When a question is to be answered: by the project's own time, and within the working days that the rule gives.

    Source:
        采购法条例第五十二条: three working days.
    """
    due = project.answers_due_at
    rule = rules.find(REPLY_RULE) if rules else None
    if rule is not None:
        last = calendar.add(legal_day(row.asked_at), rule.number, rule.period).rolled
        by_rule = at_legal(last, 23, 59)
        due = min(due, by_rule) if due else by_rule
    return due


def question_view(row: Question, due: datetime | None, *, mine: bool = False) -> QuestionView:
    """One question without any trace of who asked."""
    return QuestionView(
        id=row.id,
        number=row.number,
        content=row.content,
        asked_at=row.asked_at,
        answer=row.answer,
        answered_at=row.answered_at,
        answer_due_at=None if row.answered_at else due,
        state=row.state,
        first_answer=row.first_answer,
        mine=mine,
    )


def answered(db: Session, project_id: UUID) -> tuple[QuestionView, ...]:
    """The questions that have their answers, in the order of the answers."""
    query = select(Question).where(Question.project_id == project_id, Question.answered_at.is_not(None))
    return tuple(question_view(row, None) for row in db.scalars(query.order_by(Question.answered_at, Question.number)))


def notices(db: Session, project_id: UUID) -> tuple[NoticeView, ...]:
    """The legal notices, the oldest first."""
    query = select(Notice).where(Notice.project_id == project_id).order_by(Notice.place)
    return tuple(
        NoticeView(
            id=row.id,
            kind=row.kind,
            reason=row.reason,
            changes=msgspec.convert(row.changes, tuple[ChangeView, ...]),
            at=row.at,
        )
        for row in db.scalars(query)
    )


def files(db: Session, project: Project, *, internal: bool) -> tuple[FileView, ...]:
    """The files that hang on a project; the internal ones only for those who prepare it."""
    query = select(ProjectFile).where(ProjectFile.project_id == project.id, ProjectFile.removed_at.is_(None))
    rows = [row for row in db.scalars(query.order_by(ProjectFile.at)) if internal or row.kind in PUBLIC_FILES]
    cards = documents.documents(db, (row.document_id for row in rows))
    return tuple(_file(row, project, cards) for row in rows)


def _file(row: ProjectFile, project: Project, cards: dict[UUID, DocumentView]) -> FileView:
    return FileView(
        id=row.id,
        kind=row.kind,
        title=row.title,
        public=row.kind in PUBLIC_FILES and project.published_at is not None,
        at=row.at,
        document=cards[row.document_id],
    )
