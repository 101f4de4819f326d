"""Uploads that may be resumed, in the words of tus 1.0: announce, ask how far, send on, cancel (https://tus.io)."""

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, head, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.bids import commands, queries
from marketplace.bids.rules import WrongOffset
from marketplace.bids.schemas import FileKind, UploadView
from marketplace.documents.storage import Storage
from marketplace.kit.clock import Clock
from marketplace.kit.errors import BadValue
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.bids.pages import Writer
from marketplace.web.bids.views import Visit, own_organization
from marketplace.web.errors import answer, refuse
from marketplace.web.i18n import say
from marketplace.web.upload import Arriving, BrokenOff, in_upload_thread

VERSION = "1.0.0"
TUS = {"tus-resumable": VERSION, "cache-control": "no-store"}
BODY = "application/offset+octet-stream"
OTHER_VERSION = N_("这个接口使用 tus 协议 1.0.0。请在请求头 Tus-Resumable 里写明 1.0.0。")
OTHER_BODY = N_("请用 application/offset+octet-stream 发送文件内容。")
NO_LENGTH = N_("请在请求头 {name} 里写明字节数。")
NO_NAME = N_("请在请求头 Upload-Metadata 里写明文件名（filename，base64）。")
LENGTH_MAX = 20


def headers_of(view: UploadView) -> dict[str, str]:
    """What every answer about an upload says."""
    expires = format_datetime(view.expires_at.astimezone(UTC), usegmt=True)
    return TUS | {
        "upload-offset": str(view.offset), "upload-length": str(view.size_bytes), "upload-expires": expires,
    }  # fmt: skip


def number_in(request: Visit, name: str) -> int:
    """A count of bytes in a header.

    Raises:
        BadValue: it is missing or no number.
    """
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= LENGTH_MAX):
        raise BadValue(field=name, problem=say(NO_LENGTH, name=name))
    return int(text)


def metadata_in(request: Visit) -> dict[str, str]:
    """The names and texts of ``Upload-Metadata``; what is not readable is left out."""
    found = {}
    for pair in request.headers.get("upload-metadata", "").split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def other_version(request: Visit) -> Response[Any] | None:
    """The refusal of a request in another version of the protocol."""
    if request.headers.get("tus-resumable") == VERSION:
        return None
    refused = answer(request, 412, code="tus_version", detail=say(OTHER_VERSION))
    refused.headers |= {"tus-version": VERSION}
    return refused


class Line:
    """A body that may break off: what came before is used, and that it broke is kept in mind."""

    def __init__(self, body: Arriving) -> None:
        self._body, self.broken = body, False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except BrokenOff:
            self.broken = True


class Taker:
    """One PATCH: each piece is sealed into storage while no database is held, then added in a moment."""

    def __init__(self, writer: Writer, storage: Storage, clock: Clock, project_id: UUID, upload_id: UUID) -> None:
        self.writer, self.storage, self.clock = writer, storage, clock
        self.project_id, self.upload_id = project_id, upload_id

    def upload(self) -> queries.Upload:
        """How the upload stands, for one who may go on with it."""
        writer, now = self.writer, self.clock.now()
        with writer.database.read() as db:
            commands.ready_to_write(db, writer.actor, self.project_id, received_at=writer.received_at)
            own = own_organization(writer.actor)
            return queries.my_upload(db, writer.keys, self.project_id, own, self.upload_id, now=now)

    def take_in(self, body: Arriving, at: int) -> UploadView:
        """Go on with the upload at ``at``, and put the file together when it is whole."""
        view = self.upload().view
        if view.offset != at:
            raise WrongOffset(offset=view.offset)
        line = Line(body)
        arrival = commands.Arrival(line, view)
        while (begun := arrival.at) is not None and (piece := commands.keep_piece(self.storage, arrival)):
            view = self._add(piece, begun)
        if not line.broken:
            arrival.check_kept(at)
        if view.offset == view.size_bytes and not view.finished:
            view = self._finish()
        return view

    def _add(self, piece: queries.Piece, at: int) -> UploadView:
        writer = self.writer
        try:
            with writer.database.write() as db:
                return commands.add_piece(
                    db,
                    writer.keys,
                    writer.actor,
                    self.project_id,
                    self.upload_id,
                    piece,
                    at=at,
                    received_at=writer.received_at,
                    now=self.clock.now(),
                )
        except Exception:
            self.storage.remove(piece.sha256)
            raise

    def _finish(self) -> UploadView:
        writer, whole = self.writer, self.upload()
        with writer.database.write() as db:
            commands.finish_upload(
                db,
                writer.keys,
                writer.actor,
                self.project_id,
                whole,
                storage=self.storage,
                received_at=writer.received_at,
                now=self.clock.now(),
            )
        commands.forget_pieces(self.storage, whole)
        return self.upload().view


