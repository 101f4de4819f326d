"""What is told about evaluations: members of what they must do next, heads of what to decide, bidders of the result."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_MEMBERS = To(Party.PERSON)
_DESKS = (To(Party.BUYER, DESK), To(Party.PROCURING_ENTITY, DESK))
_HEADS = (To(Party.BUYER, HEADS), To(Party.PROCURING_ENTITY, HEADS))
_BIDDERS = To(Party.ORGANIZATION, DESK)

EVALUATION: Mapping[str, Wording] = {
    "panel.appointed": Wording(
        (_MEMBERS,),
        N_("请声明是否回避：「{project}」的评审"),
        N_("您被聘为项目「{project}」（{number}）的评审成员。请查看响应单位名单，声明是否需要回避，然后参加评审。"),
        mail=True,
    ),
    "panel.recused": Wording(
        _DESKS,
        N_("「{project}」的评审小组有人回避，请补足"),
        N_("项目「{project}」（{number}）的一位评审成员声明回避。请补足成员，补足并声明后评审才能继续。"),
        mail=True,
    ),
    "panel.dismissed": Wording(
        (_MEMBERS,),
        N_("您不再参加「{project}」的评审"),
        N_("因您未能到场声明，项目「{project}」（{number}）已更换评审成员，您无需再办理。"),
    ),
    "evaluation.convened": Wording(
        (_MEMBERS,),
        N_("请审查「{project}」的响应文件"),
        N_("项目「{project}」（{number}）的评审成员已全部声明。请逐份审查资格和符合性，由另一位成员复核。"),
        mail=True,
    ),
    "bid.disqualified": Wording(
        (_BIDDERS,),
        N_("贵单位在「{project}」的响应未通过审查"),
        N_("贵单位对项目「{project}」（{number}）的响应未通过资格或符合性审查，理由：{reason}。有疑问可以联系经办单位。"),
        mail=True,
    ),
    "bids.checked": Wording(
        (_MEMBERS,),
        N_("请为「{project}」打分"),
        N_("项目「{project}」（{number}）的审查已完成。请独立打分并写明理由，提交后锁定，不能再改。"),
        mail=True,
    ),
    "evaluation.ranked": Wording(
        (_MEMBERS,),
        N_("「{project}」的评分已汇总，请写评审报告"),
        N_("项目「{project}」（{number}）的评分全部提交，排名已生成。请由一位成员写评审意见，然后全体签署。"),
        mail=True,
    ),
    "report.written": Wording(
        (_MEMBERS,),
        N_("请签署「{project}」的评审报告"),
        N_("项目「{project}」（{number}）的评审报告已写好。请阅读后签署；有不同意见的，签署时写明。"),
        mail=True,
    ),
    "report.delivered": Wording(
        _HEADS,
        N_("请确定「{project}」的结果"),
        N_("项目「{project}」（{number}）的评审报告已送交。请在 {decide_on} 前确定结果；参加过评审的人不能决定。"),
        mail=True,
    ),
    "award.decided": Wording(
        _DESKS,
        N_("请公告「{project}」的结果"),
        N_("项目「{project}」（{number}）已确定由 {winner} 承接，成交金额 {amount_fen} 元。请公告结果。"),
        mail=True,
    ),
    "award.published": Wording(
        (_BIDDERS, *_DESKS, _MEMBERS),
        N_("项目「{project}」的结果已公告"),
        N_(
            "项目「{project}」（{number}）由 {winner} 承接，成交金额 {amount_fen} 元，公示至 {until_on}。"
            "参加响应的单位可以查看本单位每一项的得分。"
        ),
        mail=True,
    ),
}  # fmt: skip
EVALUATION_SILENT: Mapping[str, str] = {
    "scores.submitted": "one sheet concerns nobody else; evaluation.ranked tells when all are in",
}
