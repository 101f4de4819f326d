"""The life of a contract from award to its last payment, and of each milestone in it."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class ContractState(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SIGNING = "signing"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ContractAction(StrEnum):
    """What is done to a contract. The first signature signs, the second activates."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    SIGN = "sign"
    ACTIVATE = "activate"
    PUBLISH = "publish"
    COMPLETE = "complete"
    CANCEL = "cancel"


_S, _A = ContractState, ContractAction

CONTRACT = Machine(
    name="contract",
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.EDIT): _S.DRAFT,
        (_S.DRAFT, _A.SUBMIT): _S.SUBMITTED,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.SUBMITTED, _A.RETURN): _S.DRAFT,
        (_S.SUBMITTED, _A.APPROVE): _S.APPROVED,
        (_S.SUBMITTED, _A.CANCEL): _S.CANCELLED,
        (_S.APPROVED, _A.RETURN): _S.DRAFT,
        (_S.APPROVED, _A.SIGN): _S.SIGNING,
        (_S.APPROVED, _A.CANCEL): _S.CANCELLED,
        (_S.SIGNING, _A.RETURN): _S.DRAFT,
        (_S.SIGNING, _A.ACTIVATE): _S.ACTIVE,
        (_S.SIGNING, _A.CANCEL): _S.CANCELLED,
        (_S.ACTIVE, _A.PUBLISH): _S.ACTIVE,
        (_S.ACTIVE, _A.COMPLETE): _S.COMPLETED,
        (_S.COMPLETED, _A.PUBLISH): _S.COMPLETED,
    },
    labels={
        _S.DRAFT: N_("合同起草中"),
        _S.SUBMITTED: N_("合同待审批"),
        _S.APPROVED: N_("待双方签订"),
        _S.SIGNING: N_("待另一方签订"),
        _S.ACTIVE: N_("履行中"),
        _S.COMPLETED: N_("履行完毕"),
        _S.CANCELLED: N_("未签订，已取消"),
        _A.EDIT: N_("修改合同"),
        _A.SUBMIT: N_("提交合同审批"),
        _A.RETURN: N_("退回合同"),
        _A.APPROVE: N_("批准合同"),
        _A.SIGN: N_("签订合同"),
        _A.ACTIVATE: N_("双方签订，合同生效"),
        _A.PUBLISH: N_("公告合同"),
        _A.COMPLETE: N_("合同履行完毕"),
        _A.CANCEL: N_("取消合同"),
    },
)
"""The whole law of a contract's moves."""

BINDING = frozenset({_S.ACTIVE, _S.COMPLETED})
"""States in which both parties have signed."""
TO_SIGN = frozenset({_S.APPROVED, _S.SIGNING})
"""States in which a party may sign."""


class Side(StrEnum):
    """The two who sign: the buyer is 甲方, the supplier 乙方."""

    BUYER = "buyer"
    SUPPLIER = "supplier"


SIDE_NAMES = {Side.BUYER: N_("购买主体（甲方）"), Side.SUPPLIER: N_("承接主体（乙方）")}


class MilestoneState(StrEnum):
    """Where a milestone stands."""

    SCHEDULED = "scheduled"
    REPORTED = "reported"
    RETURNED = "returned"
    VERIFIED = "verified"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REJECTED = "rejected"


class MilestoneAction(StrEnum):
    """What is done to a milestone."""

    REPORT = "report"
    RETURN = "return"
    VERIFY = "verify"
    ACCEPT = "accept"
    ACCEPT_PARTLY = "accept_partly"
    REJECT = "reject"
    FALL_DUE = "fall_due"


_M, _D = MilestoneState, MilestoneAction

MILESTONE = Machine(
    name="contract_milestone",
    start=_M.SCHEDULED,
    moves={
        (_M.SCHEDULED, _D.FALL_DUE): _M.ACCEPTED,
        (_M.SCHEDULED, _D.REPORT): _M.REPORTED,
        (_M.RETURNED, _D.REPORT): _M.REPORTED,
        (_M.REPORTED, _D.RETURN): _M.RETURNED,
        (_M.REPORTED, _D.VERIFY): _M.VERIFIED,
        (_M.VERIFIED, _D.RETURN): _M.RETURNED,
        (_M.VERIFIED, _D.ACCEPT): _M.ACCEPTED,
        (_M.VERIFIED, _D.ACCEPT_PARTLY): _M.PARTLY_ACCEPTED,
        (_M.VERIFIED, _D.REJECT): _M.REJECTED,
    },
    labels={
        _M.SCHEDULED: N_("待完成"),
        _M.REPORTED: N_("待核验"),
        _M.RETURNED: N_("待整改"),
        _M.VERIFIED: N_("待验收"),
        _M.ACCEPTED: N_("验收通过"),
        _M.PARTLY_ACCEPTED: N_("部分通过"),
        _M.REJECTED: N_("验收不通过"),
        _D.REPORT: N_("提交里程碑材料"),
        _D.RETURN: N_("退回整改"),
        _D.VERIFY: N_("核验通过"),
        _D.ACCEPT: N_("全部验收"),
        _D.ACCEPT_PARTLY: N_("部分验收"),
        _D.REJECT: N_("不予验收"),
        _D.FALL_DUE: N_("签订即应付"),
    },
)
"""The whole law of a milestone's moves; only an advance falls due, at the second signature."""

DECIDED = frozenset({_M.ACCEPTED, _M.PARTLY_ACCEPTED, _M.REJECTED})
"""States that end a milestone."""


class EvidenceKind(StrEnum):
    """What a file of a milestone's report is."""

    PHOTO = "photo"
    SIGN_IN_SHEET = "sign_in_sheet"
    OTHER = "other"


EVIDENCE_NAMES = {
    EvidenceKind.PHOTO: N_("现场照片"),
    EvidenceKind.SIGN_IN_SHEET: N_("签到表"),
    EvidenceKind.OTHER: N_("其他材料"),
}


class Finding(StrEnum):
    """What somebody found who looked at a report."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"


FINDING_NAMES = {Finding.CONFIRMED: N_("核验属实"), Finding.RETURNED: N_("要求整改")}
