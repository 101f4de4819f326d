"""People of an organization: invited with roles, given others, ended."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import lock, lock_shared
from marketplace.identity.commands import links
from marketplace.identity.commands.locks import OwnAccount
from marketplace.identity.commands.organizations import write_person, write_roles
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Account, ApiToken, Membership, Organization, Person, RoleHolding, SignInSession
from marketplace.identity.rules import ADMINISTRATORS, Relation, Right, require, roles_fit
from marketplace.identity.rules.names import clean_login
from marketplace.identity.rules.sign_in import AccountShut
from marketplace.identity.schemas import NewPerson
from marketplace.identity.states import (
    ACCOUNT,
    ORGANIZATION,
    AccountAction,
    AccountState,
    LinkPurpose,
    OrganizationState,
)
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError, IllegalMove, Kind, NotFound
from marketplace.kit.i18n import N_
from marketplace.outbox.commands import emit


class LoginTaken(DomainError):
    """The login belongs to somebody with another e-mail address."""

    kind, code = Kind.CONFLICT, "login_taken"
    text = N_("登录名「{login}」已被使用。如果是同一个人，请填写其账号登记的邮箱；否则请换一个登录名。")


class AlreadyMember(DomainError):
    """The person is in this organization already, or invited to it."""

    kind, code = Kind.CONFLICT, "already_member"
    text = N_("{name}已在本单位或已受到邀请。如需调整，请在人员列表中修改岗位或重发邀请。")


class NoRoles(DomainError):
    """A person was to be invited, or left, without any role."""

    kind, code = Kind.INVALID, "no_roles"
    text = N_("请至少选择一个岗位。若此人不再承担任何岗位，请选「移出单位」。")


class NotAnOperator(DomainError):
    """Administrators belong to the operator alone."""

    kind, code = Kind.INVALID, "not_an_operator"
    text = N_("系统、安全、审计管理员只能设在平台运营单位。请去掉这些岗位。")


def _may_change(actor: Actor, organization: Organization, changed: frozenset[Role]) -> None:
    """Administrators are appointed by the security administrator, every other role by the head or the system's."""
    parties = {Relation.OWN: organization.id}
    if not changed & ADMINISTRATORS or changed - ADMINISTRATORS:
        require(actor, Right.MANAGE_PEOPLE, parties)
    if changed & ADMINISTRATORS:
        require(actor, Right.ASSIGN_ADMINISTRATORS, parties)
        if Function.OPERATOR.value not in organization.functions:
            raise NotAnOperator(field="roles")


def _takes_part(organization: Organization) -> None:
    """Nobody is invited into an organization that is closed."""
    if organization.state is not OrganizationState.ACTIVE:
        raise IllegalMove(state=ORGANIZATION.label(organization.state), action=ACCOUNT.label(AccountAction.INVITE))


def _roles_now(db: Session, membership: Membership) -> frozenset[Role]:
    query = select(RoleHolding.role).where(RoleHolding.membership_id == membership.id, RoleHolding.ended_at.is_(None))
    return frozenset(db.scalars(query))


def _administrators_elsewhere(db: Session, membership: Membership) -> frozenset[Role]:
    query = select(RoleHolding.role).where(
        RoleHolding.person_id == membership.person_id,
        RoleHolding.membership_id != membership.id,
        RoleHolding.ended_at.is_(None),
        RoleHolding.role.in_(ADMINISTRATORS),
    )
    return frozenset(db.scalars(query))


def _known_person(db: Session, login: str, email: str) -> tuple[Person, Account] | None:
    row = db.execute(select(Account.id, Person).join(Person).where(Account.login == login)).one_or_none()
    if row is None:
        return None
    account, person = lock(db, Account, row[0]), row[1]
    if account is None or person.email.lower() != email.strip().lower():
        raise LoginTaken(field="login", login=login)
    if account.state is AccountState.DEACTIVATED:
        raise AccountShut(field="login", state=ACCOUNT.label(account.state))
    return person, account


def _place(db: Session, person: Person, organization_id: UUID, *, now: datetime) -> Membership:
    query = select(Membership.id).where(
        Membership.person_id == person.id, Membership.organization_id == organization_id
    )
    membership_id = db.scalar(query)
    membership = None if membership_id is None else lock(db, Membership, membership_id)
    if membership is None:
        membership = Membership(person_id=person.id, organization_id=organization_id, invited_at=now)
        db.add(membership)
    elif membership.ended_at is None:
        raise AlreadyMember(name=person.name)
    membership.invited_at, membership.joined_at, membership.ended_at = now, None, None
    db.flush()
    return membership


def invite(
    db: Session,
    safe: Safe,
    actor: Actor,
    organization_id: UUID,
    new: NewPerson,
    *,
    roles: Iterable[Role],
    now: datetime,
) -> UUID:
    """Invite a person into an organization with roles there; returns the membership's id.

    Somebody who has an account already (same login and e-mail) keeps it. Either way the place counts only once the
    mailed link was used: nobody is made a colleague without knowing.

    Raises:
        NotFound: there is no such organization, or it is another one.
        Forbidden: the actor is no head of it, or names administrators without the right.
        NoRoles: no role was chosen.
        RolesClash: the roles may not be held together.
        NotAnOperator: administrators were named outside the operator.
        BadLogin: the login has not the form of one.
        LoginTaken: the login belongs to somebody else.
        AccountShut: the account was deactivated.
        AlreadyMember: the person is there already.
        IllegalMove: the organization is closed.
    """
    organization = lock_shared(db, Organization, organization_id)
    if organization is None:
        raise NotFound
    wanted = frozenset(roles)
    _may_change(actor, organization, wanted)
    _takes_part(organization)
    if not wanted:
        raise NoRoles(field="roles")
    roles_fit(wanted)
    login = clean_login(new.login or new.email)
    try:
        with db.begin_nested():
            person, account = _known_person(db, login, new.email) or write_person(db, new, login, now=now)
    except IntegrityError:  # somebody took the login at the same time
        raise LoginTaken(field="login", login=login) from None
    membership = _place(db, person, organization_id, now=now)
    roles_fit(wanted | _administrators_elsewhere(db, membership))
    write_roles(db, membership, wanted, now=now)
    _send(db, safe, actor, account, membership, now=now)
    return membership.id


