"""The states of a delivery (one message on its way to one consumer) and of an event that came from outside."""

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


class InboxState(StrEnum):
    """Where an event from outside stands."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    PARKED = "parked"


class InboxAction(StrEnum):
    """What may happen to an event from outside."""

    PROCESS = "process"
    IGNORE = "ignore"
    PARK = "park"
    REPLAY = "replay"


_I, _B = InboxState, InboxAction
INBOX = Machine(
    name="inbox_event",
    start=_I.RECEIVED,
    moves={
        (_I.RECEIVED, _B.PROCESS): _I.PROCESSED,
        (_I.RECEIVED, _B.IGNORE): _I.IGNORED,
        (_I.RECEIVED, _B.PARK): _I.PARKED,
        # a person found what it belongs to, or that it belongs to nothing of ours
        (_I.PARKED, _B.PROCESS): _I.PROCESSED,
        (_I.PARKED, _B.IGNORE): _I.IGNORED,
        # what was in the way is out of it: a worker looks again
        (_I.PARKED, _B.REPLAY): _I.RECEIVED,
    },
    labels={
        _I.RECEIVED: N_("已收到"),
        _I.PROCESSED: N_("已处理"),
        _I.IGNORED: N_("与本平台无关"),
        _I.PARKED: N_("待人工核对"),
        _B.PROCESS: N_("处理完成"),
        _B.IGNORE: N_("标为无关"),
        _B.PARK: N_("转人工核对"),
        _B.REPLAY: N_("重新处理"),
    },
)
