"""Where the bytes of files lie: a folder addressed by content, behind an interface that object storage can take."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from msgspec import Struct

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

CHUNK = 1 << 20
DOCUMENTS = "documents"
"""The folder of an installation's home that files lie in."""


class TooLarge(DomainError):
    """The file exceeds the limit."""

    kind, code = Kind.TOO_LARGE, "too_large"
    text = N_("文件超过 {limit_mib} MB 的上限。请压缩或拆分后再上传。")


class EmptyFile(DomainError):
    """The file has no content."""

    kind, code = Kind.INVALID, "empty_file"
    text = N_("文件是空的。请检查后重新选择。")


class Stored(Struct, frozen=True, kw_only=True):
    """What is known of stored bytes: their SHA-256 (hex) and length in bytes."""

    sha256: str
    size_bytes: int


@runtime_checkable
class Storage(Protocol):
    """A place for bytes, addressed by their SHA-256."""

    def put(self, chunks: Iterable[bytes], *, limit_bytes: int) -> Stored:
        """Store a stream durably; raises TooLarge beyond the limit and EmptyFile for nothing, keeping no trace."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Read stored bytes; raises FileNotFoundError."""
        ...

    def remove(self, sha256: str) -> None:
        """Forget stored bytes; nothing happens if they are not there."""
        ...


class FolderStorage:
    """Files in a folder, ``ab/cdef…``; a file is complete and synced before its name appears."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "draft").mkdir(parents=True, exist_ok=True)

    def put(self, chunks: Iterable[bytes], *, limit_bytes: int) -> Stored:
        """Stream to a draft while hashing, then give it the name of its content.

        Raises:
            TooLarge: more than ``limit_bytes`` arrived.
            EmptyFile: nothing arrived.
        """
        draft = self.root / "draft" / secrets.token_hex(16)
        digest, size = hashlib.sha256(), 0
        try:
            with draft.open("xb") as out:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit_bytes:
                        raise TooLarge(limit_mib=limit_bytes // 2**20)
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if size == 0:
                raise EmptyFile
            self._name(draft, digest.hexdigest())
        finally:
            draft.unlink(missing_ok=True)
        return Stored(sha256=digest.hexdigest(), size_bytes=size)

    def _name(self, draft: Path, sha256: str) -> None:
        path = self._path(sha256)
        path.parent.mkdir(exist_ok=True)
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def open(self, sha256: str) -> BinaryIO:
        """Read stored bytes.

        Raises:
            FileNotFoundError: nothing is stored under this digest.
        """
        return self._path(sha256).open("rb")

    def remove(self, sha256: str) -> None:
        """Forget stored bytes."""
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:]


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """The content of an open file in pieces of one MiB."""
    while chunk := stream.read(CHUNK):
        yield chunk
