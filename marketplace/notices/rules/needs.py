"""What is told about wishes of villages and units, and about co-organizers' parts in a project."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import CLERKS, DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_OWNER = To(Party.ORGANIZATION, DESK)

NEEDS: Mapping[str, Wording] = {
    "need.collected": Wording(
        (To(Party.CENTRES, CLERKS),),
        N_("收到需求「{need}」"),
        N_("{place}提出需求「{need}」。请在十个工作日内采纳、合并或说明不采纳的理由。"),
    ),
    "need.adopted": Wording(
        (_OWNER,),
        N_("需求「{need}」已采纳"),
        N_("{place}的需求「{need}」已采纳，正在立项「{project}」。代村（社区）登记的，请转告提出单位。"),
    ),
    "need.merged": Wording(
        (_OWNER,),
        N_("需求「{need}」已合并办理"),
        N_("{place}的需求「{need}」与「{into}」内容相近，已合并办理，进展以后者为准。"),
    ),
    "need.declined": Wording(
        (_OWNER,),
        N_("需求「{need}」没有采纳"),
        N_("{place}的需求「{need}」没有采纳，理由：{reason}。代村（社区）登记的，请转告提出单位。"),
        mail=True,
    ),
    "need.reopened": Wording(
        (_OWNER,),
        N_("需求「{need}」重新受理"),
        N_("{place}的需求「{need}」重新受理，有结果会再通知。"),
    ),
    "need.freed": Wording(
        (_OWNER, To(Party.CENTRES, CLERKS)),
        N_("需求「{need}」重新等待采纳"),
        N_("采纳{place}的需求「{need}」的项目没有办成，这条需求重新等待采纳。"),
    ),
    "share.proposed": Wording(
        (To(Party.ORGANIZATION, HEADS),),
        N_("请确认联办项目「{project}」的任务与资金"),
        N_("{lead}请贵单位联办「{project}」，出资 {amount_fen} 元，任务：{task}。请由负责人确认或说明不同意的理由。"),
        mail=True,
    ),
    "share.agreed": Wording(
        (To(Party.DRAFTERS),),
        N_("{partner}已确认联办「{project}」"),
        N_("{partner}已确认联办「{project}」，出资 {amount_fen} 元，资金来源已写入草稿。"),
    ),
    "share.refused": Wording(
        (To(Party.DRAFTERS),),
        N_("{partner}没有同意联办「{project}」"),
        N_("{partner}没有同意联办「{project}」，理由：{reason}。请调整后重新提出，或移除这家联办单位。"),
        mail=True,
    ),
}
