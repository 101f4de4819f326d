"""Reads of accounts: one's own, and those that administrators look after."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from marketplace.identity.credentials import Safe, tokens
from marketplace.identity.model import (
    Account,
    ApiToken,
    Membership,
    OneTimeLink,
    Organization,
    Person,
    RecoveryCode,
    RoleHolding,
    SignInSession,
)
from marketplace.identity.queries.visitors import live_membership, live_roles
from marketplace.identity.rules import ADMINISTRATORS, Right, may, require
from marketplace.identity.rules.sign_in import LinkSpent, second_factor_needed
from marketplace.identity.schemas import (
    AccountView,
    DemoSignIn,
    LinkMail,
    LinkView,
    MyAccount,
    SessionView,
    StepView,
    TokenView,
)
from marketplace.identity.states import AccountState, LinkPurpose, OrganizationState
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo

PAGE = 50


def link_place(link_id: UUID) -> str:
    """Where a link's token is kept, as the seal knows it."""
    return f"one_time_link.sealed:{link_id}"


def functions_of(db: Session, person_id: UUID) -> list[list[str]]:
    """The functions of each organization a person may act for."""
    query = (
        select(Organization.functions)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.person_id == person_id, live_membership(), Organization.state == OrganizationState.ACTIVE)
    )
    return list(db.scalars(query))


