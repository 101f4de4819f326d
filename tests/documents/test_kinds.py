"""Which files are taken: judged by the ending and by the first bytes, before anything is kept."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.documents.commands import MEDIA_TYPES
from marketplace.documents.rules import (
    BID_FILES,
    EVIDENCE,
    FAMILIES,
    PAPERS,
    PROJECT_FILES,
    PROOFS,
    Family,
    FileNotAsNamed,
    FileNotTaken,
    family_of,
    fitting,
)
from marketplace.documents.storage import EmptyFile, FolderStorage


def an_archive(name: str) -> bytes:
    """A zip archive with one file, as OFD and newer office files begin."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "<?xml version='1.0'?><a/>")
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
JPEG = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(50)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(30)
PDF = b"%PDF-1.7\n" + bytes(30)
GOOD = [
    ("合同.pdf", PDF),
    ("扫描.PDF", b"\xef\xbb\xbf \r\n" + PDF),
    ("发票.ofd", an_archive("OFD.xml")),
    ("方案.docx", an_archive("word/document.xml")),
    ("报价.xlsx", an_archive("xl/workbook.xml")),
    ("旧方案.doc", OLE),
    ("旧报价.xls", OLE),
    ("方案.wps", OLE),
    ("新方案.wps", an_archive("word/document.xml")),
    ("报价.et", OLE),
    ("照片.jpg", JPEG),
    ("照片.JPEG", JPEG),
    ("改过名的截图.jpg", PNG),
    ("截图.png", PNG),
    ("手机照片.heic", HEIC),
    ("签到表.txt", "签到表".encode()),
    ("旧系统导出.txt", "签到表".encode("gb18030")),
    ("全部.zip", an_archive("a.txt")),
]
BAD = [
    ("照片.jpg", b"MZ\x90\x00" + bytes(60)),
    ("照片.jpg", b"<!DOCTYPE html><script>"),
    ("照片.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("合同.pdf", an_archive("OFD.xml")),
    ("合同.pdf", b"scan"),
    ("发票.ofd", PDF),
    ("方案.docx", OLE),
    ("方案.doc", JPEG),
    ("手机照片.heic", b"\x00\x00\x00\x18ftypmp42" + bytes(30)),
    ("说明.txt", b"MZ\x00\x00"),
    ("全部.zip", b"Rar!\x1a\x07\x00"),
]


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize(("name", "content"), GOOD, ids=[name for name, _ in GOOD])
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_file_that_is_what_it_is_called_passes_unchanged(name: str, content: bytes, size: int) -> None:
    assert b"".join(fitting(in_pieces(content, size), name=name, kinds=EVIDENCE)) == content


@pytest.mark.parametrize(("name", "content"), BAD, ids=[f"{number}-{name}" for number, (name, _) in enumerate(BAD)])
def test_a_file_that_is_something_else_is_refused_and_nothing_of_it_kept(
    name: str, content: bytes, tmp_path: Path
) -> None:
    with pytest.raises(FileNotAsNamed) as told:
        FolderStorage(tmp_path).put(fitting([content], name=name, kinds=EVIDENCE), limit_bytes=10_000)
    assert name in str(told.value)
    assert "pdf、ofd、doc" in str(told.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "name", ["病毒.exe", "页面.html", "图.svg", "没有后缀", "视频.mp4", "合同.pdf.scr", ".pdf/x", ""]
)
def test_an_ending_that_is_not_taken_is_refused_before_a_byte_is_read(name: str) -> None:
    def never() -> list[bytes]:
        raise AssertionError("was read")

    with pytest.raises(FileNotTaken, match="pdf、ofd"):
        list(fitting((piece for _ in range(1) for piece in never()), name=name, kinds=PAPERS))


def test_an_empty_file_is_told_as_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        FolderStorage(tmp_path).put(fitting([b"", b""], name="空.pdf", kinds=PAPERS), limit_bytes=10)


def test_photos_of_phones_are_evidence_but_no_papers() -> None:
    assert set(EVIDENCE) - set(PAPERS) == {".heic", ".zip"}
    with pytest.raises(FileNotTaken):
        list(fitting([HEIC], name="照片.heic", kinds=PAPERS))


@pytest.mark.parametrize("kinds", [PAPERS, PROOFS, PROJECT_FILES, BID_FILES, EVIDENCE])
def test_every_kind_that_is_taken_has_its_content_and_its_media_type(kinds: tuple[str, ...]) -> None:
    assert set(kinds) <= set(FAMILIES) == set(MEDIA_TYPES)
    assert {".pdf", ".ofd", ".wps", ".et", ".doc", ".xls", ".docx", ".xlsx", ".jpg", ".png"} <= set(kinds)


@given(st.text(min_size=1, max_size=3000), st.sampled_from(["utf-8", "gb18030"]), st.integers(0, 3))
def test_a_text_cut_anywhere_is_still_a_text(text: str, encoding: str, cut: int) -> None:
    printable = "".join(char for char in text if char.isprintable())
    content = printable.encode(encoding, "ignore")
    content = content[: len(content) - cut]
    if content[4:8] != b"ftyp" and b"%PDF-" not in content:
        assert not content or family_of(content) is Family.TEXT


def test_bytes_of_no_encoding_are_no_text() -> None:
    assert family_of(b"\xff\xfe\xff\xff") is None
