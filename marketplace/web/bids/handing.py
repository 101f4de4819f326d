"""The bidder's pages of handing in: files, the last check, the receipt, withdrawal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries
from marketplace.bids.rules import check_committed_in_time
from marketplace.bids.schemas import FILE_KINDS, BidFile, FileKind
from marketplace.bids.sealing.files import unseal_pieces
from marketplace.documents.commands import media_type_of
from marketplace.documents.rules import BID_FILES
from marketplace.documents.storage import Storage, chunks_of
from marketplace.flows import reading
from marketplace.kit.clock import Clock
from marketplace.kit.errors import BadValue, DomainError
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.bids.forms import CONFIRM, FILE, NOTHING, confirm_form
from marketplace.web.bids.pages import Writer
from marketplace.web.bids.receipts import receipt_text
from marketplace.web.bids.views import (
    Handed,
    Visit,
    base_of,
    file_size_text,
    own_organization,
    receipt_of,
)
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page
from marketplace.web.upload import StreamedForm, in_upload_thread

NO_FILE = N_("请选择要上传的文件。")
KINDS = [(kind.value, name) for kind, name in FILE_KINDS.items()]


@contextmanager
def in_time(writer: Writer, clock: Clock) -> Iterator[Session]:
    """A transaction that commits only within the seconds a submission has, and rolls back otherwise.

    Raises:
        NotCommittedInTime: it took longer.
    """
    with writer.database.write() as db:
        yield db
        db.flush()  # nothing but the commit itself comes after the clock is asked
        check_committed_in_time(writer.received_at, clock.now())


def file_answer(storage: Storage, file: BidFile) -> Response[Any]:
    """A sealed file as a download, opened while it streams; never rendered by the browser."""

    def pieces() -> Iterator[bytes]:
        with storage.open(file.sealed_sha256) as stream:
            yield from unseal_pieces(chunks_of(stream), file.key, file.size_bytes)

    return Stream(
        pieces,
        media_type=media_type_of(file.name),
        headers={"content-length": str(file.size_bytes), "content-disposition": disposition(file.name)},
    )


def disposition(name: str) -> str:
    """The header that makes a browser save a file under this name."""
    from urllib.parse import quote

    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


class OrgBidFiles(Controller):
    """附件: sealed as they arrive."""

    path = "/org/bids/{project_id:uuid}/files"
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it

    @get(sync_to_thread=True)
    def files(
        self, writer: NamedDependency[Writer], settings: NamedDependency[Settings], project_id: FromPath[UUID]
    ) -> Template:
        """The files of the draft, and the form to add one."""
        return _files_page(writer, project_id, FILE.blank(kind=FileKind.PLAN), settings)

    @post(opt={"exclude_from_csrf": True}, request_max_body_size=None)
    async def add(
        self,
        request: Visit,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        settings: NamedDependency[Settings],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take in a file while it is encrypted."""
        form = StreamedForm(request)

        def work() -> Template | Redirect:
            try:
                form.begin()
                form.check_token(settings)
                _take_in(form, writer, storage, settings, clock, project_id)
            except DomainError as refusal:
                form.body.drain()
                typed = Form(FILE, {"kind": [form.text("kind")]})
                return _files_page(writer, project_id, typed.refused(refusal), settings)
            return done(f"{base_of(project_id)}/files", N_("文件已加密保存。"))

        return await in_upload_thread(work)

    @get("/{file_id:uuid}", sync_to_thread=True)
    def download(
        self,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        project_id: FromPath[UUID],
        file_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file of the own draft."""
        with writer.database.read() as db:
            file = reading.draft_file(db, writer.keys, writer.actor, project_id, file_id)
        return file_answer(storage, file)

    @post("/{file_id:uuid}/remove", sync_to_thread=True)
    def remove(self, writer: NamedDependency[Writer], project_id: FromPath[UUID], file_id: FromPath[UUID]) -> Redirect:
        """Take a file out of the draft."""
        with writer.database.write() as db:
            commands.remove_file(db, writer.keys, writer.actor, project_id, file_id, received_at=writer.received_at)
        return done(f"{base_of(project_id)}/files", N_("文件已移除。"))


class OrgBidUploads(Controller):
    """没有传完的文件: what can be done with one without a script."""

    path = "/org/bids/{project_id:uuid}/uploads"
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it

    @get("/sent", sync_to_thread=True)
    def sent(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Redirect:
        """Where the script goes when all has arrived."""
        del writer  # asked for: only who may write a bid comes here
        return done(f"{base_of(project_id)}/files", N_("文件已加密保存。"))

    @post("/{upload_id:uuid}/cancel", sync_to_thread=True)
    def cancel(
        self,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        project_id: FromPath[UUID],
        upload_id: FromPath[UUID],
    ) -> Redirect:
        """Forget an upload that is on its way."""
        with writer.database.write() as db:
            commands.cancel_upload(
                db,
                writer.keys,
                writer.actor,
                project_id,
                upload_id,
                storage=storage,
                received_at=writer.received_at,
            )
        return done(f"{base_of(project_id)}/files", N_("上传已取消，收到的部分已清除。"))


def _files_page(writer: Writer, project_id: UUID, form: Form[Any], settings: Settings) -> Template:
    view = writer.view(project_id)
    with writer.database.read() as db:
        own, now = own_organization(writer.actor), writer.received_at
        waiting = queries.my_uploads(db, writer.keys, project_id, own, now=now)
    shown: dict[str, Any] = {
        "view": view,
        "waiting": waiting,
        "kinds": [(value, gettext(name)) for value, name in KINDS],
    }
    shown |= {"names": FILE_KINDS, "size_note": file_size_text(settings.upload_bytes_max)}
    shown["accept"] = ",".join(BID_FILES)
    return again("bids/files.html", form, **shown)


def _take_in(
    form: StreamedForm, writer: Writer, storage: Storage, settings: Settings, clock: Clock, project_id: UUID
) -> None:
    if not form.file_name:
        raise BadValue(field="file", problem=gettext(NO_FILE))
    try:
        kind = FileKind(form.text("kind"))
    except ValueError:
        kind = FileKind.OTHER
    with writer.database.read() as db:
        commands.ready_to_write(db, writer.actor, project_id, received_at=writer.received_at)
    with writer.database.write() as db:
        commands.add_file(
            db,
            writer.keys,
            writer.actor,
            project_id,
            form.pieces(),
            storage=storage,
            kind=kind,
            name=form.file_name,
            limit_bytes=settings.upload_bytes_max,
            received_at=writer.received_at,
            now=clock.now(),
        )


class OrgBidHandIn(Controller):
    """递交: the last check, the receipt, withdrawal."""

    path = "/org/bids/{project_id:uuid}"
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it

    @get("/confirm", sync_to_thread=True)
    def confirm(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """Everything once more, contact and declaration, and the button that seals."""
        view, saved = writer.view(project_id), writer.saved(project_id)
        form = confirm_form(view.draft, saved)
        return page("bids/confirm.html", view=view, form=form, names=FILE_KINDS, saved=saved)

    @post("/confirm", sync_to_thread=True)
    def hand_in(
        self,
        typed: NamedDependency[Typed],
        writer: NamedDependency[Writer],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Seal and hand in; the answer itself shows the receipt, because the code on it is kept nowhere."""
        view, form = writer.view(project_id), CONFIRM.read(typed)
        if form.data is None:
            return again("bids/confirm.html", form, view=view, names=FILE_KINDS, saved=writer.saved(project_id))
        try:
            submitted = self._seal(writer, clock, project_id, form.data.change(), form.data.version)
        except DomainError as refusal:
            view, saved = writer.view(project_id), writer.saved(project_id)
            return again("bids/confirm.html", form.refused(refusal), view=view, names=FILE_KINDS, saved=saved)
        return page("bids/handed.html", handed=Handed.of(writer.view(project_id), submitted))

    def _seal(self, writer: Writer, clock: Clock, project_id: UUID, change: Any, version: int) -> Any:
        given = {"received_at": writer.received_at}
        with in_time(writer, clock) as db:
            draft = commands.save_draft(
                db, writer.keys, writer.actor, project_id, change, version=version or None, **given
            )
            return commands.submit(
                db, writer.keys, writer.actor, project_id, version=draft.version, now=clock.now(), **given
            )

    @get("/receipts/{number:int}", sync_to_thread=True)
    def receipt(self, writer: NamedDependency[Writer], project_id: FromPath[UUID], number: FromPath[int]) -> Template:
        """A receipt, without the code."""
        view = writer.view(project_id)
        return page("bids/receipt.html", view=view, receipt=receipt_of(view, number))

    @get("/receipts/{number:int}/file", sync_to_thread=True)
    def receipt_file(
        self, writer: NamedDependency[Writer], project_id: FromPath[UUID], number: FromPath[int]
    ) -> Response[bytes]:
        """A receipt as a text file, without the code."""
        view = writer.view(project_id)
        content = receipt_text(view.asked, receipt_of(view, number))
        return Response(
            ("\ufeff" + content).encode(),
            media_type="text/plain; charset=utf-8",
            headers={"content-disposition": disposition(f"{view.asked.number}-{number}.txt")},
        )

    @get("/withdraw", sync_to_thread=True)
    def ask_withdraw(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Template:
        """Whether really to withdraw."""
        return page("bids/withdraw.html", view=writer.view(project_id), form=NOTHING.blank())

    @post("/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        typed: NamedDependency[Typed],
        writer: NamedDependency[Writer],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Withdraw what is in the box."""
        form = NOTHING.read(typed)
        try:
            with in_time(writer, clock) as db:
                receipt = commands.withdraw(
                    db, writer.keys, writer.actor, project_id, received_at=writer.received_at, now=clock.now()
                )
        except DomainError as refusal:
            return again("bids/withdraw.html", form.refused(refusal), view=writer.view(project_id))
        return done(f"{base_of(project_id)}/receipts/{receipt.entry}", N_("申报已撤回。截止前可以重新递交。"))
