"""系统管理 · 单位: register organizations, say what they are, close them, and look after their people."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import FUNCTION_LABELS, Right, may, require
from marketplace.identity.schemas import NewOrganization, OrganizationView
from marketplace.identity.states import KIND_LABELS, ORGANIZATION, OrganizationKind, OrganizationState
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web import paging
from marketplace.web.accounts.forms import FUNCTIONS, PERSON, OrganizationTyped
from marketplace.web.accounts.forms import ORGANIZATION as NEW_ORGANIZATION
from marketplace.web.accounts.people import changed, invited, invited_again, member_page, people_page
from marketplace.web.accounts.views import functions_text
from marketplace.web.admin.accounts import After, Search, place_after
from marketplace.web.forms import Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page

FunctionWord = Annotated[str, QueryParameter(name="function", max_length=40)]


class OrganizationLine(Struct, frozen=True):
    """One organization in the administrators' table."""

    organization: OrganizationView
    kind: str
    functions: str
    state: str
    tone: str


def _line(organization: OrganizationView) -> OrganizationLine:
    return OrganizationLine(
        organization,
        gettext(KIND_LABELS[organization.kind]),
        functions_text(organization.functions),
        ORGANIZATION.label(organization.state),
        "green" if organization.state is OrganizationState.ACTIVE else "grey",
    )


def function_items() -> list[tuple[str, str]]:
    """Functions as choices of a form."""
    return [(word.value, gettext(FUNCTION_LABELS[word])) for word in Function]


def kind_items() -> list[tuple[str, str]]:
    """Kinds of organization as choices of a form."""
    return [(word.value, gettext(KIND_LABELS[word])) for word in OrganizationKind]


def new_organization(typed: OrganizationTyped) -> NewOrganization:
    """What the form says, as the domain takes it."""
    return NewOrganization(
        name=typed.name,
        kind=typed.kind,
        functions=typed.functions,
        uscc=typed.uscc or None,
        short_name=typed.short_name,
    )


class Organizations(Controller):
    """All organizations."""

    path = "/admin/organizations"

    @get(sync_to_thread=True)
    def organizations(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        search: Search = "",
        function: FunctionWord = "",
        after: After = "",
    ) -> Template:
        """Find one by name, code, pinyin or function."""
        require(actor, Right.READ_PEOPLE, {})
        wanted = Function(function) if function in set(Function) else None
        with database.read() as db:
            found = queries.find_organizations(
                db, search=search.strip(), function=wanted, after=place_after(after), limit=paging.PAGE_SIZE + 1
            )
        shown = found[: paging.PAGE_SIZE]
        return page(
            "admin/organizations.html",
            lines=[_line(one) for one in shown],
            search=search,
            function=function,
            functions=function_items(),
            may_register=may(actor, Right.REGISTER_ORGANIZATION, {}),
            paging=paging.paging(
                "/admin/organizations",
                {"q": search, "function": function},
                [shown[-1].pinyin, str(shown[-1].id)] if len(found) > len(shown) else None,
                after=after,
            ),
        )

    @get("/new", sync_to_thread=False)
    def blank(self, actor: NamedDependency[Actor]) -> Template:
        """The form for a new one."""
        require(actor, Right.REGISTER_ORGANIZATION, {})
        form = NEW_ORGANIZATION.blank()
        return page("admin/organization_new.html", form=form, kinds=kind_items(), functions=function_items())

    @post("/new", sync_to_thread=True)
    def register(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Register it."""
        form = NEW_ORGANIZATION.read(typed)
        choices = {"kinds": kind_items(), "functions": function_items()}
        if form.data is None:
            return again("admin/organization_new.html", form, **choices)
        try:
            with database.write() as db:
                organization_id = commands.register_organization(
                    db, actor, new_organization(form.data), now=clock.now()
                )
        except DomainError as error:
            return again("admin/organization_new.html", form.refused(error), **choices)
        return done(f"/admin/organizations/{organization_id}", N_("单位已登记。下一步：邀请该单位的负责人。"))

    def _one(self, database: Database, actor: Actor, organization_id: UUID) -> dict[str, object]:
        require(actor, Right.READ_PEOPLE, {})
        view = people_page(database, actor, organization_id)
        return {
            "view": view,
            "line": _line(view.organization),
            "functions": function_items(),
            "may_change": may(actor, Right.REGISTER_ORGANIZATION, {}),
        }

    @get("/{organization_id:uuid}", sync_to_thread=True)
    def organization(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], organization_id: FromPath[UUID]
    ) -> Template:
        """One organization with its people."""
        context = self._one(database, actor, organization_id)
        view = people_page(database, actor, organization_id)
        form = FUNCTIONS.blank(functions=sorted(view.organization.functions))
        return page("admin/organization.html", form=form, **context)

    @post("/{organization_id:uuid}/{action:str}", sync_to_thread=True)
    def act(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Give it other functions, close it or open it again, with a reason."""
        context = self._one(database, actor, organization_id)
        form = FUNCTIONS.read(typed)
        if form.data is None:
            return again("admin/organization.html", form, **context)
        try:
            change_organization(
                database, actor, organization_id, action,
                functions=form.data.functions, reason=form.data.reason, clock=clock,
            )  # fmt: skip
        except DomainError as error:
            return again("admin/organization.html", form.refused(error), **context)
        return done(f"/admin/organizations/{organization_id}", N_("已办理，并记入日志。"))


def change_organization(
    database: Database,
    actor: Actor,
    organization_id: UUID,
    action: str,
    *,
    functions: tuple[Function, ...],
    reason: str,
    clock: Clock,
) -> None:
    """Set functions (``functions``), close (``close``) or reopen (``reopen``) an organization.

    Raises:
        NotFound: there is no such action or organization.
        DomainError: as the action's own command says.
    """
    now = clock.now()
    with database.write() as db:
        match action:
            case "functions":
                commands.set_functions(db, actor, organization_id, functions, reason=reason, now=now)
            case "close":
                commands.close_organization(db, actor, organization_id, reason=reason, now=now)
            case "reopen":
                commands.reopen_organization(db, actor, organization_id, reason=reason, now=now)
            case _:
                raise NotFound


class PeopleElsewhere(Controller):
    """The people of any organization, for administrators."""

    path = "/admin/organizations/{organization_id:uuid}/people"

    @get(sync_to_thread=True)
    def people(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], organization_id: FromPath[UUID]
    ) -> Template:
        """Who is there, with which roles."""
        return page("accounts/people.html", view=people_page(database, actor, organization_id))

    @get("/new", sync_to_thread=True)
    def blank(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], organization_id: FromPath[UUID]
    ) -> Template:
        """The form of an invitation."""
        return page("accounts/invite.html", view=people_page(database, actor, organization_id), form=PERSON.blank())

    @post("/new", sync_to_thread=True)
    def invite(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Invite a person."""
        return invited(database, safe, actor, organization_id, PERSON.read(typed), clock)

    @get("/{membership_id:uuid}", sync_to_thread=True)
    def member(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        organization_id: FromPath[UUID],
        membership_id: FromPath[UUID],
    ) -> Template:
        """One person."""
        return member_page(database, actor, organization_id, membership_id)

    @post("/{membership_id:uuid}/{action:str}", sync_to_thread=True)
    def act(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        organization_id: FromPath[UUID],
        membership_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Give other roles, let go, or send the invitation anew."""
        if action == "again":
            return invited_again(database, safe, actor, organization_id, membership_id, clock)
        if action not in ("roles", "end"):
            raise NotFound
        return changed(database, actor, organization_id, membership_id, typed, clock, ends=action == "end")
