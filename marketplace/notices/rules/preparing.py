"""What is told of a project before its notice: who is to review it, what is intended, who is asked."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import DESK, Party, To
from marketplace.notices.rules.wording import Wording

PREPARING: Mapping[str, Wording] = {
    "project.review_asked": Wording(
        (To(Party.PERSON),),
        N_("请审查项目「{project}」"),
        N_("项目「{project}」（{number}）已提交，请从您负责的方面审查采购需求和实施计划，出具意见。起草人不能审查。"),
        mail=True,
    ),
    "project.intention_published": Wording(
        (To(Party.SUPPLIERS, DESK),),
        N_("采购意向：{title}"),
        N_("{buyer}公开了采购意向「{title}」，预计 {month} 采购。正式公告发布后另行通知，现在不接受报名。"),
    ),
    "project.invited": Wording(
        (To(Party.ORGANIZATION, DESK),),
        N_("邀请贵组织参加项目「{project}」"),
        N_("项目「{project}」（{number}）已发布，只向受邀或指定的承接主体开放，贵组织在其中。递交截止 {bids_due_at}。"),
        mail=True,
    ),
}
PREPARING_SILENT: Mapping[str, str] = {
    "project.reviewed": "不通过的会退回，退回另有通知；通过的在项目页可见",
    "project.sole_source_publicized": "公示在采购意向页和变动流中公开，不逐个通知",
}
