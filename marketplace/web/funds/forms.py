"""The forms of the finance desk, each declared once over the domain's own shape."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.funds.rules import ReceiptKind
from marketplace.funds.schemas import NewFund, NewReceipt
from marketplace.kit.fields import Fen, Line, Name, Reason
from marketplace.kit.i18n import N_
from marketplace.web.forms import FormKind


class ReceiptForm(Struct, frozen=True, kw_only=True):
    """A receipt as typed at the desk of one fund."""

    kind: ReceiptKind
    amount_fen: Fen
    value_date: date
    document_no: Name
    payer: Name
    hide_payer: bool = False
    note: Line = ""

    def receipt(self, fund_id: UUID) -> NewReceipt:
        """The receipt as the command wants it."""
        return NewReceipt(
            fund_id=fund_id,
            kind=self.kind,
            amount_fen=self.amount_fen,
            value_date=self.value_date,
            document_no=self.document_no,
            payer=self.payer,
            disclose_payer=not self.hide_payer,
            note=self.note,
        )


class CorrectionForm(ReceiptForm, frozen=True, kw_only=True):
    """What a mistyped receipt should have been."""

    reason: Reason


class ReasonForm(Struct, frozen=True, kw_only=True):
    """Why something is done."""

    reason: Reason


class TraceForm(Struct, frozen=True, kw_only=True):
    """What a giver has in hand: the receipt's number and its check code."""

    number: Annotated[str, Meta(min_length=1, max_length=20)]
    check_code: Annotated[str, Meta(min_length=1, max_length=12)]


NEW_FUND = FormKind(
    NewFund,
    labels={
        "name": N_("资金名称"),
        "source": N_("资金来源"),
        "custody": N_("存放方式"),
        "buyer_id": N_("使用单位"),
        "year": N_("预算年度"),
        "basis_document_no": N_("依据文号"),
        "clause": N_("限定用途"),
        "catalogue_codes": N_("限用目录条目"),
        "expires_on": N_("使用期限"),
    },
    hints={
        "custody": N_("财政资金为指标（国库支付）；工会经费在银行账户；捐赠资金在银行账户或支付平台。"),
        "buyer_id": N_("只有使用单位的项目可以占用这笔资金。"),
        "basis_document_no": N_("例如预算批复、下拨通知或捐赠协议的文号。"),
        "clause": N_("按协议或文件原文填写；没有限定的留空。"),
        "catalogue_codes": N_("填目录代码，例如 A0401；只填到 A04 表示该类都可以用。不限定的留空。"),
        "expires_on": N_("最后一个里程碑不得晚于此日；没有期限的留空。"),
    },
)
_RECEIPT_LABELS = {
    "kind": N_("收入类别"),
    "amount_fen": N_("到账金额"),
    "value_date": N_("到账日期"),
    "document_no": N_("单据文号"),
    "payer": N_("付款方"),
    "hide_payer": N_("付款方要求不公开名称"),
    "note": N_("备注"),
}
_RECEIPT_HINTS = {
    "amount_fen": N_("以元填写，最多两位小数。"),
    "value_date": N_("银行回单或指标文件上的日期，不能晚于今天。"),
    "document_no": N_("同一资金内不能重复。"),
}
NEW_RECEIPT = FormKind(ReceiptForm, labels=_RECEIPT_LABELS, hints=_RECEIPT_HINTS)
CORRECTION = FormKind(
    CorrectionForm,
    labels={**_RECEIPT_LABELS, "reason": N_("更正原因")},
    hints={**_RECEIPT_HINTS, "reason": N_("写明错在哪里、依据什么改。原收据作废但保留，审计可以看到。")},
)
REASON = FormKind(ReasonForm, labels={"reason": N_("原因")})
TRACE = FormKind(
    TraceForm,
    labels={"number": N_("收据号"), "check_code": N_("校验码")},
    hints={"number": N_("例如 SJ-2026-0007。"), "check_code": N_("收据上的八位字母和数字。")},
)
