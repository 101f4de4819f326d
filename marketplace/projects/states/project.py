"""The life of a service project up to its award, and the words its parts are described in."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class ProjectState(StrEnum):
    """Where a project stands. Contract, delivery and settlement are states of their own packages."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    OPEN = "open"
    EVALUATION = "evaluation"
    AWARDED = "awarded"
    CANCELLED = "cancelled"
    UNSUCCESSFUL = "unsuccessful"


class ProjectAction(StrEnum):
    """What is done to a project."""

    EDIT = "edit"
    PREPARE = "prepare"
    INTEND = "intend"
    SUBMIT = "submit"
    REVIEW = "review"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    AMEND = "amend"
    ASK = "ask"
    ANSWER = "answer"
    CLOSE = "close"
    FAIL = "fail"
    AWARD = "award"
    CANCEL = "cancel"


_S, _A = ProjectState, ProjectAction

PROJECT = Machine(
    name="project",
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.EDIT): _S.DRAFT,
        (_S.DRAFT, _A.PREPARE): _S.DRAFT,
        (_S.DRAFT, _A.INTEND): _S.DRAFT,
        (_S.DRAFT, _A.SUBMIT): _S.SUBMITTED,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.SUBMITTED, _A.PREPARE): _S.SUBMITTED,
        (_S.SUBMITTED, _A.INTEND): _S.SUBMITTED,
        (_S.SUBMITTED, _A.REVIEW): _S.SUBMITTED,
        (_S.SUBMITTED, _A.RETURN): _S.DRAFT,
        (_S.SUBMITTED, _A.APPROVE): _S.APPROVED,
        (_S.SUBMITTED, _A.CANCEL): _S.CANCELLED,
        (_S.APPROVED, _A.PREPARE): _S.APPROVED,
        (_S.APPROVED, _A.INTEND): _S.APPROVED,
        (_S.APPROVED, _A.RETURN): _S.DRAFT,
        (_S.APPROVED, _A.PUBLISH): _S.OPEN,
        (_S.APPROVED, _A.CANCEL): _S.CANCELLED,
        (_S.OPEN, _A.AMEND): _S.OPEN,
        (_S.OPEN, _A.ASK): _S.OPEN,
        (_S.OPEN, _A.ANSWER): _S.OPEN,
        (_S.OPEN, _A.CLOSE): _S.EVALUATION,
        (_S.OPEN, _A.FAIL): _S.UNSUCCESSFUL,
        (_S.OPEN, _A.CANCEL): _S.CANCELLED,
        (_S.EVALUATION, _A.AWARD): _S.AWARDED,
        (_S.EVALUATION, _A.FAIL): _S.UNSUCCESSFUL,
        (_S.EVALUATION, _A.CANCEL): _S.CANCELLED,
    },
    labels={
        _S.DRAFT: N_("起草中"),
        _S.SUBMITTED: N_("待审批"),
        _S.APPROVED: N_("待发布"),
        _S.OPEN: N_("征集中"),
        _S.EVALUATION: N_("评审中"),
        _S.AWARDED: N_("已确定承接主体"),
        _S.CANCELLED: N_("已终止"),
        _S.UNSUCCESSFUL: N_("未成交"),
        _A.EDIT: N_("修改项目"),
        _A.PREPARE: N_("登记采购准备材料"),
        _A.INTEND: N_("公开采购意向"),
        _A.SUBMIT: N_("提交审批"),
        _A.REVIEW: N_("审查项目"),
        _A.RETURN: N_("退回修改"),
        _A.APPROVE: N_("批准项目"),
        _A.PUBLISH: N_("发布公告"),
        _A.AMEND: N_("发布更正"),
        _A.ASK: N_("提问"),
        _A.ANSWER: N_("答复提问"),
        _A.CLOSE: N_("截止并开启"),
        _A.FAIL: N_("公告未成交"),
        _A.AWARD: N_("确定承接主体"),
        _A.CANCEL: N_("终止项目"),
    },
)
"""The whole law of a project's moves until its award."""

PUBLIC_STATES = frozenset({_S.OPEN, _S.EVALUATION, _S.AWARDED, _S.UNSUCCESSFUL})
"""States that only a published project can be in; a cancelled one may have been public or not."""


class CriterionKind(StrEnum):
    """How a criterion earns its points."""

    PRICE = "price"
    QUALITY = "quality"


CRITERION_NAMES = {CriterionKind.PRICE: N_("价格"), CriterionKind.QUALITY: N_("服务与能力")}


class ConditionKind(StrEnum):
    """Where a qualification condition comes from."""

    GENERAL = "general"
    PROJECT = "project"
    MINORS = "minors"


CONDITION_NAMES = {
    ConditionKind.GENERAL: N_("法定条件"),
    ConditionKind.PROJECT: N_("项目条件"),
    ConditionKind.MINORS: N_("涉未成年人"),
}


