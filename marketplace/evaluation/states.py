"""The states of a project's evaluation and of a panel member, and the words of both."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class EvaluationState(StrEnum):
    """How far the evaluation of a project's bids has come."""

    COMPOSING = "composing"
    DECLARING = "declaring"
    CHECKING = "checking"
    SCORING = "scoring"
    SCORED = "scored"
    SIGNING = "signing"
    REPORTED = "reported"
    DECIDED = "decided"
    PUBLISHED = "published"
    FAILED = "failed"


class EvaluationAction(StrEnum):
    """What is done in an evaluation."""

    APPOINT = "appoint"
    DISMISS = "dismiss"
    DECLARE = "declare"
    CONVENE = "convene"
    CHECK = "check"
    CONFIRM_CHECKS = "confirm_checks"
    SCORE = "score"
    SUBMIT = "submit"
    RANK = "rank"
    REPORT = "report"
    SIGN = "sign"
    DELIVER = "deliver"
    DECIDE = "decide"
    PUBLISH = "publish"
    FAIL = "fail"


_S, _A = EvaluationState, EvaluationAction
EVALUATION = Machine(
    name="evaluation",
    start=_S.COMPOSING,
    moves={
        (_S.COMPOSING, _A.APPOINT): _S.DECLARING,
        (_S.DECLARING, _A.APPOINT): _S.DECLARING,
        (_S.DECLARING, _A.DISMISS): _S.DECLARING,
        (_S.DECLARING, _A.DECLARE): _S.DECLARING,
        (_S.DECLARING, _A.CONVENE): _S.CHECKING,
        (_S.CHECKING, _A.APPOINT): _S.CHECKING,
        (_S.CHECKING, _A.DISMISS): _S.CHECKING,
        (_S.CHECKING, _A.DECLARE): _S.CHECKING,
        (_S.CHECKING, _A.CHECK): _S.CHECKING,
        (_S.CHECKING, _A.CONFIRM_CHECKS): _S.SCORING,
        (_S.CHECKING, _A.FAIL): _S.FAILED,
        (_S.SCORING, _A.APPOINT): _S.SCORING,
        (_S.SCORING, _A.DISMISS): _S.SCORING,
        (_S.SCORING, _A.DECLARE): _S.SCORING,
        (_S.SCORING, _A.SCORE): _S.SCORING,
        (_S.SCORING, _A.SUBMIT): _S.SCORING,
        (_S.SCORING, _A.RANK): _S.SCORED,
        (_S.SCORED, _A.REPORT): _S.SIGNING,
        (_S.SIGNING, _A.REPORT): _S.SIGNING,
        (_S.SIGNING, _A.SIGN): _S.SIGNING,
        (_S.SIGNING, _A.DELIVER): _S.REPORTED,
        (_S.REPORTED, _A.DECIDE): _S.DECIDED,
        (_S.REPORTED, _A.FAIL): _S.FAILED,
        (_S.DECIDED, _A.PUBLISH): _S.PUBLISHED,
    },
    labels={
        _S.COMPOSING: N_("待组建评审小组"),
        _S.DECLARING: N_("回避声明中"),
        _S.CHECKING: N_("资格与符合性审查中"),
        _S.SCORING: N_("打分中"),
        _S.SCORED: N_("待写评审报告"),
        _S.SIGNING: N_("评审报告签署中"),
        _S.REPORTED: N_("待确定结果"),
        _S.DECIDED: N_("待公告结果"),
        _S.PUBLISHED: N_("结果已公告"),
        _S.FAILED: N_("评审未产生结果"),
        _A.APPOINT: N_("聘请评审成员"),
        _A.DISMISS: N_("更换未到成员"),
        _A.DECLARE: N_("声明是否回避"),
        _A.CONVENE: N_("开始评审"),
        _A.CHECK: N_("记录审查结果"),
        _A.CONFIRM_CHECKS: N_("复核审查结果"),
        _A.SCORE: N_("保存评分"),
        _A.SUBMIT: N_("提交评分"),
        _A.RANK: N_("汇总排名"),
        _A.REPORT: N_("拟写评审报告"),
        _A.SIGN: N_("签署评审报告"),
        _A.DELIVER: N_("送交评审报告"),
        _A.DECIDE: N_("确认评审结果"),
        _A.PUBLISH: N_("公告评审结果"),
        _A.FAIL: N_("结束评审"),
    },
)
"""The whole law of an evaluation's moves."""

BEFORE_SHEETS = frozenset({_S.DECLARING, _S.CHECKING, _S.SCORING})
"""States in which the panel may still change: until every sheet is locked."""
AFTER_SHEETS = frozenset({_S.SCORED, _S.SIGNING, _S.REPORTED, _S.DECIDED, _S.PUBLISHED})
"""States in which all sheets are locked and there is a ranking; FAILED may come with or without one."""


class MemberState(StrEnum):
    """Where a member of the panel stands."""

    APPOINTED = "appointed"
    SEATED = "seated"
    RECUSED = "recused"
    DISMISSED = "dismissed"
    LOCKED = "locked"
    SIGNED = "signed"


class MemberAction(StrEnum):
    """What a member does, or what is done about one."""

    TAKE_SEAT = "take_seat"
    RECUSE = "recuse"
    DISMISS = "dismiss"
    LOCK = "lock"
    SIGN = "sign"


MEMBER = Machine(
    name="panel_member",
    start=MemberState.APPOINTED,
    moves={
        (MemberState.APPOINTED, MemberAction.TAKE_SEAT): MemberState.SEATED,
        (MemberState.APPOINTED, MemberAction.RECUSE): MemberState.RECUSED,
        (MemberState.APPOINTED, MemberAction.DISMISS): MemberState.DISMISSED,
        (MemberState.SEATED, MemberAction.RECUSE): MemberState.RECUSED,
        (MemberState.SEATED, MemberAction.LOCK): MemberState.LOCKED,
        (MemberState.LOCKED, MemberAction.SIGN): MemberState.SIGNED,
    },
    labels={
        MemberState.APPOINTED: N_("待声明"),
        MemberState.SEATED: N_("已声明无需回避"),
        MemberState.RECUSED: N_("已回避"),
        MemberState.DISMISSED: N_("已更换"),
        MemberState.LOCKED: N_("评分已锁定"),
        MemberState.SIGNED: N_("已签署报告"),
        MemberAction.TAKE_SEAT: N_("声明无需回避"),
        MemberAction.RECUSE: N_("声明回避"),
        MemberAction.DISMISS: N_("更换成员"),
        MemberAction.LOCK: N_("提交并锁定评分"),
        MemberAction.SIGN: N_("签署"),
    },
)
"""The whole law of a panel member's moves."""

ON_PANEL = frozenset({MemberState.APPOINTED, MemberState.SEATED, MemberState.LOCKED, MemberState.SIGNED})
"""States of those who count for the panel's size; the recused and dismissed do not."""
DECLARED = frozenset({MemberState.SEATED, MemberState.LOCKED, MemberState.SIGNED})
"""States of those who declared that nothing keeps them from judging."""


class SeatKind(StrEnum):
    """For whom a member sits on the panel."""

    EXPERT = "expert"
    BUYER = "buyer_representative"
    CENTRE = "centre_staff"


SEAT_NAMES = {
    SeatKind.EXPERT: N_("评审专家"),
    SeatKind.BUYER: N_("购买主体代表"),
    SeatKind.CENTRE: N_("经办单位人员"),
}
