"""A project's page on the desk: see everything, approve or send back, publish, correct, cancel, answer questions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.flows import publishing
from marketplace.funds import queries as funds
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.procedures import queries as law
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules import flags, propose
from marketplace.projects.schemas import Dossier, OpenQuestion
from marketplace.projects.states import ProjectAction, ProjectState
from marketplace.settings import Settings, master_key
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.projects.amending import may_write
from marketplace.web.projects.forms import AMEND, ANSWER, MOVED, PLAN, REASON
from marketplace.web.projects.progress import progress
from marketplace.web.projects.views import WORDS, keyless, state_tag, steps, time_rows

REASONED = {
    "return": (ProjectAction.RETURN, N_("已退回起草人修改。")),
    "cancel": (ProjectAction.CANCEL, N_("项目已终止，有关单位会收到通知。")),
}


ANSWERS: dict[str, tuple[Callable[..., object], str]] = {
    "answer": (commands.answer_question, N_("答复已公开，报名单位会收到通知。")),
    "extend": (commands.answer_extending, N_("答复已公开，响应截止已依法顺延，报名单位会收到通知。")),
    "dismiss": (commands.dismiss_question, N_("不予答复的理由已公开，报名单位会收到通知。")),
}
"""What the buttons of an answer do."""


class Review(Controller):
    """One project on the desk, in every state."""

    path = "/centre/projects/{project_id:uuid}"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
    ) -> Template:
        """Everything about the project, and what the actor may do with it now."""
        with database.read() as db:
            context = desk_page(db, actor, project_id, settings, clock)
        return page("projects/review.html", **context)

    @post("/approve", sync_to_thread=True)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Redirect:
        """Approve it."""
        with database.write() as db:
            commands.approve(db, actor, project_id, now=clock.now())
        return done(f"/centre/projects/{project_id}", N_("项目已批准，可以发布了。"))

    @post("/publish", sync_to_thread=True)
    def publish(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Publish it: reserve its money, make its seal, open it to bids."""
        form, now, keys = MOVED.read(typed), clock.now(), application_keys(settings)
        if form.data is not None:
            times = form.data if any(typed.one(name) for name in form.data.__struct_fields__) else None
            try:
                database.run(lambda db: publishing.publish(db, keys, actor, project_id, now=now, times=times))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/projects/{project_id}", N_("采购公告已发布，资金已预留，响应文件从现在起密封接收。"))
        with database.read() as db:
            context = desk_page(db, actor, project_id, settings, clock)
        return again("projects/review.html", form, **(context | {"moved": form}))

    @post("/{action:str}", sync_to_thread=True)
    def reasoned(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Send it back or cancel it, with a reason."""
        if action not in REASONED:
            raise NotFound
        _, word = REASONED[action]
        form = REASON.read(typed)
        if form.data is not None:
            reason, now = form.data.reason, clock.now()
            story: Callable[[Session], None] = (
                (lambda db: commands.return_(db, actor, project_id, reason=reason, now=now))
                if action == "return"
                else (lambda db: publishing.cancel(db, actor, project_id, reason=reason, now=now))
            )
            try:
                database.run(story)
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}", word)
        with database.read() as db:
            context = desk_page(db, actor, project_id, settings, clock)
        return again("projects/review.html", form, **(context | {f"{action}_form": form}))

    @get("/amend", sync_to_thread=True)
    def blank_amendment(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """The form of a correction, with the times as they stand."""
        with database.read() as db:
            dossier = queries.dossier(db, actor, project_id, now=clock.now())
        return page("projects/amend.html", **WORDS, dossier=dossier, view=dossier.project, form=_standing(dossier))

    @post("/amend", sync_to_thread=True)
    def amend(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Publish a correction."""
        form = AMEND.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.amend(db, actor, project_id, form.data, now=clock.now())
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}", N_("更正公告已发布，报名单位会收到通知。"))
        with database.read() as db:
            dossier = queries.dossier(db, actor, project_id, now=clock.now())
        return again("projects/amend.html", form, **WORDS, dossier=dossier, view=dossier.project)


