"""What is told about milestones: reported, verified, sent back, accepted or not, and the contract's end."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import BOOKS, CLERKS, DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_SUPPLIER = To(Party.SUPPLIER, DESK)
_CLERKS = (To(Party.BUYER, CLERKS), To(Party.PROCURING_ENTITY, CLERKS))
_DESK = (To(Party.BUYER, DESK), To(Party.PROCURING_ENTITY, DESK))
_HEADS = (To(Party.BUYER, HEADS), To(Party.PROCURING_ENTITY, HEADS))
_BOOKS = To(Party.FINANCE, BOOKS)

DELIVERY: Mapping[str, Wording] = {
    "milestone.reported": Wording(
        _CLERKS,
        N_("请核验里程碑「{milestone}」"),
        N_(
            "「{supplier}」提交了合同 {number} 的里程碑「{milestone}」（第 {attempt} 次）。请对照合同和材料核验，"
            "属实的通过，有缺漏的退回并写明整改期限。"
        ),
        mail=True,
    ),
    "milestone.due_soon": Wording(
        (_SUPPLIER,),
        N_("里程碑「{milestone}」{due_on} 到期"),
        N_(
            "合同 {number} 的里程碑「{milestone}」请在 {due_on} 前提交完成情况和材料。"
            "内容可以先存草稿；不能按期完成的，请尽早与购买主体联系。"
        ),
        mail=True,
    ),
    "milestone.late": Wording(
        (_SUPPLIER, *_CLERKS),
        N_("里程碑「{milestone}」已逾期"),
        N_(
            "「{supplier}」承担的合同 {number} 中，里程碑「{milestone}」应在 {due_on} 前提交，至今没有提交。"
            "承接主体请尽快提交；经办人请了解原因，必要时按合同约定处理。"
        ),
        mail=True,
    ),
    "milestone.verified": Wording(
        _DESK,
        N_("请验收里程碑「{milestone}」"),
        N_(
            "合同 {number} 的里程碑「{milestone}」已核验属实，等待验收。验收由没有参与起草、定标和核验的同事办理，"
            "请先听取服务对象的意见。"
        ),
        mail=True,
    ),
    "milestone.returned": Wording(
        (_SUPPLIER,),
        N_("里程碑「{milestone}」需要整改"),
        N_(
            "里程碑「{milestone}」（合同 {number}）被退回，原因：{reason}。"
            "请在 {mend_on} 前整改后重新提交，材料都已保留。"
        ),
        mail=True,
    ),
    "milestone.accepted": Wording(
        (_SUPPLIER, _BOOKS),
        N_("里程碑「{milestone}」已验收，应付 {amount_fen} 元"),
        N_(
            "合同 {number} 的里程碑「{milestone}」验收通过 {percent}%，应付 {amount_fen} 元。"
            "承接主体请开具发票，财务机构请办理付款申请。"
        ),
        mail=True,
    ),
    "milestone.rejected": Wording(
        (_SUPPLIER, *_HEADS),
        N_("里程碑「{milestone}」验收不通过"),
        N_("合同 {number} 的里程碑「{milestone}」验收不通过，原因：{reason}。这一笔不支付，合同完结时退回资金。"),
        mail=True,
    ),
    "contract.completed": Wording(
        (_SUPPLIER, *_DESK, _BOOKS),
        N_("合同 {number} 履行完毕"),
        N_("项目「{project}」的合同 {number} 里程碑已全部验收，结果已公告，没有用完的资金已退回。"),
    ),
}

DELIVERY_SILENT: Mapping[str, str] = {}
