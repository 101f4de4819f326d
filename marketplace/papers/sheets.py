"""Tables for Excel and WPS: every cell is text, so that no code loses a figure and nothing is taken for a formula."""

from collections.abc import Collection, Sequence
from io import BytesIO

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 22


def text_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, marked: Collection[tuple[int, int]] = ()
) -> bytes:
    """One sheet with a bold first row; ``marked`` names cells (row, column, from 0) that are to stand out."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        plain = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@"})
        loud = book.add_format({"num_format": "@", "bg_color": "#FDE8E6", "font_color": "#B3261E"})
        sheet.set_column(0, max(len(headings) - 1, 0), WIDTH, plain)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(headings):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(number + 1, column, text, loud if (number, column) in marked else plain)
    return made.getvalue()
