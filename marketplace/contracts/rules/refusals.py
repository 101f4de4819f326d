"""Refusals around a contract from its draft to its publication, each with a sentence that says what to do."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class NotAwarded(DomainError):
    """There is no published award to make a contract of."""

    kind, code = Kind.CONFLICT, "not_awarded"
    text = N_("这个项目还没有公告的采购结果，不能起草合同。请先确定承接主体并公告结果。")


class ContractExists(DomainError):
    """The project has a contract already."""

    kind, code = Kind.CONFLICT, "contract_exists"
    text = N_("这个项目已有合同。请打开已有的合同办理；确需重来的，先取消它。")


class NotCovered(DomainError):
    """Less money is set aside for the project than the awarded price."""

    kind, code = Kind.CONFLICT, "price_not_covered"
    text = N_("为项目占用的资金比成交价少 {short} 元，不能起草合同。请先核对项目的资金占用。")


class ClauseMissing(DomainError):
    """One of the eight clauses says nothing."""

    kind, code = Kind.INVALID, "clause_missing"
    text = N_("第 {number} 条「{clause}」还没有写。合同的八项必备条款缺一不可，请补写。")


class PriceNotNamed(DomainError):
    """The clause about the price does not name the awarded price in figures and capitals."""

    kind, code = Kind.INVALID, "price_not_named"
    text = N_("价格条款要写明成交价：{words}。请按此改正，价格以采购结果为准。")


class UnprintableClause(DomainError):
    """A clause has characters that no font of ours can print."""

    kind, code = Kind.INVALID, "unprintable_clause"
    text = N_("「{clause}」里有打印不出的字符：{characters}。请换一种写法。")


class ServiceTermMissing(DomainError):
    """The contract does not say from when to when the service runs."""

    kind, code = Kind.INVALID, "service_term_missing"
    text = N_("请填写服务的起止日期。")


class ServiceEndsEarly(DomainError):
    """The service would end before it begins."""

    kind, code = Kind.INVALID, "service_ends_early"
    text = N_("服务结束日期早于开始日期 {begin}。请改正。")


class ServiceOver(DomainError):
    """The service would be over before the contract is even handed in."""

    kind, code = Kind.INVALID, "service_over"
    text = N_("服务结束日期 {end} 已经过去。请按实际服务时间改正。")


class ServiceTooLong(DomainError):
    """The service lasts longer than any contract may."""

    kind, code = Kind.INVALID, "service_too_long"
    text = N_("合同期最长 {years} 年（{basis}）。请缩短服务期。")


class LongTermNotPlanned(DomainError):
    """The project did not say that its contract would run so long."""

    kind, code = Kind.INVALID, "long_term_not_planned"
    text = N_("合同期超过 {years} 年，而采购文件没有写明理由（{basis}）。请把服务期缩短到 {years} 年以内。")


class MilestoneDayMissing(DomainError):
    """A milestone has no day."""

    kind, code = Kind.INVALID, "milestone_day_missing"
    text = N_("请填写里程碑「{title}」的计划日期。")


class MilestoneDayPast(DomainError):
    """What is to be delivered would be late before the contract is even handed in."""

    kind, code = Kind.INVALID, "milestone_day_past"
    text = N_("里程碑「{title}」的日期 {day} 已经过去。请填写今天或以后的日期。")


class MilestoneDaysOutOfOrder(DomainError):
    """A milestone is dated before the one above it."""

    kind, code = Kind.INVALID, "milestone_days_out_of_order"
    text = N_("里程碑「{title}」的日期早于上一个里程碑的 {before}。请按时间先后填写。")


class ContractChanged(DomainError):
    """What is to be signed is not what was read."""

    kind, code = Kind.CONFLICT, "contract_changed"
    text = N_("合同正文在您打开之后已经更换，摘要不一致，没有签订。请重新阅读最新文本，再签订。")


class TooEarlyToSign(DomainError):
    """The period after the result is not over."""

    kind, code = Kind.CONFLICT, "too_early_to_sign"
    text = N_("结果公示期未满，{at} 起才能签订合同。请到时再来，合同内容已保存。")


class ResultPending(DomainError):
    """The result is not published, so the day from which one may sign is not known."""

    kind, code = Kind.CONFLICT, "result_pending"
    text = N_("采购结果还没有公告，不能签订合同。请先公告结果。")


class AlreadySigned(DomainError):
    """This party has signed."""

    kind, code = Kind.CONFLICT, "already_signed"
    text = N_("「{side}」已经签订，不用再签。请等待另一方。")


class AlreadyPublished(DomainError):
    """The contract's notice hangs already."""

    kind, code = Kind.CONFLICT, "contract_already_published"
    text = N_("合同已经公告，不用再办。可以在项目页面查看。")
