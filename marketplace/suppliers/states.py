"""Kinds of supplier, the states of a registration and of a change to it, with their moves, and results of checks."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class SupplierType(StrEnum):
    """The six kinds of supplier the law names.

    Source:
        政府购买服务管理办法（财政部令第102号）第六条 (to be confirmed).
    """

    ENTERPRISE = "enterprise"
    SOCIAL_ORGANIZATION = "social_organization"
    PUBLIC_INSTITUTION = "public_institution"
    RURAL_COLLECTIVE = "rural_collective"
    GRASSROOTS = "grassroots"
    INDIVIDUAL = "individual"


TYPE_LABELS = {
    SupplierType.ENTERPRISE: N_("依法成立的企业"),
    SupplierType.SOCIAL_ORGANIZATION: N_("社会组织"),
    SupplierType.PUBLIC_INSTITUTION: N_("公益二类和从事生产经营活动的事业单位"),
    SupplierType.RURAL_COLLECTIVE: N_("农村集体经济组织"),
    SupplierType.GRASSROOTS: N_("基层群众性自治组织"),
    SupplierType.INDIVIDUAL: N_("具备条件的个人"),
}


class Nature(StrEnum):
    """What an organization says it is; some natures are asked for so that the refusal can name the reason."""

    SOCIAL_GROUP = "social_group"
    SOCIAL_SERVICE_AGENCY = "social_service_agency"
    FOUNDATION = "foundation"
    ENTERPRISE = "enterprise"
    INSTITUTION_CLASS_TWO = "institution_class_two"
    INSTITUTION_BUSINESS = "institution_business"
    RURAL_COLLECTIVE = "rural_collective"
    GRASSROOTS = "grassroots"
    INSTITUTION_CLASS_ONE = "institution_class_one"
    MASS_ORGANIZATION = "mass_organization"
    GOVERNMENT = "government"
    INDIVIDUAL = "individual"


_T, _N = SupplierType, Nature
TYPE_OF = {
    _N.SOCIAL_GROUP: _T.SOCIAL_ORGANIZATION,
    _N.SOCIAL_SERVICE_AGENCY: _T.SOCIAL_ORGANIZATION,
    _N.FOUNDATION: _T.SOCIAL_ORGANIZATION,
    _N.ENTERPRISE: _T.ENTERPRISE,
    _N.INSTITUTION_CLASS_TWO: _T.PUBLIC_INSTITUTION,
    _N.INSTITUTION_BUSINESS: _T.PUBLIC_INSTITUTION,
    _N.RURAL_COLLECTIVE: _T.RURAL_COLLECTIVE,
    _N.GRASSROOTS: _T.GRASSROOTS,
    _N.INDIVIDUAL: _T.INDIVIDUAL,
}
"""Which of the six each nature is; a nature that is missing here may not supply at all."""
SOCIAL = frozenset({_N.SOCIAL_GROUP, _N.SOCIAL_SERVICE_AGENCY, _N.FOUNDATION})
REGISTRABLE = frozenset(TYPE_OF) - {_N.INDIVIDUAL}
"""Natures that register by themselves; an individual is taken in at the counter."""
NATURE_LABELS = {
    _N.SOCIAL_GROUP: N_("社会团体（代码 51 开头）"),
    _N.SOCIAL_SERVICE_AGENCY: N_("社会服务机构、民办非企业单位（代码 52 开头）"),
    _N.FOUNDATION: N_("基金会（代码 53 开头）"),
    _N.ENTERPRISE: N_("企业"),
    _N.INSTITUTION_CLASS_TWO: N_("公益二类事业单位"),
    _N.INSTITUTION_BUSINESS: N_("从事生产经营活动的事业单位"),
    _N.RURAL_COLLECTIVE: N_("农村集体经济组织"),
    _N.GRASSROOTS: N_("基层群众性自治组织（村、居民委员会）"),
    _N.INSTITUTION_CLASS_ONE: N_("公益一类事业单位"),
    _N.MASS_ORGANIZATION: N_("使用事业编制且由财政拨款保障的群团组织"),
    _N.GOVERNMENT: N_("机关"),
    _N.INDIVIDUAL: N_("个人承接者"),
}


class SupplierState(StrEnum):
    """Where an organization stands in the register."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    QUALIFIED = "qualified"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SupplierAction(StrEnum):
    """What may happen to a registration."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    CHECK = "check"
    QUALIFY = "qualify"
    PROPOSE = "propose"
    SUSPEND = "suspend"
    EXPIRE = "expire"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_S, _A = SupplierState, SupplierAction
SUPPLIER = Machine(
    name="supplier",
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.EDIT): _S.DRAFT,
        (_S.DRAFT, _A.SUBMIT): _S.SUBMITTED,
        (_S.DRAFT, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.SUBMITTED, _A.CHECK): _S.SUBMITTED,
        (_S.SUBMITTED, _A.RETURN): _S.RETURNED,
        (_S.SUBMITTED, _A.QUALIFY): _S.QUALIFIED,
        (_S.SUBMITTED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.RETURNED, _A.EDIT): _S.RETURNED,
        (_S.RETURNED, _A.SUBMIT): _S.SUBMITTED,
        (_S.RETURNED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.QUALIFIED, _A.CHECK): _S.QUALIFIED,
        (_S.QUALIFIED, _A.PROPOSE): _S.QUALIFIED,
        (_S.QUALIFIED, _A.SUSPEND): _S.SUSPENDED,
        (_S.QUALIFIED, _A.EXPIRE): _S.EXPIRED,
        (_S.QUALIFIED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.SUSPENDED, _A.CHECK): _S.SUSPENDED,
        (_S.SUSPENDED, _A.PROPOSE): _S.SUSPENDED,
        (_S.SUSPENDED, _A.REINSTATE): _S.QUALIFIED,
        (_S.SUSPENDED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.EXPIRED, _A.CHECK): _S.EXPIRED,
        (_S.EXPIRED, _A.PROPOSE): _S.EXPIRED,
        (_S.EXPIRED, _A.SUSPEND): _S.SUSPENDED,
        (_S.EXPIRED, _A.REINSTATE): _S.QUALIFIED,
        (_S.EXPIRED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.WITHDRAWN, _A.REOPEN): _S.DRAFT,
    },
    labels={
        _S.DRAFT: N_("填写中"),
        _S.SUBMITTED: N_("待审核"),
        _S.RETURNED: N_("退回补正"),
        _S.QUALIFIED: N_("已入库"),
        _S.SUSPENDED: N_("已暂停"),
        _S.EXPIRED: N_("资格到期"),
        _S.WITHDRAWN: N_("已退出"),
        _A.EDIT: N_("修改资料"),
        _A.SUBMIT: N_("提交审核"),
        _A.RETURN: N_("退回补正"),
        _A.CHECK: N_("记录核对结果"),
        _A.QUALIFY: N_("通过入库"),
        _A.PROPOSE: N_("申请变更"),
        _A.SUSPEND: N_("暂停资格"),
        _A.EXPIRE: N_("资格到期"),
        _A.REINSTATE: N_("恢复资格"),
        _A.WITHDRAW: N_("退出名录"),
        _A.REOPEN: N_("重新申请"),
    },
)
LISTED = (SupplierState.QUALIFIED, SupplierState.SUSPENDED, SupplierState.EXPIRED)
"""States in which the public directory shows an organization."""


class ChangeSubject(StrEnum):
    """What a change is about."""

    PROFILE = "profile"
    BANK = "bank"


SUBJECT_LABELS = {ChangeSubject.PROFILE: N_("基本资料"), ChangeSubject.BANK: N_("收款账户")}


class ChangeState(StrEnum):
    """Where a proposed change of reviewed data stands; the old data hold until it is accepted."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class ChangeAction(StrEnum):
    """What may happen to a proposed change."""

    RETURN = "return"
    RESUBMIT = "resubmit"
    ACCEPT = "accept"
    WITHDRAW = "withdraw"


