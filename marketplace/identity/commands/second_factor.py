"""The second factor: set up with an authenticator, checked at sign-in, replaced by recovery codes when lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from marketplace.db.base import claim, lock
from marketplace.identity.commands import links
from marketplace.identity.commands.sessions import own_account
from marketplace.identity.credentials import Safe, totp
from marketplace.identity.model import Account, RecoveryCode
from marketplace.identity.queries.accounts import functions_of
from marketplace.identity.rules.sign_in import LinkSpent, WrongCode, WrongPassword, second_factor_needed
from marketplace.identity.schemas import Enrolment
from marketplace.identity.states import ACCOUNT, AccountAction, LinkPurpose
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.outbox.commands import emit

ISSUER = "群团服务项目集市"
"""What the authenticator shows beside the login."""


class SecondFactorNeeded(DomainError):
    """The person's duties ask for a second factor, so it cannot be taken away."""

    kind, code = Kind.CONFLICT, "second_factor_needed"
    text = N_("您的岗位必须使用验证器，不能取消。换手机请选「更换验证器」。")


def _sealed_place(account_id: UUID) -> str:
    return f"account.totp:{account_id}"


def _pending(safe: Safe, account: Account) -> Enrolment:
    if account.totp_pending is None:
        account.totp_pending = safe.vault.seal(totp.new_secret(), _sealed_place(account.id))
    secret = safe.vault.open(account.totp_pending, _sealed_place(account.id))
    return Enrolment(secret=secret, uri=totp.uri(secret, account.login, ISSUER))


def _new_codes(db: Session, account: Account) -> tuple[str, ...]:
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = totp.new_recovery_codes()
    db.add_all(RecoveryCode(account_id=account.id, digest=totp.recovery_digest(code)) for code in codes)
    db.flush()
    return codes


def pass_code(db: Session, safe: Safe, account: Account, code: str, *, now: datetime) -> bool:
    """Whether the code is the authenticator's, not used before, or an unused recovery code; either is used up."""
    if account.totp_sealed is None:
        return False
    secret = safe.vault.open(account.totp_sealed, _sealed_place(account.id))
    step = totp.accepted_step(secret, code, now=now, last_step=account.totp_step)
    if step is not None:
        account.totp_step = step
        return True
    spare = claim(
        db,
        RecoveryCode,
        RecoveryCode.account_id == account.id,
        RecoveryCode.digest == totp.recovery_digest(code),
        RecoveryCode.used_at.is_(None),
    )
    for row in spare:
        row.used_at = now
        record(db, Actor(account.person_id, None), "account.recovery_code_used", "account", account.id, now=now)
    return bool(spare)


def confirm_pending(db: Session, safe: Safe, account: Account, code: str, *, now: datetime) -> tuple[str, ...] | None:
    """Put the pending secret in force if the code is its own; the recovery codes, or None if it is not."""
    if account.totp_pending is None:
        return None
    secret = safe.vault.open(account.totp_pending, _sealed_place(account.id))
    step = totp.accepted_step(secret, code, now=now, last_step=0)
    if step is None:
        return None
    account.state = ACCOUNT.after(account.state, AccountAction.ENROL)
    account.totp_sealed, account.totp_pending = account.totp_pending, None
    account.totp_confirmed_at, account.totp_step = now, step
    codes = _new_codes(db, account)
    emit(db, "identity.second_factor_enrolled", now=now, account_id=account.id)
    return codes


def begin_enrolment_in_step(db: Session, safe: Safe, token: str, *, now: datetime) -> Enrolment:
    """The secret to set up in the second step of a first sign-in; asked again, the same one.

    Raises:
        LinkSpent: the step is over, or a second factor is in force already.
    """
    link = links.find(db, token, LinkPurpose.SECOND_FACTOR)
    account = lock(db, Account, link.account_id)
    links.still_good(db, link.id, now=now)
    if account is None or account.totp_confirmed_at is not None:
        raise LinkSpent
    return _pending(safe, account)


def begin_enrolment(db: Session, safe: Safe, actor: Actor) -> Enrolment:
    """A new secret to set up, beside the one in force, until a code confirms it.

    Raises:
        Forbidden: the actor came with an API token.
    """
    return _pending(safe, own_account(db, actor))


def confirm_enrolment(
    db: Session, safe: Safe, actor: Actor, *, code: str, password: str, now: datetime
) -> tuple[str, ...]:
    """Put the new secret in force and return fresh recovery codes, to be shown once.

    Raises:
        WrongPassword: the password is wrong.
        WrongCode: the code does not belong to the new secret.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    if not safe.hasher.verify(account.password_hash, password):
        raise WrongPassword(field="password")
    codes = confirm_pending(db, safe, account, code, now=now)
    if codes is None:
        raise WrongCode(field="code")
    record(db, actor, "account.second_factor_enrolled", "account", account.id, now=now)
    return codes


def renew_recovery_codes(db: Session, safe: Safe, actor: Actor, *, password: str, now: datetime) -> tuple[str, ...]:
    """Fresh recovery codes in place of the old, to be shown once.

    Raises:
        WrongPassword: the password is wrong.
        WrongCode: there is no second factor to recover.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    if not safe.hasher.verify(account.password_hash, password):
        raise WrongPassword(field="password")
    if account.totp_confirmed_at is None:
        raise WrongCode
    codes = _new_codes(db, account)
    record(db, actor, "account.recovery_codes_renewed", "account", account.id, now=now)
    return codes


def clear(db: Session, account: Account) -> None:
    """Forget the second factor and its recovery codes."""
    account.totp_sealed = account.totp_confirmed_at = account.totp_pending = None
    account.totp_step = 0
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def remove_second_factor(db: Session, safe: Safe, actor: Actor, *, password: str, now: datetime) -> None:
    """Sign in by password alone again, where the person's duties allow it.

    Raises:
        WrongPassword: the password is wrong.
        SecondFactorNeeded: the person is staff of a public duty.
        Forbidden: the actor came with an API token.
    """
    account = own_account(db, actor)
    if not safe.hasher.verify(account.password_hash, password):
        raise WrongPassword(field="password")
    if account.totp_required and second_factor_needed(functions_of(db, account.person_id)):
        raise SecondFactorNeeded
    clear(db, account)
    record(db, actor, "account.second_factor_removed", "account", account.id, now=now)
    emit(db, "identity.second_factor_removed", now=now, account_id=account.id)
