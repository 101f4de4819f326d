"""Lists: the public one, a desk's own, open questions, notices, and what waits for whom today."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.catalogue.model import CatalogueItem, CatalogueVersion
from marketplace.catalogue.states import EditionState
from marketplace.db.search import Listed, counted, plan_anew, searched, words
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.procedures import queries as law
from marketplace.projects.model import Notice, Project, Question
from marketplace.projects.queries.gate import kept_rules, parties
from marketplace.projects.queries.one import actions
from marketplace.projects.queries.parts import answer_due
from marketplace.projects.schemas import NoticeLine, OpenQuestion, ProjectCard, ProjectFilter, ProjectPage
from marketplace.projects.states import NoticeKind, ProjectAction, ProjectState

BRANCH_LEVEL, BRANCH_LENGTH = 2, 3
_NUMBER = re.compile(r"qt-[0-9]{4}-[0-9]{4,}")
"""A whole number names its project: its digits alone would fit too many others."""
COUNT_MAX = 1000
TODO_MAX = 200
"""More than a centre of three can hold open; a bound only so that no desk ever reads a whole table."""
_BUYER, _CENTRE = aliased(Organization), aliased(Organization)
_CARDS = (
    select(
        Project.id,
        Project.number,
        Project.state,
        Project.title,
        _BUYER.short_name.label("buyer_name"),
        _CENTRE.short_name.label("procuring_entity_name"),
        Project.catalogue_code,
        CatalogueItem.name.label("catalogue_name"),
        Project.ceiling_fen,
        Project.people_kind,
        Project.location,
        Project.published_at,
        Project.questions_due_at,
        Project.bids_due_at,
        Project.updated_at,
    )
    .join(_BUYER, _BUYER.id == Project.buyer_id)
    .join(_CENTRE, _CENTRE.id == Project.procuring_entity_id)
    .join(CatalogueItem, CatalogueItem.id == Project.catalogue_item_id)
)

_PUBLIC = Project.published_at.is_not(None)
_NEXT = select(Project.buyer_id).where(_PUBLIC).order_by(Project.buyer_id).limit(1)
_FIRST = _NEXT.cte("one", recursive=True)
_EACH = _FIRST.union_all(
    select(_NEXT.where(Project.buyer_id > _FIRST.c.buyer_id).correlate(_FIRST).scalar_subquery()).where(
        _FIRST.c.buyer_id.is_not(None)
    )
)
"""Each buyer once, from index entry to index entry: as many steps as buyers, however many projects they have."""
_BUYERS = (
    select(Organization.id, Organization.short_name)
    .join(_EACH, _EACH.c.buyer_id == Organization.id)
    .order_by(Organization.pinyin, Organization.id)
)
_BRANCHES = (
    select(CatalogueItem.code, CatalogueItem.name, CatalogueItem.name_en)
    .join(CatalogueVersion, CatalogueVersion.id == CatalogueItem.version_id)
    .where(CatalogueVersion.state == EditionState.PUBLISHED, CatalogueItem.level == BRANCH_LEVEL)
    .order_by(CatalogueItem.code)
)


def conditions_of(wanted: ProjectFilter) -> list[ColumnElement[bool]]:
    """What a filter asks of a project, beside its words."""
    picked: list[ColumnElement[bool] | None] = [
        Project.state == wanted.state if wanted.state else None,
        Project.buyer_id == wanted.buyer_id if wanted.buyer_id else None,
        func.left(Project.catalogue_code, literal_column(str(BRANCH_LENGTH))) == wanted.branch[:BRANCH_LENGTH]
        if len(wanted.branch) >= BRANCH_LENGTH
        else None,
        Project.catalogue_code.startswith(wanted.branch, autoescape=True) if wanted.branch else None,
        Project.ceiling_fen >= wanted.min_fen if wanted.min_fen is not None else None,
        Project.ceiling_fen < wanted.max_fen if wanted.max_fen is not None else None,
        Project.bids_due_at < wanted.due_before if wanted.due_before else None,
        Project.bids_due_at >= wanted.due_after if wanted.due_after else None,
    ]
    return [condition for condition in picked if condition is not None]


def _part(
    db: Session,
    wanted: ProjectFilter,
    scope: ColumnElement[bool],
    by: Any,
    *,
    rising: bool,
    after: Sequence[str | int],
    limit: int,
) -> ProjectPage:
    """One part of a list by ``by`` and id, both rising or both falling.

    The keys of a part are found by an index alone, and only then are its rows read.
    """
    plan_anew(db)
    listed, needles = Listed(table=Project, key=Project.id, by=by, rising=rising), words(wanted.q)
    numbers = [word.upper() for word in needles if _NUMBER.fullmatch(word)]
    needles = tuple(word for word in needles if not _NUMBER.fullmatch(word))
    where = [scope, *conditions_of(wanted), *(Project.number == number for number in numbers)]
    here = [*where, listed.behind(datetime.fromisoformat(str(after[0])), UUID(str(after[1])))] if after else where
    if needles:
        keys, last = searched(db, listed, needles, here, limit=limit)
    else:
        rows = db.execute(listed.keys(here, limit + 1)).all()
        keys = [row.key for row in rows[:limit]]
        last = (rows[limit - 1].by, rows[limit - 1].key) if len(rows) > limit else None
    cards = {row["id"]: ProjectCard(**row) for row in db.execute(_CARDS.where(Project.id.in_(keys))).mappings()}
    return ProjectPage(
        items=tuple(cards[key] for key in keys),
        last=(last[0].isoformat(), str(last[1])) if last else None,
        total=counted(db, listed, needles, where, most=COUNT_MAX + 1),
    )


def public_list(db: Session, wanted: ProjectFilter, *, after: Sequence[str | int] = (), limit: int = 20) -> ProjectPage:
    """Published projects, the newest first; or by deadline, the next first, where ``wanted.closing``.

    Raises:
        ValueError: ``after`` are no keys of this list.
    """
    by = Project.bids_due_at if wanted.closing else Project.published_at
    return _part(db, wanted, _PUBLIC, by, rising=wanted.closing, after=after, limit=limit)


def desk_list(
    db: Session, actor: Actor, wanted: ProjectFilter, *, after: Sequence[str | int] = (), limit: int = 20
) -> ProjectPage:
    """The projects that the actor's organization buys or runs, what changed last first.

    Raises:
        NotFound: the actor acts for no organization.
        Forbidden: the actor's roles do not let them see projects before they are public.
        ValueError: ``after`` are no keys of this list.
    """
    own = actor.organization_id
    require(actor, Right.READ_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    scope = or_(Project.buyer_id == own, Project.procuring_entity_id == own)
    return _part(db, wanted, scope, Project.updated_at, rising=False, after=after, limit=limit)


def buyers(db: Session) -> list[tuple[UUID, str]]:
    """The organizations that have published a project, by name."""
    return [(one, name) for one, name in db.execute(_BUYERS)]


def branches(db: Session) -> list[tuple[str, str, str]]:
    """The second level of the catalogue in force, by code: code, name, English name."""
    return [(code, name, name_en) for code, name, name_en in db.execute(_BRANCHES)]


def notice_lines(db: Session, *, kind: NoticeKind | None = None, limit: int = 50) -> list[NoticeLine]:
    """The latest legal notices of all projects."""
    query = (
        select(Notice.project_id, Project.number, Project.title, Notice.kind, Notice.at)
        .join(Project, Project.id == Notice.project_id)
        .where(Project.published_at.is_not(None))
        .order_by(Notice.at.desc(), Notice.id)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(Notice.kind == kind)
    return [NoticeLine(**row) for row in db.execute(query).mappings()]


def open_questions(db: Session, actor: Actor) -> list[OpenQuestion]:
    """The unanswered questions in the projects of the actor's organization, the most urgent first."""
    own = actor.organization_id
    query = (
        select(Question, Project)
        .join(Project, Project.id == Question.project_id)
        .where(
            Question.answered_at.is_(None),
            Project.state == ProjectState.OPEN,
            or_(Project.buyer_id == own, Project.procuring_entity_id == own),
        )
        .order_by(Project.answers_due_at, Question.asked_at)
        .limit(TODO_MAX)
    )
    calendar, rows = law.calendar(db), []
    for question, project in db.execute(query):
        if not may(actor, Right.ANSWER_QUESTION, parties(project)):
            continue
        due = answer_due(question, project, kept_rules(db, project), calendar) or project.bids_due_at
        assert due is not None  # noqa: S101 - a CHECK: what is open has its times
        rows.append(
            OpenQuestion(
                id=question.id,
                project_id=project.id,
                project_number=project.number or "",
                project_title=project.title,
                content=question.content,
                asked_at=question.asked_at,
                answer_due_at=due,
            )
        )
    return sorted(rows, key=lambda row: row.answer_due_at)


