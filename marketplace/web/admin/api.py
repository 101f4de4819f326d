"""An organization's people and, for administrators, all accounts and organizations, through the JSON API."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import Right, require
from marketplace.identity.schemas import AccountView, MemberView, NewOrganization, NewPerson, OrganizationView
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import Clock
from marketplace.kit.fields import Reason
from marketplace.web import paging
from marketplace.web.admin.accounts import act_on, place_after
from marketplace.web.admin.organizations import change_organization

Search = Annotated[str, QueryParameter(name="q", max_length=100)]
After = Annotated[str, QueryParameter(name="after", max_length=2000)]


class Invited(Struct, frozen=True, kw_only=True):
    """A person to be invited with roles."""

    person: NewPerson
    roles: tuple[Role, ...]


class Made(Struct, frozen=True):
    """The id of what was made."""

    id: UUID


class RolesGiven(Struct, frozen=True):
    """Other roles, with the reason."""

    roles: tuple[Role, ...]
    reason: Reason


class ReasonGiven(Struct, frozen=True):
    """Why."""

    reason: Reason


class OrganizationChange(Struct, frozen=True):
    """Why, and for ``functions`` the new ones."""

    reason: Reason
    functions: tuple[Function, ...] = ()


class OrganizationsPage(Struct, frozen=True):
    """Some organizations, and the cursor of those that follow."""

    items: list[OrganizationView]
    next: str = ""


class AccountsPage(Struct, frozen=True):
    """Some accounts, and the cursor of those that follow."""

    items: list[AccountView]
    next: str = ""


class OrganizationsApi(Controller):
    """Organizations and their people."""

    path = "/organizations"
    tags = ("organizations",)

    @get(sync_to_thread=True)
    def organizations(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        search: Search = "",
        after: After = "",
    ) -> OrganizationsPage:
        """Organizations by a part of name, code or pinyin, for whoever is signed in."""
        require(actor, Right.READ_RIGHTS, {})
        with database.read() as db:
            found = queries.find_organizations(db, search=search, after=place_after(after), limit=paging.PAGE_SIZE + 1)
        shown = found[: paging.PAGE_SIZE]
        more = len(found) > len(shown)
        return OrganizationsPage(shown, paging.cursor([shown[-1].pinyin, str(shown[-1].id)]) if more else "")

    @post(sync_to_thread=True)
    def register(
        self,
        data: JSONBody[NewOrganization],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Made:
        """Register an organization."""
        with database.write() as db:
            return Made(commands.register_organization(db, actor, data, now=clock.now()))

    @post("/{organization_id:uuid}/{action:str}", sync_to_thread=True, status_code=204)
    def change(
        self,
        data: JSONBody[OrganizationChange],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        action: FromPath[str],
    ) -> None:
        """Give it other functions (``functions``), ``close`` or ``reopen`` it."""
        change_organization(
            database, actor, organization_id, action, functions=data.functions, reason=data.reason, clock=clock
        )

    @get("/{organization_id:uuid}/people", sync_to_thread=True)
    def people(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], organization_id: FromPath[UUID]
    ) -> list[MemberView]:
        """The people of an organization."""
        with database.read() as db:
            return queries.people_of(db, actor, organization_id)

    @post("/{organization_id:uuid}/people", sync_to_thread=True)
    def invite(
        self,
        data: JSONBody[Invited],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        organization_id: FromPath[UUID],
    ) -> Made:
        """Invite a person with roles."""
        with database.write() as db:
            return Made(
                commands.invite(db, safe, actor, organization_id, data.person, roles=data.roles, now=clock.now())
            )


class MembershipsApi(Controller):
    """Places of people in organizations."""

    path = "/memberships/{membership_id:uuid}"
    tags = ("organizations",)

    @put("/roles", sync_to_thread=True, status_code=204)
    def roles(
        self,
        data: JSONBody[RolesGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        membership_id: FromPath[UUID],
    ) -> None:
        """Give other roles."""
        with database.write() as db:
            commands.set_roles(db, actor, membership_id, data.roles, reason=data.reason, now=clock.now())

    @post("/end", sync_to_thread=True, status_code=204)
    def end(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        membership_id: FromPath[UUID],
    ) -> None:
        """Let a person leave."""
        with database.write() as db:
            commands.end_membership(db, actor, membership_id, reason=data.reason, now=clock.now())

    @post("/invite-again", sync_to_thread=True, status_code=204)
    def again(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        membership_id: FromPath[UUID],
    ) -> None:
        """Send the invitation anew."""
        with database.write() as db:
            commands.invite_again(db, safe, actor, membership_id, now=clock.now())


class AccountsApi(Controller):
    """Accounts of all organizations, for administrators."""

    path = "/accounts"
    tags = ("administration",)

    @get(sync_to_thread=True)
    def accounts(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        search: Search = "",
        after: After = "",
    ) -> AccountsPage:
        """Accounts by a part of name or login."""
        with database.read() as db:
            found = queries.accounts(db, actor, search=search, after=place_after(after), limit=paging.PAGE_SIZE + 1)
        shown = found[: paging.PAGE_SIZE]
        more = len(found) > len(shown)
        return AccountsPage(shown, paging.cursor([shown[-1].pinyin, str(shown[-1].id)]) if more else "")

    @post("/{account_id:uuid}/{action:str}", sync_to_thread=True, status_code=204)
    def act(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        account_id: FromPath[UUID],
        action: FromPath[str],
    ) -> None:
        """Do ``lock``, ``unlock``, ``reset_second_factor``, ``deactivate`` or ``reinstate``."""
        act_on(database, safe, actor, account_id, action, reason=data.reason, clock=clock)
