"""The bidder's pages of writing (申报向导): the list, the task list, and one page for each group of tasks."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.bids import commands, queries
from marketplace.bids.queries.dry import VERDICTS, DryCheck, dry_check
from marketplace.bids.queries.reuse import Saved
from marketplace.bids.schemas import DraftChange, DraftView
from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, Stale
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.bids.forms import (
    CODE,
    NOTHING,
    PLAN,
    PRICE,
    amounts,
    answers_change,
    answers_form,
    answers_kind,
    plan_form,
    price_form,
)
from marketplace.web.bids.views import (
    PAGE_OF,
    Bidding,
    Visit,
    base_of,
    bidding,
    my_projects,
    own_organization,
    received_at,
)
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, onward, page


class Writer:
    """The parts a page of writing works with, gathered once a request."""

    def __init__(self, request: Visit, database: Database, settings: Settings, actor: Actor) -> None:
        require(actor, Right.BID, {Relation.SUPPLIER: actor.organization_id})
        self.database, self.actor = database, actor
        self.keys, self.received_at = application_keys(settings), received_at(request)

    def view(self, project_id: UUID) -> Bidding:
        """The bidder's view of its own bid."""
        with self.database.read() as db:
            return bidding(db, self.keys, self.actor, project_id, received=self.received_at)

    def check(self, project_id: UUID, storage: Storage) -> DryCheck:
        """What would become of the own draft if it were handed in now."""
        own = own_organization(self.actor)
        with self.database.read() as db:
            return dry_check(db, self.keys, project_id, own, storage=storage, received_at=self.received_at)

    def saved(self, project_id: UUID) -> Saved:
        """What the organization's saved data bring to its bid."""
        with self.database.read() as db:
            return queries.saved_data(db, self.keys, project_id, own_organization(self.actor))

    def reuse(self, project_id: UUID) -> DraftView:
        """Fill the empty parts of the own draft from the organization's last opened bid."""
        with self.database.write() as db:
            return commands.reuse_last(db, self.keys, self.actor, project_id, received_at=self.received_at)

    def save(
        self,
        template: str,
        view: Bidding,
        form: Form[Any],
        change: Callable[[Any], DraftChange],
        *,
        then: str,
        **more: Any,
    ) -> Template | Redirect:
        """Save what was typed and go on, or show the page again with its messages."""
        if form.data is None:
            return again(template, form, view=view, **more)
        try:
            with self.database.write() as db:
                commands.save_draft(
                    db,
                    self.keys,
                    self.actor,
                    view.asked.project_id,
                    change(form.data),
                    version=form.data.version or None,
                    received_at=self.received_at,
                )
        except Stale as refusal:
            fresh = self.view(view.asked.project_id)
            form.texts["version"] = [str(fresh.draft.version if fresh.draft else 0)]
            return again(template, form.refused(refusal), view=fresh, **more)
        except DomainError as refusal:
            return again(template, form.refused(refusal), view=view, **more)
        return onward(then)


def provide_writer(
    request: Visit,
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    actor: NamedDependency[Actor],
) -> Writer:
    """The dependency ``writer``."""
    return Writer(request, database, settings, actor)


