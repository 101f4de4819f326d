"""Who is behind a request: one query from the token to the person, the organization and the roles held now."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.identity.credentials import tokens
from marketplace.identity.model import (
    Account,
    ApiToken,
    Membership,
    Organization,
    Person,
    RoleHolding,
    SignInSession,
)
from marketplace.identity.schemas import Visitor
from marketplace.identity.states import AccountState, OrganizationState
from marketplace.kit.actor import Function, Role


def live_roles(membership_id: Any = Membership.id) -> ScalarSelect[Any]:
    """The roles held now in a membership, as an array inside another query."""
    return (
        select(func.array_agg(RoleHolding.role))
        .where(RoleHolding.membership_id == membership_id, RoleHolding.ended_at.is_(None))
        .scalar_subquery()
    )


def live_membership() -> ColumnElement[bool]:
    """Memberships that count: agreed to, not ended."""
    return and_(Membership.joined_at.is_not(None), Membership.ended_at.is_(None))


def _may_act() -> ColumnElement[bool]:
    """Accounts whose open sessions live on: a lock by failed guesses must not throw out the one who is signed in."""
    by_guesses = and_(Account.state == AccountState.LOCKED, Account.locked_until.is_not(None))
    return or_(Account.state == AccountState.ACTIVE, by_guesses)


_OTHER = aliased(Membership)
_COUNT = (
    select(func.count())
    .where(_OTHER.person_id == Membership.person_id, _OTHER.joined_at.is_not(None), _OTHER.ended_at.is_(None))
    .correlate(Membership)
    .scalar_subquery()
)
_COLUMNS: tuple[Any, ...] = (
    Account.id,
    Person.id,
    Person.name,
    Person.locale,
    Membership.id,
    Organization.id,
    Organization.short_name,
    Organization.functions,
    live_roles(),
    _COUNT,
)


def _people(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Person, Person.id == Account.person_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            _may_act(),
            live_membership(),
            Membership.person_id == Account.person_id,
            Organization.state == OrganizationState.ACTIVE,
        )
    )


_BY_SESSION = _people(
    select(*_COLUMNS, SignInSession.id, SignInSession.seen_at)
    .select_from(SignInSession)
    .join(Account, Account.id == SignInSession.account_id)
    .join(Membership, Membership.id == SignInSession.membership_id)
).where(SignInSession.ended_at.is_(None))
_BY_TOKEN = _people(
    select(*_COLUMNS, ApiToken.id, ApiToken.used_at, ApiToken.digest, ApiToken.scopes)
    .select_from(ApiToken)
    .join(Account, Account.id == ApiToken.account_id)
    .join(Membership, Membership.id == ApiToken.membership_id)
).where(ApiToken.revoked_at.is_(None))


def _visitor(
    row: Any, *, session_id: UUID | None = None, token_id: UUID | None = None, scopes: frozenset[str] | None = None
) -> Visitor:
    return Visitor(
        account_id=row[0],
        person_id=row[1],
        person_name=row[2],
        locale=row[3],
        membership_id=row[4],
        organization_id=row[5],
        organization_name=row[6],
        functions=frozenset(Function(word) for word in row[7]),
        roles=frozenset(Role(word) for word in row[8] or ()),
        memberships=row[9],
        session_id=session_id,
        token_id=token_id,
        scopes=scopes,
        seen_at=row[11],
    )


def visitor_by_session(db: Session, token: str, *, now: datetime, idle_s: int) -> Visitor | None:
    """Whoever signed in with this session token and has not been idle for ``idle_s`` seconds, in one query."""
    query = _BY_SESSION.where(
        SignInSession.token_digest == tokens.digest(token),
        SignInSession.expires_at > now,
        SignInSession.seen_at > now - timedelta(seconds=idle_s),
    )
    row = db.execute(query).one_or_none()
    return None if row is None else _visitor(row, session_id=row[10])


def visitor_by_token(db: Session, token: str, *, now: datetime) -> Visitor | None:
    """Whoever made this API token, with no more rights than its scopes, in one query."""
    prefix = tokens.api_prefix(token)
    if prefix is None:
        return None
    row = db.execute(_BY_TOKEN.where(ApiToken.prefix == prefix, ApiToken.expires_at > now)).one_or_none()
    if row is None or not secrets.compare_digest(row[12], tokens.digest(token)):
        return None
    return _visitor(row, token_id=row[10], scopes=frozenset(row[13]))
