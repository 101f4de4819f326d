"""The forms of the register."""

from datetime import date

from msgspec import Struct

from marketplace.kit.i18n import N_
from marketplace.suppliers.schemas import Bank, NewCheck, NewDebarment, NewReport, Profile, Registration
from marketplace.suppliers.states import NATURE_LABELS, REGISTRABLE, RESULT_LABELS, YEARLY_LABELS, CheckResult, Nature
from marketplace.web.forms import FormKind
from marketplace.web.i18n import gettext
from marketplace.web.suppliers.views import FIELD_LABELS

_HINTS = {
    "name": N_("与登记证书上的名称完全一致。"),
    "supervising_unit": N_("没有业务主管单位的，不填。"),
    "service_scope": N_("照登记证书或章程填写。"),
    "legal_representative": N_("只用于核对，不公开。"),
    "contact_phone": N_("手机，或带区号的固定电话，例如 0826-2000000。不公开。"),
    "contact_email": N_("审核结果和到期提醒发到这里。不公开。"),
    "serves_minors": N_("直接接触未成年人的岗位，须每年查询工作人员的违法犯罪记录（未成年人保护法第六十二条）。"),
    "registrar": N_("颁发登记证书的机关，例如某某区民政局。"),
    "rating_grade": N_("没有参加评估的，不填。等级如实展示，不作为加分条件。"),
    "reason": N_("例如：已变更登记，新证书已上传。"),
}
REGISTRATION = FormKind(
    Registration,
    labels={
        "uscc": N_("统一社会信用代码"),
        **{name: FIELD_LABELS[name] for name in ("nature", "name", "legal_representative", "supervising_unit")},
        **{name: FIELD_LABELS[name] for name in ("service_scope", "contact_name", "contact_phone", "contact_email")},
        "login": N_("登录名"),
        "password": N_("密码"),
        "declared": N_("本组织不是公益一类事业单位，也不是使用事业编制且由财政拨款保障的群团组织"),
    },
    hints={
        **_HINTS,
        "uscc": N_("18 位，见登记证书。可以直接粘贴，全角字符和空格会自动整理。"),
        "contact_name": N_("也是第一个账号的使用人，之后可以邀请同事。"),
        "login": N_("不填就用联系邮箱登录。"),
        "password": N_("至少 10 个字符，可以是一句话。"),
        "declared": N_("依据：政府购买服务管理办法（财政部令第102号）第六条、第八条（待核对原文）。"),
    },
)
_PROFILE_ORDER = (
    "name", "nature", "legal_representative", "supervising_unit", "registrar", "region", "address", "founded_on",
    "staff_count", "service_scope", "services", "serves_minors", "rating_grade", "rating_until",
    "contact_name", "contact_phone", "contact_email",
)  # fmt: skip


class ProfileTyped(Profile, frozen=True, kw_only=True):
    """An organization's data with what goes with the form: the revision that was read, and why they change."""

    revision: int = 0
    reason: str = ""
    declared: bool = False


PROFILE = FormKind(
    ProfileTyped,
    labels={
        **{name: FIELD_LABELS[name] for name in _PROFILE_ORDER},
        "reason": N_("变更说明"),
        "declared": REGISTRATION.labels["declared"],
    },
    hints={
        **_HINTS,
        "region": N_("6 位行政区划代码；不填按统一社会信用代码。"),
        "declared": REGISTRATION.hints["declared"],
    },
)


class BankTyped(Bank, frozen=True, kw_only=True):
    """An account with what goes with the form."""

    revision: int = 0
    reason: str = ""


BANK = FormKind(
    BankTyped,
    labels={
        "bank_name": FIELD_LABELS["bank_name"],
        "account_name": FIELD_LABELS["account_name"],
        "account_number": N_("账号"),
        "reason": N_("变更说明"),
    },
    hints={
        "bank_name": N_("写到支行，例如某某银行广安支行。"),
        "account_name": N_("必须与组织名称一致。"),
        "account_number": N_("加密保存，页面上只显示末四位。"),
    },
)


class ProofTyped(Struct, frozen=True, kw_only=True):
    """For which item a proof is handed in; the file comes beside it."""

    kind: str


PROOF = FormKind(ProofTyped, labels={"kind": N_("核对项目")})


class ChecksTyped(Struct, frozen=True, kw_only=True):
    """What was found of every item, row by row."""

    checks: tuple[NewCheck, ...] = ()


CHECKS = FormKind(
    ChecksTyped,
    labels={
        "checks": N_("核对结果"),
        "checks.kind": N_("核对项目"),
        "checks.result": N_("结果"),
        "checks.source": N_("核对来源"),
        "checks.checked_on": N_("核对日期"),
        "checks.valid_to": N_("有效期至"),
        "checks.note": N_("说明"),
        "checks.file": N_("补充截图或文件"),
    },
)


class ReasonTyped(Struct, frozen=True, kw_only=True):
    """Why, and the revision that was looked at."""

    reason: str = ""
    revision: int = 0


REASON = FormKind(ReasonTyped, labels={"reason": N_("理由")}, hints={"reason": N_("写明对方接下来要做什么。")})


class DebarmentTyped(NewDebarment, frozen=True, kw_only=True):
    """A debarment as it is typed."""

    from_on: date


DEBARMENT = FormKind(
    DebarmentTyped,
    labels={
        "source": N_("决定机关"),
        "reference": N_("文号"),
        "reason": N_("事由"),
        "from_on": N_("起始日期"),
        "to_on": N_("截止日期"),
    },
    hints={"to_on": N_("不填表示直到解除。")},
)


REPORT = FormKind(
    NewReport,
    labels={"year": N_("年度"), "state": N_("结论"), "source": N_("来源"), "note": N_("说明")},
    hints={"source": N_("例如登记机关的年报公告。")},
)
NO_FILE = N_("请先选择文件，再上传。")


def report_items() -> list[tuple[str, str]]:
    """The results a yearly report may have."""
    return [(state.value, gettext(label)) for state, label in YEARLY_LABELS.items()]


def nature_items() -> list[tuple[str, str]]:
    """Every nature to choose from, also those that are refused with their reason."""
    ordered = [*(nature for nature in Nature if nature in REGISTRABLE), *(n for n in Nature if n not in REGISTRABLE)]
    return [(nature.value, gettext(NATURE_LABELS[nature])) for nature in ordered]


def result_items(*, pledge: bool) -> list[tuple[str, str]]:
    """The results a check may have."""
    offered = [result for result in CheckResult if pledge or result is not CheckResult.PLEDGED]
    return [(result.value, gettext(RESULT_LABELS[result])) for result in offered]
