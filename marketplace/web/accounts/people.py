"""单位人员与岗位: invite, give other roles, let go; the same pages for a head and for the administrators."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.identity.schemas import MemberView, NewPerson, OrganizationView
from marketplace.identity.states import ACCOUNT
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web.accounts.forms import PERSON, ROLES, PersonTyped
from marketplace.web.accounts.views import ACCOUNT_TONES, role_items, roles_text, useful_roles
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page


class MemberLine(Struct, frozen=True):
    """One person in the table of an organization."""

    member: MemberView
    roles: str
    state: str
    tone: str
    own: bool


class PeoplePage(Struct, frozen=True):
    """The people of one organization as the reader may see and change them."""

    organization: OrganizationView
    lines: list[MemberLine]
    base: str
    may_manage: bool
    may_invite: bool
    items: list[tuple[str, str]]


def base_of(actor: Actor, organization_id: UUID) -> str:
    """The address of an organization's people: one's own, or another's for administrators."""
    own = organization_id == actor.organization_id
    return "/organization/people" if own else f"/admin/organizations/{organization_id}/people"


def _line(actor: Actor, member: MemberView) -> MemberLine:
    state = ACCOUNT.label(member.state) if member.joined or member.state.value != "active" else N_("待本人同意")
    tone = ACCOUNT_TONES[member.state] if member.joined else "yellow"
    return MemberLine(member, roles_text(member.roles), state, tone, own=member.person_id == actor.person_id)


def offered(actor: Actor, organization: OrganizationView, held: frozenset[Role] = frozenset()) -> frozenset[Role]:
    """The roles the actor may give in an organization; what is held already stays on the form."""
    parties = {Relation.OWN: organization.id}
    roles: frozenset[Role] = held
    if may(actor, Right.MANAGE_PEOPLE, parties):
        roles |= useful_roles(organization.functions, administrators=False)
    if may(actor, Right.ASSIGN_ADMINISTRATORS, parties):
        roles |= useful_roles(organization.functions, administrators=True)
    return roles


def people_page(database: Database, actor: Actor, organization_id: UUID) -> PeoplePage:
    """Read what the page shows.

    Raises:
        NotFound: another organization, and the actor administers none.
        Forbidden: the actor's roles do not allow it.
    """
    with database.read() as db:
        members = queries.people_of(db, actor, organization_id)
        organization = queries.organization(db, organization_id)
    roles = offered(actor, organization)
    return PeoplePage(
        organization=organization,
        lines=[_line(actor, member) for member in members],
        base=base_of(actor, organization_id),
        may_manage=bool(roles),
        may_invite=may(actor, Right.MANAGE_PEOPLE, {Relation.OWN: organization_id}),
        items=role_items(roles),
    )


def _member(view: PeoplePage, membership_id: UUID) -> MemberLine:
    found = next((line for line in view.lines if line.member.membership_id == membership_id), None)
    if found is None:
        raise NotFound
    return found


def invited(
    database: Database, safe: Safe, actor: Actor, organization_id: UUID, form: Form[PersonTyped], clock: Clock
) -> Template | Redirect:
    """Invite whom the form names."""
    view = people_page(database, actor, organization_id)
    if form.data is None:
        return again("accounts/invite.html", form, view=view)
    typed = form.data
    person = NewPerson(name=typed.name, email=typed.email, login=typed.login)
    try:
        with database.write() as db:
            commands.invite(db, safe, actor, organization_id, person, roles=typed.roles, now=clock.now())
    except DomainError as error:
        return again("accounts/invite.html", form.refused(error), view=view)
    return done(view.base, N_("邀请已发到 {email}，7 天内有效。"), email=typed.email)


def member_page(database: Database, actor: Actor, organization_id: UUID, membership_id: UUID) -> Template:
    """One person with the form of their roles."""
    view = people_page(database, actor, organization_id)
    line = _member(view, membership_id)
    items = role_items(offered(actor, view.organization, line.member.roles))
    form = ROLES.blank(roles=sorted(line.member.roles))
    return page("accounts/member.html", view=view, line=line, form=form, items=items)


def changed(
    database: Database,
    actor: Actor,
    organization_id: UUID,
    membership_id: UUID,
    typed: Typed,
    clock: Clock,
    *,
    ends: bool,
) -> Template | Redirect:
    """Give a person other roles, or let them go, with the reason typed."""
    view = people_page(database, actor, organization_id)
    line = _member(view, membership_id)
    form = ROLES.read(typed)
    items = role_items(offered(actor, view.organization, line.member.roles))
    if form.data is None:
        return again("accounts/member.html", form, view=view, line=line, items=items)
    given = form.data
    try:
        with database.write() as db:
            if ends:
                commands.end_membership(db, actor, membership_id, reason=given.reason, now=clock.now())
            else:
                commands.set_roles(db, actor, membership_id, given.roles, reason=given.reason, now=clock.now())
    except DomainError as error:
        return again("accounts/member.html", form.refused(error), view=view, line=line, items=items)
    if ends:
        return done(view.base, N_("{name}已移出本单位。"), name=line.member.name)
    return done(view.base, N_("{name}的岗位已更新。"), name=line.member.name)


def invited_again(
    database: Database, safe: Safe, actor: Actor, organization_id: UUID, membership_id: UUID, clock: Clock
) -> Redirect:
    """Send a new link."""
    view = people_page(database, actor, organization_id)
    line = _member(view, membership_id)
    with database.write() as db:
        commands.invite_again(db, safe, actor, membership_id, now=clock.now())
    return done(view.base, N_("新的邀请已发到 {email}，原来的链接已失效。"), email=line.member.email)


def own(actor: Actor) -> UUID:
    """The organization the actor acts for.

    Raises:
        NotFound: the actor acts for none.
    """
    if actor.organization_id is None:
        raise NotFound
    return actor.organization_id


class OwnPeople(Controller):
    """The people of one's own organization."""

    path = "/organization/people"

    @get(sync_to_thread=True)
    def people(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Template:
        """Who is here, with which roles."""
        return page("accounts/people.html", view=people_page(database, actor, own(actor)))

    @get("/new", sync_to_thread=True)
    def blank(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Template:
        """The form of an invitation."""
        require(actor, Right.MANAGE_PEOPLE, {Relation.OWN: own(actor)})
        return page("accounts/invite.html", view=people_page(database, actor, own(actor)), form=PERSON.blank())

    @post("/new", sync_to_thread=True)
    def invite(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Invite a person."""
        return invited(database, safe, actor, own(actor), PERSON.read(typed), clock)

    @get("/{membership_id:uuid}", sync_to_thread=True)
    def member(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], membership_id: FromPath[UUID]
    ) -> Template:
        """One person."""
        return member_page(database, actor, own(actor), membership_id)

    @post("/{membership_id:uuid}/roles", sync_to_thread=True)
    def roles(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        membership_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Give other roles."""
        return changed(database, actor, own(actor), membership_id, typed, clock, ends=False)

    @post("/{membership_id:uuid}/end", sync_to_thread=True)
    def end(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        membership_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Let a person go."""
        return changed(database, actor, own(actor), membership_id, typed, clock, ends=True)

    @post("/{membership_id:uuid}/again", sync_to_thread=True)
    def send_again(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        membership_id: FromPath[UUID],
    ) -> Redirect:
        """Send the invitation anew."""
        return invited_again(database, safe, actor, own(actor), membership_id, clock)
