"""The life of a roster of aid and of each entitlement in it, and the words of programmes, stages and purposes."""

from collections.abc import Mapping
from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class RosterState(StrEnum):
    """Where a roster stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PAYING = "paying"
    PAID = "paid"
    CANCELLED = "cancelled"


class RosterAction(StrEnum):
    """What is done to a roster."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    APPLY = "apply"
    SETTLE = "settle"
    BOUNCE = "bounce"
    CANCEL = "cancel"


_S, _A = RosterState, RosterAction
ROSTER = Machine(
    name="aid_roster",
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.EDIT): _S.DRAFT,
        (_S.DRAFT, _A.SUBMIT): _S.SUBMITTED,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.SUBMITTED, _A.RETURN): _S.DRAFT,
        (_S.SUBMITTED, _A.APPROVE): _S.APPROVED,
        (_S.APPROVED, _A.APPLY): _S.PAYING,
        (_S.PAYING, _A.APPLY): _S.PAYING,
        (_S.PAYING, _A.SETTLE): _S.PAID,
        (_S.PAID, _A.BOUNCE): _S.PAYING,
    },
    labels={
        _S.DRAFT: N_("名册编制中"),
        _S.SUBMITTED: N_("名册待审批"),
        _S.APPROVED: N_("待申请付款"),
        _S.PAYING: N_("发放中"),
        _S.PAID: N_("全部发放"),
        _S.CANCELLED: N_("名册已取消"),
        _A.EDIT: N_("修改名册"),
        _A.SUBMIT: N_("提交名册审批"),
        _A.RETURN: N_("退回名册"),
        _A.APPROVE: N_("批准名册"),
        _A.APPLY: N_("为名册申请付款"),
        _A.SETTLE: N_("发放完毕"),
        _A.BOUNCE: N_("款项被退回"),
        _A.CANCEL: N_("取消名册"),
    },
)
"""The whole law of a roster's moves. An application that came to nothing is followed by another one."""


class EntitlementState(StrEnum):
    """Where the help for one person stands."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    PAID = "paid"


class EntitlementAction(StrEnum):
    """What happens to the help for one person; a proposed one that is dropped leaves the roster."""

    GRANT = "grant"
    PAY = "pay"
    BOUNCE = "bounce"


_E, _D = EntitlementState, EntitlementAction
ENTITLEMENT = Machine(
    name="aid_entitlement",
    start=_E.PROPOSED,
    moves={
        (_E.PROPOSED, _D.GRANT): _E.GRANTED,
        (_E.GRANTED, _D.PAY): _E.PAID,
        (_E.PAID, _D.BOUNCE): _E.GRANTED,
    },
    labels={
        _E.PROPOSED: N_("拟资助"),
        _E.GRANTED: N_("已核准"),
        _E.PAID: N_("已发放"),
        _D.GRANT: N_("核准资助"),
        _D.PAY: N_("发放到账"),
        _D.BOUNCE: N_("资助款被退回"),
    },
)
"""The whole law of an entitlement's moves."""
LIVE = frozenset({_E.GRANTED, _E.PAID})
"""States in which a person has been helped, so that a second exclusive help is refused."""


class ProgrammeKind(StrEnum):
    """What a programme does: money to people, joint activity, or a plan so far."""

    AID = "aid"
    ACTIVITY = "activity"
    PLANNED = "planned"


PROGRAMME_LABELS: Mapping[ProgrammeKind, str] = {
    ProgrammeKind.AID: N_("资助到人"),
    ProgrammeKind.ACTIVITY: N_("联办活动"),
    ProgrammeKind.PLANNED: N_("计划开展"),
}


class Purpose(StrEnum):
    """What the help is for. The list grows with the programmes."""

    STUDY = "study"


PURPOSE_LABELS: Mapping[Purpose, str] = {Purpose.STUDY: N_("助学")}


class PurposeRule(StrEnum):
    """Whether one person may be helped for the same purpose twice in one period."""

    EXCLUSIVE = "exclusive"
    STACKABLE = "stackable"


RULE_LABELS: Mapping[PurposeRule, str] = {
    PurposeRule.EXCLUSIVE: N_("同一年度同一用途只资助一次"),
    PurposeRule.STACKABLE: N_("可与其他资助同时享受"),
}


class Stage(StrEnum):
    """The school stage that a rate is set for."""

    UNIVERSITY = "university"
    SENIOR_SECONDARY = "senior_secondary"
    COMPULSORY = "compulsory"
    PRIMARY = "primary"


STAGE_LABELS: Mapping[Stage, str] = {
    Stage.UNIVERSITY: N_("大学"),
    Stage.SENIOR_SECONDARY: N_("高中"),
    Stage.COMPULSORY: N_("初中、小学"),
    Stage.PRIMARY: N_("小学"),
}
STAGE_WORDS: Mapping[str, frozenset[Stage]] = {
    "大学": frozenset({Stage.UNIVERSITY}),
    "本科": frozenset({Stage.UNIVERSITY}),
    "专科": frozenset({Stage.UNIVERSITY}),
    "高中": frozenset({Stage.SENIOR_SECONDARY}),
    "中职": frozenset({Stage.SENIOR_SECONDARY}),
    "初中": frozenset({Stage.COMPULSORY}),
    "初中、小学": frozenset({Stage.COMPULSORY}),
    "小学": frozenset({Stage.PRIMARY, Stage.COMPULSORY}),
}
"""What people write in the column 学段, and which stages it may mean; the programme's rates decide."""


class Sex(StrEnum):
    """Whom a rate is for."""

    ANY = "any"
    FEMALE = "female"


class AccessPurpose(StrEnum):
    """Why plain personal data were read."""

    VIEW = "view"
    PAYMENT = "payment"
    EXPORT = "export"


ACCESS_LABELS: Mapping[AccessPurpose, str] = {
    AccessPurpose.VIEW: N_("查看一人"),
    AccessPurpose.PAYMENT: N_("申请付款"),
    AccessPurpose.EXPORT: N_("导出名册"),
}
