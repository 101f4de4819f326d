"""Signing in: password, then a code; guesses are counted alike for logins that exist and that do not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.db.base import claim, lock
from marketplace.identity.commands import links
from marketplace.identity.commands.second_factor import confirm_pending, pass_code
from marketplace.identity.commands.sessions import open_session, usual_membership
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Account, Membership, OneTimeLink, SignInFailures
from marketplace.identity.queries.accounts import functions_of
from marketplace.identity.rules.names import plain_login
from marketplace.identity.rules.sign_in import (
    FAILURES_FORGOTTEN,
    FAILURES_MAX,
    LOCK,
    AccountShut,
    LinkSpent,
    NoMembership,
    TooManyFailures,
    WrongCode,
    WrongSignIn,
    failures_after,
    locked_minutes,
    second_factor_needed,
)
from marketplace.identity.schemas import Refused, SecondStep, SignedIn
from marketplace.identity.states import ACCOUNT, AccountAction, AccountState, LinkPurpose
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.errors import DomainError
from marketplace.outbox.commands import emit

TIDIED = 20
"""Old counters removed at each sign-in, so that guesses at logins of nobody do not pile up."""


def _tally(db: Session, login_key: UUID, *, now: datetime) -> SignInFailures:
    """Lock the counter of a login, made if there was none, so that guesses at one login wait for each other."""
    db.execute(
        insert(SignInFailures)
        .values(id=login_key, failures=0, last_at=now)
        .on_conflict_do_nothing(index_elements=[SignInFailures.id])
    )
    tally = lock(db, SignInFailures, login_key)
    if tally is None:  # only the tidying below removes rows, and not one of this instant
        raise AssertionError("the counter was just written")
    return tally


def _account(db: Session, login: str) -> Account | None:
    account_id = db.scalar(select(Account.id).where(Account.login == login))
    return None if account_id is None else lock(db, Account, account_id)


def _failed(
    db: Session, tally: SignInFailures, account: Account | None, error: DomainError, *, now: datetime
) -> Refused:
    """Count one failure; the last one allowed closes the login for a while, whether it exists or not."""
    tally.failures, tally.last_at = failures_after(tally.failures, tally.last_at, now), now
    record(db, SYSTEM, "account.sign_in_failed", "login", tally.id, now=now, failures=tally.failures)
    if tally.failures >= FAILURES_MAX:
        tally.locked_until = now + LOCK
        by_hand = account is not None and account.state is AccountState.LOCKED and account.locked_until is None
        if account is not None and not by_hand and AccountAction.LOCK in ACCOUNT.actions(account.state):
            account.state = ACCOUNT.after(account.state, AccountAction.LOCK)
            account.locked_until = tally.locked_until
            record(db, SYSTEM, "account.locked", "account", account.id, now=now)
            emit(db, "identity.locked", now=now, account_id=account.id)
    return Refused(error=error)


def _opened_again(account: Account, *, now: datetime) -> None:
    """End a lock by guesses whose time is over."""
    if account.state is AccountState.LOCKED and account.locked_until is not None and now >= account.locked_until:
        account.state = ACCOUNT.after(account.state, AccountAction.UNLOCK)
        account.locked_until = None


def _enter(
    db: Session, tally: SignInFailures, account: Account, membership: Membership, *, device: str, now: datetime
) -> SignedIn:
    account.state = ACCOUNT.after(account.state, AccountAction.SIGN_IN)
    tally.failures, tally.locked_until = 0, None
    opened = open_session(db, account, membership, device=device, now=now)
    who = Actor(person_id=account.person_id, organization_id=membership.organization_id)
    record(db, who, "account.signed_in", "account", account.id, now=now, session_id=opened.session_id)
    old = now - 2 * FAILURES_FORGOTTEN
    for row in claim(db, SignInFailures, SignInFailures.last_at < old, SignInFailures.id != tally.id, limit=TIDIED):
        db.delete(row)
    return opened


def sign_in(
    db: Session, safe: Safe, login: str, password: str, *, device: str, now: datetime
) -> SignedIn | SecondStep | Refused:
    """Sign in by login and password; staff get a second step.

    A refusal is returned and not raised, because the failure it counts must be committed. Login unknown, password wrong
    and account closed take the same path, the same work and give the same answer; only whoever knows the password of an
    account locked by hand is told so.
    """
    key = plain_login(login)
    tally = _tally(db, safe.vault.login_key(key), now=now)
    account = _account(db, key)
    right = safe.hasher.verify(account.password_hash if account else None, password)
    minutes = locked_minutes(tally.locked_until, now)
    if minutes is not None:
        return Refused(error=TooManyFailures(minutes=minutes))
    if account is None or not right:
        return _failed(db, tally, account, WrongSignIn(), now=now)
    _opened_again(account, now=now)
    if AccountAction.SIGN_IN not in ACCOUNT.actions(account.state):
        return Refused(error=AccountShut(state=ACCOUNT.label(account.state)))
    if account.password_hash and safe.hasher.outdated(account.password_hash):
        account.password_hash = safe.hasher.hash(password)
    try:
        membership = usual_membership(db, account)
    except NoMembership as error:
        return Refused(error=error)
    spared = safe.demo and not account.totp_required
    needed = not spared and second_factor_needed(functions_of(db, account.person_id))
    if needed or account.totp_confirmed_at is not None:
        return SecondStep(token=links.issue_step(db, account.id, now=now))
    return _enter(db, tally, account, membership, device=device, now=now)


def _step(db: Session, safe: Safe, token: str, *, now: datetime) -> tuple[SignInFailures, Account, OneTimeLink]:
    """Lock, always in this order, the counter, the account and the step itself."""
    found = links.find(db, token, LinkPurpose.SECOND_FACTOR)
    login = db.scalar(select(Account.login).where(Account.id == found.account_id)) or ""
    tally = _tally(db, safe.vault.login_key(login), now=now)
    account = lock(db, Account, found.account_id)
    if account is None:
        raise LinkSpent
    return tally, account, links.still_good(db, found.id, now=now)


def second_step(db: Session, safe: Safe, token: str, code: str, *, device: str, now: datetime) -> SignedIn | Refused:
    """Finish a sign-in by a code: the authenticator's, a recovery code, or the first one of a new authenticator.

    Raises:
        LinkSpent: the first step was too long ago or is finished.
    """
    tally, account, link = _step(db, safe, token, now=now)
    minutes = locked_minutes(tally.locked_until, now)
    if minutes is not None:
        return Refused(error=TooManyFailures(minutes=minutes))
    if AccountAction.SIGN_IN not in ACCOUNT.actions(account.state):
        return Refused(error=AccountShut(state=ACCOUNT.label(account.state)))
    codes: tuple[str, ...] | None
    if account.totp_confirmed_at is None:
        codes = confirm_pending(db, safe, account, code, now=now)
    else:
        codes = () if pass_code(db, safe, account, code, now=now) else None
    if codes is None:
        return _failed(db, tally, account, WrongCode(field="code"), now=now)
    link.used_at = now
    try:
        membership = usual_membership(db, account)
    except NoMembership as error:
        return Refused(error=error)
    opened = _enter(db, tally, account, membership, device=device, now=now)
    return SignedIn(token=opened.token, session_id=opened.session_id, recovery_codes=codes)
