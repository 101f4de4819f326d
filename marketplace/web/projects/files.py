"""Files of projects: taken in with a form, given out as what their name says and never rendered here."""

from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import Stream

from marketplace.documents.schemas import DocumentView
from marketplace.documents.storage import Storage, chunks_of

FILE_BYTES_MAX = 20 * 2**20
"""One file of a project, in bytes."""
BODY_BYTES_MAX = 64 * 2**20
"""A drafting form with its files."""


def file_answer(storage: Storage, card: DocumentView) -> Response[Any]:
    """The bytes of a document, to be saved; the digests stand in the headers."""
    content = _closing(storage.open(card.sha256))
    next(content)
    return Stream(
        content,
        media_type=card.media_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(card.name, safe='')}",
            "content-length": str(card.size_bytes),
            "etag": f'"{card.sha256}"',
            "x-content-type-options": "nosniff",
        },
    )


def _closing(stream: BinaryIO) -> Iterator[bytes]:
    """What is in the file, after one empty piece: once that was taken, it is closed also if nobody reads on."""
    with stream:
        yield b""
        yield from chunks_of(stream)


def pieces(upload: UploadFile) -> Iterator[bytes]:
    """What was uploaded, from its beginning."""
    upload.file.seek(0)
    while piece := upload.file.read(1 << 20):
        yield bytes(piece)
