"""What is told about payments: whoever must act next by mail, the payee and the books when money has moved."""

from collections.abc import Mapping

from marketplace.kit.actor import Role
from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import BOOKS, DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_PAYERS = frozenset({Role.CASHIER})
_MENDERS = frozenset({Role.ACCOUNTANT, Role.CASHIER})
_APPROVERS = (To(Party.FINANCE, HEADS), To(Party.BUYER, HEADS), To(Party.PROCURING_ENTITY, HEADS))
_PAYEE = To(Party.SUPPLIER, DESK)

SETTLEMENT: Mapping[str, Wording] = {
    "application.submitted": Wording(
        _APPROVERS,
        N_("请审批付款申请 {number}"),
        N_(
            "付款申请 {number}（{label}，{amount_fen} 元）待审批。"
            "请核对收款方、发票和验收结果后批准或退回；申请人不能审批。"
        ),
        mail=True,
    ),
    "application.returned": Wording(
        (To(Party.PERSON),),
        N_("付款申请 {number} 被退回"),
        N_("付款申请 {number}（{label}）被退回，理由：{reason}。请改正后重新提交，或撤销。"),
        mail=True,
    ),
    "application.approved": Wording(
        (To(Party.FINANCE, _PAYERS),),
        N_("请支付付款单 {number}"),
        N_("付款单 {number}（{label}，{amount_fen} 元）已批准。请出纳核对后发出付款指令；申请人和审批人不能支付。"),
        mail=True,
    ),
    "application.cancelled": Wording(
        (To(Party.PERSON), To(Party.FINANCE, BOOKS)),
        N_("付款申请 {number} 已撤销"),
        N_("付款申请 {number}（{label}）已撤销，理由：{reason}。应付款仍在，可以重新申请。"),
    ),
    "application.settled": Wording(
        (To(Party.FINANCE, BOOKS), To(Party.BUYER, DESK), To(Party.PROCURING_ENTITY, DESK)),
        N_("付款单 {number} 已结清"),
        N_("付款单 {number}（{label}，{amount_fen} 元）已全部付清。"),
    ),
    "instruction.refused": Wording(
        (To(Party.FINANCE, _MENDERS),),
        N_("银行没有受理指令文件 {number}"),
        N_("指令文件 {number}（{amount_fen} 元）未被受理，理由：{reason}。款项已退回应付，请处理后重新申请。"),
        mail=True,
    ),
    "payment.paid": Wording(
        (_PAYEE, To(Party.FINANCE, _MENDERS)),
        N_("付款单 {number} 付出 {paid_fen} 元"),
        N_("付款单 {number}（{label}）已付出 {paid_fen} 元，共 {count} 笔。请核对到账。"),
    ),
    "payment.failed": Wording(
        (To(Party.FINANCE, _MENDERS), _PAYEE),
        N_("付款单 {number} 有 {count} 笔没有付成"),
        N_(
            "付款单 {number}（{label}）有 {count} 笔共 {paid_fen} 元没有付成，"
            "原因：{reason}。款项已退回应付；请核对收款账户后重新申请。"
        ),
        mail=True,
    ),
    "payment.returned": Wording(
        (To(Party.FINANCE, _MENDERS), _PAYEE),
        N_("付款单 {number} 有 {count} 笔付后退回"),
        N_(
            "付款单 {number}（{label}）有 {count} 笔共 {paid_fen} 元付出后被退回，"
            "原因：{reason}。请核对收款账户后重新申请。"
        ),
        mail=True,
    ),
    "payment.retried": Wording(
        _APPROVERS,
        N_("请再次审批付款单 {number} 的付款"),
        N_("付款单 {number}（{label}）中没有付成的 {paid_fen} 元已重新申请，说明：{reason}。请核对后批准。"),
        mail=True,
    ),
    "payment.unknown": Wording(
        (To(Party.FINANCE, _PAYERS),),
        N_("付款单 {number} 的结果待查"),
        N_("付款单 {number}（{label}）有 {count} 笔没有得到答复。系统正在向对方查询，请不要另行付款。"),
    ),
}  # fmt: skip