class MilestoneKind(StrEnum):
    """What a payment waits for: nothing but the signature, or something delivered and accepted."""

    ADVANCE = "advance"
    DELIVERABLE = "deliverable"


MILESTONE_NAMES = {MilestoneKind.ADVANCE: N_("首付款"), MilestoneKind.DELIVERABLE: N_("成果验收后付")}


class NoticeKind(StrEnum):
    """Legal notices that hang on a project's page; the first two come before it is public."""

    INTENTION = "intention"
    SINGLE_SOURCE = "single_source"
    TENDER = "tender"
    AMENDMENT = "amendment"
    CANCELLATION = "cancellation"
    UNSUCCESSFUL = "unsuccessful"
    RESULT = "result"
    CONTRACT = "contract"
    ACCEPTANCE = "acceptance"


NOTICE_NAMES = {
    NoticeKind.INTENTION: N_("采购意向"),
    NoticeKind.SINGLE_SOURCE: N_("单一来源公示"),
    NoticeKind.TENDER: N_("采购公告"),
    NoticeKind.AMENDMENT: N_("更正公告"),
    NoticeKind.CANCELLATION: N_("终止公告"),
    NoticeKind.UNSUCCESSFUL: N_("未成交公告"),
    NoticeKind.RESULT: N_("结果公告"),
    NoticeKind.CONTRACT: N_("合同公告"),
    NoticeKind.ACCEPTANCE: N_("验收公告"),
}


class PublicKind(StrEnum):
    """What the change feed tells everybody: each legal notice, each answer, and the opening."""

    INTENTION = "intention"
    SINGLE_SOURCE = "single_source"
    TENDER = "tender"
    AMENDMENT = "amendment"
    ANSWER = "answer"
    OPENING = "opening"
    CANCELLATION = "cancellation"
    UNSUCCESSFUL = "unsuccessful"
    RESULT = "result"
    CONTRACT = "contract"
    ACCEPTANCE = "acceptance"


PUBLIC_NAMES = {
    **{PublicKind(kind): name for kind, name in NOTICE_NAMES.items()},
    PublicKind.ANSWER: N_("答复公开"),
    PublicKind.OPENING: N_("响应文件开启"),
}


EARLY_KINDS = frozenset({PublicKind.INTENTION, PublicKind.SINGLE_SOURCE})
"""What is told of a project before it is public: a few facts of its own, never the draft's."""


class Frequency(StrEnum):
    """How often somebody wants to hear of what they follow."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


FREQUENCY_NAMES = {
    Frequency.AT_ONCE: N_("有变化就告诉我"),
    Frequency.DAILY: N_("每天一次（早上 8 点）"),
    Frequency.WEEKLY: N_("每周一次（周一早上 8 点）"),
}


class FileKind(StrEnum):
    """What an attached file is; the first ones are for everybody once the project is published."""

    TENDER_DOCUMENT = "tender_document"
    ATTACHMENT = "attachment"
    MANDATE = "mandate"
    MINUTES = "minutes"
    SURVEY = "survey"
    INTERNAL = "internal"


FILE_NAMES = {
    FileKind.TENDER_DOCUMENT: N_("采购文件"),
    FileKind.ATTACHMENT: N_("采购文件附件"),
    FileKind.MANDATE: N_("委托书"),
    FileKind.MINUTES: N_("会议纪要"),
    FileKind.SURVEY: N_("需求调查材料"),
    FileKind.INTERNAL: N_("内部材料"),
}
PUBLIC_FILES = frozenset({FileKind.TENDER_DOCUMENT, FileKind.ATTACHMENT})


class NegativeQuestion(StrEnum):
    """What may not be bought as a service: six questions, each to be answered with no.

    Source:
        102号令第十条 (△).
    """

    NOT_DUTY = "not_duty"
    DIRECT_DUTY = "direct_duty"
    GOODS_OR_WORKS = "goods_or_works"
    FINANCING = "financing"
    HIRING = "hiring"
    OTHER = "other"


NEGATIVE_QUESTIONS = {
    NegativeQuestion.NOT_DUTY: N_("是否不属于购买主体的职责范围？"),
    NegativeQuestion.DIRECT_DUTY: N_("是否属于应当由购买主体直接履行的职责？"),
    NegativeQuestion.GOODS_OR_WORKS: N_("是否实为货物、工程，或工程与服务打包？"),
    NegativeQuestion.FINANCING: N_("是否含有融资、垫资？"),
    NegativeQuestion.HIRING: N_("是否实为招用人员、劳务派遣或设置公益性岗位？"),
    NegativeQuestion.OTHER: N_("是否有法律法规和国家规定不得购买的其他情形？"),
}
