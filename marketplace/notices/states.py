"""The states of a mail: written with what it tells of, then handed to the mail server or kept."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"
    DROPPED = "dropped"


class MailAction(StrEnum):
    """What may happen to a mail."""

    SEND = "send"
    KEEP = "keep"
    FAIL = "fail"
    DROP = "drop"


_S, _A = MailState, MailAction
MAIL = Machine(
    name="mail",
    start=_S.QUEUED,
    moves={
        (_S.QUEUED, _A.SEND): _S.SENT,
        (_S.QUEUED, _A.KEEP): _S.KEPT,
        (_S.QUEUED, _A.FAIL): _S.FAILED,
        (_S.QUEUED, _A.DROP): _S.DROPPED,
    },
    labels={
        _S.QUEUED: N_("待发出"),
        _S.SENT: N_("已发出"),
        _S.KEPT: N_("已留存，未外发"),
        _S.FAILED: N_("对方邮箱拒收"),
        _S.DROPPED: N_("链接已失效，不再发出"),
        _A.SEND: N_("发出"),
        _A.KEEP: N_("留存"),
        _A.FAIL: N_("记为拒收"),
        _A.DROP: N_("不再发出"),
    },
)
