"""What is told about contracts, from their draft to their publication; the supplier hears of them from approval on."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import BOOKS, DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_DRAFTERS = To(Party.DRAFTERS)
_SIGNERS = (To(Party.BUYER, HEADS), To(Party.SUPPLIER, HEADS))
_DESKS = (To(Party.BUYER, DESK), To(Party.PROCURING_ENTITY, DESK))

CONTRACTS: Mapping[str, Wording] = {
    "contract.submitted": Wording(
        (To(Party.PROCURING_ENTITY, HEADS),),
        N_("请审批合同「{project}」"),
        N_("合同 {number}（{project}，{amount_fen} 元）已提交审批。请核对条款后批准或退回；起草人不能审批。"),
        mail=True,
    ),
    "contract.returned": Wording(
        (_DRAFTERS, To(Party.SUPPLIER, HEADS)),
        N_("合同「{project}」被退回修改"),
        N_("合同 {number}（{project}）被退回，理由：{reason}。修改并重新批准后再签订。"),
        mail=True,
    ),
    "contract.approved": Wording(
        (*_SIGNERS, _DRAFTERS),
        N_("合同「{project}」可以签订了"),
        N_("合同 {number}（{project}，{amount_fen} 元）已批准。请双方负责人阅读正文，从 {opens_at} 起签订。"),
        mail=True,
    ),
    "contract.signed": Wording(
        (*_SIGNERS, _DRAFTERS),
        N_("合同「{project}」已有一方签订"),
        N_("合同 {number}（{project}）：{side_word}已签订。请另一方阅读正文后签订，双方签订后合同生效。"),
        mail=True,
    ),
    "contract.activated": Wording(
        (*_DESKS, To(Party.SUPPLIER, DESK), To(Party.FINANCE, BOOKS)),
        N_("合同「{project}」已生效"),
        N_(
            "合同 {number}（{project}，{amount_fen} 元）双方已签订，资金已落实；有首付款的，可以申请支付。"
            "请经办人在 {publish_on} 前公告合同。"
        ),
        mail=True,
    ),
    "contract.published": Wording(
        (*_DESKS, To(Party.SUPPLIER, DESK)),
        N_("合同「{project}」已公告"),
        N_("合同 {number}（{project}）已在项目页面公告。"),
    ),
    "contract.cancelled": Wording(
        (_DRAFTERS, *_DESKS, To(Party.SUPPLIER, HEADS)),
        N_("合同「{project}」已取消"),
        N_("合同 {number}（{project}）没有签订，已取消，理由：{reason}。"),
        mail=True,
    ),
}

CONTRACTS_SILENT: Mapping[str, str] = {
    "contract.drafted": "its drafter knows; the others hear of it when it is handed in",
}