def _send(db: Session, safe: Safe, actor: Actor, account: Account, membership: Membership, *, now: datetime) -> None:
    organization_id = membership.organization_id
    link_id = links.issue_mailed(db, safe, account.id, LinkPurpose.INVITATION, organization_id, now=now)
    roles = sorted(_roles_now(db, membership))
    record(db, actor, "account.invited", "account", account.id, now=now, organization_id=organization_id, roles=roles)
    emit(db, "identity.invited", now=now, account_id=account.id, link_id=link_id, organization_id=organization_id)


def _membership(db: Session, actor: Actor, membership_id: UUID) -> tuple[Membership, Organization]:
    membership = lock(db, Membership, membership_id)
    organization = None if membership is None else db.get(Organization, membership.organization_id)
    if membership is None or organization is None or membership.ended_at is not None:
        raise NotFound
    if actor.person_id == membership.person_id:
        require(actor, Right.READ_PEOPLE, {Relation.OWN: organization.id})
        raise OwnAccount
    return membership, organization


def invite_again(db: Session, safe: Safe, actor: Actor, membership_id: UUID, *, now: datetime) -> None:
    """Send a new link to somebody who has not joined yet or was reinstated; the earlier one ends.

    Raises:
        NotFound: no such place in the actor's organization, or the person has joined.
        Forbidden: the actor is no head of it.
        OwnAccount: it is the actor's own.
        IllegalMove: the organization is closed.
    """
    membership, organization = _membership(db, actor, membership_id)
    require(actor, Right.MANAGE_PEOPLE, {Relation.OWN: organization.id})
    _takes_part(organization)
    account_id = db.scalar(select(Account.id).where(Account.person_id == membership.person_id))
    account = None if account_id is None else lock(db, Account, account_id)
    waits = account is not None and (membership.joined_at is None or account.state is AccountState.INVITED)
    if account is None or not waits or account.state is AccountState.DEACTIVATED:
        raise NotFound
    _send(db, safe, actor, account, membership, now=now)


def set_roles(
    db: Session, actor: Actor, membership_id: UUID, roles: Iterable[Role], *, reason: str, now: datetime
) -> None:
    """Say anew which roles a person holds in an organization; what was held before stays in the record.

    Raises:
        NotFound: no such place in the actor's organization.
        Forbidden: the actor is no head of it, or changes administrators without the right.
        OwnAccount: nobody changes their own roles.
        NoRoles: no role was left.
        RolesClash: the roles may not be held together.
        NotAnOperator: administrators were named outside the operator.
    """
    membership, organization = _membership(db, actor, membership_id)
    wanted, held = frozenset(roles), _roles_now(db, membership)
    _may_change(actor, organization, wanted ^ held)
    if not wanted:
        raise NoRoles(field="roles")
    roles_fit(wanted | _administrators_elsewhere(db, membership))
    db.execute(
        update(RoleHolding)
        .where(
            RoleHolding.membership_id == membership.id,
            RoleHolding.ended_at.is_(None),
            RoleHolding.role.in_(held - wanted),
        )
        .values(ended_at=now)
    )
    write_roles(db, membership, wanted - held, now=now)
    record(
        db, actor, "membership.roles_set", "membership", membership.id, now=now, reason=reason,
        before=sorted(held), after=sorted(wanted), organization_id=organization.id,
    )  # fmt: skip
    emit(db, "identity.roles_changed", now=now, membership_id=membership.id, organization_id=organization.id)


def end_membership(db: Session, actor: Actor, membership_id: UUID, *, reason: str, now: datetime) -> None:
    """Let a person leave an organization: roles, sessions, tokens and a pending invitation there end.

    Raises:
        NotFound: no such place in the actor's organization.
        Forbidden: the actor is no head of it, or the person is an administrator.
        OwnAccount: it is the actor's own.
    """
    membership, organization = _membership(db, actor, membership_id)
    _may_change(actor, organization, _roles_now(db, membership))
    membership.ended_at = now
    for table in (RoleHolding, SignInSession):
        db.execute(
            update(table).where(table.membership_id == membership.id, table.ended_at.is_(None)).values(ended_at=now)
        )
    db.execute(
        update(ApiToken)
        .where(ApiToken.membership_id == membership.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    account_id = db.scalar(select(Account.id).where(Account.person_id == membership.person_id))
    if account_id is not None:
        links.spend_all(db, account_id, LinkPurpose.INVITATION, organization.id, now=now)
    record(db, actor, "membership.ended", "membership", membership.id, now=now, reason=reason)
    emit(db, "identity.membership_ended", now=now, membership_id=membership.id, organization_id=organization.id)
