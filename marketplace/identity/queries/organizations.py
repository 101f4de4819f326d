"""Reads of organizations and of the people who act for them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from marketplace.identity.model import Account, Membership, Organization, Person, RoleHolding
from marketplace.identity.queries.visitors import live_membership, live_roles
from marketplace.identity.rules import Relation, Right, require
from marketplace.identity.rules.staffing import Staffing, staffing
from marketplace.identity.schemas import Contact, MembershipView, MemberView, OrganizationView
from marketplace.identity.states import AccountState, OrganizationState
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import NotFound

PAGE = 50


def _view(row: Organization) -> OrganizationView:
    return OrganizationView(
        id=row.id,
        name=row.name,
        short_name=row.short_name,
        pinyin=row.pinyin,
        uscc=row.uscc,
        kind=row.kind,
        functions=frozenset(Function(word) for word in row.functions),
        region=row.region,
        state=row.state,
        registered_at=row.registered_at,
    )


def _roles(words: Iterable[str] | None) -> frozenset[Role]:
    return frozenset(Role(word) for word in words or ())


def organization(db: Session, organization_id: UUID) -> OrganizationView:
    """One organization; that it exists is public.

    Raises:
        NotFound: there is none with this id.
    """
    row = db.get(Organization, organization_id)
    if row is None:
        raise NotFound
    return _view(row)


def organizations(db: Session, ids: Iterable[UUID]) -> dict[UUID, OrganizationView]:
    """The organizations with these ids, those that exist."""
    wanted = set(ids)
    rows = db.scalars(select(Organization).where(Organization.id.in_(wanted))) if wanted else ()
    return {row.id: _view(row) for row in rows}


def find_organizations(
    db: Session,
    *,
    search: str = "",
    function: Function | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = PAGE,
) -> list[OrganizationView]:
    """Organizations by a part of name, code or pinyin, in the order of pinyin and id, those that follow ``after``."""
    query = select(Organization).order_by(Organization.pinyin, Organization.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(Organization.pinyin, Organization.id) > after)
    if function is not None:
        query = query.where(Organization.functions.contains([function.value]))
    if search:
        query = query.where(
            or_(
                Organization.name.contains(search, autoescape=True),
                Organization.uscc == search.upper(),
                Organization.initials.startswith(search.lower(), autoescape=True),
                func.replace(Organization.pinyin, " ", "").startswith(search.lower(), autoescape=True),
            )
        )
    return [_view(row) for row in db.scalars(query)]


def actor_of(db: Session, person_id: UUID, organization_id: UUID) -> Actor:
    """A person acting for one of their organizations, with the roles held now.

    Raises:
        NotFound: the person has no live membership there.
    """
    query = (
        select(Organization.functions, live_roles())
        .select_from(Membership)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.person_id == person_id,
            Membership.organization_id == organization_id,
            Organization.state == OrganizationState.ACTIVE,
            live_membership(),
        )
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return Actor(
        person_id=person_id,
        organization_id=organization_id,
        functions=frozenset(Function(word) for word in row[0]),
        roles=_roles(row[1]),
    )


def memberships_of(db: Session, person_id: UUID) -> list[MembershipView]:
    """The places where a person may act now, in the order of the organizations' names."""
    query = (
        select(Membership.id, Organization.id, Organization.short_name, live_roles())
        .select_from(Membership)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.person_id == person_id, Organization.state == OrganizationState.ACTIVE, live_membership())
        .order_by(Organization.pinyin, Organization.id)
    )
    return [
        MembershipView(id=row[0], organization_id=row[1], organization_name=row[2], roles=_roles(row[3]))
        for row in db.execute(query)
    ]


def names(db: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these people, for pages of those who may know them."""
    wanted = set(person_ids)
    query = select(Person.id, Person.name).where(Person.id.in_(wanted))
    return {row[0]: row[1] for row in db.execute(query)} if wanted else {}


def _contact(row: Any) -> Contact:
    return Contact(person_id=row[0], name=row[1], email=row[2], locale=row[3])


def contacts(db: Session, person_ids: Iterable[UUID]) -> list[Contact]:
    """Where these people are told something."""
    wanted = set(person_ids)
    query = select(Person.id, Person.name, Person.email, Person.locale).where(Person.id.in_(wanted)).order_by(Person.id)
    return [_contact(row) for row in db.execute(query)] if wanted else []


def contacts_of(db: Session, organization_id: UUID, roles: Iterable[Role]) -> list[Contact]:
    """The people who hold one of these roles in an organization now and whose accounts are open."""
    holders = (
        select(RoleHolding.membership_id)
        .where(RoleHolding.ended_at.is_(None), RoleHolding.role.in_(set(roles)))
        .scalar_subquery()
    )
    query = (
        select(Person.id, Person.name, Person.email, Person.locale)
        .join(Membership, Membership.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(
            Membership.organization_id == organization_id,
            live_membership(),
            Membership.id.in_(holders),
            Account.state.in_((AccountState.ACTIVE, AccountState.LOCKED)),
        )
        .order_by(Person.pinyin, Person.id)
    )
    return [_contact(row) for row in db.execute(query)]


def people_of(db: Session, actor: Actor, organization_id: UUID) -> list[MemberView]:
    """The people of an organization, also the invited, in the order of their names.

    Raises:
        NotFound: not the actor's organization, and the actor administers no others.
        Forbidden: the actor's roles do not allow it.
    """
    require(actor, Right.READ_PEOPLE, {Relation.OWN: organization_id})
    query = (
        select(Membership, Person, Account, live_roles())
        .join(Person, Person.id == Membership.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(Membership.organization_id == organization_id, Membership.ended_at.is_(None))
        .order_by(Person.pinyin, Person.id)
    )
    return [
        MemberView(
            membership_id=membership.id,
            person_id=person.id,
            account_id=account.id,
            name=person.name,
            login=account.login,
            email=person.email,
            state=account.state,
            roles=_roles(roles),
            joined=membership.joined_at is not None,
            second_factor=account.totp_confirmed_at is not None,
            locked_until=account.locked_until,
        )
        for membership, person, account, roles in db.execute(query)
    ]


def staffing_of(db: Session, organization_id: UUID) -> tuple[Staffing, ...]:
    """Which duties an organization has and whether its people suffice for them.

    Raises:
        NotFound: there is no such organization.
    """
    functions = organization(db, organization_id).functions
    query = (
        select(Membership.person_id, live_roles())
        .join(Account, Account.person_id == Membership.person_id)
        .where(
            Membership.organization_id == organization_id,
            live_membership(),
            Account.state.in_((AccountState.ACTIVE, AccountState.LOCKED)),
        )
        .order_by(Membership.joined_at, Membership.id)
    )
    return staffing(functions, {row[0]: _roles(row[1]) for row in db.execute(query)})