class UploadApi(Controller):
    """Uploads of the own draft. Every piece is encrypted while it arrives; after a cut, go on at ``Upload-Offset``."""

    path = "/api/v1/projects/{project_id:uuid}/bid/uploads"
    tags = ["bids"]  # noqa: RUF012 - the framework reads it from the class
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it; even the number of requests would tell

    @get(sync_to_thread=True)
    def waiting(
        self, writer: NamedDependency[Writer], clock: NamedDependency[Clock], project_id: FromPath[UUID]
    ) -> tuple[UploadView, ...]:
        """The uploads that are on their way, with how far each has come."""
        own, now = own_organization(writer.actor), clock.now()
        with writer.database.read() as db:
            return queries.my_uploads(db, writer.keys, project_id, own, now=now)

    @post(sync_to_thread=True)
    def begin(
        self,
        request: Visit,
        writer: NamedDependency[Writer],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
    ) -> Response[Any]:
        """Announce a file: ``Upload-Length``, and in ``Upload-Metadata`` its filename, kind and modified (any text).

        The same file announced again answers with the upload that is on its way and its ``Upload-Offset``.
        """
        if refused := other_version(request):
            return refused
        said = metadata_in(request)
        if "filename" not in said:
            raise BadValue(field="upload-metadata", problem=say(NO_NAME))
        kind = said.get("kind", "")
        with writer.database.write() as db:
            view = commands.begin_upload(
                db,
                writer.keys,
                writer.actor,
                project_id,
                kind=FileKind(kind) if kind in set(FileKind) else FileKind.OTHER,
                name=said["filename"],
                size_bytes=number_in(request, "upload-length"),
                modified=said.get("modified", ""),
                limit_bytes=settings.upload_bytes_max,
                received_at=writer.received_at,
            )
        where = {"location": f"/api/v1/projects/{project_id}/bid/uploads/{view.id}"}
        return Response(view, status_code=201, headers=headers_of(view) | where)

    @head("/{upload_id:uuid}", sync_to_thread=True)
    def how_far(
        self,
        request: Visit,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        upload_id: FromPath[UUID],
    ) -> Response[None]:
        """How many bytes are safe."""
        if refused := other_version(request):
            return Response(None, status_code=refused.status_code, headers=refused.headers)
        view = Taker(writer, storage, clock, project_id, upload_id).upload().view
        return Response(None, status_code=200, headers=headers_of(view))

    @patch("/{upload_id:uuid}", request_max_body_size=None)
    async def send_on(
        self,
        request: Visit,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        upload_id: FromPath[UUID],
    ) -> Response[Any]:
        """Go on at ``Upload-Offset``; the last byte puts the file together and into the draft."""
        if refused := other_version(request):
            return refused
        if request.headers.get("content-type") != BODY:
            return answer(request, 415, code="tus_body", detail=say(OTHER_BODY))
        at, body = number_in(request, "upload-offset"), Arriving(request)
        taker = Taker(writer, storage, clock, project_id, upload_id)

        def work() -> Response[Any]:
            try:
                view = taker.take_in(body, at)
            except WrongOffset as error:
                refused = refuse(request, error)
                refused.headers |= TUS | {"upload-offset": str(error.params["offset"])}
                return refused
            return Response(None, status_code=204, headers=headers_of(view))

        return await in_upload_thread(work)

    @delete("/{upload_id:uuid}", status_code=200, sync_to_thread=True)
    def cancel(
        self,
        request: Visit,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        project_id: FromPath[UUID],
        upload_id: FromPath[UUID],
    ) -> Response[Any]:
        """Forget an upload and everything of it that has arrived."""
        if refused := other_version(request):
            return refused
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
        return Response(None, status_code=204, headers=TUS)
