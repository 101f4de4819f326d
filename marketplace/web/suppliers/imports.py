"""Taking in a list of organizations from Excel or WPS, with a report on every row."""

from io import BytesIO

import xlsxwriter
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands
from marketplace.suppliers.rules.tables import COLUMNS, NEEDED, example, read_table
from marketplace.suppliers.schemas import ImportLine
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again
from marketplace.web.suppliers.centre import HERE
from marketplace.web.suppliers.views import upload_of

NO_FILE = N_("请先选择文件，再上传。")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileTyped(Struct, frozen=True):
    """The form has only its file."""


FILE = FormKind(FileTyped, labels={"file": N_("名单文件")}, hints={"file": N_(".xlsx、.xls 或 .et，第一行是列名。")})


class ImportPages(Controller):
    """The page of the import."""

    path = f"{HERE}/import"

    def _page(self, form: Form[FileTyped], report: list[ImportLine] | None) -> Template:
        return again(
            "suppliers/import.html",
            form,
            report=report,
            columns=[(title, field in NEEDED) for field, title in COLUMNS.items()],
        )

    @get(sync_to_thread=False)
    def blank(self, actor: NamedDependency[Actor]) -> Template:
        """The form, and what a list looks like."""
        require(actor, Right.QUALIFY_SUPPLIER, {})
        return self._page(FILE.blank(), None)

    @post(sync_to_thread=True)
    def take_in(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template:
        """Register the right rows and report on all."""
        require(actor, Right.QUALIFY_SUPPLIER, {})
        form, file = FILE.read(typed), upload_of(typed.files.get("file", []))
        if file is None:
            form.errors["file"] = gettext(NO_FILE)
            return self._page(form, None)
        try:
            rows = read_table(BytesIO(file.file.read()))
            with database.write() as db:
                report = commands.import_list(db, safe, actor, rows, now=clock.now())
        except DomainError as refusal:
            return self._page(form.refused(refusal), None)
        return self._page(form, report)

    @get("/template.xlsx", sync_to_thread=True)
    def template(self, actor: NamedDependency[Actor]) -> Response[bytes]:
        """An empty list with its columns and one row as an example, every cell as text."""
        require(actor, Right.QUALIFY_SUPPLIER, {})
        made = BytesIO()
        with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
            sheet, plain, bold = (
                book.add_worksheet(),
                book.add_format({"num_format": "@"}),
                book.add_format({"bold": True}),
            )
            sheet.set_column(0, len(COLUMNS) - 1, 24, plain)
            sheet.write_row(0, 0, list(COLUMNS.values()), bold)
            for place, text in enumerate(example()):
                sheet.write_string(1, place, text, plain)
        headers = {"content-disposition": 'attachment; filename="suppliers.xlsx"'}
        return Response(made.getvalue(), media_type=XLSX, headers=headers)
