"""The forms of a bid, one a page, and what they make of a draft."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from marketplace.bids.queries.reuse import Saved
from marketplace.bids.schemas import Answer, Asked, Contact, CostLine, DraftChange, DraftView, Plan, StaffMember
from marketplace.kit.errors import BadValue
from marketplace.kit.fields import Fen, Line, Name, Paragraphs, Phone
from marketplace.kit.i18n import N_
from marketplace.web.forms import Form, FormKind
from marketplace.web.i18n import say

QUANTITY = N_("数量要大于 0，最多两位小数，例如 120 或 12.5。")
QUANTITY_MAX = 10**10
DECLARE = N_("请阅读并勾选声明，然后递交。")
DIFFERENT = N_("两次输入的口令不一致，请重新输入。")


class LineRow(Struct, frozen=True, kw_only=True):
    """A cost line as it is typed: the quantity with its decimals."""

    name: Name
    unit: Name
    quantity: Decimal
    unit_price_fen: Fen
    note: Line = ""

    def __post_init__(self) -> None:
        hundredths = self.quantity * 100
        if hundredths != hundredths.to_integral_value() or not 0 < self.quantity <= QUANTITY_MAX:
            raise BadValue(field="quantity", problem=say(QUANTITY))

    def line(self) -> CostLine:
        """The line as it is stored."""
        return CostLine(
            name=self.name,
            unit=self.unit,
            quantity_hundredths=int(self.quantity * 100),
            unit_price_fen=self.unit_price_fen,
            note=self.note,
        )

    @staticmethod
    def of(line: CostLine) -> "LineRow":
        """The line as it is shown for editing."""
        quantity = Decimal(line.quantity_hundredths).scaleb(-2).normalize()
        return LineRow(
            name=line.name,
            unit=line.unit,
            quantity=Decimal(f"{quantity:f}"),
            unit_price_fen=line.unit_price_fen,
            note=line.note,
        )


class PriceForm(Struct, frozen=True, kw_only=True):
    """The page of the price."""

    version: int = 0
    cost_lines: tuple[LineRow, ...] = ()

    def change(self) -> DraftChange:
        """What it changes in the draft."""
        return DraftChange(cost_lines=tuple(row.line() for row in self.cost_lines))


class PlanForm(Struct, frozen=True, kw_only=True):
    """The page of plan and staff."""

    version: int = 0
    approach: Paragraphs = ""
    schedule: Paragraphs = ""
    quality: Paragraphs = ""
    risks: Paragraphs = ""
    staff: tuple[StaffMember, ...] = ()

    def change(self) -> DraftChange:
        """What it changes in the draft."""
        plan = Plan(approach=self.approach, schedule=self.schedule, quality=self.quality, risks=self.risks)
        return DraftChange(plan=plan, staff=self.staff)


class ConfirmForm(Struct, frozen=True, kw_only=True):
    """The last page: whom to call, and the declaration."""

    version: int = 0
    contact_name: Name
    contact_phone: Phone
    declared: bool = False

    def __post_init__(self) -> None:
        if not self.declared:
            raise BadValue(field="declared", problem=say(DECLARE))

    def change(self) -> DraftChange:
        """What it changes in the draft."""
        return DraftChange(contact=Contact(name=self.contact_name, phone=self.contact_phone), declared=self.declared)


class FileForm(Struct, frozen=True, kw_only=True):
    """The texts beside a file; the file itself is read as it arrives."""

    kind: str = "plan"


class CodeForm(Struct, frozen=True, kw_only=True):
    """The code from the receipt."""

    code: str


class NothingForm(Struct, frozen=True, kw_only=True):
    """A form that only asks for a decision."""


class PassphraseForm(Struct, frozen=True, kw_only=True):
    """An opener's passphrase."""

    passphrase: str


class NewPassphraseForm(Struct, frozen=True, kw_only=True):
    """A new passphrase, typed twice."""

    passphrase: str
    repeated_passphrase: str

    def __post_init__(self) -> None:
        if self.passphrase != self.repeated_passphrase:
            raise BadValue(field="repeated_passphrase", problem=say(DIFFERENT))


