"""The forms of aid."""

from uuid import UUID

from msgspec import Struct

from marketplace.aid.rules.sheet import COLUMNS
from marketplace.aid.schemas import NewEntitlement, NewProgramme, NewRate, NewRoster, Year
from marketplace.funds.rules import SourceKind
from marketplace.kit.fields import CatalogueCode, Paragraphs, Reason, Title
from marketplace.kit.i18n import N_
from marketplace.web.forms import FormKind


class ProgrammeForm(Struct, frozen=True, kw_only=True):
    """A programme that pays people, as typed."""

    name: Title
    year: Year
    source: SourceKind
    catalogue_code: CatalogueCode | None = None
    note: Paragraphs = ""
    rates: tuple[NewRate, ...] = ()

    def programme(self) -> NewProgramme:
        """The programme as the command wants it."""
        return NewProgramme(
            name=self.name,
            year=self.year,
            source=self.source,
            rates=self.rates,
            catalogue_codes=(self.catalogue_code,) if self.catalogue_code else (),
            note=self.note,
        )


class RosterForm(Struct, frozen=True, kw_only=True):
    """A new roster, as typed."""

    programme_id: UUID
    fund_id: UUID
    title: Title

    def roster(self) -> NewRoster:
        """The roster as the command wants it."""
        return NewRoster(programme_id=self.programme_id, fund_id=self.fund_id, title=self.title)


class ReasonForm(Struct, frozen=True, kw_only=True):
    """Why something is done."""

    reason: Reason


class FileForm(Struct, frozen=True):
    """The form has only its file."""


PROGRAMME = FormKind(
    ProgrammeForm,
    labels={
        "name": N_("项目名称"),
        "year": N_("年度"),
        "source": N_("资金来源"),
        "catalogue_code": N_("目录代码"),
        "note": N_("说明"),
        "rates": N_("资助标准"),
        "rates.group_name": N_("资助对象"),
        "rates.stage": N_("学段"),
        "rates.rate_fen": N_("每人金额"),
        "rates.sex": N_("限定"),
        "rates.heads_max": N_("计划人数"),
    },
    hints={
        "catalogue_code": N_("例如 A0404。资金限定了目录的，按它核对用途。"),
        "note": N_("公开展示：资助谁、怎么申请、钱从哪里来。不要写个人信息。"),
        "rates": N_("每个学段一项。名册按学段取标准，金额不能另填。"),
    },
)
ROSTER = FormKind(
    RosterForm,
    labels={"programme_id": N_("帮扶项目"), "fund_id": N_("资金"), "title": N_("名册名称")},
    hints={
        "fund_id": N_("只列出本单位使用、来源与项目相符的资金。提交名册时占用，退回时还回。"),
        "title": N_("例如：2026年金秋助学第一批发放名册。"),
    },
)
PERSON = FormKind(
    NewEntitlement,
    labels={name: COLUMNS[name] for name in ("name", "resident_id", "stage", "bank_name", "account_number")}
    | {"guardian_consent": N_("监护人已书面同意（不满 14 周岁必须）")},
    hints={
        "resident_id": N_("18 位。加密保存，页面只显示末四位。"),
        "account_number": N_("本人或监护人的银行账号，只填数字。加密保存。"),
    },
)
REASON = FormKind(ReasonForm, labels={"reason": N_("理由")})
FILE = FormKind(
    FileForm, labels={"file": N_("名册文件")}, hints={"file": N_(".xlsx、.xls、.et 或 .ods，第一行是列名。")}
)
