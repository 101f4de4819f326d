"""Verbs of questions and answers: asked without a name, answered for everybody at once."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
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
from marketplace.projects.commands.amending import before_deadline, check_changed
from marketplace.projects.commands.drafting import locked
from marketplace.projects.commands.notices import announce, in_feed
from marketplace.projects.commands.running import announce_times
from marketplace.projects.model import Project, Question
from marketplace.projects.queries import kept_rules, plan_of
from marketplace.projects.rules import TIME_NAMES, TimeField, asker_digest, earliest_close, moment
from marketplace.projects.rules.differences import marked
from marketplace.projects.rules.questions import UNANSWERED_MAX
from marketplace.projects.rules.refusals import (
    AlreadyAnswered,
    DeadlinePassed,
    DocumentNotTaken,
    ExtendFirst,
    NothingAmended,
    TooManyQuestions,
)
from marketplace.projects.rules.times import RESULT_DAYS
from marketplace.projects.schemas import ChangeView
from marketplace.projects.states import PROJECT, QUESTION, NoticeKind, ProjectAction, PublicKind, QuestionAction

EXTENDED = "公开答复第 {number} 号提问，为给各单位留足时间，依法顺延响应截止。"
CORRECTED = "更正对第 {number} 号提问的答复。"
"""Notices as they are written; they stay in Chinese."""


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
    far ahead as the rules give for a change, and a correction moves it first (see :func:`answer_extending`).

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
    project, question = _asked(db, actor, question_id, Right.ANSWER_QUESTION)
    before_deadline(project, now)
    _leaves_time(db, project, now)
    _answer(db, actor, project, question, QuestionAction.ANSWER, answer, now)


def answer_extending(db: Session, actor: Actor, question_id: UUID, answer: str, *, now: datetime) -> datetime:
    """Answer a question that waited too long, and move the deadline so that everybody can use it; returns the new one.

    The deadline moves to the first lawful day at its hour, opening and result with it, by a correction that is public.
    After the deadline too, as long as nothing was opened: whoever has handed in may replace it until the new one.

    Raises:
        NotFound: there is no such question for the actor.
        Forbidden: the actor may not publish corrections.
        IllegalMove: the project is not open any more.
        AlreadyAnswered: it has its answer.
        DomainError: the moved times are unlawful.

    Source:
        采购法条例第三十一条: what may influence the bids is told early enough, or the deadline moves.
    """
    project, question = _asked(db, actor, question_id, Right.PUBLISH_PROJECT)
    rules, calendar, before = kept_rules(db, project), law.calendar(db), plan_of(db, project).times
    due, opening = before.bids_due_at, before.opening_at
    assert project.method and due and opening  # noqa: S101, PT018 - a CHECK: what is open has them
    first = earliest_close(rules, calendar, project.method, legal_day(now)).rolled
    shift = timedelta(days=max((first - legal_day(due)).days, 0))
    after = before
    if shift:
        opens = opening + shift
        if not calendar.is_working_day(legal_day(opens)):
            opens += timedelta(days=(calendar.on_or_after(legal_day(opens)) - legal_day(opens)).days)
        result = calendar.add_working_days(legal_day(opens), RESULT_DAYS).rolled
        after = msgspec.structs.replace(
            before,
            bids_due_at=due + shift,
            opening_at=opens,
            result_on=max(before.result_on or result, result),
        )
        check_changed(db, project, after, now=now)
        reason = EXTENDED.format(number=question.number)
        announce_times(db, actor, project, after, reason=reason, now=now)
    _answer(db, actor, project, question, QuestionAction.ANSWER_EXTENDING, answer, now)
    assert after.bids_due_at is not None  # noqa: S101 - it was and has moved at most
    return after.bids_due_at


def dismiss_question(db: Session, actor: Actor, question_id: UUID, reason: str, *, now: datetime) -> None:
    """Say in public why a question is not answered: it is none about this purchase, or answered already.

    Also after the deadline, as long as nothing was opened: then nothing stands in the way of the opening any more.

    Raises:
        NotFound: there is no such question for the actor.
        Forbidden: the actor may not publish corrections.
        IllegalMove: the project is not open any more.
        AlreadyAnswered: it has its answer.
    """
    project, question = _asked(db, actor, question_id, Right.PUBLISH_PROJECT)
    _answer(db, actor, project, question, QuestionAction.DISMISS, reason, now)


def correct_answer(db: Session, actor: Actor, question_id: UUID, answer: str, *, now: datetime) -> None:
    """Correct an answer, once and in public: a correction tells old and new, and both stay on the page.

    Raises:
        NotFound: there is no such question for the actor.
        Forbidden: the actor may not publish corrections.
        IllegalMove: the project is not open any more, or the question has no answer that could be corrected.
        DeadlinePassed: bids have closed by the clock.
        NothingAmended: the answer says this already.
        ExtendFirst: the deadline is too near; names the day to move it to.
    """
    project, question = _question(db, actor, question_id, Right.PUBLISH_PROJECT)
    state = QUESTION.after(question.state, QuestionAction.CORRECT)
    before_deadline(project, now)
    if answer.strip() == question.answer.strip():
        raise NothingAmended(field="answer")
    _leaves_time(db, project, now)
    question.first_answer, question.answer, question.state = question.answer, answer, state
    question.corrected_by, question.corrected_at = actor.person_id, now
    project.updated_at = now
    change = ChangeView(
        field="answer", before=question.first_answer, after=answer, lines=marked(question.first_answer, answer)
    )
    reason = CORRECTED.format(number=question.number)
    announce(db, actor, project, NoticeKind.AMENDMENT, now=now, reason=reason, changes=[change])
    record(db, actor, "question.corrected", "project_question", question.id, now=now, number=question.number)
    emit(db, "project.amended", now=now, project_id=project.id)


def _question(db: Session, actor: Actor, question_id: UUID, right: Right) -> tuple[Project, Question]:
    """A question and its open project, both held."""
    row = db.get(Question, question_id)
    if row is None:
        raise NotFound
    project = locked(db, actor, row.project_id, right)
    question = lock(db, Question, question_id)
    assert question is not None  # noqa: S101 - questions are never removed
    PROJECT.after(project.state, ProjectAction.ANSWER)
    return project, question


def _asked(db: Session, actor: Actor, question_id: UUID, right: Right) -> tuple[Project, Question]:
    project, question = _question(db, actor, question_id, right)
    if question.answered_at is not None:
        raise AlreadyAnswered
    return project, question


def _leaves_time(db: Session, project: Project, now: datetime) -> None:
    """Refuse what comes after the time for answers too shortly before the deadline."""
    if project.answers_due_at is not None and now <= project.answers_due_at:
        return
    assert project.method is not None and project.bids_due_at is not None  # noqa: S101, PT018 - a CHECK says so
    first = earliest_close(kept_rules(db, project), law.calendar(db), project.method, legal_day(now))
    if legal_day(project.bids_due_at) < first.nominal:
        raise ExtendFirst(offered=first.rolled.isoformat())


def _answer(
    db: Session, actor: Actor, project: Project, question: Question, action: QuestionAction, said: str, now: datetime
) -> None:
    question.state = QUESTION.after(question.state, action)
    question.answer, question.answered_by, question.answered_at = said, actor.person_id, now
    project.updated_at = now
    in_feed(db, PublicKind.ANSWER, project.id, now=now, question_id=question.id)
    act = "question.dismissed" if action is QuestionAction.DISMISS else "question.answered"
    record(db, actor, act, "project_question", question.id, now=now, number=question.number)
    emit(db, act, now=now, project_id=project.id, question_id=question.id)
