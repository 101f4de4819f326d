"""What administrators do to accounts: lock, unlock, deactivate, reinstate, reset a lost second factor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.commands import links, second_factor
from marketplace.identity.commands.passwords import forget_failures
from marketplace.identity.commands.sessions import end_sessions
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Account, ApiToken, Membership
from marketplace.identity.queries.accounts import right_over
from marketplace.identity.rules import Right, may, require
from marketplace.identity.rules.sign_in import NoMembership
from marketplace.identity.states import ACCOUNT, AccountAction, LinkPurpose
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, Kind, NotFound
from marketplace.kit.i18n import N_
from marketplace.outbox.commands import emit


class OwnAccount(DomainError):
    """Administrators do not administer themselves."""

    kind, code = Kind.FORBIDDEN, "own_account"
    text = N_("不能对本人的账号或岗位进行这项操作。请由另一位管理员或负责人办理。")


def _account(db: Session, actor: Actor, right: Right, account_id: UUID) -> Account:
    require(actor, right, {})
    account = lock(db, Account, account_id)
    if account is None:
        raise NotFound
    if actor.person_id == account.person_id:
        raise OwnAccount
    return account


def _persons_account(db: Session, actor: Actor, account_id: UUID) -> Account:
    """An account that the actor may close or open for good: an administrator's only who appoints administrators."""
    appoints = may(actor, Right.ASSIGN_ADMINISTRATORS, {})
    account = _account(db, actor, Right.ASSIGN_ADMINISTRATORS if appoints else Right.MANAGE_PEOPLE, account_id)
    require(actor, right_over(db, account.person_id), {})
    return account


def lock_account(db: Session, actor: Actor, account_id: UUID, *, reason: str, now: datetime) -> None:
    """Close an account until somebody unlocks it; its sessions end at once.

    Raises:
        NotFound: there is no such account.
        Forbidden: the actor is not the security administrator.
        OwnAccount: it is the actor's own.
        IllegalMove: the account is neither active nor locked by guesses.
    """
    account = _account(db, actor, Right.MANAGE_LOCKS, account_id)
    account.state, account.locked_until = ACCOUNT.after(account.state, AccountAction.LOCK), None
    end_sessions(db, account.id, now=now)
    record(db, actor, "account.locked", "account", account.id, now=now, reason=reason)
    emit(db, "identity.locked", now=now, account_id=account.id)


def unlock_account(db: Session, safe: Safe, actor: Actor, account_id: UUID, *, reason: str, now: datetime) -> None:
    """Open a locked account and forget the failures counted for its login.

    Raises:
        NotFound: there is no such account.
        Forbidden: the actor is not the security administrator.
        OwnAccount: it is the actor's own.
        IllegalMove: the account is not locked.
    """
    require(actor, Right.MANAGE_LOCKS, {})
    forget_failures(db, safe, account_id)
    account = _account(db, actor, Right.MANAGE_LOCKS, account_id)
    account.state, account.locked_until = ACCOUNT.after(account.state, AccountAction.UNLOCK), None
    record(db, actor, "account.unlocked", "account", account.id, now=now, reason=reason)
    emit(db, "identity.unlocked", now=now, account_id=account.id)


def reset_second_factor(db: Session, actor: Actor, account_id: UUID, *, reason: str, now: datetime) -> None:
    """Forget a lost second factor; sessions end, and the next sign-in sets up a new one.

    Raises:
        NotFound: there is no such account.
        Forbidden: the actor is not the security administrator.
        OwnAccount: it is the actor's own.
        IllegalMove: the account is invited or deactivated.
    """
    account = _account(db, actor, Right.MANAGE_LOCKS, account_id)
    account.state = ACCOUNT.after(account.state, AccountAction.RESET_SECOND_FACTOR)
    second_factor.clear(db, account)
    end_sessions(db, account.id, now=now)
    record(db, actor, "account.second_factor_reset", "account", account.id, now=now, reason=reason)
    emit(db, "identity.second_factor_reset", now=now, account_id=account.id)


def deactivate(db: Session, actor: Actor, account_id: UUID, *, reason: str, now: datetime) -> None:
    """Close an account for good: its password, second factor, links, tokens and sessions are gone; its acts stay.

    Raises:
        NotFound: there is no such account.
        Forbidden: the actor is not the system administrator, or for an administrator's account the security one.
        OwnAccount: it is the actor's own.
        IllegalMove: it is deactivated already.
    """
    account = _persons_account(db, actor, account_id)
    account.state, account.locked_until = ACCOUNT.after(account.state, AccountAction.DEACTIVATE), None
    account.password_hash = None
    second_factor.clear(db, account)
    for purpose in LinkPurpose:
        links.spend_all(db, account.id, purpose, now=now)
    end_sessions(db, account.id, now=now)
    db.execute(
        update(ApiToken).where(ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None)).values(revoked_at=now)
    )
    record(db, actor, "account.deactivated", "account", account.id, now=now, reason=reason)
    emit(db, "identity.deactivated", now=now, account_id=account.id)


def reinstate(db: Session, safe: Safe, actor: Actor, account_id: UUID, *, reason: str, now: datetime) -> None:
    """Open a deactivated account again, by a new invitation with a new first password.

    Raises:
        NotFound: there is no such account.
        Forbidden: the actor is not the system administrator, or for an administrator's account the security one.
        OwnAccount: it is the actor's own.
        IllegalMove: the account is not deactivated.
        NoMembership: the person belongs to no organization any more; invite them into one instead.
    """
    account = _persons_account(db, actor, account_id)
    account.state = ACCOUNT.after(account.state, AccountAction.REINSTATE)
    places = select(Membership.organization_id).where(
        Membership.person_id == account.person_id, Membership.ended_at.is_(None)
    )
    organization_ids = db.scalars(places.order_by(Membership.invited_at)).all()
    if not organization_ids:
        raise NoMembership
    link_id = links.issue_mailed(db, safe, account.id, LinkPurpose.INVITATION, organization_ids[0], now=now)
    record(db, actor, "account.reinstated", "account", account.id, now=now, reason=reason)
    emit(db, "identity.invited", now=now, account_id=account.id, link_id=link_id, organization_id=organization_ids[0])