_C, _B = ChangeState, ChangeAction
CHANGE = Machine(
    name="supplier_change",
    start=_C.SUBMITTED,
    moves={
        (_C.SUBMITTED, _B.RETURN): _C.RETURNED,
        (_C.SUBMITTED, _B.RESUBMIT): _C.SUBMITTED,
        (_C.SUBMITTED, _B.ACCEPT): _C.ACCEPTED,
        (_C.SUBMITTED, _B.WITHDRAW): _C.WITHDRAWN,
        (_C.RETURNED, _B.RESUBMIT): _C.SUBMITTED,
        (_C.RETURNED, _B.WITHDRAW): _C.WITHDRAWN,
    },
    labels={
        _C.SUBMITTED: N_("变更待审核"),
        _C.RETURNED: N_("变更被退回"),
        _C.ACCEPTED: N_("变更已生效"),
        _C.WITHDRAWN: N_("变更已撤回"),
        _B.RETURN: N_("退回变更"),
        _B.RESUBMIT: N_("重新提交变更"),
        _B.ACCEPT: N_("同意变更"),
        _B.WITHDRAW: N_("撤回变更"),
    },
)


class CheckResult(StrEnum):
    """What a check found."""

    PASSED = "passed"
    PLEDGED = "pledged"
    FAILED = "failed"


