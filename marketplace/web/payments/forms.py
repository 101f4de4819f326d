"""The forms of paying and reconciling, each declared once over what is typed."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.funds.schemas import Change, NewApplication, NewCustodyAccount
from marketplace.funds.schemas.settlement import InvoiceNumber
from marketplace.funds.states.reconciling import Category
from marketplace.kit.fields import Fen, Line, Reason
from marketplace.kit.i18n import N_
from marketplace.web.forms import FormKind


class Invoice(Struct, frozen=True, kw_only=True):
    """What the accountant types beside a claim: the invoice and how much of it is to be paid now."""

    amount_fen: Fen
    invoice_no: InvoiceNumber
    invoice_on: date
    note: Line = ""

    def application(self, milestone_id: UUID, payee_id: UUID) -> NewApplication:
        """The application as the command wants it."""
        return NewApplication(
            obligation_id=milestone_id,
            payee_id=payee_id,
            amount_fen=self.amount_fen,
            invoice_no=self.invoice_no,
            invoice_on=self.invoice_on,
            note=self.note,
        )

    def change(self) -> Change:
        """What is put right in an application that was sent back."""
        return Change(
            amount_fen=self.amount_fen, invoice_no=self.invoice_no, invoice_on=self.invoice_on, note=self.note
        )


class Why(Struct, frozen=True, kw_only=True):
    """The reason for an act."""

    reason: Reason


class Chosen(Struct, frozen=True, kw_only=True):
    """The payments ticked in a list."""

    payment_ids: tuple[UUID, ...] = ()


class Ticked(Struct, frozen=True, kw_only=True):
    """The records ticked in the two lists of a book."""

    items: tuple[Annotated[str, Meta(max_length=120)], ...] = ()
    note: Line = ""


class Explaining(Struct, frozen=True, kw_only=True):
    """Why a record has no counterpart."""

    category: Category
    text: Reason
    owner_id: UUID | None = None
    due_on: date | None = None


class Upload(Struct, frozen=True):
    """The form has only its file."""


INVOICE = FormKind(
    Invoice,
    labels={
        "amount_fen": N_("申请金额"),
        "invoice_no": N_("发票号码"),
        "invoice_on": N_("开票日期"),
        "note": N_("说明"),
        "payee_id": N_("收款方"),
        "funding": N_("付款资金"),
    },
    hints={
        "amount_fen": N_("以元填写，不能超过应付余额。"),
        "invoice_no": N_("按发票上的号码填写，数字电子发票为 20 位。"),
        "invoice_on": N_("不早于合同签订日期。"),
    },
)
REASON = FormKind(Why, labels={"reason": N_("原因")})
CHOSEN = FormKind(Chosen, labels={"payment_ids": N_("付款")})
ACCOUNT = FormKind(
    NewCustodyAccount,
    labels={
        "custody": N_("资金存放方式"),
        "number": N_("账号"),
        "name": N_("户名"),
        "bank_name": N_("开户行"),
    },
    hints={
        "custody": N_("每种存放方式登记一个付款账户；支付平台的资金不经过银行账户。"),
        "number": N_("8 到 32 位数字，不含空格。"),
    },
)
TICKED = FormKind(Ticked, labels={"items": N_("记录"), "note": N_("说明")})
EXPLAINING = FormKind(
    Explaining,
    labels={
        "category": N_("差异类别"),
        "text": N_("说明"),
        "owner_id": N_("负责人"),
        "due_on": N_("查清期限"),
    },
    hints={
        "text": N_("写明依据，例如银行回单号或经办人的答复。"),
        "owner_id": N_("只有「待查」需要指定。"),
        "due_on": N_("只有「待查」需要填写。"),
    },
)
UPLOAD = FormKind(
    Upload, labels={"file": N_("对账单文件")}, hints={"file": N_("银行或国库给出的原件（CSV），不要改动。")}
)
