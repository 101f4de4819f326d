"""The entries of a draft, one by one and by the sheet."""

from io import BytesIO
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.catalogue import commands, queries
from marketplace.catalogue.rules.sheet import COLUMNS, NEEDED, read_sheet
from marketplace.catalogue.schemas import ItemView, SheetReport
from marketplace.catalogue.states import MATCH_NAMES, Outcome
from marketplace.db.base import Database
from marketplace.documents.commands import clean_name
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound, Stale
from marketplace.kit.i18n import N_
from marketplace.papers.sheets import text_table
from marketplace.web.catalogue.desk import BODY_BYTES_MAX, HERE, NO_FILE
from marketplace.web.catalogue.forms import APPLY, ENTRY, REASON, SHEET, entry_form
from marketplace.web.catalogue.public import attached
from marketplace.web.catalogue.views import WORDS
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page
from marketplace.web.suppliers.views import upload_of

EXAMPLE = (
    "A0401", "", "", "示例服务", "C05010200", "儿童福利服务", "名称一致", "人次", "80.00", "每周两次，每次不少于两小时",
    "", "Example service", "",
)  # fmt: skip


class DraftEntries(Controller):
    """Entries of a draft."""

    path = f"{HERE}/{{version_id:uuid}}/entries"

    def _context(self, database: Database, actor: Actor, clock: Clock, version_id: UUID) -> dict[str, Any]:
        with database.read() as db:
            view = queries.dossier(db, actor, version_id, now=clock.now())
            entries = queries.entries_of(db, version_id)
        matches = [(one.value, gettext(text)) for one, text in MATCH_NAMES.items()]
        return {**WORDS, "view": view, "entries": entries, "matches": matches}

    @get(sync_to_thread=True)
    def listed(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template:
        """All entries, in the order of codes."""
        return page("catalogue/entries.html", **self._context(database, actor, clock, version_id))

    @get("/new", sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template:
        """The form for a new entry."""
        require(actor, Right.EDIT_CATALOGUE, {})
        context = self._context(database, actor, clock, version_id)
        return page("catalogue/entry.html", **context, form=ENTRY.blank(match="unverified"), item=None)

    @post("/new", sync_to_thread=True)
    def add(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Add an entry."""
        require(actor, Right.EDIT_CATALOGUE, {})
        form = ENTRY.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.add_entry(db, actor, version_id, form.data.entry(), now=clock.now())
                return done(f"{HERE}/{version_id}/entries", N_("条目已新增。"))
            except DomainError as refusal:
                form.refused(refusal)
        return again("catalogue/entry.html", form, **self._context(database, actor, clock, version_id), item=None)

    def _item(self, context: dict[str, Any], item_id: UUID) -> ItemView:
        found: ItemView | None = next((one for one in context["entries"] if one.id == item_id), None)
        if found is None:
            raise NotFound
        return found

    @get("/{item_id:uuid}", sync_to_thread=True)
    def entry(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> Template:
        """The form of one entry."""
        require(actor, Right.EDIT_CATALOGUE, {})
        context = self._context(database, actor, clock, version_id)
        item = self._item(context, item_id)
        return page("catalogue/entry.html", **context, form=entry_form(item), item=item)

    @post("/{item_id:uuid}", sync_to_thread=True)
    def change(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Change an entry."""
        require(actor, Right.EDIT_CATALOGUE, {})
        form, stale = ENTRY.read(typed), False
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.change_entry(
                        db, actor, version_id, item_id, form.data.entry(), revision=form.data.revision, now=clock.now()
                    )
                return done(f"{HERE}/{version_id}/entries", N_("条目已修改。"))
            except DomainError as refusal:
                form.refused(refusal)
                stale = isinstance(refusal, Stale)
        context = self._context(database, actor, clock, version_id)
        item = self._item(context, item_id)
        if stale:
            form.texts["revision"] = [str(item.revision)]
        return again("catalogue/entry.html", form, **context, item=item)

    @get("/{item_id:uuid}/retire", sync_to_thread=True)
    def ask_why(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> Template:
        """The form that asks why an entry is retired."""
        require(actor, Right.EDIT_CATALOGUE, {})
        context = self._context(database, actor, clock, version_id)
        return page("catalogue/retire.html", **context, form=REASON.blank(), item=self._item(context, item_id))

    @post("/{item_id:uuid}/retire", sync_to_thread=True)
    def retire(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Leave an entry out of the draft."""
        require(actor, Right.EDIT_CATALOGUE, {})
        form = REASON.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.retire_entry(db, actor, version_id, item_id, reason=form.data.reason, now=clock.now())
                return done(f"{HERE}/{version_id}/entries", N_("条目已取消。"))
            except DomainError as refusal:
                form.refused(refusal)
        context = self._context(database, actor, clock, version_id)
        return again("catalogue/retire.html", form, **context, item=self._item(context, item_id))

    @post("/{item_id:uuid}/{way:str}", sync_to_thread=True)
    def move(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
        way: FromPath[str],
    ) -> Redirect:
        """Exchange an entry with the one before or after it.

        Raises:
            NotFound: there is no such way.
        """
        if way not in ("up", "down"):
            raise NotFound
        with database.write() as db:
            commands.move_entry(db, actor, version_id, item_id, up=way == "up", now=clock.now())
        return done(f"{HERE}/{version_id}/entries", N_("编码已互换，下级条目一起移动。"))


class DraftSheets(Controller):
    """A draft by the sheet: read first, told row by row, applied in one act."""

    path = f"{HERE}/{{version_id:uuid}}/sheets"
    request_max_body_size = BODY_BYTES_MAX

    def _page(
        self, database: Database, actor: Actor, clock: Clock, version_id: UUID, form: Form[Any],
        report: SheetReport | None,
    ) -> Template:  # fmt: skip
        require(actor, Right.EDIT_CATALOGUE, {})
        with database.read() as db:
            view = queries.dossier(db, actor, version_id, now=clock.now())
        columns = [(title, field in NEEDED) for field, title in COLUMNS.items()]
        return again(
            "catalogue/sheet.html", form, **WORDS, view=view, report=report, columns=columns, Outcome=Outcome
        )  # fmt: skip

    @get(sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template:
        """The form, and what a sheet looks like."""
        return self._page(database, actor, clock, version_id, SHEET.blank(), None)

    @get("/template.xlsx", sync_to_thread=False)
    def template(self, actor: NamedDependency[Actor], version_id: FromPath[UUID]) -> Response[bytes]:  # noqa: ARG002
        """An empty sheet with its columns and one row as an example."""
        require(actor, Right.EDIT_CATALOGUE, {})
        row = list(EXAMPLE)
        row[1:4] = ["", "", EXAMPLE[3]]
        return attached("catalogue.xlsx", text_table(list(COLUMNS.values()), [row]))

    @post(sync_to_thread=True)
    def read(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Read a sheet and go to its report; the draft stays as it is."""
        form, file = SHEET.read(typed), upload_of(typed.files.get("file", []))
        if file is None:
            form.errors["file"] = gettext(NO_FILE)
        elif form.data is not None:
            try:
                rows = read_sheet(BytesIO(file.file.read()))
                with database.write() as db:
                    sheet_id = commands.keep_sheet(
                        db, actor, version_id, rows,
                        name=clean_name(file.filename), whole=form.data.whole, now=clock.now(),
                    )  # fmt: skip
                return Redirect(f"{HERE}/{version_id}/sheets/{sheet_id}", status_code=303)
            except DomainError as refusal:
                form.refused(refusal)
        return self._page(database, actor, clock, version_id, form, None)

    def _report(self, database: Database, actor: Actor, version_id: UUID, sheet_id: UUID) -> SheetReport:
        with database.read() as db:
            found_id, report = queries.sheet_report(db, actor, sheet_id)
        if found_id != version_id:
            raise NotFound
        return report

    @get("/{sheet_id:uuid}", sync_to_thread=True)
    def report(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        sheet_id: FromPath[UUID],
    ) -> Template:
        """What taking in the sheet would do, row by row."""
        report = self._report(database, actor, version_id, sheet_id)
        return self._page(database, actor, clock, version_id, SHEET.blank(), report)

    @post("/{sheet_id:uuid}", sync_to_thread=True)
    def apply(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        sheet_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take the sheet in."""
        self._report(database, actor, version_id, sheet_id)
        form = APPLY.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.apply_sheet(db, actor, sheet_id, revision=form.data.revision, now=clock.now())
                return done(f"{HERE}/{version_id}/entries", N_("表格已全部导入。"))
            except DomainError as refusal:
                form.refused(refusal)
        report = self._report(database, actor, version_id, sheet_id)
        return self._page(database, actor, clock, version_id, form, report)
