"""The life of an edition of the service catalogue and of an opinion on it, and how sure a procurement code is."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine

SAMPLE_LABEL = N_("参考目录（示例）")
"""The label of the catalogue that comes with the product: its numbers and order are not the official list's."""
SAMPLE_NOTE = N_("编号和次序须与正式的指导性目录核对")


class EditionState(StrEnum):
    """Where an edition of the catalogue stands; ``published`` is the one in force."""

    DRAFT = "draft"
    CONSULTING = "consulting"
    REVIEWING = "reviewing"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ANNOUNCED = "announced"
    PUBLISHED = "published"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class EditionAction(StrEnum):
    """What is done to an edition of the catalogue."""

    INSTALL = "install"
    CONSULT = "consult"
    REVIEW = "review"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    ENTER_INTO_FORCE = "enter_into_force"
    REPLACE = "replace"
    WITHDRAW = "withdraw"


_S, _A = EditionState, EditionAction
EDITION = Machine(
    name="catalogue_edition",
    start=EditionState.DRAFT,
    moves={
        (_S.DRAFT, _A.INSTALL): _S.PUBLISHED,
        (_S.DRAFT, _A.CONSULT): _S.CONSULTING,
        (_S.CONSULTING, _A.REVIEW): _S.REVIEWING,
        (_S.REVIEWING, _A.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _A.RETURN): _S.REVIEWING,
        (_S.SUBMITTED, _A.APPROVE): _S.APPROVED,
        (_S.APPROVED, _A.PUBLISH): _S.ANNOUNCED,
        (_S.ANNOUNCED, _A.ENTER_INTO_FORCE): _S.PUBLISHED,
        (_S.PUBLISHED, _A.REPLACE): _S.REPLACED,
        (_S.DRAFT, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.CONSULTING, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.REVIEWING, _A.WITHDRAW): _S.WITHDRAWN,
    },
    labels={
        _S.DRAFT: N_("草案"),
        _S.CONSULTING: N_("征求意见"),
        _S.REVIEWING: N_("专家论证"),
        _S.SUBMITTED: N_("待批准"),
        _S.APPROVED: N_("已批准，待发布"),
        _S.ANNOUNCED: N_("已发布，待施行"),
        _S.PUBLISHED: N_("现行"),
        _S.REPLACED: N_("已被替换"),
        _S.WITHDRAWN: N_("已撤回"),
        _A.INSTALL: N_("随系统装入"),
        _A.CONSULT: N_("公开征求意见"),
        _A.REVIEW: N_("转入专家论证"),
        _A.SUBMIT: N_("报请批准"),
        _A.RETURN: N_("退回修改"),
        _A.APPROVE: N_("批准目录"),
        _A.PUBLISH: N_("发布目录"),
        _A.ENTER_INTO_FORCE: N_("施行"),
        _A.REPLACE: N_("由新版替换"),
        _A.WITHDRAW: N_("撤回草案"),
    },
)
EDITABLE = frozenset({EditionState.DRAFT, EditionState.REVIEWING})
"""Entries change only in these states: what is open for opinions stays as it was shown."""
SHOWN = frozenset({EditionState.CONSULTING, EditionState.ANNOUNCED, EditionState.PUBLISHED, EditionState.REPLACED})
"""Editions whose entries everybody may read."""


class OpinionState(StrEnum):
    """What became of an opinion on a draft."""

    RECEIVED = "received"
    ADOPTED = "adopted"
    DECLINED = "declined"
    SET_ASIDE = "set_aside"


class OpinionAction(StrEnum):
    """How an opinion is answered."""

    ADOPT = "adopt"
    DECLINE = "decline"
    DISMISS = "dismiss"


OPINION = Machine(
    name="catalogue_opinion",
    start=OpinionState.RECEIVED,
    moves={
        (OpinionState.RECEIVED, OpinionAction.ADOPT): OpinionState.ADOPTED,
        (OpinionState.RECEIVED, OpinionAction.DECLINE): OpinionState.DECLINED,
        (OpinionState.RECEIVED, OpinionAction.DISMISS): OpinionState.SET_ASIDE,
    },
    labels={
        OpinionState.RECEIVED: N_("待答复"),
        OpinionState.ADOPTED: N_("已采纳"),
        OpinionState.DECLINED: N_("未采纳"),
        OpinionState.SET_ASIDE: N_("与目录无关"),
        OpinionAction.ADOPT: N_("采纳"),
        OpinionAction.DECLINE: N_("不采纳"),
        OpinionAction.DISMISS: N_("不作为意见处理"),
    },
)
ANSWERED = frozenset({OpinionState.ADOPTED, OpinionState.DECLINED})
"""Opinions that everybody may read, with their answers."""


class Conclusion(StrEnum):
    """What an expert concludes of a draft."""

    AGREE = "agree"
    AGREE_CHANGED = "agree_changed"
    DISAGREE = "disagree"


CONCLUSION_NAMES = {
    Conclusion.AGREE: N_("同意"),
    Conclusion.AGREE_CHANGED: N_("修改后同意"),
    Conclusion.DISAGREE: N_("不同意"),
}
"""The words for what an expert concludes."""


class Outcome(StrEnum):
    """What taking in a row of a sheet would do."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    RETIRE = "retire"
    WRONG = "wrong"


OUTCOME_NAMES = {
    Outcome.ADD: N_("新增"),
    Outcome.CHANGE: N_("修改"),
    Outcome.SAME: N_("没有变化"),
    Outcome.RETIRE: N_("取消"),
    Outcome.WRONG: N_("有误"),
}
"""The words for what taking in a row would do."""


class Match(StrEnum):
    """How the procurement code of an entry was found."""

    EXACT = "exact"
    NEAR = "near"
    UNVERIFIED = "unverified"


MATCH_NAMES = {
    Match.EXACT: N_("名称一致"),
    Match.NEAR: N_("名称相近，待核对"),
    Match.UNVERIFIED: N_("尚未找到"),
}
"""Shown beside each code: how sure it is."""