RESULT_LABELS = {
    CheckResult.PASSED: N_("符合"),
    CheckResult.PLEDGED: N_("以承诺函代替"),
    CheckResult.FAILED: N_("不符合"),
}


class Applies(StrEnum):
    """To whom a readiness item applies."""

    ALWAYS = "always"
    SOCIAL = "social"
    MINORS = "minors"
    ON_DEMAND = "on_demand"


class ProofBy(StrEnum):
    """Who hands in the proof of a readiness item."""

    ORGANIZATION = "organization"
    CENTRE = "centre"


class Lamp(StrEnum):
    """How a readiness item looks on a day; always shown with its word."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


LAMP_LABELS = {
    Lamp.GREEN: N_("有效"),
    Lamp.AMBER: N_("即将到期"),
    Lamp.RED: N_("不符合"),
    Lamp.GREY: N_("未核对"),
}


class Why(StrEnum):
    """Why an organization is not ready to bid."""

    NOT_REGISTERED = "not_registered"
    NOT_QUALIFIED = "not_qualified"
    DEBARRED = "debarred"
    UNCHECKED = "unchecked"
    FAILED = "failed"
    EXPIRED = "expired"
    SERVICE_NOT_COVERED = "service_not_covered"


WHY_TEXTS = {
    Why.NOT_REGISTERED: N_("还没有申请入库。请先填写资料并提交审核。"),
    Why.NOT_QUALIFIED: N_("名录状态是「{state}」，审核通过后才能参加。"),
    Why.DEBARRED: N_("在「{source}」的禁止参加期内（{from_on} 至 {to_on}），期满或解除后才能参加。"),
    Why.UNCHECKED: N_("「{item}」还没有核对记录。请上传证明材料，由中心核对。"),
    Why.FAILED: N_("「{item}」核对结果为不符合。请改正后请中心重新核对。"),
    Why.EXPIRED: N_("「{item}」已于 {valid_to} 到期。请上传新的证明材料，由中心核对。"),
    Why.SERVICE_NOT_COVERED: N_("登记的服务类别不含 {service}。请确认业务范围涵盖该服务，并在资料中补充。"),
}


class YearlyState(StrEnum):
    """How an organization's yearly report of one year was found, as its registrar says."""

    PASSED = "passed"
    BASIC = "basic"
    FAILED = "failed"
    MISSING = "missing"


YEARLY_LABELS = {
    YearlyState.PASSED: N_("合格"),
    YearlyState.BASIC: N_("基本合格"),
    YearlyState.FAILED: N_("年报不合格"),
    YearlyState.MISSING: N_("未报"),
}


class InterestKind(StrEnum):
    """How a person of a buyer or a centre stands to an organization of the register."""

    EMPLOYED = "employed"
    LEGAL_REPRESENTATIVE = "legal_representative"
    DIRECTOR = "director"
    OFFICER = "officer"
    CONTROLLER = "controller"
    KIN = "kin"
    OTHER = "other"


INTEREST_LABELS = {
    InterestKind.EMPLOYED: N_("在该组织任职、领取报酬"),
    InterestKind.LEGAL_REPRESENTATIVE: N_("担任法定代表人"),
    InterestKind.DIRECTOR: N_("担任理事、监事或董事"),
    InterestKind.OFFICER: N_("担任负责人或管理人员"),
    InterestKind.CONTROLLER: N_("控股股东或实际控制人"),
    InterestKind.KIN: N_("与负责人是夫妻、直系血亲、三代以内旁系血亲或近姻亲"),
    InterestKind.OTHER: N_("其他可能影响公正的关系"),
}


class Clock(StrEnum):
    """Which proofs a list of the centre shows: ending within 30 days, ended, or handed in and not looked at."""

    ENDING = "ending"
    ENDED = "ended"
    PENDING = "pending"


CLOCK_LABELS = {
    Clock.ENDING: N_("30 天内到期"),
    Clock.ENDED: N_("已到期"),
    Clock.PENDING: N_("有新材料待核对"),
}