class OrgBids(Controller):
    """申报: what the organization took, and its bid in each project."""

    path = "/org/bids"
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it; even the number of requests would tell

    @get(sync_to_thread=True)
    def mine(
        self,
        request: Visit,
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        actor: NamedDependency[Actor],
    ) -> Template:
        """The projects whose document was taken, with the state of the organization's own bid."""
        require(actor, Right.BID, {Relation.SUPPLIER: actor.organization_id})
        with database.read() as db:
            found = my_projects(db, application_keys(settings), actor, received=received_at(request))
        return page("bids/mine.html", projects=found)

    @post("/{project_id:uuid}/take", sync_to_thread=True)
    def take(
        self,
        request: Visit,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Redirect:
        """报名: take the project's document."""
        with database.write() as db:
            commands.take_document(db, actor, project_id, received_at=received_at(request), now=clock.now())
        return done(base_of(project_id), N_("报名成功，采购文件已可下载。有更正和答疑时会通知您。"))

    @get("/{project_id:uuid}", sync_to_thread=True)
    def tasks(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """The task list of one bid, with its receipts."""
        view = writer.view(project_id)
        return page("bids/tasks.html", view=view, form=CODE.blank(), saved=writer.saved(project_id))

    @get("/{project_id:uuid}/check", sync_to_thread=True)
    def check(
        self, writer: NamedDependency[Writer], storage: NamedDependency[Storage], project_id: FromPath[UUID]
    ) -> Template:
        """递交前检查: what would be refused, each with the page that mends it; nothing is stored."""
        view = writer.view(project_id)
        found = writer.check(project_id, storage)
        return page("bids/check.html", view=view, check=found, verdicts=VERDICTS, pages=PAGE_OF)

    @get("/{project_id:uuid}/price", sync_to_thread=True)
    def price(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """The unit-cost breakdown; its sum is the price."""
        view = writer.view(project_id)
        form = price_form(view.draft)
        return page("bids/price.html", view=view, form=form, amounts=amounts(form.rows("cost_lines")))

    @post("/{project_id:uuid}/price", sync_to_thread=True)
    def save_price(
        self, typed: NamedDependency[Typed], writer: NamedDependency[Writer], project_id: FromPath[UUID]
    ) -> Template | Redirect:
        """Save the price."""
        view, form = writer.view(project_id), PRICE.read(typed)
        shown = amounts(form.rows("cost_lines"))
        return writer.save(
            "bids/price.html", view, form, lambda data: data.change(), then=view.next_of("price"), amounts=shown
        )

    @get("/{project_id:uuid}/plan", sync_to_thread=True)
    def plan(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """The service plan and who carries it out."""
        view = writer.view(project_id)
        return page("bids/plan.html", view=view, form=plan_form(view.draft))

    @post("/{project_id:uuid}/plan", sync_to_thread=True)
    def save_plan(
        self, typed: NamedDependency[Typed], writer: NamedDependency[Writer], project_id: FromPath[UUID]
    ) -> Template | Redirect:
        """Save plan and staff."""
        view = writer.view(project_id)
        return writer.save(
            "bids/plan.html", view, PLAN.read(typed), lambda data: data.change(), then=view.next_of("plan")
        )

    @get("/{project_id:uuid}/answers", sync_to_thread=True)
    def answers(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """The answers to criteria and conditions."""
        view = writer.view(project_id)
        return page("bids/answers.html", view=view, form=answers_form(view.asked, view.draft))

    @post("/{project_id:uuid}/answers", sync_to_thread=True)
    def save_answers(
        self, typed: NamedDependency[Typed], writer: NamedDependency[Writer], project_id: FromPath[UUID]
    ) -> Template | Redirect:
        """Save the answers."""
        view = writer.view(project_id)
        form = answers_kind(view.asked).read(typed)
        return writer.save(
            "bids/answers.html", view, form, lambda data: answers_change(view.asked, data), then=view.next_of("answers")
        )

    @post("/{project_id:uuid}/reopen", sync_to_thread=True)
    def reopen(
        self, typed: NamedDependency[Typed], writer: NamedDependency[Writer], project_id: FromPath[UUID]
    ) -> Template | Redirect:
        """Open what was handed in for editing, with the code from the receipt."""
        view, form = writer.view(project_id), CODE.read(typed)
        if form.data is None:
            return again("bids/tasks.html", form, view=view, saved=writer.saved(project_id))
        try:
            with writer.database.write() as db:
                commands.reopen_draft(
                    db, writer.keys, writer.actor, project_id, form.data.code, received_at=writer.received_at
                )
        except DomainError as refusal:
            return again("bids/tasks.html", form.refused(refusal), view=view, saved=writer.saved(project_id))
        return done(view.base, N_("草稿已打开，可以修改。已递交的那一份仍然有效，直到您再次递交。"))

    @post("/{project_id:uuid}/reuse", sync_to_thread=True)
    def reuse(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template | Redirect:
        """沿用上次: fill what is empty from the organization's own last opened bid."""
        view = writer.view(project_id)
        try:
            writer.reuse(project_id)
        except DomainError as refusal:
            saved = writer.saved(project_id)
            return again("bids/tasks.html", CODE.blank().refused(refusal), view=view, saved=saved)
        return done(view.base, N_("已用上次申报的内容补上空着的部分。请逐页看一遍，改成这个项目的情况。"))

    @get("/{project_id:uuid}/start-over", sync_to_thread=True)
    def ask_start_over(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """Whether really to begin again."""
        return page("bids/start_over.html", view=writer.view(project_id), form=NOTHING.blank())

    @post("/{project_id:uuid}/start-over", sync_to_thread=True)
    def start_over(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Redirect:
        """Begin an empty draft."""
        with writer.database.write() as db:
            commands.start_over(db, writer.keys, writer.actor, project_id, received_at=writer.received_at)
        return done(base_of(project_id), N_("已另起一份新草稿。已递交的那一份仍然有效，直到您再次递交。"))
