"""An edition as a sheet of Excel or WPS: its columns, its rows as text, and what a row says."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from marketplace.catalogue.rules.difference import Text
from marketplace.catalogue.rules.entries import level_of
from marketplace.catalogue.rules.refusals import SheetColumns, SheetEmpty, SheetTooLong, SheetUnreadable
from marketplace.catalogue.states import MATCH_NAMES
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan
from marketplace.kit.text import clean_code, clean_line, clean_paragraphs, half_width

COLUMNS: Mapping[str, str] = {
    "code": N_("目录编码"),
    "level_1": N_("一级目录"),
    "level_2": N_("二级目录"),
    "level_3": N_("三级目录"),
    "procurement_codes": N_("采购品目编码"),
    "procurement_names": N_("采购品目名称"),
    "match": N_("核对情况"),
    "unit": N_("计量单位"),
    "unit_cost_fen": N_("单位成本（元）"),
    "standard": N_("服务标准"),
    "note": N_("说明"),
    "name_en": N_("英文名称"),
    "note_en": N_("英文说明"),
}
"""The columns of an edition, in their order; a name stands in the column of its level."""
NEEDED = ("code", "level_1", "level_2", "level_3")
ROWS_MAX = 2_000
UNFOLDED_MAX = 64 * 2**20
"""A workbook is a zip file; one that unfolds to more bytes is none of ours."""
_CODES = frozenset({"code", "procurement_codes"})
_SEPARATORS = str.maketrans(dict.fromkeys("；;、，,\n/", " "))


def _cell(field: str, value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    text = str(value)
    if field in _CODES:
        return " ".join(clean_code(part) for part in half_width(text).translate(_SEPARATORS).split())
    if field == "unit_cost_fen":
        return clean_line(half_width(text))
    return clean_paragraphs(text) if field == "standard" else clean_line(text)


def _guarded(content: bytes) -> BytesIO:
    """The content, unless it is a zip file that unfolds to too much."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > UNFOLDED_MAX:
                raise SheetUnreadable(field="file")
    return BytesIO(content)


def read_sheet(stream: BinaryIO) -> list[tuple[int, dict[str, str]]]:
    """The rows of the first sheet with their numbers as the sheet counts them; empty rows are passed over.

    Of a formula its last result is read, never the formula.

    Raises:
        SheetUnreadable: the file is no workbook.
        SheetColumns: the first row lacks a column that is needed.
        SheetTooLong: there are more than ``ROWS_MAX`` rows.
        SheetEmpty: there is none.
    """
    try:
        lines = CalamineWorkbook.from_filelike(_guarded(stream.read())).get_sheet_by_index(0).to_python()
    except (CalamineError, BadZipFile, OSError, ValueError, IndexError, NotImplementedError):
        raise SheetUnreadable(field="file") from None
    headings = [clean_line(str(value)) for value in lines[0]] if lines else []
    places = {field: headings.index(title) for field, title in COLUMNS.items() if title in headings}
    lacking = [COLUMNS[field] for field in NEEDED if field not in places]
    if lacking:
        raise SheetColumns(field="file", columns="、".join(lacking))
    rows = [
        (number, {field: _cell(field, line[place]) for field, place in places.items()})
        for number, line in enumerate(lines[1:], 2)
    ]
    found = [(number, row) for number, row in rows if any(row.values())]
    if len(found) > ROWS_MAX:
        raise SheetTooLong(field="file", limit=ROWS_MAX)
    if not found:
        raise SheetEmpty(field="file")
    return found


def write_row(entry: Text, names: Mapping[str, str], match_word: str) -> list[str]:
    """An entry as a row of the sheet; ``names`` of procurement codes, ``match_word`` how sure they are."""
    level = level_of(entry.code)
    cells = {
        "code": entry.code,
        f"level_{level}": entry.name,
        "procurement_codes": "；".join(entry.procurement_codes),
        "procurement_names": "；".join(names.get(code, "") for code in entry.procurement_codes),
        "match": match_word if entry.procurement_codes or level == 3 else "",  # noqa: PLR2004 - the lowest level
        "unit": entry.unit,
        "unit_cost_fen": "" if entry.unit_cost_fen is None else yuan(entry.unit_cost_fen),
        "standard": entry.standard,
        "note": entry.note,
        "name_en": entry.name_en,
        "note_en": entry.note_en,
    }
    return [cells.get(field, "") for field in COLUMNS]


MATCH_WORDS = {text: match for match, text in MATCH_NAMES.items()} | {match.value: match for match in MATCH_NAMES}
"""How a sheet says how sure a procurement code is."""


def names_in(row: Mapping[str, str]) -> Sequence[tuple[int, str]]:
    """The names that stand in the three columns of levels, with their level."""
    return [(level, name) for level in (1, 2, 3) if (name := row.get(f"level_{level}", ""))]
