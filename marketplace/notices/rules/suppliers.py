"""What is told about the register of suppliers."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import DESK, Party, To
from marketplace.notices.rules.wording import Wording

_ITSELF = (To(Party.ORGANIZATION, DESK),)
_CENTRES = To(Party.CENTRES, DESK)

SUPPLIERS: Mapping[str, Wording] = {
    "suppliers.submitted": Wording(
        (_CENTRES,),
        N_("请审核「{organization}」的入库申请"),
        N_("「{organization}」提交了入库申请。请逐项核验材料并记录核验结果，再决定入库或退回补正。"),
        mail=True,
    ),
    "suppliers.returned": Wording(
        _ITSELF,
        N_("入库申请被退回补正"),
        N_("贵单位的入库申请被退回，需要补正：{reason}。请补正后重新提交，已填内容都还在。"),
        mail=True,
    ),
    "suppliers.qualified": Wording(
        _ITSELF,
        N_("贵单位已入库"),
        N_("「{organization}」已通过审核入库，资格有效至 {valid_on}。现在可以报名、领取采购文件和递交响应文件。"),
        mail=True,
    ),
    "suppliers.suspended": Wording(
        _ITSELF,
        N_("贵单位的入库资格已暂停"),
        N_("「{organization}」的入库资格已暂停，理由：{reason}。暂停期间不能参加新的项目；如有异议，请联系服务中心。"),
        mail=True,
    ),
    "suppliers.expired": Wording(
        (*_ITSELF, _CENTRES),
        N_("「{organization}」的入库资格已到期"),
        N_("「{organization}」的入库资格已于 {valid_on} 到期。更新材料并重新核验后可以恢复。"),
        mail=True,
    ),
    "suppliers.reinstated": Wording(
        _ITSELF,
        N_("贵单位的入库资格已恢复"),
        N_("「{organization}」的入库资格已恢复，有效至 {valid_on}，可以参加新的项目。"),
        mail=True,
    ),
    "suppliers.withdrawn": Wording(
        (*_ITSELF, _CENTRES),
        N_("「{organization}」已退出名录"),
        N_("「{organization}」已退出承接主体名录。需要时可以重新申请入库。"),
    ),
}

SUPPLIERS_SILENT: Mapping[str, str] = {
    "suppliers.registered": "the organization's own draft; the centres hear of it when it is submitted",
    "suppliers.reopened": "the organization's own draft again; the centres hear of it when it is submitted",
}
