"""The states of payment applications, of payments and of instruction files."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class ObligationKind(StrEnum):
    """What an application pays: an accepted (or advance) milestone of a contract, or an approved aid roster."""

    MILESTONE = "milestone"
    ROSTER = "roster"


OBLIGATION_LABELS = {ObligationKind.MILESTONE: N_("合同里程碑"), ObligationKind.ROSTER: N_("帮扶名册")}


class ApplicationState(StrEnum):
    """Where a payment application (付款申请) stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class ApplicationAction(StrEnum):
    """What may be done to a payment application."""

    APPROVE = "approve"
    RETURN = "return"
    RESUBMIT = "resubmit"
    CANCEL = "cancel"
    SETTLE = "settle"
    REOPEN = "reopen"


class PaymentState(StrEnum):
    """Where one payment to one payee out of one fund stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class PaymentAction(StrEnum):
    """What may happen to a payment."""

    APPROVE = "approve"
    ORDER = "order"
    ACCEPT = "accept"
    TIME_OUT = "time_out"
    RESEND = "resend"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    BOUNCE = "bounce"
    RETRY = "retry"
    CANCEL = "cancel"


class InstructionState(StrEnum):
    """Where an instruction file (指令文件) stands with its bank."""

    MADE = "made"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FINISHED = "finished"


class InstructionAction(StrEnum):
    """What may happen to an instruction file."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    TIME_OUT = "time_out"
    RESEND = "resend"
    FINISH = "finish"


class AttemptOutcome(StrEnum):
    """How an attempt to pay ended; none while it is under way."""

    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


OUTCOME_LABELS = {
    AttemptOutcome.PAID: N_("已付"),
    AttemptOutcome.FAILED: N_("未付成"),
    AttemptOutcome.RETURNED: N_("付后退回"),
}

_S, _A = ApplicationState, ApplicationAction
APPLICATION = Machine(
    name="payment_application",
    start=_S.SUBMITTED,
    moves={
        (_S.SUBMITTED, _A.APPROVE): _S.APPROVED,
        (_S.SUBMITTED, _A.RETURN): _S.RETURNED,
        (_S.SUBMITTED, _A.CANCEL): _S.CANCELLED,
        (_S.RETURNED, _A.RESUBMIT): _S.SUBMITTED,
        (_S.RETURNED, _A.CANCEL): _S.CANCELLED,
        (_S.APPROVED, _A.SETTLE): _S.SETTLED,
        (_S.APPROVED, _A.CANCEL): _S.CANCELLED,
        (_S.SETTLED, _A.REOPEN): _S.APPROVED,
    },
    labels={
        _S.SUBMITTED: N_("待审批"),
        _S.RETURNED: N_("已退回"),
        _S.APPROVED: N_("已批准"),
        _S.SETTLED: N_("已结清"),
        _S.CANCELLED: N_("已撤销"),
        _A.APPROVE: N_("批准"),
        _A.RETURN: N_("退回"),
        _A.RESUBMIT: N_("重新提交"),
        _A.CANCEL: N_("撤销"),
        _A.SETTLE: N_("结清"),
        _A.REOPEN: N_("款项退回，重新待付"),
    },
)

_P, _D = PaymentState, PaymentAction
PAYMENT = Machine(
    name="payment",
    start=_P.DRAFT,
    moves={
        (_P.DRAFT, _D.APPROVE): _P.APPROVED,
        (_P.DRAFT, _D.CANCEL): _P.CANCELLED,
        (_P.APPROVED, _D.ORDER): _P.SUBMITTING,
        (_P.APPROVED, _D.CANCEL): _P.CANCELLED,
        (_P.SUBMITTING, _D.ACCEPT): _P.IN_TRANSIT,
        (_P.SUBMITTING, _D.TIME_OUT): _P.UNKNOWN,
        (_P.SUBMITTING, _D.REFUSE): _P.FAILED,
        (_P.SUBMITTING, _D.CONFIRM): _P.PAID,  # the statement may come before the answer
        (_P.UNKNOWN, _D.ACCEPT): _P.IN_TRANSIT,
        (_P.UNKNOWN, _D.REFUSE): _P.FAILED,
        (_P.UNKNOWN, _D.CONFIRM): _P.PAID,
        (_P.UNKNOWN, _D.RESEND): _P.SUBMITTING,  # only when the bank says that it never had it; with the same key
        (_P.IN_TRANSIT, _D.CONFIRM): _P.PAID,
        (_P.IN_TRANSIT, _D.REFUSE): _P.FAILED,
        (_P.PAID, _D.BOUNCE): _P.RETURNED,
        (_P.FAILED, _D.RETRY): _P.DRAFT,
        (_P.FAILED, _D.CANCEL): _P.CANCELLED,
        (_P.RETURNED, _D.RETRY): _P.DRAFT,
        (_P.RETURNED, _D.CANCEL): _P.CANCELLED,
    },
    labels={
        _P.DRAFT: N_("待审批"),
        _P.APPROVED: N_("待支付"),
        _P.SUBMITTING: N_("提交中"),
        _P.UNKNOWN: N_("结果待查"),
        _P.IN_TRANSIT: N_("在途"),
        _P.PAID: N_("已支付"),
        _P.FAILED: N_("未付成"),
        _P.RETURNED: N_("付后退回"),
        _P.CANCELLED: N_("已取消"),
        _D.APPROVE: N_("批准"),
        _D.ORDER: N_("发出付款指令"),
        _D.ACCEPT: N_("对方受理"),
        _D.TIME_OUT: N_("没有答复"),
        _D.RESEND: N_("以原编号再次提交"),
        _D.CONFIRM: N_("确认到账"),
        _D.REFUSE: N_("对方拒付"),
        _D.BOUNCE: N_("款项退回"),
        _D.RETRY: N_("重新申请"),
        _D.CANCEL: N_("取消"),
    },
)

_I, _B = InstructionState, InstructionAction
INSTRUCTION = Machine(
    name="payment_instruction",
    start=_I.MADE,
    moves={
        (_I.MADE, _B.ACCEPT): _I.ACCEPTED,
        (_I.MADE, _B.REFUSE): _I.REFUSED,
        (_I.MADE, _B.TIME_OUT): _I.UNKNOWN,
        (_I.UNKNOWN, _B.ACCEPT): _I.ACCEPTED,
        (_I.UNKNOWN, _B.REFUSE): _I.REFUSED,
        (_I.UNKNOWN, _B.RESEND): _I.MADE,
        (_I.ACCEPTED, _B.FINISH): _I.FINISHED,
    },
    labels={
        _I.MADE: N_("提交中"),
        _I.UNKNOWN: N_("结果待查"),
        _I.ACCEPTED: N_("银行已受理"),
        _I.REFUSED: N_("银行未受理"),
        _I.FINISHED: N_("已有结果"),
        _B.ACCEPT: N_("银行受理"),
        _B.REFUSE: N_("银行不受理"),
        _B.TIME_OUT: N_("没有答复"),
        _B.RESEND: N_("以原编号再次提交"),
        _B.FINISH: N_("全部有结果"),
    },
)
