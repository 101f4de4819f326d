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
    "suppliers.proof_attached": Wording(
        (_CENTRES,),
        N_("「{organization}」上传了新的材料"),
        N_("已入库的「{organization}」上传了新的证明材料。请核验并记录核验结果。"),
    ),
    "suppliers.change_proposed": Wording(
        (_CENTRES,),
        N_("请审核「{organization}」的资料变更"),
        N_("「{organization}」申请变更{subject}，理由：{reason}。请核对后决定；变更生效前，仍以原资料为准。"),
        mail=True,
    ),
    "suppliers.change_accepted": Wording(
        _ITSELF,
        N_("资料变更已通过"),
        N_("贵单位的{subject}变更已通过审核，现在起生效。如果不是贵单位申请的变更，请立即联系服务中心。"),
        mail=True,
    ),
    "suppliers.change_returned": Wording(
        _ITSELF,
        N_("资料变更被退回"),
        N_("贵单位的{subject}变更被退回，理由：{reason}。请补正后重新提交，或撤回变更。"),
        mail=True,
    ),
    "suppliers.debarred": Wording(
        (*_ITSELF, _CENTRES),
        N_("「{organization}」被限制参加采购活动"),
        N_(
            "「{organization}」自 {from_on} 起不得参加采购活动，截止日期 {to_on}，理由：{reason}。如有异"
            "议，请联系服务中心。"
        ),
        mail=True,
    ),
    "suppliers.debarment_lifted": Wording(
        (*_ITSELF, _CENTRES),
        N_("「{organization}」的限制已解除"),
        N_("对「{organization}」参加采购活动的限制已解除，理由：{reason}。"),
        mail=True,
    ),
    "suppliers.debarment_ended": Wording(
        (*_ITSELF, _CENTRES),
        N_("「{organization}」的禁止参加期已满"),
        N_("对「{organization}」的限制已于 {to_on} 期满，其他条件符合时可以参加新的项目。"),
        mail=True,
    ),
    "suppliers.proof_ending": Wording(
        (*_ITSELF, _CENTRES),
        N_("「{organization}」的「{item}」将于 {valid_on} 到期"),
        N_("「{organization}」的「{item}」有效期至 {valid_on}。请在到期前上传新的材料；到期后不能递交响应文件。"),
        mail=True,
    ),
    "suppliers.proof_nears": Wording(
        _ITSELF,
        N_("还有不到一周：「{item}」将于 {valid_on} 到期"),
        N_("贵单位的「{item}」有效期至 {valid_on}，还没有收到新的材料。请尽快上传，由中心核对。"),
        mail=True,
    ),
    "suppliers.proof_ended": Wording(
        _ITSELF,
        N_("「{item}」已到期"),
        N_("贵单位的「{item}」已于 {valid_on} 到期，现在不能递交响应文件。请上传新的材料，核对后自动恢复。"),
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
    "suppliers.change_withdrawn": "the organization took its own proposal back before anybody decided",
    "suppliers.reopened": "the organization's own draft again; the centres hear of it when it is submitted",
}
