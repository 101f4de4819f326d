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


class DeliveryAction(StrEnum):
    """What may happen to a delivery."""

    SEND = "send"
    RESEND = "resend"
    FINISH = "finish"
    PARK = "park"
    REPLAY = "replay"


_S, _A = DeliveryState, DeliveryAction
DELIVERY = Machine(
    name="delivery",
    start=_S.PENDING,
    moves={
        (_S.PENDING, _A.SEND): _S.SENT,
        (_S.PENDING, _A.FINISH): _S.DONE,
        (_S.SENT, _A.RESEND): _S.SENT,
        (_S.SENT, _A.FINISH): _S.DONE,
        (_S.SENT, _A.PARK): _S.PARKED,
        (_S.PARKED, _A.REPLAY): _S.PENDING,
    },
    labels={
        _S.PENDING: N_("待发送"),
        _S.SENT: N_("已发送"),
        _S.DONE: N_("已处理"),
        _S.PARKED: N_("已停放"),
        _A.SEND: N_("发送"),
        _A.RESEND: N_("重发"),
        _A.FINISH: N_("处理完成"),
        _A.PARK: N_("停放"),
        _A.REPLAY: N_("重新处理"),
    },
)