PRICE = FormKind(
    PriceForm,
    labels={
        "cost_lines": N_("费用明细"),
        "cost_lines.name": N_("费用项目"),
        "cost_lines.unit": N_("单位"),
        "cost_lines.quantity": N_("数量"),
        "cost_lines.unit_price_fen": N_("单价"),
        "cost_lines.note": N_("说明"),
    },
)
PLAN = FormKind(
    PlanForm,
    labels={
        "approach": N_("服务内容与做法"),
        "schedule": N_("进度安排"),
        "quality": N_("质量保证与服务对象反馈"),
        "risks": N_("风险与应急"),
        "staff": N_("服务人员"),
        "staff.name": N_("姓名"),
        "staff.post": N_("岗位"),
        "staff.qualification": N_("资格或证书"),
        "staff.years": N_("从业年数"),
    },
    hints={
        "approach": N_("写清为谁、做什么、怎么做、做多少。"),
        "schedule": N_("按时间写明每个阶段完成什么。"),
        "staff": N_("姓名只给采购方和评审看，公开时遮蔽。"),
    },
)
CONFIRM = FormKind(
    ConfirmForm,
    labels={
        "contact_name": N_("联系人"),
        "contact_phone": N_("联系电话"),
        "declared": N_("我们声明：以上内容真实，报价独立作出，没有与其他组织串通；不转包；没有依法应当回避的情形。"),
    },
    hints={"contact_phone": N_("开启后采购方需要核实时使用。")},
)
FILE = FormKind(FileForm, labels={"kind": N_("材料种类"), "file": N_("选择文件")})
CODE = FormKind(CodeForm, labels={"code": N_("修改码")}, hints={"code": N_("在上次递交后的回执上，24 个字母和数字。")})
NOTHING = FormKind(NothingForm, labels={})
PASSPHRASE = FormKind(PassphraseForm, labels={"passphrase": N_("您的开启口令")})
NEW_PASSPHRASE = FormKind(
    NewPassphraseForm,
    labels={"passphrase": N_("新的开启口令"), "repeated_passphrase": N_("再输入一次")},
    hints={"passphrase": N_("至少 10 个字符，最好是一句只有您知道的话。系统不保存它，忘记了谁也找不回来。")},
)


def price_form(draft: DraftView | None) -> Form[PriceForm]:
    """The page of the price, filled with what is there."""
    lines = tuple(LineRow.of(line) for line in draft.cost_lines) if draft else ()
    return PRICE.blank(version=draft.version if draft else 0, cost_lines=lines)


def plan_form(draft: DraftView | None) -> Form[PlanForm]:
    """The page of plan and staff, filled with what is there."""
    if draft is None:
        return PLAN.blank(version=0)
    return PLAN.blank(version=draft.version, staff=draft.staff, **msgspec.structs.asdict(draft.plan))


def confirm_form(draft: DraftView | None, saved: Saved) -> Form[ConfirmForm]:
    """The last page, filled with what is there, and else with what the organization's saved data bring."""
    typed = draft.contact if draft else Contact()
    contact = typed if typed.name.strip() or typed.phone.strip() else saved.contact
    return CONFIRM.blank(
        version=draft.version if draft else 0,
        contact_name=contact.name,
        contact_phone=contact.phone,
        declared=saved.declared or (draft is not None and draft.declared),
    )


def answers_kind(asked: Asked) -> FormKind[Any]:
    """The page of answers: a text for each criterion, a tick and a proof for each condition."""
    fields: list[tuple[str, Any, Any]] = [("version", int, 0)]
    labels: dict[str, str] = {}
    for number, criterion in enumerate(asked.criteria):
        fields.append((f"criterion_{number}", Paragraphs, ""))
        labels[f"criterion_{number}"] = criterion.name
    for number, condition in enumerate(asked.conditions):
        fields += [(f"condition_{number}", bool, False), (f"proof_{number}", Line, "")]
        labels |= {f"condition_{number}": condition.content, f"proof_{number}": N_("证明材料或说明")}
    shape: type[Any] = msgspec.defstruct("AnswersForm", fields, frozen=True, kw_only=True)
    return FormKind(shape, labels)


def answers_form(asked: Asked, draft: DraftView | None) -> Form[Any]:
    """The page of answers, filled with what is there."""
    known: dict[str, object] = {"version": draft.version if draft else 0}
    nothing = Answer()
    for number, criterion in enumerate(asked.criteria):
        answer = draft.criteria.get(criterion.id, nothing) if draft else nothing
        known[f"criterion_{number}"] = answer.text
    for number, condition in enumerate(asked.conditions):
        answer = draft.conditions.get(condition.id, nothing) if draft else nothing
        known |= {f"condition_{number}": answer.met, f"proof_{number}": answer.text}
    return answers_kind(asked).blank(**known)


def answers_change(asked: Asked, data: Any) -> DraftChange:
    """What the page of answers changes in the draft."""
    return DraftChange(
        criteria={
            one.id: Answer(text=getattr(data, f"criterion_{number}")) for number, one in enumerate(asked.criteria)
        },
        conditions={
            one.id: Answer(met=getattr(data, f"condition_{number}"), text=getattr(data, f"proof_{number}"))
            for number, one in enumerate(asked.conditions)
        },
    )


def amounts(rows: Sequence[Any]) -> list[int | None]:
    """The amount in fen of each typed cost line, as far as it can be read; None where it cannot."""
    found: list[int | None] = []
    for row in rows:
        try:
            line = LineRow(
                name="x",
                unit="x",
                quantity=Decimal(row.value("quantity").replace(",", "")),
                unit_price_fen=int(Decimal(row.value("unit_price_fen").replace(",", "")) * 100),
            ).line()
        except (ArithmeticError, ValueError, BadValue):
            found.append(None)
        else:
            found.append(line.amount_fen)
    return found
