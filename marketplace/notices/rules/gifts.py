"""What is told about gifts by invitation: to the donor by mail alone, to the office that receives in its inbox."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import BOOKS, HEADS, Party, To
from marketplace.notices.rules.wording import Wording

_DONOR = (To(Party.DONOR),)
_OFFICE = (To(Party.FINANCE, BOOKS),)

GIFTS: Mapping[str, Wording] = {
    "gift.invited": Wording(
        _DONOR,
        N_("「{holder}」邀请您定向捐赠"),
        N_(
            "「{holder}」邀请您向「{fund}」定向捐赠，用途和约定写在链接的页面上，金额由您决定。链接只发给您"
            "本人，有效至 {expires_on}，请勿转发。如果您不认识这个单位，请忽略本邮件。"
        ),
        mail=True, inbox=False, is_link=True,
    ),
    "gift.revoked": Wording(
        _DONOR,
        N_("「{holder}」撤回了捐赠邀请"),
        N_("「{holder}」撤回了向「{fund}」捐赠的邀请，原链接不能再付款，您无需做任何事。如有疑问，请联系该单位。"),
        mail=True, inbox=False,
    ),
    "gift.thanked": Wording(
        _DONOR,
        N_("「{holder}」已收到您的捐赠，收据号 {number}"),
        N_(
            "您向「{fund}」捐赠的 {amount_fen} 元已于 {value_on} 到账，收据号 {number}。每一分钱都有编号，"
            "随时可以从下面的链接查看它们现在在哪里、用在了哪个项目。链接只属于您，请妥善保存。"
        ),
        mail=True, inbox=False, is_link=True,
    ),
    "gift.received": Wording(
        (*_OFFICE, To(Party.BUYER, HEADS)),
        N_("「{fund}」收到在线捐赠 {amount_fen} 元"),
        N_(
            "「{fund}」收到一笔在线定向捐赠 {amount_fen} 元，收据号 {number}，其中支付平台手续费 {fee_fen} 元"
            "，可用 {net_fen} 元，入账日期 {value_on}。"
        ),
    ),
    "gift.lapsed": Wording(
        _OFFICE,
        N_("一份捐赠邀请已到期"),
        N_("向「{fund}」捐赠的一份邀请已于 {expires_on} 到期，对方没有付款。需要时可以重发邀请或撤回。"),
    ),
    "gift.basis_recorded": Wording(
        _OFFICE,
        N_("「{holder}」接受捐赠的依据已登记"),
        N_("「{holder}」接受捐赠的依据（{document_no}）已登记，支付平台的捐赠资金可以邀请捐赠人。依据是否成立仍待确认。"),
    ),
    "gift.basis_withdrawn": Wording(
        _OFFICE,
        N_("「{holder}」接受捐赠的依据已撤下"),
        N_("「{holder}」接受捐赠的依据（{document_no}）已撤下，理由：{reason}。重新登记之前，在线收款关闭。"),
        mail=True,
    ),
}  # fmt: skip
GIFTS_SILENT: Mapping[str, str] = {}
