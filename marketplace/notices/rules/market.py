"""What is told about the catalogue, rules, money, projects, bids and their opening.

A notice about a live project goes to all who took its document, never to bidders as such: who has bid is sealed.
"""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import BOOKS, CLERKS, DESK, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_BUYING_HEADS = (To(Party.BUYER, HEADS), To(Party.PROCURING_ENTITY, HEADS))
_BUYING_DESK = (To(Party.BUYER, DESK), To(Party.PROCURING_ENTITY, DESK))
_DRAFTERS = To(Party.DRAFTERS)
_TAKERS = To(Party.TAKERS, DESK)
_OPENERS = To(Party.OPENERS)

MARKET: Mapping[str, Wording] = {
    "catalogue.published": Wording(
        (To(Party.BUYERS, DESK), To(Party.CENTRES, DESK)),
        N_("服务目录已更新：{label}"),
        N_("新版服务目录「{label}」已发布并生效。正在起草的项目请核对所选条目是否仍在目录内。"),
    ),
    "catalogue.consulted": Wording(
        (To(Party.BUYERS, DESK), To(Party.CENTRES, DESK), To(Party.SUPPLIERS, DESK)),
        N_("新版目录「{label}」公开征求意见"),
        N_("新版服务目录「{label}」从 {first_on} 至 {last_on} 公开征求意见。整版或某一条都可以提意见，每条都会答复。"),
    ),
    "catalogue.opinion_given": Wording(
        (To(Party.CENTRES, CLERKS),),
        N_("目录「{label}」收到意见"),
        N_("目录「{label}」收到新的意见。请逐条写明采纳或不采纳的理由；{last_on} 以后转入专家论证前须全部答复。"),
        mail=True,
    ),
    "catalogue.opinion_answered": Wording(
        (To(Party.ORGANIZATION, DESK),),
        N_("贵单位对目录「{label}」的意见已答复"),
        N_("贵单位对目录「{label}」的意见已答复，答复和理由在征求意见页公开。"),
    ),
    "catalogue.submitted": Wording(
        (To(Party.CENTRES, HEADS),),
        N_("请审批目录「{label}」"),
        N_("目录「{label}」已征求意见并经专家论证，现报请批准。请核对与现行目录的差异；起草人不能审批。"),
        mail=True,
    ),
    "catalogue.returned": Wording(
        (_DRAFTERS,),
        N_("目录「{label}」被退回修改"),
        N_("目录「{label}」被退回，理由：{reason}。请修改后重新报批。"),
        mail=True,
    ),
    "catalogue.approved": Wording(
        (To(Party.CENTRES, HEADS), _DRAFTERS),
        N_("目录「{label}」已批准，待发布"),
        N_("目录「{label}」已批准。请由未参与起草的负责人发布，并确定施行日期。"),
        mail=True,
    ),
    "catalogue.announced": Wording(
        (To(Party.BUYERS, DESK), To(Party.CENTRES, DESK)),
        N_("新版目录「{label}」将于 {in_force_on} 施行"),
        N_("新版服务目录「{label}」已发布，{in_force_on} 起施行。在此以前仍按现行目录起草项目。"),
    ),
    "catalogue.withdrawn": Wording(
        (To(Party.CENTRES, DESK),),
        N_("目录草案「{label}」已撤回"),
        N_("目录草案「{label}」已撤回，理由：{reason}。现行目录不变。"),
    ),
    "rules.added": Wording(
        (To(Party.CENTRES, DESK),),
        N_("采购规则已更新（第 {version} 版）"),
        N_("采购规则第 {version} 版已录入。此后发布的项目按新规则计算时限和门槛，已发布的项目不受影响。"),
    ),
    "calendar.imported": Wording(
        (To(Party.CENTRES, DESK), To(Party.BUYERS, DESK)),
        N_("{year} 年放假安排已录入"),
        N_("{year} 年放假安排已录入，工作日和截止日期按此计算。请留意正在起草的项目的时间安排。"),
    ),
    "fund.received": Wording(
        (To(Party.FINANCE, BOOKS), To(Party.BUYER, HEADS)),
        N_("「{fund}」到账 {amount_fen} 元"),
        N_("「{fund}」登记到账 {amount_fen} 元，收据号 {number}，入账日期 {value_on}。"),
    ),
    "fund.corrected": Wording(
        (To(Party.FINANCE, BOOKS), To(Party.BUYER, HEADS)),
        N_("「{fund}」一笔到账已更正"),
        N_("收据 {replaced} 已作废，更正为收据 {number}，金额 {amount_fen} 元。请以更正后的为准。"),
        mail=True,
    ),
    "project.submitted": Wording(
        _BUYING_HEADS,
        N_("请审批项目「{project}」"),
        N_("项目「{project}」（{number}）已提交审批。请核对资金、条件和时间安排后批准或退回；起草人不能审批。"),
        mail=True,
    ),
    "project.returned": Wording(
        (_DRAFTERS,),
        N_("项目「{project}」被退回修改"),
        N_("项目「{project}」被退回，理由：{reason}。请修改后重新提交。"),
        mail=True,
    ),
    "project.approved": Wording(
        (_DRAFTERS, *_BUYING_HEADS),
        N_("项目「{project}」已批准，待发布"),
        N_("项目「{project}」（{number}）已批准。请在 {publish_on} 发布，发布时从资金中预留预算。"),
    ),
    "project.published": Wording(
        (_DRAFTERS, *_BUYING_DESK, _OPENERS, To(Party.SUPPLIERS, DESK)),
        N_("新项目「{project}」开始征集"),
        N_("项目「{project}」（{number}）已发布。提问截止 {questions_due_at}，递交截止 {bids_due_at}。"),
    ),
    "project.amended": Wording(
        (_TAKERS, *_BUYING_DESK, _OPENERS),
        N_("项目「{project}」有更正"),
        N_(
            "项目「{project}」（{number}）发布了更正公告。请查看更正内容；递交截止时间现为 {bids_due_at}，"
            "已递交的响应文件可以在截止前替换。"
        ),
        mail=True,
    ),
    "project.amended_binding": Wording(
        (_TAKERS, *_BUYING_DESK, _OPENERS),
        N_("项目「{project}」有实质性更正"),
        N_(
            "项目「{project}」（{number}）的采购内容有更正，递交截止 {bids_due_at}。更正以前递交的响应文件须在截止前"
            "再次确认或替换，否则不予开启。这封通知发给所有报名单位，不表示贵单位已经递交。"
        ),
        mail=True,
    ),
    "project.confirm_soon": Wording(
        (_TAKERS,),
        N_("项目「{project}」即将截止，请核对更正"),
        N_(
            "项目「{project}」（{number}）将于 {bids_due_at} 截止递交。采购内容发布过更正：更正以前递交的"
            "响应文件须在截止前再次确认或替换，否则不予开启。"
        ),
        mail=True,
    ),
    "amendment.proposed": Wording(
        _BUYING_HEADS,
        N_("请核对并发布项目「{project}」的更正"),
        N_("项目「{project}」（{number}）有一份拟写好的更正等待发布。请逐项核对后发布或作废；拟写人不能发布。"),
        mail=True,
    ),
    "amendment.dropped": Wording(
        (_DRAFTERS, *_BUYING_DESK),
        N_("项目「{project}」的一份更正已作废"),
        N_("项目「{project}」（{number}）拟写的一份更正已作废，没有发布，原公告内容不变。"),
    ),
    "question.dismissed": Wording(
        (_TAKERS,),
        N_("项目「{project}」公开说明不予答复一个提问"),
        N_("项目「{project}」的一个提问不予答复，理由已公开。请到项目页查看。"),
        mail=True,
    ),
    "project.cancelled": Wording(
        (_TAKERS, _DRAFTERS, *_BUYING_DESK, _OPENERS),
        N_("项目「{project}」已终止"),
        N_("项目「{project}」已终止，理由：{reason}。已递交的响应文件不再开启。"),
        mail=True,
    ),
    "project.failed": Wording(
        (_TAKERS, _DRAFTERS, *_BUYING_DESK, _OPENERS),
        N_("项目「{project}」未成交"),
        N_("项目「{project}」（{number}）未成交，原因：{reason}。"),
        mail=True,
    ),
    "question.asked": Wording(
        (_DRAFTERS, *_BUYING_DESK),
        N_("项目「{project}」有新的提问"),
        N_("有供应商就项目「{project}」提问。请在 {answers_due_at} 前公开答复，提问人对所有人隐去。"),
        mail=True,
    ),
    "question.answered": Wording(
        (_TAKERS,),
        N_("项目「{project}」答复了一个提问"),
        N_("项目「{project}」的一个提问已公开答复，答复是采购文件的组成部分。请到项目页查看。"),
        mail=True,
    ),
    "question.waiting": Wording(
        (_DRAFTERS, *_BUYING_DESK),
        N_("项目「{project}」还有提问没有答复"),
        N_("项目「{project}」（{number}）有提问尚未答复，答复截止 {answers_due_at}。请尽快公开答复。"),
        mail=True,
    ),
    "project.closing_soon": Wording(
        (_TAKERS,),
        N_("项目「{project}」即将截止"),
        N_("项目「{project}」（{number}）将于 {bids_due_at} 截止递交，之后系统不再接收。已经递交的，请核对回执。"),
        mail=True,
    ),
    "project.opening_due": Wording(
        (_OPENERS,),
        N_("请开启项目「{project}」的响应文件"),
        N_(
            "项目「{project}」（{number}）的递交已于 {bids_due_at} 截止。请三位开启人中的两位到场，用各自"
            "的口令开启。"
        ),
        mail=True,
    ),
    "document.taken": Wording(
        (To(Party.ORGANIZATION, DESK),),
        N_("已领取「{project}」的采购文件"),
        N_(
            "贵单位已报名并领取项目「{project}」（{number}）的采购文件。递交截止 {bids_due_at}，之后系统"
            "不再接收。答疑和更正会通知到贵单位。"
        ),
    ),
    "opening.begun": Wording(
        (_OPENERS,),
        N_("项目「{project}」的开启已开始"),
        N_("第一位开启人已输入口令，还需另一位开启人到场完成项目「{project}」的开启。"),
        mail=True,
    ),
    "bids.opened": Wording(
        (_TAKERS, _DRAFTERS, *_BUYING_DESK, _OPENERS),
        N_("项目「{project}」的响应文件已开启"),
        N_("项目「{project}」（{number}）的响应文件已全部开启，开启一览表已在项目页公布。"),
        mail=True,
    ),
}  # fmt: skip

MARKET_SILENT: Mapping[str, str] = {
    "project.closed": "told by bids.opened, which happens in the same act",
    "project.awarded": "told when the result is published, not before",
}
