"""What is told about rosters of aid. No notice carries the name or number of anybody who is helped."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import BOOKS, DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_DESK = To(Party.ORGANIZATION, DESK)
_HEADS = To(Party.ORGANIZATION, HEADS)
_BOOKS = To(Party.FINANCE, BOOKS)

AID: Mapping[str, Wording] = {
    "aid.roster_submitted": Wording(
        (_HEADS,),
        N_("请审批帮扶名册「{title}」"),
        N_("名册 {number} 已提交，共 {heads} 人，合计 {amount_fen} 元。请核对检查结果和合计后批准，或写明原因退回。"),
        mail=True,
    ),
    "aid.roster_returned": Wording(
        (_DESK,),
        N_("帮扶名册「{title}」被退回"),
        N_("名册 {number} 被退回，原因：{reason}。占用的资金已退回原处；改正后可以重新提交，内容都已保留。"),
        mail=True,
    ),
    "aid.roster_approved": Wording(
        (_DESK, _BOOKS),
        N_("帮扶名册「{title}」已批准"),
        N_("名册 {number} 已批准，共 {heads} 人，合计 {amount_fen} 元。请会计据此提交付款申请。"),
        mail=True,
    ),
    "aid.roster_paid": Wording(
        (_DESK, _BOOKS),
        N_("帮扶名册「{title}」已全部发放"),
        N_("名册 {number} 的 {heads} 人都已收到资助款，合计 {amount_fen} 元。"),
    ),
    "aid.payment_bounced": Wording(
        (_DESK, _BOOKS),
        N_("帮扶名册「{title}」有款项被退回"),
        N_("名册 {number} 有款项被收款银行退回。请核对账号后重新申请付款，名册页上标有是哪一行。"),
        mail=True,
    ),
}
