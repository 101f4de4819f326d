"""The words of what comes before a notice: what is asked, by when, and how it was done."""

from enum import StrEnum

from marketplace.kit.i18n import N_


class Preparation(StrEnum):
    """What may have to be there before a project goes on."""

    MANDATE = "mandate"
    PRE_EVALUATION = "pre_evaluation"
    SURVEY = "survey"
    PUBLIC_OPINION = "public_opinion"
    SOLE_SOURCE = "sole_source"
    GENERAL_REVIEW = "general_review"
    KEY_REVIEW = "key_review"
    MINUTES = "minutes"
    PLAN_FILING = "plan_filing"
    INTENTION = "intention"
    PUBLICITY = "publicity"
    INVITATION = "invitation"


PREPARATION_NAMES = {
    Preparation.MANDATE: N_("委托书"),
    Preparation.PRE_EVALUATION: N_("事前评估"),
    Preparation.SURVEY: N_("需求调查"),
    Preparation.PUBLIC_OPINION: N_("征求社会公众意见"),
    Preparation.SOLE_SOURCE: N_("单一来源的理由和供应商"),
    Preparation.GENERAL_REVIEW: N_("一般性审查"),
    Preparation.KEY_REVIEW: N_("重点审查"),
    Preparation.MINUTES: N_("立项会议纪要"),
    Preparation.PLAN_FILING: N_("采购实施计划备案"),
    Preparation.INTENTION: N_("采购意向公开"),
    Preparation.PUBLICITY: N_("单一来源公示"),
    Preparation.INVITATION: N_("随机抽取受邀供应商"),
}


class By(StrEnum):
    """The step that something must come before."""

    SUBMIT = "submit"
    APPROVE = "approve"
    PUBLISH = "publish"


BY_NAMES = {By.SUBMIT: N_("提交审批前"), By.APPROVE: N_("批准前"), By.PUBLISH: N_("发布公告前")}


class AskedHow(StrEnum):
    """How a market respondent was asked."""

    VISIT = "visit"
    MEETING = "meeting"
    LETTER = "letter"
    PHONE = "phone"
    ONLINE = "online"


ASKED_NAMES = {
    AskedHow.VISIT: N_("实地走访"),
    AskedHow.MEETING: N_("座谈"),
    AskedHow.LETTER: N_("书面征询"),
    AskedHow.PHONE: N_("电话"),
    AskedHow.ONLINE: N_("网上问卷"),
}


class ReviewFunction(StrEnum):
    """From which side a project is reviewed; the last one only in a key review.

    Source:
        需求办法第三十条、第三十一条.
    """

    PURCHASING = "purchasing"
    FINANCE = "finance"
    BUSINESS = "business"
    SUPERVISION = "supervision"
    LEGAL = "legal"


FUNCTION_NAMES = {
    ReviewFunction.PURCHASING: N_("采购"),
    ReviewFunction.FINANCE: N_("财务"),
    ReviewFunction.BUSINESS: N_("业务"),
    ReviewFunction.SUPERVISION: N_("监督"),
    ReviewFunction.LEGAL: N_("法律顾问"),
}


class ExemptGround(StrEnum):
    """Why an intention need not be public beforehand."""

    SMALL = "small"
    URGENT = "urgent"


EXEMPT_NAMES = {
    ExemptGround.SMALL: N_("小额零星采购"),
    ExemptGround.URGENT: N_("不可预见的紧急需要"),
}


class SoleGround(StrEnum):
    """The three lawful grounds of buying from one supplier.

    Source:
        采购法第三十一条.
    """

    ONLY_ONE = "only_one"
    EMERGENCY = "emergency"
    CONTINUITY = "continuity"


SOLE_NAMES = {
    SoleGround.ONLY_ONE: N_("只能从唯一供应商处采购"),
    SoleGround.EMERGENCY: N_("发生不可预见的紧急情况，不能从其他供应商处采购"),
    SoleGround.CONTINUITY: N_("须与原采购项目一致或配套，继续向原供应商添购"),
}
