"""Sessions: opened with a fresh token, seen, switched and ended."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.credentials import tokens
from marketplace.identity.model import Account, Membership, Organization, SignInSession
from marketplace.identity.queries.visitors import live_membership
from marketplace.identity.rules.sign_in import SEEN_STEP, SESSION_MAX, AccountShut, NoMembership
from marketplace.identity.schemas import SignedIn
from marketplace.identity.states import ACCOUNT, AccountState, OrganizationState
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.i18n import N_

DEVICE_MAX = 200
OWN_ACCOUNT = N_("管理本人账号")


def own_account(db: Session, actor: Actor) -> Account:
    """Lock the account of a person who acts for themselves; a program with a token may not.

    Whom a lock by guesses found signed in may go on; a lock by hand ends that.

    Raises:
        Forbidden: the actor came with an API token, or is the system.
        AccountShut: the account waits for its first password, is locked by hand or deactivated.
        NotFound: the person has no account.
    """
    if actor.person_id is None or actor.scopes is not None:
        raise Forbidden(right=OWN_ACCOUNT)
    account_id = db.scalar(select(Account.id).where(Account.person_id == actor.person_id))
    account = None if account_id is None else lock(db, Account, account_id)
    if account is None:
        raise NotFound
    by_guesses = account.state is AccountState.LOCKED and account.locked_until is not None
    if account.state is not AccountState.ACTIVE and not by_guesses:
        raise AccountShut(state=ACCOUNT.label(account.state))
    return account


def usual_membership(db: Session, account: Account) -> Membership:
    """Where a person acts after signing in: the place of the last session, else the oldest.

    Raises:
        NoMembership: there is no place where the person may act.
    """
    last = (
        select(SignInSession.created_at)
        .where(SignInSession.membership_id == Membership.id, SignInSession.account_id == account.id)
        .order_by(SignInSession.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Membership)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.person_id == account.person_id,
            live_membership(),
            Organization.state == OrganizationState.ACTIVE,
        )
        .order_by(last.desc().nulls_last(), Membership.joined_at, Membership.id)
        .limit(1)
    )
    found = db.scalar(query)
    if found is None:
        raise NoMembership
    return found


def open_session(
    db: Session, account: Account, membership: Membership, *, device: str, now: datetime, until: datetime | None = None
) -> SignedIn:
    """Open a session under a token nobody has seen before; what the browser sent until now counts for nothing."""
    token = tokens.new_token()
    session = SignInSession(
        token_digest=tokens.digest(token),
        account_id=account.id,
        membership_id=membership.id,
        device=device[:DEVICE_MAX],
        created_at=now,
        seen_at=now,
        expires_at=until or now + SESSION_MAX,
    )
    db.add(session)
    db.flush()
    return SignedIn(token=token, session_id=session.id)


def end_sessions(db: Session, account_id: UUID, *, now: datetime, but: UUID | None = None) -> int:
    """End the open sessions of an account, save one, and say how many were ended."""
    query = update(SignInSession).where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
    if but is not None:
        query = query.where(SignInSession.id != but)
    ended = db.scalars(query.values(ended_at=now).returning(SignInSession.id)).all()
    return len(ended)


def note_visit(db: Session, session_id: UUID, *, now: datetime) -> None:
    """Write down that a session was seen, unless that stands written for less than a minute."""
    query = update(SignInSession).where(
        SignInSession.id == session_id, SignInSession.ended_at.is_(None), SignInSession.seen_at <= now - SEEN_STEP
    )
    db.execute(query.values(seen_at=now))


def sign_out(db: Session, actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End the session behind this request; a second time changes nothing."""
    session = lock(db, SignInSession, session_id)
    if session is None or session.ended_at is not None:
        return
    session.ended_at = now
    record(db, actor, "account.signed_out", "account", session.account_id, now=now)


def end_session(db: Session, actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End another of one's own sessions.

    Raises:
        NotFound: not a session of this person.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    session = lock(db, SignInSession, session_id)
    if session is None or session.account_id != account.id:
        raise NotFound
    if session.ended_at is None:
        session.ended_at = now
        record(db, actor, "account.session_ended", "account", account.id, now=now)


def sign_out_everywhere(db: Session, actor: Actor, *, now: datetime, but: UUID | None = None) -> int:
    """End one's sessions on all devices, save ``but``, and say how many were ended.

    Raises:
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    ended = end_sessions(db, account.id, now=now, but=but)
    record(db, actor, "account.signed_out_everywhere", "account", account.id, now=now, sessions=ended)
    return ended


def switch_membership(
    db: Session, actor: Actor, session_id: UUID, membership_id: UUID, *, device: str, now: datetime
) -> SignedIn:
    """Act for another of one's organizations: under a new token, because other rights come with it.

    Raises:
        NotFound: not a session or not a live place of this person.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    session = lock(db, SignInSession, session_id)
    query = (
        select(Membership)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.id == membership_id,
            Membership.person_id == account.person_id,
            live_membership(),
            Organization.state == OrganizationState.ACTIVE,
        )
    )
    membership = db.scalar(query)
    if session is None or session.account_id != account.id or session.ended_at is not None or membership is None:
        raise NotFound
    session.ended_at = now
    opened = open_session(db, account, membership, device=device, now=now, until=session.expires_at)
    record(db, actor, "account.switched", "account", account.id, now=now, organization_id=membership.organization_id)
    return opened
