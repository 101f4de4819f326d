"""The forms of accounts: each a struct with its labels."""

from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from marketplace.identity.rules import Right
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import Function, Role
from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Email, Name, Reason, Title
from marketplace.kit.i18n import N_
from marketplace.web.forms import Form, FormKind
from marketplace.web.i18n import sentence

T = TypeVar("T", bound=Struct)
Secret = Annotated[str, Meta(max_length=1000)]
Code = Annotated[str, Meta(max_length=40)]
Path = Annotated[str, Meta(max_length=2000)]


class SignInTyped(Struct, frozen=True):
    """Login and password; where to go afterwards."""

    login: Annotated[str, Meta(max_length=200)]
    password: Secret
    next: Path = ""


class CodeTyped(Struct, frozen=True):
    """A code of the second factor."""

    code: Code
    next: Path = ""


class LoginTyped(Struct, frozen=True):
    """A login whose password is forgotten."""

    login: Annotated[str, Meta(max_length=200)]


class NewPasswordTyped(Struct, frozen=True):
    """A new password by a link."""

    password: Secret


class Nothing(Struct, frozen=True):
    """A button without fields."""


class ChangeTyped(Struct, frozen=True):
    """A new password and the present one."""

    present_password: Secret
    password: Secret


class ConfirmTyped(Struct, frozen=True):
    """A first code of a new authenticator and the present password."""

    code: Code
    present_password: Secret


class PresentTyped(Struct, frozen=True):
    """The present password, asked for again."""

    present_password: Secret


class TokenTyped(Struct, frozen=True):
    """A new token for a program."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    days: Annotated[int, Meta(ge=1, le=366)]
    scopes: tuple[Right, ...]


class PersonTyped(Struct, frozen=True):
    """A person to be invited."""

    name: Name
    email: Email
    roles: tuple[Role, ...]
    login: Annotated[str, Meta(max_length=100)] = ""


class RolesTyped(Struct, frozen=True):
    """Other roles for a person, with the reason."""

    roles: tuple[Role, ...]
    reason: Reason


class ReasonTyped(Struct, frozen=True):
    """Why an administrator or a head does something."""

    reason: Reason


class OrganizationTyped(Struct, frozen=True):
    """A new organization."""

    name: Title
    kind: OrganizationKind
    functions: tuple[Function, ...]
    uscc: Annotated[str, Meta(max_length=40)] = ""
    short_name: Annotated[str, Meta(max_length=60)] = ""


class FunctionsTyped(Struct, frozen=True):
    """What an organization is in this market from now on, with the reason."""

    functions: tuple[Function, ...]
    reason: Reason


_LOGIN, _PASSWORD, _NEW, _PRESENT = N_("登录名"), N_("密码"), N_("新密码"), N_("当前密码")
_ADVICE = N_("至少 10 个字符，不含登录名。几个不相干的词连成一句，既好记又难猜。")
_ROLES, _REASON, _CODE = N_("岗位"), N_("原因"), N_("验证码")
SIGN_IN = FormKind(SignInTyped, {"login": _LOGIN, "password": _PASSWORD})
CODE = FormKind(CodeTyped, {"code": _CODE}, {"code": N_("验证器显示的 6 位数字；手机不在身边时填一个恢复码。")})
FIRST_CODE = FormKind(CodeTyped, {"code": _CODE}, {"code": N_("扫码后验证器显示的 6 位数字。")})
FORGOT = FormKind(LoginTyped, {"login": _LOGIN})
NEW_PASSWORD = FormKind(NewPasswordTyped, {"password": _NEW}, {"password": _ADVICE})
NOTHING = FormKind(Nothing, {})
CHANGE = FormKind(ChangeTyped, {"present_password": _PRESENT, "password": _NEW}, {"password": _ADVICE})
CONFIRM = FormKind(
    ConfirmTyped,
    {"code": _CODE, "present_password": _PRESENT},
    {"code": N_("扫码后验证器显示的 6 位数字。")},
)
PRESENT = FormKind(PresentTyped, {"present_password": _PRESENT})
TOKEN = FormKind(
    TokenTyped,
    {"name": N_("令牌名称"), "days": N_("有效天数"), "scopes": N_("权限")},
    {"name": N_("写明由哪个程序使用，例如「财务软件对账」。"), "days": N_("1 至 366 天。")},
)
PERSON = FormKind(
    PersonTyped,
    {"name": N_("姓名"), "email": N_("邮箱"), "login": _LOGIN, "roles": _ROLES},
    {"email": N_("邀请链接发到这个邮箱，7 天内有效。"), "login": N_("不填则用邮箱登录。")},
)
ROLES = FormKind(RolesTyped, {"roles": _ROLES, "reason": _REASON})
REASON = FormKind(ReasonTyped, {"reason": _REASON}, {"reason": N_("会记入日志，供审计查阅。")})
ORGANIZATION = FormKind(
    OrganizationTyped,
    {
        "name": N_("单位全称"),
        "short_name": N_("简称"),
        "kind": N_("单位类型"),
        "uscc": N_("统一社会信用代码"),
        "functions": N_("在平台上的身份"),
    },
    {"uscc": N_("18 位，见登记证书；个人捐赠者不填。"), "functions": N_("一个单位可以有几种身份。")},
)
FUNCTIONS = FormKind(FunctionsTyped, {"functions": N_("在平台上的身份"), "reason": _REASON})


def troubled(form: Form[T], refusal: DomainError) -> Form[T]:
    """The form with any refusal on it, also one that is not about what was typed: sign-in is never left for a page."""
    known = {"present": "present_password"}.get(refusal.field, refusal.field)
    form.errors[known if known in form.kind.labels else ""] = sentence(refusal)
    form.data = None
    return form


def plain(form: Form[Any]) -> Any:
    """The data of a form that was read without mistakes.

    Raises:
        ValueError: there is none.
    """
    if form.data is None:
        raise ValueError("the form holds no data")
    return form.data
