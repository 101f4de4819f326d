"""Refusals: every way in which the marketplace says no, with a sentence that says what to do."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from marketplace.kit.i18n import N_


class Kind(StrEnum):
    """What sort of refusal it is; the web maps each to one HTTP status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """A refusal by a rule of the domain, told to the user.

    A subclass sets ``kind``, ``code`` (stable, used by the API) and ``text``: a Chinese sentence, marked with ``N_``,
    whose ``{named}`` places are filled from ``params``. ``field`` names the form field the sentence belongs to.
    """

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str]
    text: ClassVar[str]

    def __init__(self, *, field: str = "", **params: object) -> None:
        self.field = field
        self.params = params
        super().__init__(field, params)

    def __str__(self) -> str:
        return self.text.format(**self.params)


class NotFound(DomainError):
    """No such thing, or none that this actor may know of."""

    kind, code = Kind.MISSING, "not_found"
    text = N_("没有找到您要的内容。它可能已被移走，或者不属于您所在的单位。")


class Forbidden(DomainError):
    """The actor's organization is concerned, but the actor's role has not this right."""

    kind, code = Kind.FORBIDDEN, "forbidden"
    text = N_("您的岗位没有「{right}」的权限。请由有此权限的同事办理，或联系系统管理员。")


class IllegalMove(DomainError):
    """The action is not in the table for the present state."""

    kind, code = Kind.CONFLICT, "illegal_move"
    text = N_("当前状态是「{state}」，不能「{action}」。请刷新页面查看最新状态。")


class Stale(DomainError):
    """Somebody else changed the thing since it was read."""

    kind, code = Kind.CONFLICT, "stale"
    text = N_("这份内容刚被他人修改过。请核对最新内容后再提交，您填写的内容仍在下面。")


class BadValue(DomainError):
    """A value does not have the form it must have."""

    kind, code = Kind.INVALID, "bad_value"
    text = N_("{problem}")


class Several(DomainError):
    """More than one refusal at once: what is missing is listed whole, never one at a time."""

    kind, code = Kind.INVALID, "several"
    text = N_("有 {count} 处需要补充或改正。")

    def __init__(self, errors: Iterable[DomainError]) -> None:
        self.errors = tuple(errors)
        super().__init__(count=len(self.errors))


def raise_all(errors: Iterable[DomainError]) -> None:
    """Raise nothing for none, the error itself for one, :class:`Several` for more.

    Raises:
        DomainError: the one error given.
        Several: more than one was given.
    """
    found = tuple(errors)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Several(found)
