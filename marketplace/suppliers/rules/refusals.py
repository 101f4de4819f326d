"""What the register refuses besides wrong codes and incomplete checks."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class SelfQualified(DomainError):
    """Whoever registered or handed in an application does not decide on it."""

    kind, code = Kind.FORBIDDEN, "self_qualified"
    text = N_("这份申请由您登记或提交，不能由您审核。请由另一位同事办理。")


class PayeeDiffers(DomainError):
    """The account belongs to somebody else."""

    kind, code = Kind.INVALID, "payee_differs"
    text = N_("户名「{given}」与组织名称「{name}」不一致。收款账户必须是本组织的对公账户，请核对开户证明。")


class BadAccount(DomainError):
    """What was typed is no account number."""

    kind, code = Kind.INVALID, "bad_account"
    text = N_("银行账号应为 8 到 32 位数字。请对照开户证明重填。")


class BankMissing(DomainError):
    """There is no account to pay to."""

    kind, code = Kind.INVALID, "bank_missing"
    text = N_("请填写收款账户：开户行、户名和账号。")


class ServicesMissing(DomainError):
    """No service is chosen."""

    kind, code = Kind.INVALID, "services_missing"
    text = N_("请至少选择一类能够承接的服务。")


class ScopeMissing(DomainError):
    """The business scope is not filled in."""

    kind, code = Kind.INVALID, "scope_missing"
    text = N_("请填写业务范围，与登记证书或章程一致。")


class RatingHalf(DomainError):
    """A grade without its end, or an end without a grade."""

    kind, code = Kind.INVALID, "rating_half"
    text = N_("评估等级和有效期截止日请一并填写；没有参加评估的，两项都不填。")


class UnknownService(DomainError):
    """A service code that the catalogue in force does not have."""

    kind, code = Kind.INVALID, "unknown_service"
    text = N_("服务目录中没有 {codes}。请从列出的类别中选择。")


class NothingChanged(DomainError):
    """A change was proposed that changes nothing."""

    kind, code = Kind.INVALID, "nothing_changed"
    text = N_("内容与现有资料相同，没有需要审核的变更。")


class DaysReversed(DomainError):
    """A period ends before it begins."""

    kind, code = Kind.INVALID, "days_reversed"
    text = N_("截止日期不能早于开始日期。")


class LiftedAlready(DomainError):
    """A debarment was lifted before."""

    kind, code = Kind.CONFLICT, "lifted_already"
    text = N_("这条记录已经解除。请刷新页面查看最新状态。")


class UnknownItem(DomainError):
    """There is no such item on the readiness list."""

    kind, code = Kind.INVALID, "unknown_item"
    text = N_("核对清单中没有「{item}」这一项。请从列出的项目中选择。")


class ForeignProof(DomainError):
    """The proof that a check names belongs to another item or organization."""

    kind, code = Kind.INVALID, "foreign_proof"
    text = N_("所选的证明材料不属于「{item}」。请从这一项的材料中选择。")


class UnreadableTable(DomainError):
    """The file is no table we can read."""

    kind, code = Kind.INVALID, "unreadable_table"
    text = N_("无法读取这个文件。请用 Excel 或 WPS 另存为 .xlsx 后再上传。")


class HeadingMissing(DomainError):
    """A table lacks a column."""

    kind, code = Kind.INVALID, "heading_missing"
    text = N_("表格第一行缺少列：{columns}。请使用页面上的模板。")


class ReasonMissing(DomainError):
    """A decision that somebody must act on gives no reason."""

    kind, code = Kind.INVALID, "reason_missing"
    text = N_("请写明理由，让对方知道接下来要做什么。")


class TooManyLines(DomainError):
    """A table has more rows than one import takes."""

    kind, code = Kind.INVALID, "too_many_lines"
    text = N_("表格超过 {limit} 行。请分几个文件导入。")
