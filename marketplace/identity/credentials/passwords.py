"""Passwords: the rules for a new one, and argon2id, which never tells whether there was one to compare with."""

from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

LENGTH_MIN, LENGTH_MAX = 10, 200
LOGIN_PART_MIN = 3
"""A shorter login is not looked for inside the password: it would be there by chance."""
# fmt: off
COMMON = frozenset({
    "1234567890", "0123456789", "9876543210", "0987654321", "1111111111", "0000000000", "8888888888", "6666666666",
    "1122334455", "1212121212", "12345678910", "123456789a", "a123456789", "1q2w3e4r5t", "qwertyuiop", "qwerty1234",
    "qwerty12345", "1qaz2wsx3edc", "1qaz@wsx3edc", "asdfghjkl1", "qazwsxedcr", "password12", "password123",
    "password1234", "passw0rd123", "p@ssw0rd123", "p@ssword123", "password123!", "admin12345", "admin123456",
    "admin@1234", "admin@12345", "administrator", "root123456", "welcome123", "welcome1234", "iloveyou123",
    "letmein1234", "woaini1314", "woaini1314520", "woaini5201314", "5201314520", "1314520520", "abc1234567",
    "abcd123456", "abcd1234567", "abcdefghij", "abc123abc123", "aa12345678", "aa123456789", "test123456",
    "zxcvbnm123", "monkey12345", "changeme123", "guangan123", "guangan1234", "guangan12345",
})
# fmt: on
"""A small list of the most guessed passwords of ten characters and more, in lower case."""


class WeakPassword(DomainError):
    """A new password that would soon be guessed."""

    kind, code = Kind.INVALID, "weak_password"
    text = N_("{problem}")


TOO_SHORT = N_("密码太短。请至少用 10 个字符，可以用几个不相干的词连成一句。")
TOO_LONG = N_("密码太长。请不要超过 200 个字符。")
TOO_COMMON = N_("这个密码很常见，容易被猜到。请换一个只有您知道的。")
HAS_LOGIN = N_("密码里含有登录名。请换一个不含登录名的。")


def check_new(password: str, login: str) -> None:
    """Refuse a password that is too short, too long, too common or contains the login.

    Raises:
        WeakPassword: with a sentence that says what to do.
    """
    plain = password.lower()
    part = login.lower().partition("@")[0]
    if len(password) < LENGTH_MIN:
        raise WeakPassword(field="password", problem=TOO_SHORT)
    if len(password) > LENGTH_MAX:
        raise WeakPassword(field="password", problem=TOO_LONG)
    if plain in COMMON or len(set(plain)) <= 2:  # noqa: PLR2004 - one or two characters over and over
        raise WeakPassword(field="password", problem=TOO_COMMON)
    if len(part) >= LOGIN_PART_MIN and part in plain:
        raise WeakPassword(field="password", problem=HAS_LOGIN)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one argon2id hash costs: passes over the memory, memory in KiB, lanes."""

    passes: int
    memory_kib: int
    lanes: int = 1


COST = Cost(passes=3, memory_kib=32 * 1024)
"""Some 100 ms on a slow core and 32 MiB, so that sixteen sign-ins at once stay within half a gigabyte."""


class Hasher:
    """argon2id at one cost; hashes made at another are still verified, and made anew at the next sign-in."""

    def __init__(self, cost: Cost = COST) -> None:
        self._argon2 = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._nobody = self._argon2.hash("nobody's password")

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and cost inside."""
        return self._argon2.hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is right; without a kept hash the same work is done and the answer is no."""
        try:
            return self._argon2.verify(kept or self._nobody, password[:LENGTH_MAX]) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        """Whether a kept hash was made at another cost."""
        return self._argon2.check_needs_rehash(kept)
