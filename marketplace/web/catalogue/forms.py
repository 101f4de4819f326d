"""The forms of the catalogue's editor."""

from datetime import date

from msgspec import Struct, structs

from marketplace.catalogue.schemas import (
    Answer,
    Consultation,
    EntryText,
    ItemView,
    NewCode,
    NewDraft,
    NewExpert,
    NewOpinion,
    Publication,
    Standard,
    Unit,
)
from marketplace.catalogue.states import Match
from marketplace.kit.fields import CatalogueCode, Fen, Line, Name, Reason
from marketplace.kit.i18n import N_
from marketplace.web.forms import Form, FormKind


class EntryForm(Struct, frozen=True, kw_only=True):
    """An entry as typed: procurement codes in one field; ``revision`` is 0 for a new one."""

    code: CatalogueCode
    name: Name
    procurement_codes: Line = ""
    match: Match = Match.UNVERIFIED
    unit: Unit = ""
    unit_cost_fen: Fen | None = None
    standard: Standard = ""
    note: Line = ""
    name_en: Line = ""
    note_en: Line = ""
    revision: int = 0

    def entry(self) -> EntryText:
        """The entry as the command wants it."""
        known = structs.asdict(self)
        del known["revision"]
        codes = self.procurement_codes.replace("；", " ").replace(";", " ").replace("、", " ").replace(",", " ")
        return EntryText(**known | {"procurement_codes": tuple(codes.upper().split())})


class ReasonForm(Struct, frozen=True, kw_only=True):
    """Why something is done."""

    reason: Reason


class FileForm(Struct, frozen=True):
    """The form has only its file."""


class SheetForm(Struct, frozen=True, kw_only=True):
    """A sheet, and whether it is the edition entire."""

    whole: bool = False


class ApplyForm(Struct, frozen=True, kw_only=True):
    """The revision of the draft that the report was about."""

    revision: int


class CompareForm(Struct, frozen=True, kw_only=True):
    """Two editions by their numbers."""

    old: int
    new: int


ENTRY = FormKind(
    EntryForm,
    labels={
        "code": N_("编码"),
        "name": N_("名称"),
        "procurement_codes": N_("采购品目编码"),
        "match": N_("核对情况"),
        "unit": N_("计量单位"),
        "unit_cost_fen": N_("单位成本"),
        "standard": N_("服务标准"),
        "note": N_("说明"),
        "name_en": N_("英文名称"),
        "note_en": N_("英文说明"),
    },
    hints={
        "code": N_("一级如 A，二级如 A04，三级如 A0401；上级条目须已在本版目录中。"),
        "procurement_codes": N_("C 开头加八位数字，多个用分号隔开。"),
        "match": N_("名称与品目表相同填“名称一致”；没有品目填“尚未找到”。"),
        "unit": N_("例如：人次、场、小时。"),
        "unit_cost_fen": N_("每一计量单位的参考成本，以元填写。"),
        "standard": N_("服务要达到什么：人员、次数、时长、质量。"),
    },
)
DRAFT = FormKind(
    NewDraft,
    labels={"label": N_("目录名称"), "note": N_("说明")},
    hints={"label": N_("例如：2026 年指导性目录。"), "note": N_("可以写编制依据和文号。")},
)
REASON = FormKind(ReasonForm, labels={"reason": N_("理由")})
CONSULT = FormKind(Consultation, labels={"first": N_("开始日期"), "last": N_("截止日期")})
PUBLISH = FormKind(
    Publication,
    labels={"in_force_on": N_("施行日期")},
    hints={"in_force_on": N_("填今天即刻施行；填以后的日期，到那天自动施行。")},
)
EXPERT = FormKind(
    NewExpert,
    labels={
        "name": N_("专家姓名"),
        "employer": N_("工作单位"),
        "title": N_("职务或职称"),
        "conclusion": N_("结论"),
        "content": N_("意见"),
        "given_on": N_("论证日期"),
    },
)
OPINION = FormKind(
    NewOpinion,
    labels={"code": N_("针对"), "content": N_("意见"), "signed": N_("称呼或单位")},
    hints={
        "content": N_("写明要改什么、为什么。不要写个人信息。"),
        "signed": N_("只给经办人看，不公开。"),
    },
)
ANSWER = FormKind(
    Answer,
    labels={"action": N_("处理"), "answer": N_("答复和理由")},
    hints={"answer": N_("采纳的写明怎么改，不采纳的写明理由；与意见一起公开。")},
)
FILE = FormKind(
    FileForm, labels={"file": N_("论证纪要")}, hints={"file": N_("pdf、ofd、Word 或扫描件，不超过 20 MB。")}
)
SHEET = FormKind(
    SheetForm,
    labels={"file": N_("目录表格"), "whole": N_("这是整版目录：表中没有的条目视为取消")},
    hints={"file": N_(".xlsx、.xls、.et 或 .ods，第一行是列名。")},
)
APPLY = FormKind(ApplyForm, labels={"revision": N_("版次")})
CODE = FormKind(NewCode, labels={"code": N_("品目编码"), "name": N_("品目名称")})
COMPARE = FormKind(CompareForm, labels={"old": N_("原版"), "new": N_("新版")})


def entry_form(item: ItemView) -> Form[EntryForm]:
    """The form that shows an entry as it is."""
    known = {name: getattr(item, name) for name in EntryForm.__struct_fields__ if name != "procurement_codes"}
    return ENTRY.blank(**known, procurement_codes="；".join(one.code for one in item.procurement_codes))


def consult_form(first: date, last: date) -> Form[Consultation]:
    """The form with the usual time for opinions."""
    return CONSULT.blank(first=first, last=last)
