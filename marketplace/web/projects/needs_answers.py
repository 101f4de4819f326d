"""What staff do with one wish that waits: say why not, merge it, let a draft answer it, show it, take it up again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Controller, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.projects import commands
from marketplace.projects.schemas.needs import Declining, Joining, Merging
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done
from marketplace.web.projects.needs import DECLINE_FORM, DESK, JOIN_FORM, MERGE_FORM, need_page


class Answering:
    """One wish with who answers it and when, gathered once a request."""

    def __init__(self, database: Database, actor: Actor, clock: Clock, need_id: UUID) -> None:
        self.database, self.actor, self.need_id, self.now = database, actor, need_id, clock.now()

    def answer(
        self, form: Form[Any], shown_as: str, act: Callable[[Session, Any], None], said: str
    ) -> Template | Redirect:
        """Do what the form asks and go back to the wish, or show it again with the form's messages."""
        if form.data is not None:
            try:
                with self.database.write() as db:
                    act(db, form.data)
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return self.told(said)
        with self.database.read() as db:
            context = need_page(db, self.actor, self.need_id, DESK) | {shown_as: form}
        return again("projects/needs_one.html", form, **context)

    def told(self, said: str) -> Redirect:
        """Back to the wish, with what was done."""
        return done(f"{DESK}/{self.need_id}", said)


def provide_answering(
    database: NamedDependency[Database],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    need_id: FromPath[UUID],
) -> Answering:
    """The dependency ``one``."""
    return Answering(database, actor, clock, need_id)


class NeedAnswers(Controller):
    """The acts on one wish."""

    path = f"{DESK}/{{need_id:uuid}}"
    dependencies = {"one": Provide(provide_answering, sync_to_thread=False)}  # noqa: RUF012 - read by the framework

    @post("/decline", sync_to_thread=True)
    def decline(self, typed: NamedDependency[Typed], one: NamedDependency[Answering]) -> Template | Redirect:
        """Say why it is not adopted."""

        def act(db: Session, given: Declining) -> None:
            commands.decline(db, one.actor, one.need_id, reason=given.reason, now=one.now)

        return one.answer(DECLINE_FORM.read(typed), "decline_form", act, N_("已答复。提出单位会看到理由。"))

    @post("/merge", sync_to_thread=True)
    def merge(self, typed: NamedDependency[Typed], one: NamedDependency[Answering]) -> Template | Redirect:
        """Merge it into another."""

        def act(db: Session, given: Merging) -> None:
            commands.merge(db, one.actor, one.need_id, into_id=given.into_id, now=one.now)

        return one.answer(MERGE_FORM.read(typed), "merge_form", act, N_("已合并，进展以并入的那一条为准。"))

    @post("/join", sync_to_thread=True)
    def join(self, typed: NamedDependency[Typed], one: NamedDependency[Answering]) -> Template | Redirect:
        """Let a draft answer it as well."""

        def act(db: Session, given: Joining) -> None:
            commands.join(db, one.actor, one.need_id, project_id=given.project_id, now=one.now)

        return one.answer(JOIN_FORM.read(typed), "join_form", act, N_("已加入草稿。草稿的文字没有改动，请起草人核对。"))

    @post("/show", sync_to_thread=True)
    def show(self, typed: NamedDependency[Typed], one: NamedDependency[Answering]) -> Redirect:
        """Release it for everybody, or take it back."""
        released = typed.one("is_shown") == "true"
        with one.database.write() as db:
            commands.show(db, one.actor, one.need_id, is_shown=released, now=one.now)
        return one.told(N_("已公开展示，联系人不公开。") if released else N_("已从公开页撤下。"))

    @post("/reopen", sync_to_thread=True)
    def reopen(self, one: NamedDependency[Answering]) -> Redirect:
        """Let it wait again."""
        with one.database.write() as db:
            commands.reopen(db, one.actor, one.need_id, now=one.now)
        return one.told(N_("已重新受理。"))

    @post("/free", sync_to_thread=True)
    def free(self, one: NamedDependency[Answering]) -> Redirect:
        """Take it out of its project."""
        with one.database.write() as db:
            commands.free(db, one.actor, one.need_id, now=one.now)
        return one.told(N_("已移出项目，重新等待采纳。"))
