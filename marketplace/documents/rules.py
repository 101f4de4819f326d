"""Which kinds of file are taken for what, judged by the name's ending and by how the content begins."""

import codecs
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

HEAD_BYTES = 4096
"""So much of a file is looked at before anything of it is kept."""
PDF_WITHIN = 1024
"""Readers of PDF allow so many bytes before the file's own first words."""


class Family(StrEnum):
    """What a file is by its first bytes: OFD and newer office files are zip archives, older office files are OLE."""

    PDF = "pdf"
    ZIP = "zip"
    OLE = "ole"
    JPEG = "jpeg"
    PNG = "png"
    HEIF = "heif"
    TEXT = "text"


_F = Family
_IMAGE = frozenset({_F.JPEG, _F.PNG})
_OFFICE = frozenset({_F.OLE, _F.ZIP})
"""WPS and Excel save either under an old ending."""
FAMILIES: Mapping[str, frozenset[Family]] = {
    ".pdf": frozenset({_F.PDF}),
    ".ofd": frozenset({_F.ZIP}),
    ".doc": _OFFICE,
    ".docx": frozenset({_F.ZIP}),
    ".xls": _OFFICE,
    ".xlsx": frozenset({_F.ZIP}),
    ".wps": _OFFICE,
    ".et": _OFFICE,
    ".jpg": _IMAGE,
    ".jpeg": _IMAGE,
    ".png": _IMAGE,
    ".heic": frozenset({_F.HEIF, _F.JPEG}),
    ".txt": frozenset({_F.TEXT}),
    ".zip": frozenset({_F.ZIP}),
}
"""The ending of a name, and what its content may be."""
PAPERS = (".pdf", ".ofd", ".doc", ".docx", ".xls", ".xlsx", ".wps", ".et", ".jpg", ".jpeg", ".png", ".txt")
"""The papers of gifts."""
PROOFS = (*PAPERS, ".zip")
PROJECT_FILES = (*PAPERS, ".zip")
BID_FILES = (*PAPERS, ".zip")
EVIDENCE = (*PAPERS, ".heic", ".zip")
"""What proves a milestone: also photos as some phones keep them."""

_BEGINNINGS = {
    b"PK\x03\x04": _F.ZIP,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _F.OLE,
    b"\xff\xd8\xff": _F.JPEG,
    b"\x89PNG\r\n\x1a\n": _F.PNG,
}
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"heif"})
_SPACE = frozenset(b"\t\n\f\r")
_PRINTABLE = 0x20


class FileNotTaken(DomainError):
    """The name's ending is none of those that are taken here."""

    kind, code = Kind.INVALID, "file_not_taken"
    text = N_("这里不收「{name}」这种文件。请另存为 {kinds} 中的一种，再上传。")


class FileNotAsNamed(DomainError):
    """The content is not what the name's ending says."""

    kind, code = Kind.INVALID, "file_not_as_named"
    text = N_(
        "「{name}」的内容与后缀 {ending} 不符，可能改过名或已损坏。"
        "请用原来的程序打开，另存为 {kinds} 中的一种，再上传。"
    )


def ending_of(name: str) -> str:
    """The ending of a file's name in small letters with its dot, or nothing."""
    dot = name.rfind(".")
    return name[dot:].strip().lower() if dot >= 0 else ""


def shown(kinds: Iterable[str]) -> str:
    """Endings as people read them: ``pdf、ofd``."""
    return "、".join(kind.removeprefix(".") for kind in kinds)


def family_of(head: bytes) -> Family | None:
    """What a file is by its first bytes; None if it is nothing that is taken anywhere."""
    for beginning, family in _BEGINNINGS.items():
        if head.startswith(beginning):
            return family
    if b"%PDF-" in head[:PDF_WITHIN]:
        return Family.PDF
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return Family.HEIF
    return Family.TEXT if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    """Whether these are the first bytes of a text in UTF-8 or in the national encoding."""
    if any(byte < _PRINTABLE and byte not in _SPACE for byte in head):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut
        except UnicodeDecodeError:
            continue
        return True
    return False


def fitting(chunks: Iterable[bytes], *, name: str, kinds: tuple[str, ...], field: str = "") -> Iterator[bytes]:
    """The stream as it comes, once its name and its first bytes have passed; an empty one is left to storage.

    Raises:
        FileNotTaken: files with this ending are not taken here.
        FileNotAsNamed: the content is something else than the ending says.
    """
    ending = ending_of(name)
    if ending not in kinds:
        raise FileNotTaken(field=field, name=name, kinds=shown(kinds))
    rest, head = iter(chunks), b""
    for chunk in rest:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    if head and family_of(head[:HEAD_BYTES]) not in FAMILIES[ending]:
        raise FileNotAsNamed(field=field, name=name, ending=ending, kinds=shown(kinds))
    if head:
        yield head
    yield from rest
