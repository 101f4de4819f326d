"""A file given out is closed, also where its reader has left before the first byte."""

import gc
import warnings
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from marketplace.documents.schemas import DocumentView
from marketplace.documents.storage import FolderStorage
from marketplace.web.projects.files import file_answer


def test_a_file_whose_reader_left_before_the_first_byte_is_closed(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    stored = storage.put([b"evidence"], limit_bytes=100)
    card = DocumentView(
        id=uuid4(),
        name="签到表.txt",
        media_type="text/plain",
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        file_answer(storage, card)
        gc.collect()
    assert not [one for one in seen if issubclass(one.category, ResourceWarning)]
