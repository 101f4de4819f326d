"""The people of a roster: added by hand or from a sheet, dropped, a consent entered, one read with a reason."""

from io import BytesIO
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.aid import commands, queries
from marketplace.aid.rules.sheet import COLUMNS, EXAMPLE, NEEDED, read_roster
from marketplace.aid.schemas import ImportReport, RosterView
from marketplace.aid.states import AccessPurpose
from marketplace.db.base import Database
from marketplace.identity.credentials import Safe
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.money import capital
from marketplace.papers.sheets import XLSX, text_table
from marketplace.web.aid.desk import HERE
from marketplace.web.aid.forms import FILE, PERSON, REASON, FileForm
from marketplace.web.aid.views import WORDS, sheet_rows, stages_of
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page
from marketplace.web.suppliers.views import upload_of

NO_FILE = N_("请先选择文件，再上传。")
RESULT, NOTE = N_("核对结果"), N_("问题")
SHEET_REASON = "下载导入核对表"
_NO_STORE = {"cache-control": "no-store"}


def _attached(name: str, content: bytes) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', **_NO_STORE}
    return Response(content, media_type=XLSX, headers=headers, status_code=200)


class RosterPeople(Controller):
    """Who is on a roster."""

    path = f"{HERE}/{{roster_id:uuid}}/people"

    def _view(self, database: Database, actor: Actor, roster_id: UUID) -> RosterView:
        with database.read() as db:
            return queries.roster(db, actor, roster_id)

    @get("/new", sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], roster_id: FromPath[UUID]
    ) -> Template:
        """The form for one person."""
        view = self._view(database, actor, roster_id)
        return page("aid/person_new.html", form=PERSON.blank(), view=view, stages=stages_of(view.programme))

    @post("/new", sync_to_thread=True)
    def add(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Add one person."""
        view = self._view(database, actor, roster_id)
        form, stages = PERSON.read(typed), stages_of(view.programme)
        if form.data is None:
            return again("aid/person_new.html", form, view=view, stages=stages)
        try:
            with database.write() as db:
                commands.add_person(db, safe.vault, actor, roster_id, form.data, now=clock.now())
        except DomainError as refusal:
            return again("aid/person_new.html", form.refused(refusal), view=view, stages=stages)
        return done(f"{HERE}/{roster_id}", N_("已添加一人。"))

    @post("/{entitlement_id:uuid}/remove", sync_to_thread=True)
    def remove(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
    ) -> Redirect:
        """Drop one person from a draft."""
        with database.write() as db:
            commands.remove_person(db, actor, roster_id, entitlement_id, now=clock.now())
        return done(f"{HERE}/{roster_id}", N_("已删除一行。"))

    @post("/{entitlement_id:uuid}/consent", sync_to_thread=True)
    def consent(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
    ) -> Redirect:
        """Enter that a guardian agreed."""
        with database.write() as db:
            commands.record_consent(db, actor, roster_id, entitlement_id, now=clock.now())
        return done(f"{HERE}/{roster_id}", N_("已登记监护人同意。"))

    @get("/{entitlement_id:uuid}", sync_to_thread=True)
    def ask(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
    ) -> Template:
        """The form that asks why somebody wants to read one person's data.

        Raises:
            NotFound: there is no such row.
        """
        view = self._view(database, actor, roster_id)
        row = next((one for one in view.rows if one.id == entitlement_id), None)
        if row is None or not view.may_read_people:
            raise NotFound
        return page("aid/person.html", **WORDS, form=REASON.blank(), view=view, row=row, person=None)

    @post("/{entitlement_id:uuid}", sync_to_thread=True)
    def read(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
    ) -> Template:
        """One person in plain words; the reading is committed before.

        Raises:
            NotFound: there is no such row.
        """
        view, form, now = self._view(database, actor, roster_id), REASON.read(typed), clock.now()
        row = next((one for one in view.rows if one.id == entitlement_id), None)
        if row is None:
            raise NotFound
        if form.data is None:
            return again("aid/person.html", form, **WORDS, view=view, row=row, person=None)
        with database.write() as db:
            access_id = commands.note_access(
                db, actor, roster_id, AccessPurpose.VIEW,
                reason=form.data.reason, now=now, entitlement_id=entitlement_id,
            )  # fmt: skip
        with database.read() as db:
            person = queries.person(db, safe.vault, actor, access_id, now=now)
        answer = page("aid/person.html", **WORDS, form=form, view=view, row=row, person=person)
        answer.headers.update(_NO_STORE)
        return answer


class RosterSheets(Controller):
    """A roster as a sheet of Excel or WPS."""

    path = f"{HERE}/{{roster_id:uuid}}/sheet"

    def _page(self, form: Form[FileForm], view: RosterView, report: ImportReport | None) -> Template:
        columns = [(title, field in NEEDED) for field, title in COLUMNS.items()]
        return again(
            "aid/import.html", form, **WORDS, view=view, report=report, columns=columns, capital=capital(view.total_fen)
        )

    @get(sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
    ) -> Template:
        """The form, and what became of the last sheet."""
        with database.read() as db:
            view = queries.roster(db, actor, roster_id)
            return self._page(FILE.blank(), view, queries.masked_sheet(db, safe.vault, actor, roster_id))

    @post(sync_to_thread=True)
    def take_in(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
    ) -> Template:
        """Take the right rows in and report on all."""
        form, file = FILE.read(typed), upload_of(typed.files.get("file", []))
        report = None
        if file is None:
            form.errors["file"] = gettext(NO_FILE)
        else:
            try:
                rows = read_roster(BytesIO(file.file.read()))
                with database.write() as db:
                    report = commands.import_rows(db, safe.vault, actor, roster_id, rows, now=clock.now())
            except DomainError as refusal:
                form.refused(refusal)
        with database.read() as db:
            return self._page(form, queries.roster(db, actor, roster_id), report)

    @get("/template.xlsx", sync_to_thread=True)
    def template(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], roster_id: FromPath[UUID]
    ) -> Response[bytes]:
        """An empty sheet with its columns and one row as an example."""
        with database.read() as db:
            queries.roster(db, actor, roster_id)
        return _attached("roster.xlsx", text_table(list(COLUMNS.values()), [[EXAMPLE[name] for name in COLUMNS]]))

    @post("/checked.xlsx", sync_to_thread=True)
    def checked(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The last sheet as it was typed, every wrong cell marked and told; that it is taken is written down first."""
        now = clock.now()
        with database.write() as db:
            access_id = commands.note_access(db, actor, roster_id, AccessPurpose.EXPORT, reason=SHEET_REASON, now=now)
        with database.read() as db:
            report = queries.sheet(db, safe.vault, actor, access_id, now=now)
        rows, marked = sheet_rows(report, COLUMNS)
        headings = [*COLUMNS.values(), gettext(RESULT), gettext(NOTE)]
        return _attached("roster-checked.xlsx", text_table(headings, rows, marked=marked))
