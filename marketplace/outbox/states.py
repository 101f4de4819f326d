"""The states of a delivery: one message on its way to one consumer."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    DONE = "done"
    PARKED = "parked"
    DISCARDED = "discarded"


class DeliveryAction(StrEnum):
    """What may happen to a delivery."""

    SEND = "send"
    RESEND = "resend"
    FINISH = "finish"
    RETRY = "retry"
    PARK = "park"
    REPLAY = "replay"
    DISCARD = "discard"


_S, _A = DeliveryState, DeliveryAction
DELIVERY = Machine(
    name="delivery",
    start=_S.PENDING,
    moves={
        (_S.PENDING, _A.SEND): _S.SENT,
        (_S.SENT, _A.RESEND): _S.SENT,
        (_S.SENT, _A.FINISH): _S.DONE,
        (_S.SENT, _A.RETRY): _S.PENDING,
        (_S.SENT, _A.PARK): _S.PARKED,
        # a copy that the broker still held when the delivery was put back
        (_S.PENDING, _A.FINISH): _S.DONE,
        (_S.PENDING, _A.RETRY): _S.PENDING,
        (_S.PENDING, _A.PARK): _S.PARKED,
        (_S.PARKED, _A.REPLAY): _S.PENDING,
        (_S.PARKED, _A.DISCARD): _S.DISCARDED,
    },
    labels={
        _S.PENDING: N_("待发送"),
        _S.SENT: N_("已交出"),
        _S.DONE: N_("已处理"),
        _S.PARKED: N_("已停放"),
        _S.DISCARDED: N_("已作废"),
        _A.SEND: N_("交出"),
        _A.RESEND: N_("再次交出"),
        _A.FINISH: N_("处理完成"),
        _A.RETRY: N_("稍后再试"),
        _A.PARK: N_("停放"),
        _A.REPLAY: N_("重新处理"),
        _A.DISCARD: N_("作废"),
    },
)
