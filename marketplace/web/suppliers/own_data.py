"""An organization's data and account: edited while the application is its own, proposed for review afterwards."""

from typing import Any
from uuid import UUID

import msgspec
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
from marketplace.suppliers.schemas import Bank, Profile, SupplierView
from marketplace.suppliers.states import LISTED, ChangeState, ChangeSubject, SupplierState
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.suppliers.forms import BANK, PROFILE, nature_items
from marketplace.web.suppliers.views import helpers, service_items, services

HERE = "/org/profile"
EDITABLE = frozenset({SupplierState.DRAFT, SupplierState.RETURNED})
OPEN = frozenset({ChangeState.SUBMITTED, ChangeState.RETURNED})


def own(actor: Actor) -> UUID:
    """The organization the actor acts for, if it may be edited by the actor.

    Raises:
        NotFound: the actor acts for none, or for one that does not supply.
        Forbidden: the actor's role may not edit it.
    """
    if actor.organization_id is None:
        raise NotFound
    require(actor, Right.EDIT_SUPPLIER, {Relation.SUPPLIER: actor.organization_id})
    return actor.organization_id


def readable(actor: Actor) -> UUID:
    """The organization the actor acts for, if the actor may read its registration.

    Raises:
        NotFound: the actor acts for none, or for one that does not supply.
        Forbidden: the actor's role may not read it.
    """
    if actor.organization_id is None:
        raise NotFound
    require(actor, Right.READ_SUPPLIER, {Relation.SUPPLIER: actor.organization_id})
    return actor.organization_id


def profile_typed(data: msgspec.Struct) -> Profile:
    """The data of an organization without what goes with their form."""
    return Profile(**{field.name: getattr(data, field.name) for field in msgspec.structs.fields(Profile)})


def view_of(actor: Actor, database: Database, clock: Clock) -> SupplierView:
    """An organization's own registration.

    Raises:
        NotFound: it has none.
    """
    with database.read() as db:
        return queries.supplier(db, actor, own(actor), on_day=legal_day(clock.now()))


def profile_page(database: Database, form: Form[Any], view: SupplierView | None) -> Template:
    """The form of an organization's data; without ``view`` it begins its registration."""
    with database.read() as db:
        known = services(db)
    return again(
        "suppliers/data.html",
        form,
        view=view,
        editable=view is not None and view.state in EDITABLE,
        natures=nature_items(),
        service_items=service_items(known),
        grades=[(grade, f"{grade}A") for grade in range(1, 6)],
        **helpers(known),
    )


class OwnData(Controller):
    """The data and the account of one's own organization."""

    path = HERE

    @get("/data", sync_to_thread=True)
    def data(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template:
        """The form of the data: what is proposed, if a change is open, else what holds."""
        view = view_of(actor, database, clock)
        waiting = [one for one in view.changes if one.subject is ChangeSubject.PROFILE and one.state in OPEN]
        shown = msgspec.convert(waiting[0].proposed, Profile) if waiting else view.profile
        known = {field: getattr(shown, field) for field in shown.__struct_fields__}
        return profile_page(database, PROFILE.blank(**known, revision=view.revision), view)

    @post("/data", sync_to_thread=True)
    def save_data(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Save the data of an application, or propose other ones for review."""
        view, form = view_of(actor, database, clock), PROFILE.read(typed)
        if form.data is None:
            return profile_page(database, form, view)
        profile, organization_id = profile_typed(form.data), own(actor)
        try:
            with database.write() as db:
                if view.state in LISTED:
                    commands.propose(db, actor, organization_id, profile, reason=form.data.reason, now=clock.now())
                else:
                    revision = form.data.revision or None
                    commands.edit(db, actor, organization_id, profile, revision=revision, now=clock.now())
        except DomainError as refusal:
            return profile_page(database, form.refused(refusal), view)
        if view.state in LISTED:
            return done(HERE, N_("变更已提交审核，审核同意前仍以原资料为准。"))
        return done(HERE, N_("资料已保存。"))

    @get("/bank", sync_to_thread=True)
    def bank(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template:
        """The form of the account; its number is never shown again."""
        view = view_of(actor, database, clock)
        form = BANK.blank(bank_name=view.bank_name, account_name=view.profile.name, revision=view.revision)
        return page("suppliers/bank.html", form=form, view=view, **helpers())

    @post("/bank", sync_to_thread=True)
    def save_bank(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Save the account of an application, or propose another one for review."""
        view, form = view_of(actor, database, clock), BANK.read(typed)
        if form.data is None:
            return again("suppliers/bank.html", form, view=view, **helpers())
        data, now = form.data, clock.now()
        bank = Bank(bank_name=data.bank_name, account_name=data.account_name, account_number=data.account_number)
        try:
            with database.write() as db:
                if view.state in LISTED:
                    commands.propose_bank(db, safe, actor, own(actor), bank, reason=data.reason, now=now)
                else:
                    commands.set_bank(db, safe, actor, own(actor), bank, revision=data.revision or None, now=now)
        except DomainError as refusal:
            return again("suppliers/bank.html", form.refused(refusal), view=view, **helpers())
        if view.state in LISTED:
            return done(HERE, N_("变更已提交审核，审核同意前仍付到原账户。"))
        return done(HERE, N_("收款账户已保存。"))

    @post("/changes/{change_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw_change(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        change_id: FromPath[UUID],
    ) -> Redirect:
        """Take back a proposed change."""
        with database.write() as db:
            commands.withdraw_change(db, actor, change_id, now=clock.now())
        return done(HERE, N_("变更已撤回，仍以原资料为准。"))
