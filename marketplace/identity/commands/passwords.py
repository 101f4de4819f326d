"""Passwords: the first by invitation, changed by their owner, reset by a mailed link."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.commands import links
from marketplace.identity.commands.sessions import end_sessions, own_account
from marketplace.identity.credentials import Safe, passwords
from marketplace.identity.model import Account, Membership, OneTimeLink, SignInFailures
from marketplace.identity.rules.names import plain_login
from marketplace.identity.rules.sign_in import RESET_PAUSE, LinkSpent, WrongPassword
from marketplace.identity.states import ACCOUNT, AccountAction, AccountState, LinkPurpose
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.outbox.commands import emit


def _by_link(db: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> tuple[Account, OneTimeLink]:
    found = links.find(db, token, purpose)
    account = lock(db, Account, found.account_id)
    link = links.still_good(db, found.id, now=now)
    if account is None:
        raise LinkSpent
    return account, link


def _set(safe: Safe, account: Account, password: str, *, now: datetime) -> None:
    passwords.check_new(password, account.login)
    account.password_hash, account.password_at = safe.hasher.hash(password), now


def accept_invitation(db: Session, safe: Safe, token: str, password: str | None, *, now: datetime) -> str:
    """Join the organization that the link names, with a first password if the account has none; returns the login.

    Raises:
        LinkSpent: the link was used, replaced or is too old.
        WeakPassword: the first password would soon be guessed.
        IllegalMove: the account was deactivated meanwhile.
    """
    account, link = _by_link(db, token, LinkPurpose.INVITATION, now=now)
    if account.state is AccountState.INVITED:
        _set(safe, account, password or "", now=now)
        account.state = ACCOUNT.after(account.state, AccountAction.ACCEPT)
    elif account.state is AccountState.DEACTIVATED:
        ACCOUNT.after(account.state, AccountAction.ACCEPT)
    link.used_at, link.sealed = now, None
    query = select(Membership.id).where(
        Membership.person_id == account.person_id,
        Membership.organization_id == link.organization_id,
        Membership.ended_at.is_(None),
    )
    membership_id = db.scalar(query)
    membership = None if membership_id is None else lock(db, Membership, membership_id)
    if membership is None:
        raise LinkSpent
    membership.joined_at = membership.joined_at or now
    who = Actor(person_id=account.person_id, organization_id=membership.organization_id)
    record(db, who, "account.invitation_accepted", "account", account.id, now=now)
    emit(db, "identity.joined", now=now, membership_id=membership.id, organization_id=membership.organization_id)
    return account.login


def change_password(
    db: Session,
    safe: Safe,
    actor: Actor,
    *,
    present: str,
    password: str,
    but_session: UUID | None = None,
    now: datetime,
) -> None:
    """Change one's own password; all other sessions end.

    Raises:
        WrongPassword: the present password is wrong.
        WeakPassword: the new one would soon be guessed.
        IllegalMove: the account is locked.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    if not safe.hasher.verify(account.password_hash, present):
        raise WrongPassword(field="present")
    account.state = ACCOUNT.after(account.state, AccountAction.CHANGE_PASSWORD)
    _set(safe, account, password, now=now)
    end_sessions(db, account.id, now=now, but=but_session)
    links.spend_all(db, account.id, LinkPurpose.PASSWORD_RESET, now=now)
    record(db, actor, "account.password_changed", "account", account.id, now=now)
    emit(db, "identity.password_changed", now=now, account_id=account.id)


def request_reset(db: Session, safe: Safe, login: str, *, now: datetime) -> None:
    """Ask for a mail with a reset link. Whether the login exists is told to nobody: the answer and the work are alike.

    Asking again within a minute sends nothing new. Accounts locked by hand, invited or deactivated get none.
    """
    key = plain_login(login)
    account_id = db.scalar(select(Account.id).where(Account.login == key))
    account = None if account_id is None else lock(db, Account, account_id)
    safe.hasher.verify(None, key)  # the slow part, done for everybody, so that the quick rest tells nothing
    if account is None or not _may_reset(account) or _asked_lately(db, account, now=now):
        record(db, None, "account.reset_ignored", "login", safe.vault.login_key(key), now=now)
        return
    link_id = links.issue_mailed(db, safe, account.id, LinkPurpose.PASSWORD_RESET, None, now=now)
    record(db, None, "account.reset_requested", "login", safe.vault.login_key(key), now=now)
    emit(db, "identity.reset_requested", now=now, account_id=account.id, link_id=link_id)


def _may_reset(account: Account) -> bool:
    if account.state is AccountState.LOCKED:
        return account.locked_until is not None
    return AccountAction.RESET_PASSWORD in ACCOUNT.actions(account.state)


def _asked_lately(db: Session, account: Account, *, now: datetime) -> bool:
    query = select(OneTimeLink.id).where(
        OneTimeLink.account_id == account.id,
        OneTimeLink.purpose == LinkPurpose.PASSWORD_RESET,
        OneTimeLink.issued_at > now - RESET_PAUSE,
    )
    return db.scalar(query.limit(1)) is not None


def reset_password(db: Session, safe: Safe, token: str, password: str, *, now: datetime) -> str:
    """Set a new password by a mailed link: ends all sessions and a lock by guesses; returns the login.

    The second factor stays as it is: a mailbox alone does not open a staff account.

    Raises:
        LinkSpent: the link was used, replaced or is too old.
        WeakPassword: the new password would soon be guessed.
        IllegalMove: the account was locked by hand or deactivated meanwhile.
    """
    forget_failures(db, safe, links.find(db, token, LinkPurpose.PASSWORD_RESET).account_id)
    account, link = _by_link(db, token, LinkPurpose.PASSWORD_RESET, now=now)
    if account.state is AccountState.LOCKED and account.locked_until is not None:
        account.state = ACCOUNT.after(account.state, AccountAction.UNLOCK)
        account.locked_until = None
    account.state = ACCOUNT.after(account.state, AccountAction.RESET_PASSWORD)
    _set(safe, account, password, now=now)
    link.used_at, link.sealed = now, None
    end_sessions(db, account.id, now=now)
    record(db, Actor(account.person_id, None), "account.password_reset", "account", account.id, now=now)
    emit(db, "identity.password_changed", now=now, account_id=account.id)
    return account.login


def forget_failures(db: Session, safe: Safe, account_id: UUID) -> None:
    """Let the login be tried again at once. The counter is locked before the account, as at sign-in."""
    login = db.scalar(select(Account.login).where(Account.id == account_id)) or ""
    tally = lock(db, SignInFailures, safe.vault.login_key(login))
    if tally is not None:
        tally.failures, tally.locked_until = 0, None
