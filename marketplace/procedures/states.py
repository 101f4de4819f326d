"""The words of purchasing law: methods, tiers, days and headings, each with its Chinese name."""

from enum import StrEnum

from marketplace.kit.i18n import N_


class MethodCode(StrEnum):
    """How a purchase may be made."""

    OPEN_TENDER = "open_tender"
    INVITED_TENDER = "invited_tender"
    COMPETITIVE_CONSULTATION = "competitive_consultation"
    COMPETITIVE_NEGOTIATION = "competitive_negotiation"
    INQUIRY = "inquiry"
    SINGLE_SOURCE = "single_source"
    FRAMEWORK = "framework"
    BELOW_THRESHOLD_COMPARISON = "below_threshold_comparison"


ANY_METHOD = "any"
"""What a rule says of its method when it holds for all."""


class Comparison(StrEnum):
    """How the number of a rule binds."""

    MIN = "min"
    MAX = "max"
    EXACTLY = "exactly"


class RuleUnit(StrEnum):
    """What the number of a rule counts; years, months and MMDD are counts named by the rule's id."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MINUTES = "minutes"
    COUNT = "count"
    PERCENT = "percent"
    FEN = "fen"


class Topic(StrEnum):
    """Under which heading a rule is shown."""

    PLANNING = "planning"
    QUALIFICATION = "qualification"
    THRESHOLD = "threshold"
    COMPARISON = "comparison"
    NOTICE = "notice"
    SUPPLIERS = "suppliers"
    PANEL = "panel"
    PRICE = "price"
    AWARD = "award"
    POLICY = "policy"
    CONTRACT = "contract"
    BOND = "bond"
    CHALLENGE = "challenge"
    PAYMENT = "payment"
    FRAMEWORK = "framework"
    PERFORMANCE = "performance"
    DONATION = "donation"
    ORGANIZATION = "organization"
    PRIVACY = "privacy"


TOPIC_NAMES = {
    Topic.PLANNING: N_("意向与需求"),
    Topic.QUALIFICATION: N_("资格与回避"),
    Topic.THRESHOLD: N_("限额与标准"),
    Topic.COMPARISON: N_("限额以下比选"),
    Topic.NOTICE: N_("公告与响应时间"),
    Topic.SUPPLIERS: N_("供应商数量"),
    Topic.PANEL: N_("评审小组"),
    Topic.PRICE: N_("价格与报价"),
    Topic.AWARD: N_("确定与公告"),
    Topic.POLICY: N_("扶持政策"),
    Topic.CONTRACT: N_("合同与档案"),
    Topic.BOND: N_("保证金"),
    Topic.CHALLENGE: N_("询问、质疑与投诉"),
    Topic.PAYMENT: N_("支付"),
    Topic.FRAMEWORK: N_("框架协议"),
    Topic.PERFORMANCE: N_("绩效评价"),
    Topic.DONATION: N_("慈善募捐与慰问"),
    Topic.ORGANIZATION: N_("社会组织管理"),
    Topic.PRIVACY: N_("个人信息与记录"),
}


class DayKind(StrEnum):
    """What a yearly notice says of a day."""

    HOLIDAY = "holiday"
    MAKEUP = "makeup"


class BandCode(StrEnum):
    """The tiers of amounts, lowest first."""

    SELF = "self"
    SMALL = "small"
    PUBLIC = "public"
    AGENCY = "agency"
    GOVERNMENT = "government"
    OPEN_TENDER = "open_tender"


BAND_NAMES = {
    BandCode.SELF: N_("自行采购"),
    BandCode.SMALL: N_("小额比选"),
    BandCode.PUBLIC: N_("公开比选"),
    BandCode.AGENCY: N_("代理机构公开比选"),
    BandCode.GOVERNMENT: N_("政府采购"),
    BandCode.OPEN_TENDER: N_("公开招标"),
}


class Standing(StrEnum):
    """May a method be used for an amount?"""

    USUAL = "usual"
    ALLOWED = "allowed"
    NEEDS_APPROVAL = "needs_approval"
    UNLAWFUL = "unlawful"


STANDING_NAMES = {
    Standing.USUAL: N_("通常采用"),
    Standing.ALLOWED: N_("可以采用"),
    Standing.NEEDS_APPROVAL: N_("须说明理由并经批准"),
    Standing.UNLAWFUL: N_("不得采用"),
}


class CountOutcome(StrEnum):
    """What follows from the number of suppliers that responded."""

    ENOUGH = "enough"
    ENOUGH_BY_EXCEPTION = "enough_by_exception"
    MAY_SWITCH = "may_switch"
    REPEAT = "repeat"
    MAY_NEGOTIATE = "may_negotiate"
    UNSUCCESSFUL = "unsuccessful"


class Event(StrEnum):
    """The days of a purchase that rules speak of, in their order."""

    INTENTION = "intention"
    PUBLISH = "publish"
    ANNOUNCED = "announced"
    HANDOUT_END = "handout_end"
    CLARIFY = "clarify"
    CLOSE = "close"
    OPEN = "open"
    REPORT = "report"
    CONFIRM = "confirm"
    NOTICE = "notice"
    SHOWN = "shown"
    CHALLENGE_END = "challenge_end"
    SIGN = "sign"
    CONTRACT_PUBLISHED = "contract_published"
    CONTRACT_FILED = "contract_filed"
    PERFORMED = "performed"
    ACCEPTED = "accepted"
    PAID = "paid"
    ARCHIVED = "archived"
    KEPT = "kept"


EVENT_NAMES = {
    Event.INTENTION: N_("公开采购意向"),
    Event.PUBLISH: N_("发布公告并发出文件"),
    Event.ANNOUNCED: N_("公告期限届满"),
    Event.HANDOUT_END: N_("文件提供期满"),
    Event.CLARIFY: N_("最后一次澄清修改"),
    Event.CLOSE: N_("响应截止"),
    Event.OPEN: N_("开启并评审"),
    Event.REPORT: N_("送交评审报告"),
    Event.CONFIRM: N_("确定供应商"),
    Event.NOTICE: N_("发出通知书并公告结果"),
    Event.SHOWN: N_("结果公示期满"),
    Event.CHALLENGE_END: N_("质疑期满"),
    Event.SIGN: N_("签订合同"),
    Event.CONTRACT_PUBLISHED: N_("合同公告"),
    Event.CONTRACT_FILED: N_("合同备案"),
    Event.PERFORMED: N_("服务期满"),
    Event.ACCEPTED: N_("履约验收"),
    Event.PAID: N_("付清款项"),
    Event.ARCHIVED: N_("资料归档"),
    Event.KEPT: N_("档案保存期满"),
}
