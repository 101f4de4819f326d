"""The centre decides on a proposed change: old beside new, field by field."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands, queries
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done
from marketplace.web.suppliers.centre import HERE
from marketplace.web.suppliers.forms import REASON, ReasonTyped
from marketplace.web.suppliers.views import helpers, services


class ChangePages(Controller):
    """One proposed change."""

    path = f"{HERE}/{{organization_id:uuid}}/changes/{{change_id:uuid}}"

    @get(sync_to_thread=True)
    def change(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        change_id: FromPath[UUID],
    ) -> Template:
        """What would change."""
        return self._page(actor, database, clock, organization_id, change_id, None)

    def _page(
        self,
        actor: Actor,
        database: Database,
        clock: Clock,
        organization_id: UUID,
        change_id: UUID,
        form: Form[ReasonTyped] | None,
    ) -> Template:
        require(actor, Right.QUALIFY_SUPPLIER, {Relation.SUPPLIER: organization_id})
        with database.read() as db:
            view = queries.supplier(db, actor, organization_id, on_day=legal_day(clock.now()))
            known = services(db)
        change = next((one for one in view.changes if one.id == change_id), None)
        if change is None:
            raise NotFound
        shown = form or REASON.blank(revision=change.revision)
        return again("suppliers/change.html", shown, view=view, change=change, **helpers(known))

    @post("/accept", sync_to_thread=True)
    def accept(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        organization_id: FromPath[UUID],
        change_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Put it in force."""
        form = REASON.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, organization_id, change_id, form)
        try:
            with database.write() as db:
                revision = form.data.revision or None
                commands.accept_change(db, safe, actor, change_id, revision=revision, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, change_id, form.refused(refusal))
        return done(HERE, N_("变更已生效。"))

    @post("/return", sync_to_thread=True)
    def send_back(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        change_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Return it with a reason."""
        form = REASON.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, organization_id, change_id, form)
        reason, revision = form.data.reason, form.data.revision or None
        try:
            with database.write() as db:
                commands.return_change(db, actor, change_id, reason=reason, revision=revision, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, change_id, form.refused(refusal))
        return done(HERE, N_("变更已退回，对方会收到理由。"))
