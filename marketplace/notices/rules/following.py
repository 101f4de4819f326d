"""What is told to those who follow projects and save searches."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import Party, To
from marketplace.notices.rules.wording import Wording

FOLLOWING: Mapping[str, Wording] = {
    "following.found": Wording(
        (To(Party.PERSON),),
        N_("您关注的「{name}」有 {count} 条新动态"),
        N_("{kinds}：{projects}。您选择的提醒方式是：{frequency_word}。不想再收到，请打开：{stop_path}"),
        mail=True,
    ),
}
