"""A list of organizations as people keep it in Excel or WPS: its columns, its rows as text, what is wrong with one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import BadZipFile

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.fields import Email, Name, Phone, Title
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_code, clean_line, half_width
from marketplace.suppliers.rules.codes import natures_of, uscc_problem
from marketplace.suppliers.rules.refusals import HeadingMissing, TooManyLines, UnreadableTable
from marketplace.suppliers.states import REGISTRABLE, Nature

COLUMNS = {
    "name": N_("组织名称"),
    "uscc": N_("统一社会信用代码"),
    "legal_representative": N_("法定代表人"),
    "contact_name": N_("联系人"),
    "contact_phone": N_("联系电话"),
    "contact_email": N_("联系邮箱"),
    "supervising_unit": N_("业务主管单位"),
    "registrar": N_("登记管理机关"),
    "service_scope": N_("业务范围"),
}
"""The columns of a list by the field they fill; those of the first group must be there."""
NEEDED = ("name", "uscc", "legal_representative", "contact_name", "contact_phone", "contact_email")
LINES_MAX = 2_000
_FIELDS: Mapping[str, Any] = {
    "name": Title,
    "legal_representative": Name,
    "contact_name": Name,
    "contact_phone": Phone,
    "contact_email": Email,
}


class CellMissing(DomainError):
    """A cell that is needed is empty."""

    kind, code = Kind.INVALID, "cell_missing"
    text = N_("缺少「{column}」。")


class CellUnfit(DomainError):
    """A cell holds something else than its column asks for."""

    kind, code = Kind.INVALID, "cell_unfit"
    text = N_("「{column}」的内容「{given}」不正确。")


class NatureUnclear(DomainError):
    """The code alone does not say what the organization is."""

    kind, code = Kind.INVALID, "nature_unclear"
    text = N_("代码以 {prefix} 开头，不能判断组织类型，或这类单位不能作为承接主体。请由该单位自行登记。")


class CodeTwice(DomainError):
    """The same code stands twice in the list."""

    kind, code = Kind.CONFLICT, "code_twice_in_list"
    text = N_("代码与第 {number} 行重复。")


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return clean_line(str(value))


def _typed(field: str, text: str) -> str:
    """What was typed; codes, numbers and addresses half-width, names as they are."""
    return half_width(text).replace(" ", "") if field in ("uscc", "contact_phone", "contact_email") else text


def read_table(
    stream: BinaryIO, columns: Mapping[str, str] = COLUMNS, needed: Sequence[str] = NEEDED
) -> list[tuple[int, dict[str, str]]]:
    """The rows of the first sheet with their numbers as the sheet counts them; empty rows are passed over.

    ``columns`` are the headings by the field they fill, ``needed`` the fields that must be there.

    Raises:
        UnreadableTable: the file is no workbook.
        HeadingMissing: the first row lacks a column that is needed.
        TooManyLines: there are more than ``LINES_MAX``.
    """
    try:
        lines = CalamineWorkbook.from_filelike(BytesIO(stream.read())).get_sheet_by_index(0).to_python()
    except (CalamineError, BadZipFile, OSError, ValueError, IndexError):
        raise UnreadableTable(field="file") from None
    headings = [_cell(value) for value in lines[0]] if lines else []
    places = {field: headings.index(title) for field, title in columns.items() if title in headings}
    lacking = [columns[field] for field in needed if field not in places]
    if lacking:
        raise HeadingMissing(field="file", columns="、".join(lacking))
    rows = [
        (number, {field: _typed(field, _cell(line[place])) for field, place in places.items()})
        for number, line in enumerate(lines[1:], 2)
    ]
    found = [(number, row) for number, row in rows if any(row.values())]
    if len(found) > LINES_MAX:
        raise TooManyLines(field="file", limit=LINES_MAX)
    return found


def nature_by_code(code: str) -> Nature | None:
    """The one nature that a valid code leaves open, if it leaves only one that may register."""
    fitting = natures_of(code) & REGISTRABLE
    return min(fitting) if len(fitting) == 1 else None


def row_problems(row: Mapping[str, str], seen: Mapping[str, int]) -> list[DomainError]:
    """What is wrong with a row; ``seen`` are the codes of the rows above with their numbers."""
    found: list[DomainError] = [CellMissing(column=COLUMNS[field]) for field in NEEDED if not row.get(field)]
    for field, kind in _FIELDS.items():
        given = row.get(field, "")
        if given and not _fits(given, kind):
            found.append(CellUnfit(column=COLUMNS[field], given=given))
    if not row.get("uscc"):
        return found
    wrong, code = uscc_problem(row["uscc"]), clean_code(row["uscc"])
    if wrong is not None:
        found.append(wrong)
    elif nature_by_code(code) is None:
        found.append(NatureUnclear(prefix=code[:2]))
    if code in seen:
        found.append(CodeTwice(number=seen[code]))
    return found


def _fits(given: str, kind: Any) -> bool:
    try:
        msgspec.convert(given, kind)
    except msgspec.ValidationError:
        return False
    return True


def example() -> Sequence[str]:
    """A row that shows how a list is filled in; its organization does not exist."""
    known = {
        "name": "示例社会工作服务中心", "uscc": "52511602MJX000018K", "legal_representative": "张某",
        "contact_name": "李某", "contact_phone": "0826-2000000", "contact_email": "office@example.com",
        "registrar": "示例区民政局",
    }  # fmt: skip
    return [known.get(field, "") for field in COLUMNS]
