"""The life of a wish until a project answers it, and the consent of a co-organizer."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class NeedState(StrEnum):
    """Where a wish of a village or unit stands."""

    COLLECTED = "collected"
    ADOPTED = "adopted"
    MERGED = "merged"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class NeedAction(StrEnum):
    """What is done to a wish. ``free`` gives it back when its project came to nothing."""

    EDIT = "edit"
    SHOW = "show"
    ADOPT = "adopt"
    MERGE = "merge"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    FREE = "free"


_NS, _NA = NeedState, NeedAction
NEED = Machine(
    name="need",
    start=_NS.COLLECTED,
    moves={
        (_NS.COLLECTED, _NA.EDIT): _NS.COLLECTED,
        (_NS.COLLECTED, _NA.SHOW): _NS.COLLECTED,
        (_NS.COLLECTED, _NA.ADOPT): _NS.ADOPTED,
        (_NS.COLLECTED, _NA.MERGE): _NS.MERGED,
        (_NS.COLLECTED, _NA.DECLINE): _NS.DECLINED,
        (_NS.COLLECTED, _NA.WITHDRAW): _NS.WITHDRAWN,
        (_NS.ADOPTED, _NA.SHOW): _NS.ADOPTED,
        (_NS.ADOPTED, _NA.FREE): _NS.COLLECTED,
        (_NS.MERGED, _NA.REOPEN): _NS.COLLECTED,
        (_NS.DECLINED, _NA.REOPEN): _NS.COLLECTED,
    },
    labels={
        _NS.COLLECTED: N_("待采纳"),
        _NS.ADOPTED: N_("已采纳"),
        _NS.MERGED: N_("已合并"),
        _NS.DECLINED: N_("不采纳"),
        _NS.WITHDRAWN: N_("已撤回"),
        _NA.EDIT: N_("修改需求"),
        _NA.SHOW: N_("公开展示"),
        _NA.ADOPT: N_("采纳立项"),
        _NA.MERGE: N_("并入另一条需求"),
        _NA.DECLINE: N_("不采纳"),
        _NA.WITHDRAW: N_("撤回需求"),
        _NA.REOPEN: N_("重新受理"),
        _NA.FREE: N_("移出项目"),
    },
)
"""The life of a wish until a project answers it."""


class NeedChannel(StrEnum):
    """How a wish reached the centre."""

    ONLINE = "online"
    VISIT = "visit"
    CALLER = "caller"
    PHONE = "phone"
    MEETING = "meeting"


CHANNEL_NAMES = {
    NeedChannel.ONLINE: N_("本单位提交"),
    NeedChannel.VISIT: N_("走访"),
    NeedChannel.CALLER: N_("来访"),
    NeedChannel.PHONE: N_("电话"),
    NeedChannel.MEETING: N_("会议"),
}


class ShareState(StrEnum):
    """Where a co-organizer's part in a project stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REFUSED = "refused"


class ShareAction(StrEnum):
    """What is done to a co-organizer's part; changing it asks for consent anew."""

    CHANGE = "change"
    REMOVE = "remove"
    AGREE = "agree"
    REFUSE = "refuse"


_HS, _HA = ShareState, ShareAction
SHARE = Machine(
    name="share",
    start=_HS.PROPOSED,
    moves={
        (_HS.PROPOSED, _HA.CHANGE): _HS.PROPOSED,
        (_HS.PROPOSED, _HA.REMOVE): _HS.PROPOSED,
        (_HS.PROPOSED, _HA.AGREE): _HS.AGREED,
        (_HS.PROPOSED, _HA.REFUSE): _HS.REFUSED,
        (_HS.AGREED, _HA.CHANGE): _HS.PROPOSED,
        (_HS.AGREED, _HA.REMOVE): _HS.AGREED,
        (_HS.AGREED, _HA.REFUSE): _HS.REFUSED,
        (_HS.REFUSED, _HA.CHANGE): _HS.PROPOSED,
        (_HS.REFUSED, _HA.REMOVE): _HS.REFUSED,
    },
    labels={
        _HS.PROPOSED: N_("待确认"),
        _HS.AGREED: N_("已确认"),
        _HS.REFUSED: N_("未同意"),
        _HA.CHANGE: N_("修改联办安排"),
        _HA.REMOVE: N_("移除联办单位"),
        _HA.AGREE: N_("确认任务与资金"),
        _HA.REFUSE: N_("不同意"),
    },
)
"""The consent of a co-organizer. A removed row is gone; its state does not matter."""