def _standing(dossier: Dossier) -> Form[Any]:
    times = dossier.plan.times
    return AMEND.blank(**{name: getattr(times, name) for name in times.__struct_fields__ if name != "publish_on"})


def desk_page(db: Session, actor: Actor, project_id: UUID, settings: Settings, clock: Clock) -> dict[str, Any]:
    """What the desk's page of a project shows.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor's roles do not let them see it.
    """
    now = clock.now()
    dossier = queries.dossier(db, actor, project_id, now=now)
    view = dossier.project
    before = view.state in (ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.APPROVED)
    missing = queries.missing(db, actor, project_id, now=now, keyless=keyless(db, project_id)) if before else []
    staff_questions = (
        queries.questions_for(db, actor, project_id, key=master_key(settings)) if view.published_at else ()
    )
    return {
        **WORDS,
        "dossier": dossier,
        "view": view,
        "tag_of": state_tag(view, now),
        "steps": steps(view.stages),
        "times": time_rows(view, queries.legal_times(db, project_id, now=now)),
        "progress": progress(missing),
        "flags": flags(dossier.plan) if before else (),
        "funds": {one.id: one for one in funds.funds(db, buyer_id=view.buyer.id)},
        "labels": PLAN.labels,
        "wishes": queries.needs_of(db, project_id),
        "questions": staff_questions,
        "return_form": REASON.blank(),
        "cancel_form": REASON.blank(),
        "moved": _moved(db, project_id, dossier, clock),
        "waits": None,
        "correction": queries.proposal(db, actor, project_id) if view.state is ProjectState.OPEN else None,
        "may_correct": may_write(db, actor, project_id, now=now),
    }


def _moved(db: Session, project_id: UUID, dossier: Dossier, clock: Clock) -> Form[Any]:
    """The times to publish with: as planned, or the first lawful ones where the plan has been overtaken by time."""
    today, times, row = legal_day(clock.now()), dossier.plan.times, db.get_one(Project, project_id)
    if row.state is ProjectState.APPROVED and row.method and times.publish_on and times.publish_on < today:
        fresh = propose(queries.rules_for(db, row, today), law.calendar(db), row.method, today)
        later = {
            name: max(old, new) if (old := getattr(times, name)) else new
            for name in times.__struct_fields__
            if name != "publish_on" and (new := getattr(fresh, name))
        }
        return MOVED.blank(**later)
    return MOVED.blank()


class Answers(Controller):
    """答疑: every question that waits, the most urgent first."""

    path = "/centre/questions"

    @get(sync_to_thread=True)
    def listed(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template:
        """The unanswered questions in the projects of the actor's organization."""
        with database.read() as db:
            waiting = queries.open_questions(db, actor)
        return page("projects/questions.html", waiting=waiting, now_at=clock.now())

    @get("/{question_id:uuid}", sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], question_id: FromPath[UUID]
    ) -> Template:
        """One question and the form of its answer."""
        return page("projects/answer.html", form=ANSWER.blank(), question=_waiting(database, actor, question_id))

    @post("/{question_id:uuid}", sync_to_thread=True)
    def answer(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        question_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Answer it, for everybody at once."""
        form = ANSWER.read(typed)
        if form.data is not None:
            try:
                act, word = ANSWERS.get(typed.one("_do"), ANSWERS["answer"])
                with database.write() as db:
                    act(db, actor, question_id, form.data.answer, now=clock.now())
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done("/centre/questions", word)
        return again("projects/answer.html", form, question=_waiting(database, actor, question_id))


def _waiting(database: Database, actor: Actor, question_id: UUID) -> OpenQuestion:
    """A question that waits for the actor's organization.

    Raises:
        NotFound: there is none.
    """
    with database.read() as db:
        found = next((one for one in queries.open_questions(db, actor) if one.id == question_id), None)
    if found is None:
        raise NotFound
    return found
