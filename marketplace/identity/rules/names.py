"""How names and logins are kept: cleaned, and with a key in pinyin to sort and search by."""

import re

from pypinyin import Style, lazy_pinyin

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_line, half_width

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,99}")


class BadLogin(DomainError):
    """A new login does not have the form of one."""

    kind, code = Kind.INVALID, "bad_login"
    text = N_("登录名只能用字母、数字和 . _ @ + -，以字母或数字开头，3 至 100 个字符。请改用邮箱或拼音。")


def pinyin_key(name: str) -> str:
    """The whole name in pinyin, lower case, to sort by."""
    return " ".join(lazy_pinyin(name)).lower()


def initials_key(name: str) -> str:
    """The first letters of a name in pinyin, to search by."""
    return "".join(part[:1] for part in lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


def plain_login(given: str) -> str:
    """A login as it is looked up, whatever was typed."""
    return clean_line(half_width(given)).lower()


def clean_login(given: str) -> str:
    """A new login as it is kept.

    Raises:
        BadLogin: it has not the form of a login.
    """
    login = plain_login(given)
    if not _LOGIN.fullmatch(login):
        raise BadLogin(field="login")
    return login
