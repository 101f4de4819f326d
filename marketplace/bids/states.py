"""The states of a bid and of the opening of a project's bids."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class BidState(StrEnum):
    """Where a bid stands."""

    DRAFT = "draft"
    SEALED = "sealed"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"
    UNREADABLE = "unreadable"
    UNCONFIRMED = "unconfirmed"
    VALID = "valid"
    DISQUALIFIED = "disqualified"


class BidAction(StrEnum):
    """What may be done with a bid."""

    SUBMIT = "submit"
    REPLACE = "replace"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    OPEN = "open"
    REPORT_UNREADABLE = "report_unreadable"
    LEAVE_SEALED = "leave_sealed"
    ADMIT = "admit"
    DISQUALIFY = "disqualify"


_S, _A = BidState, BidAction
BID = Machine(
    name="bid",
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.SUBMIT): _S.SEALED,
        (_S.SEALED, _A.REPLACE): _S.SEALED,
        (_S.SEALED, _A.CONFIRM): _S.SEALED,
        (_S.SEALED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.WITHDRAWN, _A.SUBMIT): _S.SEALED,
        (_S.SEALED, _A.OPEN): _S.OPENED,
        (_S.SEALED, _A.REPORT_UNREADABLE): _S.UNREADABLE,
        (_S.SEALED, _A.LEAVE_SEALED): _S.UNCONFIRMED,
        (_S.OPENED, _A.ADMIT): _S.VALID,
        (_S.OPENED, _A.DISQUALIFY): _S.DISQUALIFIED,
    },
    labels={
        _S.DRAFT: N_("草稿"),
        _S.SEALED: N_("已密封递交"),
        _S.WITHDRAWN: N_("已撤回"),
        _S.OPENED: N_("已开启"),
        _S.UNREADABLE: N_("无法开启"),
        _S.UNCONFIRMED: N_("未再次确认，未开启"),
        _S.VALID: N_("有效"),
        _S.DISQUALIFIED: N_("不合格"),
        _A.SUBMIT: N_("递交"),
        _A.REPLACE: N_("替换"),
        _A.CONFIRM: N_("再次确认"),
        _A.WITHDRAW: N_("撤回"),
        _A.OPEN: N_("开启"),
        _A.REPORT_UNREADABLE: N_("记为无法开启"),
        _A.LEAVE_SEALED: N_("记为未再次确认"),
        _A.ADMIT: N_("确认有效"),
        _A.DISQUALIFY: N_("判为不合格"),
    },
)


class OpeningState(StrEnum):
    """How far the opening of a project's bids has come."""

    SEALED = "sealed_box"
    HALF_OPEN = "half_open"
    OPEN = "open_box"


class OpeningAction(StrEnum):
    """What an opener does."""

    CONTRIBUTE = "contribute"
    OPEN_ALL = "open_all"


OPENING = Machine(
    name="opening",
    start=OpeningState.SEALED,
    moves={
        (OpeningState.SEALED, OpeningAction.CONTRIBUTE): OpeningState.HALF_OPEN,
        (OpeningState.HALF_OPEN, OpeningAction.OPEN_ALL): OpeningState.OPEN,
    },
    labels={
        OpeningState.SEALED: N_("密封中"),
        OpeningState.HALF_OPEN: N_("一位开启人已输入口令"),
        OpeningState.OPEN: N_("标箱已开启"),
        OpeningAction.CONTRIBUTE: N_("第一位开启人输入口令"),
        OpeningAction.OPEN_ALL: N_("第二位开启人输入口令并开启"),
    },
)