def step_view(db: Session, token: str, *, now: datetime) -> StepView:
    """The second step of a sign-in that this token stands for.

    Raises:
        LinkSpent: the step is over, too old, or never was.
    """
    query = (
        select(Account.id, Account.login, Account.totp_confirmed_at)
        .join(OneTimeLink, OneTimeLink.account_id == Account.id)
        .where(
            OneTimeLink.token_digest == tokens.digest(token),
            OneTimeLink.purpose == LinkPurpose.SECOND_FACTOR,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise LinkSpent
    return StepView(account_id=row[0], login=row[1], enrolled=row[2] is not None)


def _link_row(db: Session, condition: Any, now: datetime) -> Any:
    query = (
        select(OneTimeLink, Account, Person, Organization.name, live_roles())
        .join(Account, Account.id == OneTimeLink.account_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Organization, Organization.id == OneTimeLink.organization_id)
        .outerjoin(
            Membership,
            (Membership.organization_id == OneTimeLink.organization_id) & (Membership.person_id == Person.id),
        )
        .where(condition, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise LinkSpent
    return row


def link_view(db: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> LinkView:
    """What a one-time link will do, shown before it is used; looking does not use it.

    Raises:
        LinkSpent: used, replaced, too old, or for another purpose.
    """
    found = (OneTimeLink.token_digest == tokens.digest(token)) & (OneTimeLink.purpose == purpose)
    link, account, person, organization_name, roles = _link_row(db, found, now)
    return LinkView(
        purpose=link.purpose,
        login=account.login,
        person_name=person.name,
        organization_name=organization_name or "",
        roles=tuple(sorted(Role(word) for word in roles or ())),
        sets_password=purpose is LinkPurpose.PASSWORD_RESET or account.state is AccountState.INVITED,
        expires_at=link.expires_at,
    )


def link_mail(db: Session, safe: Safe, link_id: UUID, *, now: datetime) -> LinkMail | None:
    """What to write in the mail that carries a link, or None when there is nothing left to send."""
    try:
        link, account, person, organization_name, _ = _link_row(db, OneTimeLink.id == link_id, now)
    except LinkSpent:
        return None
    if link.sealed is None:
        return None
    return LinkMail(
        purpose=link.purpose,
        token=safe.vault.open(link.sealed, link_place(link.id)),
        email=person.email,
        person_name=person.name,
        login=account.login,
        locale=person.locale,
        organization_name=organization_name or "",
        expires_at=link.expires_at,
    )


def latest_link(db: Session, safe: Safe, login: str, purpose: LinkPurpose, *, now: datetime) -> LinkMail | None:
    """The newest live link of an account that was not handed over yet, for whoever keeps the machine; None without."""
    query = (
        select(OneTimeLink.id)
        .join(Account, Account.id == OneTimeLink.account_id)
        .where(
            Account.login == login,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .order_by(OneTimeLink.issued_at.desc(), OneTimeLink.id)
        .limit(1)
    )
    link_id = db.scalar(query)
    return None if link_id is None else link_mail(db, safe, link_id, now=now)


def my_account(db: Session, person_id: UUID) -> MyAccount:
    """A person's own account.

    Raises:
        NotFound: the person has none.
    """
    row = db.execute(select(Account, Person).join(Person).where(Account.person_id == person_id)).one_or_none()
    if row is None:
        raise NotFound
    account, person = row
    left = db.scalar(select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None)))
    return MyAccount(
        login=account.login,
        name=person.name,
        email=person.email,
        password_at=account.password_at,
        second_factor=account.totp_confirmed_at is not None,
        second_factor_needed=account.totp_required and second_factor_needed(functions_of(db, person_id)),
        recovery_codes_left=left or 0,
    )


def sessions_of(db: Session, person_id: UUID, *, now: datetime, idle_s: int) -> list[SessionView]:
    """A person's open sessions, the latest first."""
    query = (
        select(SignInSession)
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            Account.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            SignInSession.seen_at > now - timedelta(seconds=idle_s),
        )
        .order_by(SignInSession.seen_at.desc(), SignInSession.id)
    )
    return [
        SessionView(id=row.id, device=row.device, created_at=row.created_at, seen_at=row.seen_at)
        for row in db.scalars(query)
    ]


def tokens_of(db: Session, person_id: UUID, *, now: datetime) -> list[TokenView]:
    """A person's API tokens, the newest first; those past their day count as revoked."""
    query = (
        select(ApiToken, Organization.short_name)
        .join(Account, Account.id == ApiToken.account_id)
        .join(Membership, Membership.id == ApiToken.membership_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Account.person_id == person_id)
        .order_by(ApiToken.created_at.desc(), ApiToken.id)
    )
    return [
        TokenView(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            scopes=tuple(row.scopes),
            organization_name=organization_name,
            created_at=row.created_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
            revoked=row.revoked_at is not None or row.expires_at <= now,
        )
        for row, organization_name in db.execute(query)
    ]


def right_over(db: Session, person_id: UUID) -> Right:
    """The right that closes and opens a person's account: an administrator's is theirs who appoint administrators."""
    posts = select(RoleHolding.id).where(
        RoleHolding.person_id == person_id, RoleHolding.ended_at.is_(None), RoleHolding.role.in_(ADMINISTRATORS)
    )
    is_administrator = db.scalar(posts.limit(1)) is not None
    return Right.ASSIGN_ADMINISTRATORS if is_administrator else Right.MANAGE_PEOPLE


def accounts(
    db: Session,
    actor: Actor,
    *,
    search: str = "",
    state: AccountState | None = None,
    account_id: UUID | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = PAGE,
) -> list[AccountView]:
    """Accounts of all organizations, for administrators, in the order of name and id, those that follow ``after``.

    ``search`` is a part of a name or login.

    Raises:
        Forbidden: the actor administers no accounts.
    """
    require(actor, Right.READ_PEOPLE, {})
    places = (
        select(func.array_agg(Organization.short_name))
        .select_from(Membership)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.person_id == Person.id, Membership.ended_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
    query = (
        select(Account, Person, places)
        .join(Person, Person.id == Account.person_id)
        .order_by(Person.pinyin, Account.id)
        .limit(limit)
    )
    if account_id is not None:
        query = query.where(Account.id == account_id)
    if after is not None:
        query = query.where(tuple_(Person.pinyin, Account.id) > after)
    if state is not None:
        query = query.where(Account.state == state)
    if search:
        part = search.lower()
        query = query.where(
            or_(Person.name.contains(search, autoescape=True), Account.login.contains(part, autoescape=True))
        )
    return [
        AccountView(
            id=account.id,
            person_id=person.id,
            login=account.login,
            person_name=person.name,
            pinyin=person.pinyin,
            email=person.email,
            state=account.state,
            locked_until=account.locked_until,
            second_factor=account.totp_confirmed_at is not None,
            totp_required=account.totp_required,
            organizations=tuple(sorted(held or ())),
        )
        for account, person, held in db.execute(query)
    ]


def demo_sign_ins(db: Session, *, limit: int = PAGE) -> list[DemoSignIn]:
    """The sign-ins that a demo shows: accounts spared the second factor, one line for each organization and role."""
    query = (
        select(Account.login, Person.name, Organization.short_name, Organization.functions, live_roles())
        .join(Person, Person.id == Account.person_id)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Account.totp_required.is_(False), Account.state == AccountState.ACTIVE, live_membership())
        .order_by(Account.created_at, Organization.registered_at, Account.login)
        .limit(limit)
    )
    return [
        DemoSignIn(
            login=row[0],
            person_name=row[1],
            organization_name=row[2],
            functions=tuple(Function(word) for word in row[3]),
            roles=tuple(sorted(Role(word) for word in row[4] or ())),
        )
        for row in db.execute(query)
    ]


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits in identity: for the security administrator, accounts that stay locked until somebody looks."""
    if actor.is_system or not may(actor, Right.MANAGE_LOCKS, {}):
        return []
    locked = db.scalar(
        select(func.count()).where(
            Account.state == AccountState.LOCKED,
            or_(Account.locked_until.is_(None), Account.locked_until > now),
        )
    )
    if not locked:
        return []
    return [
        Todo(
            title=N_("{count} 个账号被锁定"),
            params={"count": str(locked)},
            url="/admin/accounts?state=locked",
            action=N_("查看"),
        )
    ]
