"""Static files from memory, under an address that names their content, so that browsers may keep them for a year."""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
COMPRESSIBLE = (".css", ".js", ".svg")


class StaticFile(Struct, frozen=True):
    """One file, plain and compressed."""

    media_type: str
    plain: bytes
    packed: bytes


@cache
def read_all(folder: Path = FOLDER) -> dict[str, StaticFile]:
    """Every file below ``folder`` by its path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        content = path.read_bytes()
        found[path.relative_to(folder).as_posix()] = StaticFile(
            mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            content,
            gzip.compress(content, 9, mtime=0) if path.suffix in COMPRESSIBLE else b"",
        )
    return found


class StaticFiles:
    """The files of this process and the digest of them all."""

    def __init__(self) -> None:
        self.files = read_all()
        digest = hashlib.sha256()
        for name, one in self.files.items():
            digest.update(name.encode() + b"\0" + one.plain)
        self.digest = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file; a name that does not exist is a mistake in a template.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    def handler(self) -> Any:
        """The route that gives them out."""
        files, digest = self.files, self.digest

        @get("/static/{version:str}/{name:path}", include_in_schema=False, sync_to_thread=False)
        def static_file(
            request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[Path]
        ) -> Response[bytes]:
            """A file of the pages; of another version only for now, never kept."""
            one = files.get(str(name).lstrip("/"))
            if one is None:
                raise NotFoundException
            packed = bool(one.packed) and "gzip" in request.headers.get("accept-encoding", "")
            headers = {"Cache-Control": FOR_EVER if version == digest else "no-store", "Vary": "Accept-Encoding"}
            if packed:
                headers["Content-Encoding"] = "gzip"
            return Response(one.packed if packed else one.plain, media_type=one.media_type, headers=headers)

        return static_file
