"""The forms of gifts: the donor's own, and those of the office that receives."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from marketplace.funds.schemas.gifts import NewInvitation, Renewal, Why, Wish
from marketplace.kit.fields import Line, Name
from marketplace.kit.i18n import N_
from marketplace.web.forms import FormKind


class BasisForm(Struct, frozen=True, kw_only=True):
    """The paper by which a holder may receive gifts, without its file."""

    holder_id: UUID
    document_no: Name
    dated_on: date
    note: Line = ""


WISH = FormKind(
    Wish,
    labels={
        "amount_fen": N_("捐赠金额"),
        "donor": N_("您的姓名或名称"),
        "anonymous": N_("公示时不公开我的姓名"),
        "message": N_("留言"),
    },
    hints={
        "amount_fen": N_("以元填写，最多两位小数。金额由您决定，可以与建议金额不同。"),
        "donor": N_("写在捐赠收据上。"),
        "anonymous": N_("收据上仍有姓名，对外公示显示“不公开”。"),
        "message": N_("可以不填，只有受赠单位看得到。"),
    },
)
BASIS_FORM = FormKind(
    BasisForm,
    labels={
        "holder_id": N_("受赠单位"),
        "document_no": N_("依据文号"),
        "dated_on": N_("文件日期"),
        "note": N_("说明"),
        "paper": N_("依据文件"),
    },
    hints={
        "document_no": N_("例如公开募捐资格证书、公益性捐赠税前扣除资格公告或主管单位批复的文号。"),
        "dated_on": N_("文件上的日期，不能晚于今天。"),
        "note": N_("可以写明依据哪一条、有效到何时。"),
        "paper": N_("扫描件或电子版，PDF 或图片，20 MB 以内。"),
    },
)
INVITATION_FORM = FormKind(
    NewInvitation,
    labels={
        "fund_id": N_("捐入的资金"),
        "donor": N_("捐赠人姓名或名称"),
        "email": N_("捐赠人邮箱"),
        "suggested_fen": N_("建议金额"),
        "agreement": N_("约定的用途"),
        "expires_on": N_("邀请有效期至"),
        "note": N_("内部备注"),
    },
    hints={
        "fund_id": N_("只列出存放在支付平台、正在使用的捐赠资金。"),
        "email": N_("邀请链接和捐赠收据发到这个邮箱。"),
        "suggested_fen": N_("可以不填。捐赠人总能自己决定金额，系统不设任务数，也不排名。"),
        "agreement": N_("留空则使用资金的限定用途。捐赠人看到的就是这段文字。"),
        "expires_on": N_("从明天起，最长 180 天。"),
        "note": N_("捐赠人看不到。"),
    },
)
RENEWAL = FormKind(Renewal, labels={"expires_on": N_("新的有效期至")})
WHY = FormKind(Why, labels={"reason": N_("理由")})
