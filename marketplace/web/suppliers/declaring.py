"""六项一般条件声明: a person reads the six conditions, ticks each, and signs for the organization once a year."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.declaration import Condition
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.pages import again, done
from marketplace.web.suppliers.own_data import HERE, readable


class DeclarationTyped(Struct, frozen=True, kw_only=True):
    """The conditions that were ticked, and the edition of the text that was read."""

    edition: str = ""
    conditions: frozenset[Condition] = frozenset()


DECLARATION = FormKind(
    DeclarationTyped,
    labels={"conditions": N_("逐条确认"), "edition": N_("文本版本")},
)


class OwnDeclaration(Controller):
    """The declaration of one's own organization."""

    path = f"{HERE}/declaration"

    @get(sync_to_thread=True)
    def read(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template:
        """The text, who signed before, and the signature."""
        return self._page(actor, database, clock, DECLARATION.blank())

    def _page(self, actor: Actor, database: Database, clock: Clock, form: Form[DeclarationTyped]) -> Template:
        organization_id, today = readable(actor), legal_day(clock.now())
        with database.read() as db:
            view = queries.supplier(db, actor, organization_id, on_day=today)
            text = queries.declaration_text(db, on_day=today)
            signed = queries.declarations(db, organization_id)
        return again(
            "suppliers/declaration.html",
            form,
            view=view,
            text=text,
            signed=signed,
            holds=bool(signed) and signed[0].holds(today),
            today=today,
            may_sign=may(actor, Right.DECLARE_FOR_SUPPLIER, {Relation.SUPPLIER: organization_id}),
        )

    @post(sync_to_thread=True)
    def sign(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Sign for the organization."""
        form = DECLARATION.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, form)
        try:
            with database.write() as db:
                commands.declare(
                    db, actor, readable(actor), form.data.conditions, edition=form.data.edition, now=clock.now()
                )
        except DomainError as refusal:
            return self._page(actor, database, clock, form.refused(refusal))
        return done(HERE, N_("声明已签署，一年内每次申报直接引用，不用重填。"))
