"""Correcting an answer: on the desk, once and in public; and under ``/api/v1`` all that is done with a question."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect, Template
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.projects.model import Question
from marketplace.projects.schemas import NewAnswer, Reasoned
from marketplace.projects.states import QUESTION, QuestionAction
from marketplace.web.forms import Typed
from marketplace.web.pages import again, done, page
from marketplace.web.projects.api import TAGS, Made
from marketplace.web.projects.forms import ANSWER


class Extended(Struct, frozen=True, kw_only=True):
    """The deadline after an answer that moved it."""

    bids_due_at: datetime


def _shown(db: Session, actor: Actor, question_id: UUID) -> dict[str, Any]:
    """An answered question before its correction.

    Raises:
        NotFound: there is no such question for the actor.
        Forbidden: the actor may not publish corrections.
        IllegalMove: it has no answer, or was corrected already.
    """
    row = db.get(Question, question_id)
    if row is None:
        raise NotFound
    project = queries.readable(db, actor, row.project_id)
    require(actor, Right.PUBLISH_PROJECT, queries.parties(project))
    QUESTION.after(row.state, QuestionAction.CORRECT)
    known = {"content": row.content, "answer": row.answer}
    return {"question": known, "project_id": project.id, "number": project.number}


class AnswerCorrections(Controller):
    """更正答复."""

    path = "/centre/questions/{question_id:uuid}/correct"

    @get(sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], question_id: FromPath[UUID]
    ) -> Template:
        """The answer as it stands, to be written over."""
        with database.read() as db:
            shown = _shown(db, actor, question_id)
        return page("projects/amend_answer.html", form=ANSWER.blank(answer=shown["question"]["answer"]), **shown)

    @post(sync_to_thread=True)
    def correct(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        question_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Correct it, in public."""
        form = ANSWER.read(typed)
        with database.read() as db:
            shown = _shown(db, actor, question_id)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.correct_answer(db, actor, question_id, form.data.answer, now=clock.now())
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{shown['project_id']}", N_("答复已更正，原答复和新答复同时公开。"))
        return again("projects/amend_answer.html", form, **shown)


class AnswerApi(Controller):
    """What a head does with a question."""

    path = "/api/v1/desk/questions/{question_id:uuid}"
    tags = TAGS

    @post("/correct", status_code=200, sync_to_thread=True)
    def correct(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        question_id: FromPath[UUID],
        data: JSONBody[NewAnswer],
    ) -> Made:
        """Correct its answer, once and in public."""
        with database.write() as db:
            commands.correct_answer(db, actor, question_id, data.answer, now=clock.now())
        return Made(id=question_id)

    @post("/dismiss", status_code=200, sync_to_thread=True)
    def dismiss(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        question_id: FromPath[UUID],
        data: JSONBody[Reasoned],
    ) -> Made:
        """Say in public why it is not answered."""
        with database.write() as db:
            commands.dismiss_question(db, actor, question_id, data.reason, now=clock.now())
        return Made(id=question_id)

    @post("/extend", status_code=200, sync_to_thread=True)
    def extend(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        question_id: FromPath[UUID],
        data: JSONBody[NewAnswer],
    ) -> Extended:
        """Answer it and move the deadline to the first lawful day."""
        with database.write() as db:
            return Extended(bids_due_at=commands.answer_extending(db, actor, question_id, data.answer, now=clock.now()))
