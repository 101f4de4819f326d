"""A form with one file, read while it arrives: what is secret never lies on disk in the clear, as a spool would."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import (  # type: ignore[import-untyped] # the parser ships no types
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.security import TOKEN_FIELD, FormToken, FormTooOld, csrf_config

T = TypeVar("T")
UPLOADS_MAX = 64
"""Uploads at one time; they have threads of their own, so that slow lines keep nobody else waiting."""
TEXT_BYTES_MAX = 8 * 1024
DRAIN_BYTES_MAX = 32 * 2**20

_executor = ThreadPoolExecutor(UPLOADS_MAX, "upload")


async def in_upload_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread for uploads, in the language of this request."""
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_executor, run, work)


class BrokenOff(DomainError):
    """The sender has gone before the end of the body, or left it unfinished."""

    kind, code = Kind.INVALID, "upload_cut_off"
    text = N_("上传中断了，文件没有保存。请检查网络后重新上传。")


class Arriving:
    """The body of a request as pieces, pulled from a worker thread as fast as they are taken."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self._stream: AsyncIterator[bytes] = aiter(request.stream())
        self._loop = asyncio.get_running_loop()

    def __iter__(self) -> Iterator[bytes]:
        while (piece := asyncio.run_coroutine_threadsafe(self._pull(), self._loop).result()) is not None:
            if piece:
                yield piece

    async def _pull(self) -> bytes | None:
        try:
            return await anext(self._stream, None)
        except InternalServerException as error:  # how the framework says that the other side hung up
            raise BrokenOff(field="file") from error

    def drain(self) -> None:
        """Take in what is left, within bounds, so that the browser gets to read the answer."""
        size = 0
        for piece in self:
            size += len(piece)
            if size > DRAIN_BYTES_MAX:
                return


class StreamedForm:
    """Texts that come first, then one file; :meth:`begin` in the worker thread, then :meth:`pieces`."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self.request = request
        self.texts: dict[str, list[str]] = {}
        self.file_name = ""
        self.body = Arriving(request)
        _, options = parse_options_header(request.headers.get("content-type", ""))
        self._boundary = options.get("boundary", "")
        self._events = self._parse()

    def _parse(self) -> Iterator[MultipartSegment | bytes | bytearray | None]:
        if not self._boundary:
            raise BrokenOff(field="file")
        try:
            with PushMultipartParser(self._boundary, max_segment_count=20) as parser:
                for piece in self.body:
                    yield from parser.parse(piece)
        except MultipartError:
            raise BrokenOff(field="file") from None

    def begin(self) -> None:
        """Read the texts up to the file.

        Raises:
            BrokenOff: the form is cut off or not one of files.
        """
        name, text = "", bytearray()
        for event in self._events:
            if isinstance(event, MultipartSegment):
                if event.filename is not None:
                    self.file_name = event.filename
                    return
                name, text = event.name, bytearray()
            elif event is None:
                self.texts.setdefault(name, []).append(text.decode("utf-8", "replace"))
            elif len(text) + len(event) <= TEXT_BYTES_MAX:
                text += event

    def pieces(self) -> Iterator[bytes]:
        """The file.

        Raises:
            BrokenOff: it was cut off.
        """
        for event in self._events:
            if event is None:
                break
            if not isinstance(event, MultipartSegment):
                yield bytes(event)

    def text(self, name: str) -> str:
        """The first text under a name, or an empty one."""
        return self.texts.get(name, [""])[0]

    def check_token(self, settings: Settings) -> None:
        """Hold the form's token against the browser's, as the site does for forms that it reads itself.

        Raises:
            FormTooOld: the token is missing or of another browser.
        """
        guard = FormToken(_nowhere, csrf_config(settings))
        if not guard.matches(self.request, self.text(TOKEN_FIELD)):
            raise FormTooOld


async def _nowhere(*_: object) -> None:
    """Stands where a middleware wants the application it goes before."""
