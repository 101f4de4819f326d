"""A roster as people keep it in Excel or WPS: its columns, its rows as text, and a sheet that can be filled in."""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import BinaryIO
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook

from marketplace.aid.rules.refusals import ConsentUnclear, FiguresLost
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_code, clean_line, half_width
from marketplace.suppliers.rules.refusals import HeadingMissing, TooManyLines, UnreadableTable
from marketplace.suppliers.rules.tables import CellMissing

COLUMNS: Mapping[str, str] = {
    "name": N_("姓名"),
    "resident_id": N_("身份证号"),
    "stage": N_("学段"),
    "amount_fen": N_("金额（元）"),
    "bank_name": N_("开户行"),
    "account_number": N_("账号"),
    "guardian_consent": N_("监护人同意"),
}
"""The columns of a roster by the field they fill."""
NEEDED = ("name", "resident_id", "stage", "amount_fen", "bank_name", "account_number")
CODES = frozenset({"resident_id", "account_number"})
LINES_MAX = 2_000
EXACT_MAX = 10**15
"""A spreadsheet keeps fifteen figures of a number; of longer ones the last are lost."""
LOST = "\0lost"
"""Stands for a long code that was kept as a number."""
_YES, _NO = frozenset({"是", "有", "同意", "√", "Y", "YES"}), frozenset({"", "否", "无", "不适用", "N", "NO", "-"})
EXAMPLE: Mapping[str, str] = {
    "name": "示例学生",
    "resident_id": "511602190001010013",
    "stage": "大学",
    "amount_fen": "3000.00",
    "bank_name": "示例银行广安支行",
    "account_number": "6222000000000000",
    "guardian_consent": "否",
}
"""A row that shows how a roster is filled in; the person does not exist."""


def _cell(field: str, value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        if field in CODES and abs(value) >= EXACT_MAX:
            return LOST
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    text = clean_line(str(value))
    if field in CODES:
        return clean_code(text)
    return half_width(text).strip() if field in ("amount_fen", "guardian_consent") else text


def read_roster(stream: BinaryIO) -> list[tuple[int, dict[str, str]]]:
    """The rows of the first sheet with their numbers as the sheet counts them; empty rows are passed over.

    Raises:
        UnreadableTable: the file is no workbook.
        HeadingMissing: the first row lacks a column that is needed.
        TooManyLines: there are more than ``LINES_MAX``.
    """
    try:
        lines = CalamineWorkbook.from_filelike(BytesIO(stream.read())).get_sheet_by_index(0).to_python()
    except (CalamineError, BadZipFile, OSError, ValueError, IndexError):
        raise UnreadableTable(field="file") from None
    headings = [clean_line(str(value)) for value in lines[0]] if lines else []
    places = {field: headings.index(title) for field, title in COLUMNS.items() if title in headings}
    lacking = [COLUMNS[field] for field in NEEDED if field not in places]
    if lacking:
        raise HeadingMissing(field="file", columns="、".join(lacking))
    rows = [
        (number, {field: _cell(field, line[place]) for field, place in places.items()})
        for number, line in enumerate(lines[1:], 2)
    ]
    found = [(number, row) for number, row in rows if any(row.values())]
    if len(found) > LINES_MAX:
        raise TooManyLines(field="file", limit=LINES_MAX)
    return found


def cell_refusals(row: Mapping[str, str]) -> list[DomainError]:
    """What is wrong with a row before its values are looked at: cells missing, figures lost."""
    found: list[DomainError] = [
        CellMissing(field=field, column=COLUMNS[field]) for field in NEEDED if not row.get(field)
    ]
    found += [FiguresLost(field=field, column=COLUMNS[field]) for field in sorted(CODES) if row.get(field) == LOST]
    return found


def consent(text: str) -> bool:
    """What the column 监护人同意 says.

    Raises:
        ConsentUnclear: neither yes nor no.
    """
    word = text.upper()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ConsentUnclear(field="guardian_consent")
