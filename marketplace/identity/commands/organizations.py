"""Organizations: registered with a checked code, given functions, closed; and people made by the system for a seed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.credentials import Safe, passwords
from marketplace.identity.model import Account, Membership, Organization, Person, RoleHolding, SignInSession
from marketplace.identity.rules import RIGHT_LABELS, Right, require, roles_fit
from marketplace.identity.rules.names import clean_login, initials_key, pinyin_key
from marketplace.identity.rules.sides import check_sides
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.identity.states import (
    ACCOUNT,
    ORGANIZATION,
    AccountAction,
    AccountState,
    OrganizationAction,
    OrganizationKind,
)
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.codes import SocialKind, clean_uscc, social_kind
from marketplace.kit.errors import DomainError, Forbidden, Kind, NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_line
from marketplace.outbox.commands import emit

SHORT_NAME_MAX = 16
SOCIAL_KINDS = {
    SocialKind.SOCIAL_GROUP: OrganizationKind.SOCIAL_GROUP,
    SocialKind.SOCIAL_SERVICE_AGENCY: OrganizationKind.SOCIAL_SERVICE_AGENCY,
    SocialKind.FOUNDATION: OrganizationKind.FOUNDATION,
}


class AlreadyRegistered(DomainError):
    """There is an organization with this code."""

    kind, code = Kind.CONFLICT, "already_registered"
    text = N_("统一社会信用代码 {uscc} 已登记为「{name}」。请联系该单位负责人邀请您加入，不必重复登记。")


class KindMismatch(DomainError):
    """The code's first two characters say another kind of organization."""

    kind, code = Kind.INVALID, "kind_mismatch"
    text = N_("统一社会信用代码以 {prefix} 开头，与所选的单位类型不符。请核对登记证书上的类型和代码。")


class CodeMissing(DomainError):
    """An organization that is not an individual has no code."""

    kind, code = Kind.INVALID, "code_missing"
    text = N_("请填写统一社会信用代码（18 位，见登记证书）；只有个人捐赠者不填。")


def _code(new: NewOrganization) -> str | None:
    if new.kind is OrganizationKind.INDIVIDUAL:
        return None
    if not new.uscc:
        raise CodeMissing(field="uscc")
    code = clean_uscc(new.uscc)
    by_code = social_kind(code)
    expected = SOCIAL_KINDS[by_code] if by_code else None
    if expected is not new.kind and (expected is not None or new.kind in SOCIAL_KINDS.values()):
        raise KindMismatch(field="kind", prefix=code[:2])
    return code


