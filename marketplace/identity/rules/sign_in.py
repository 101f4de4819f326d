"""The limits of sign-in: how many guesses, how long locks, links and sessions last, who needs a second factor."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from marketplace.identity.states import LinkPurpose
from marketplace.kit.actor import Function
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

FAILURES_MAX = 5
LOCK = timedelta(minutes=15)
FAILURES_FORGOTTEN = timedelta(minutes=15)
"""Failures further apart than this do not add up."""
SESSION_MAX = timedelta(hours=12)
"""However busy, a person signs in anew each working day."""
SEEN_STEP = timedelta(seconds=60)
"""The last visit is written down at most this often, so that reading pages does not write rows."""
RESET_PAUSE = timedelta(seconds=60)
LINK_LIFE = {
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.PASSWORD_RESET: timedelta(hours=1),
    LinkPurpose.SECOND_FACTOR: timedelta(minutes=5),
}
TOKEN_DAYS_MAX = 366
DEMO_PASSWORD = "guangan-demo-2026"  # noqa: S105 - printed on the page of demo sign-ins
"""The password of every account of the demo; such accounts are made by the seed and shown only in a demo."""
WITHOUT_SECOND_FACTOR = frozenset({Function.SUPPLIER, Function.DONOR})
"""Organizations that are nothing else sign in by password alone; everybody else is staff of a public duty."""


class WrongSignIn(DomainError):
    """Login, password or code are wrong; which of them is not told."""

    kind, code = Kind.UNAUTHENTICATED, "wrong_sign_in"
    text = N_("登录名或密码不正确。请核对后重试；忘记密码可以通过邮件重设。")


class WrongCode(DomainError):
    """The second factor's code is wrong, old or already used."""

    kind, code = Kind.UNAUTHENTICATED, "wrong_code"
    text = N_("验证码不正确或已使用。请输入验证器当前显示的 6 位数字，或一个未用过的恢复码。")


class WrongPassword(DomainError):
    """The present password, asked for again before something that matters, is wrong."""

    kind, code = Kind.INVALID, "wrong_password"
    text = N_("当前密码不正确。请重新输入您现在使用的密码。")


class TooManyFailures(DomainError):
    """The login is closed for a while, whether it exists or not."""

    kind, code = Kind.TOO_MANY, "too_many_failures"
    text = N_("连续多次登录失败，请在 {minutes} 分钟后再试，或请安全管理员解锁。")


class AccountShut(DomainError):
    """The password was right, but the account may not sign in now."""

    kind, code = Kind.FORBIDDEN, "account_shut"
    text = N_("您的账号{state}，暂时不能登录。请联系本单位负责人或安全管理员。")


class NoMembership(DomainError):
    """The person belongs to no organization that takes part."""

    kind, code = Kind.FORBIDDEN, "no_membership"
    text = N_("您目前不属于任何在册单位。请联系您的单位负责人重新邀请您。")


class LinkSpent(DomainError):
    """A one-time link was used, replaced or is too old, or never existed."""

    kind, code = Kind.MISSING, "link_spent"
    text = N_("这个链接已使用、已被新的链接取代或已过期。请重新申请一个。")


def locked_minutes(locked_until: datetime | None, now: datetime) -> int | None:
    """Whole minutes until the lock ends, at least one, or None without a lock at ``now``."""
    if locked_until is None or now >= locked_until:
        return None
    return -(-(locked_until - now) // timedelta(minutes=1))


def failures_after(failures: int, last_at: datetime | None, now: datetime) -> int:
    """The count after one more failure at ``now``; old ones are forgotten."""
    if last_at is None or now - last_at >= FAILURES_FORGOTTEN:
        return 1
    return failures + 1


def second_factor_needed(organizations: Iterable[Iterable[str]]) -> bool:
    """Whether a person needs a second factor, by the functions of each organization the person belongs to."""
    return any(set(functions) - WITHOUT_SECOND_FACTOR for functions in organizations)