_RETURNED, _APPROVE, _PUBLISH = N_("退回修改：{title}"), N_("等待审批：{title}"), N_("等待发布：{title}")
_ANSWER = N_("等待答复（{number}）：{question}")
_EDIT_IT, _REVIEW_IT, _ANSWER_IT = N_("修改"), N_("审阅"), N_("答复")
_QUESTION_SHOWN = 30


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits for the actor in projects: returned drafts, approvals, publications, questions."""
    own = actor.organization_id
    if own is None or not may(actor, Right.READ_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}):
        return []
    query = (
        select(Project)
        .where(
            or_(Project.buyer_id == own, Project.procuring_entity_id == own),
            Project.state.in_((ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.APPROVED)),
        )
        .order_by(Project.publish_on.nulls_last(), Project.updated_at)
        .limit(TODO_MAX)
    )
    waiting = [todo for project in db.scalars(query) if (todo := _todo(actor, project, now)) is not None]
    questions = [
        Todo(
            title=_ANSWER,
            params={"number": one.project_number, "question": one.content[:_QUESTION_SHOWN]},
            url=f"/centre/questions/{one.id}",
            action=_ANSWER_IT,
            due_at=one.answer_due_at,
            urgent=one.answer_due_at <= now or legal_day(one.answer_due_at) == legal_day(now),
        )
        for one in open_questions(db, actor)
    ]
    return questions + waiting


def _todo(actor: Actor, project: Project, now: datetime) -> Todo | None:
    can = actions(actor, project)
    if project.state is ProjectState.DRAFT:
        if not (project.return_reason and actor.person_id in project.drafter_ids):
            return None
        title, action, url = _RETURNED, _EDIT_IT, f"/centre/projects/{project.id}/edit"
    elif ProjectAction.APPROVE in can:
        title, action, url = _APPROVE, _REVIEW_IT, f"/centre/projects/{project.id}"
    elif ProjectAction.PUBLISH in can:
        title, action, url = _PUBLISH, _REVIEW_IT, f"/centre/projects/{project.id}"
    else:
        return None
    due = at_legal(project.publish_on, 9) if project.publish_on else None
    return Todo(
        title=title,
        params={"title": project.title},
        url=url,
        action=action,
        due_at=due,
        urgent=due is not None and due <= now,
    )
