"""Verbs of questions and answers: asked without a name, answered for everybody at once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.procedures import queries as law
from marketplace.projects.commands.drafting import locked
from marketplace.projects.commands.notices import in_feed
from marketplace.projects.model import Project, Question
from marketplace.projects.queries import kept_rules
from marketplace.projects.rules import TIME_NAMES, TimeField, asker_digest, earliest_close, moment
from marketplace.projects.rules.questions import UNANSWERED_MAX
from marketplace.projects.rules.refusals import (
    AlreadyAnswered,
    DeadlinePassed,
    DocumentNotTaken,
    ExtendFirst,
    TooManyQuestions,
)
from marketplace.projects.states import PROJECT, ProjectAction, PublicKind


def ask_question(
    db: Session, actor: Actor, project_id: UUID, content: str, *, key: bytes, took_document: bool, now: datetime
) -> UUID:
    """Ask about a published project; returns the question's id. Neither row, journal nor message names the asker.

    ``key`` is the installation's secret, ``took_document`` whether the actor's organization took the document.

    Raises:
        NotFound: no such project is public, or the actor acts for no organization.
        Forbidden: the actor may not ask for a supplier.
        IllegalMove: the project is not open.
        DeadlinePassed: the time for questions has passed by the clock.
        DocumentNotTaken: the organization has not taken the document.
        TooManyQuestions: the organization has many questions waiting.
    """
    own = actor.organization_id
    if own is None:
        raise NotFound
    require(actor, Right.ASK_QUESTION, {Relation.SUPPLIER: own})
    project = lock(db, Project, project_id)
    if project is None or project.published_at is None:
        raise NotFound
    PROJECT.after(project.state, ProjectAction.ASK)
    if project.questions_due_at is None or now > project.questions_due_at:
        raise DeadlinePassed(label=TIME_NAMES[TimeField.QUESTIONS], at=moment(project.questions_due_at))
    if not took_document:
        raise DocumentNotTaken
    digest = asker_digest(key, project.id, own)
    of_project = select(func.count()).where(Question.project_id == project.id)
    waiting = db.scalar(of_project.where(Question.asker_digest == digest, Question.answered_at.is_(None))) or 0
    if waiting >= UNANSWERED_MAX:
        raise TooManyQuestions(limit=UNANSWERED_MAX)
    number = (db.scalar(of_project) or 0) + 1
    row = Question(project_id=project.id, number=number, content=content, asker_digest=digest, asked_at=now)
    db.add(row)
    db.flush()
    record(db, None, "question.asked", "project_question", row.id, now=now, number=number)
    emit(db, "question.asked", now=now, project_id=project.id, question_id=row.id)
    return row.id


def answer_question(db: Session, actor: Actor, question_id: UUID, answer: str, *, now: datetime) -> None:
    """Answer a question; question and answer are public from now on, and all who took the document are told.

    After the time for answers an answer would surprise those who have already written: then the deadline must lie as
    far ahead as the rules give for a change, and a correction moves it first.

    Raises:
        NotFound: there is no such question for the actor.
        Forbidden: the actor may not answer.
        IllegalMove: the project is not open any more.
        DeadlinePassed: bids have closed by the clock.
        AlreadyAnswered: it has its answer.
        ExtendFirst: the deadline is too near; names the day to move it to.

    Source:
        采购法条例第三十一条、第五十二条.
    """
    row = db.get(Question, question_id)
    if row is None:
        raise NotFound
    project = locked(db, actor, row.project_id, Right.ANSWER_QUESTION)
    question = lock(db, Question, question_id)
    assert question is not None  # noqa: S101 - questions are never removed
    PROJECT.after(project.state, ProjectAction.ANSWER)
    if question.answered_at is not None:
        raise AlreadyAnswered
    if project.bids_due_at is None or now > project.bids_due_at:
        raise DeadlinePassed(label=TIME_NAMES[TimeField.BIDS], at=moment(project.bids_due_at))
    if project.answers_due_at is None or now > project.answers_due_at:
        assert project.method is not None  # noqa: S101 - a CHECK: what is open has a method
        first = earliest_close(kept_rules(db, project), law.calendar(db), project.method, legal_day(now))
        if legal_day(project.bids_due_at) < first.nominal:
            raise ExtendFirst(offered=first.rolled.isoformat())
    question.answer, question.answered_by, question.answered_at = answer, actor.person_id, now
    project.updated_at = now
    in_feed(db, PublicKind.ANSWER, project.id, now=now, question_id=question.id)
    record(db, actor, "question.answered", "project_question", question.id, now=now, number=question.number)
    emit(db, "question.answered", now=now, project_id=project.id, question_id=question.id)