def register_organization(db: Session, actor: Actor, new: NewOrganization, *, now: datetime) -> UUID:
    """Register an organization and return its id. A public form registers as the system, for suppliers alone.

    Raises:
        Forbidden: the actor is not the system administrator.
        BadUscc: the code does not pass its own check.
        CodeMissing: there is none.
        KindMismatch: the code belongs to another kind of organization.
        AlreadyRegistered: the code is in use.
        NeitherSide: this kind may neither buy nor supply.

    Source:
        GB 32100-2015 for the code; 51, 52, 53 for the three kinds of social organization.
    """
    require(actor, Right.REGISTER_ORGANIZATION, {})
    check_sides(new.kind, new.functions)
    code, name = _code(new), clean_line(new.name)
    taken = db.scalar(select(Organization).where(Organization.uscc == code)) if code else None
    if taken is not None:
        raise AlreadyRegistered(field="uscc", uscc=code, name=taken.name)
    short_name = clean_line(new.short_name) or name[:SHORT_NAME_MAX]
    row = Organization(
        name=name,
        short_name=short_name,
        uscc=code,
        kind=new.kind,
        functions=sorted({function.value for function in new.functions}),
        region=new.region or (code[2:8] if code else ""),
        pinyin=pinyin_key(name),
        initials=initials_key(name),
        registered_at=now,
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:  # somebody registered the same code at the same time
        raise AlreadyRegistered(field="uscc", uscc=code, name=name) from None
    record(db, actor, "organization.registered", "organization", row.id, now=now, uscc=code, functions=row.functions)
    emit(db, "identity.organization_registered", now=now, organization_id=row.id)
    return row.id


def _organization(db: Session, actor: Actor, organization_id: UUID) -> Organization:
    require(actor, Right.REGISTER_ORGANIZATION, {})
    row = lock(db, Organization, organization_id)
    if row is None:
        raise NotFound
    return row


def set_functions(
    db: Session, actor: Actor, organization_id: UUID, functions: Iterable[Function], *, reason: str, now: datetime
) -> None:
    """Say anew what an organization is in this market.

    Raises:
        NotFound: there is no such organization.
        Forbidden: the actor is not the system administrator.
        NeitherSide: its kind may neither buy nor supply.
    """
    row, functions = _organization(db, actor, organization_id), frozenset(functions)
    check_sides(row.kind, functions)
    row.functions = sorted({function.value for function in functions})
    record(db, actor, "organization.functions_set", "organization", row.id, now=now, reason=reason, to=row.functions)


def rename_organization(db: Session, actor: Actor, organization_id: UUID, name: str, *, now: datetime) -> None:
    """Give an organization the name that its certificate now bears; a short name cut from the old one follows it.

    Raises:
        NotFound: there is no such organization.
        Forbidden: the actor is not the system administrator.
    """
    row = _organization(db, actor, organization_id)
    old, row.name = row.name, clean_line(name)
    if row.short_name == old[:SHORT_NAME_MAX]:
        row.short_name = row.name[:SHORT_NAME_MAX]
    row.pinyin, row.initials = pinyin_key(row.name), initials_key(row.name)
    record(db, actor, "organization.renamed", "organization", row.id, now=now, old=old, new=row.name)
    emit(db, "identity.organization_renamed", now=now, organization_id=row.id)


def close_organization(db: Session, actor: Actor, organization_id: UUID, *, reason: str, now: datetime) -> None:
    """Take an organization out of the market; its people's sessions there end.

    Raises:
        NotFound: there is no such organization.
        Forbidden: the actor is not the system administrator.
        IllegalMove: it is closed already.
    """
    row = _organization(db, actor, organization_id)
    row.state = ORGANIZATION.after(row.state, OrganizationAction.CLOSE)
    places = select(Membership.id).where(Membership.organization_id == row.id).scalar_subquery()
    db.execute(
        update(SignInSession)
        .where(SignInSession.membership_id.in_(places), SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    record(db, actor, "organization.closed", "organization", row.id, now=now, reason=reason)
    emit(db, "identity.organization_closed", now=now, organization_id=row.id)


def reopen_organization(db: Session, actor: Actor, organization_id: UUID, *, reason: str, now: datetime) -> None:
    """Let an organization take part again.

    Raises:
        NotFound: there is no such organization.
        Forbidden: the actor is not the system administrator.
        IllegalMove: it is not closed.
    """
    row = _organization(db, actor, organization_id)
    row.state = ORGANIZATION.after(row.state, OrganizationAction.REOPEN)
    record(db, actor, "organization.reopened", "organization", row.id, now=now, reason=reason)


def write_person(db: Session, new: NewPerson, login: str, *, now: datetime) -> tuple[Person, Account]:
    """Write a new person with an account that waits for its first password."""
    name = clean_line(new.name)
    person = Person(
        name=name, pinyin=pinyin_key(name), email=new.email.strip(), phone=new.phone.strip(), locale=new.locale
    )
    db.add(person)
    db.flush()
    account = Account(person_id=person.id, login=login, state=AccountState.INVITED, created_at=now)
    db.add(account)
    db.flush()
    return person, account


def write_roles(db: Session, membership: Membership, roles: Iterable[Role], *, now: datetime) -> None:
    """Write the roles that a membership gains."""
    db.add_all(
        RoleHolding(membership_id=membership.id, person_id=membership.person_id, role=role, since=now)
        for role in sorted(set(roles))
    )
    db.flush()


def create_person(
    db: Session,
    safe: Safe,
    actor: Actor,
    organization_id: UUID,
    new: NewPerson,
    *,
    roles: Iterable[Role],
    password: str,
    now: datetime,
    totp_required: bool = True,
) -> UUID:
    """Make a person with a known password, ready to sign in; for the system alone (seeds, the first administrators).

    ``totp_required=False`` spares the sign-ins of a demo the second factor, which would need one's own phone; nothing
    that a person can call sets it. Returns the person's id.

    Raises:
        Forbidden: the actor is not the system.
        NotFound: there is no such organization.
        WeakPassword: the password would soon be guessed.
        RolesClash: the roles may not be held together.
        BadLogin: the login has not the form of one.
    """
    if not actor.is_system:
        raise Forbidden(right=RIGHT_LABELS[Right.MANAGE_PEOPLE])
    if db.get(Organization, organization_id) is None:
        raise NotFound
    held = frozenset(roles)
    roles_fit(held)
    login = clean_login(new.login or new.email)
    passwords.check_new(password, login)
    person, account = write_person(db, new, login, now=now)
    account.password_hash, account.password_at = safe.hasher.hash(password), now
    account.state, account.totp_required = ACCOUNT.after(account.state, AccountAction.ACCEPT), totp_required
    membership = Membership(person_id=person.id, organization_id=organization_id, invited_at=now, joined_at=now)
    db.add(membership)
    db.flush()
    write_roles(db, membership, held, now=now)
    record(
        db,
        actor,
        "account.created",
        "account",
        account.id,
        now=now,
        organization_id=organization_id,
        roles=sorted(held),
    )
    return person.id
