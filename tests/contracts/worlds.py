"""An awarded project built once a run, in a database that tests copy: by the verbs, which takes seconds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from marketplace.db.base import connect
from marketplace.documents.storage import FolderStorage
from marketplace.kit.clock import LEGAL_ZONE
from tests.conftest import Urls, copied
from tests.contracts.support import Deal, an_awarded

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE)


@pytest.fixture(scope="session")
def built(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Deal]]:
    """A database that nobody is connected to, with a project whose result is published."""
    with copied(template) as urls:
        database = connect(urls.app)
        with database.write() as db:
            deal = an_awarded(db, tmp_path_factory.mktemp("deal"), NOW)
        database.dispose()
        yield urls.name, deal


@pytest.fixture(scope="session")
def shared_urls(built: tuple[str, Deal]) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    with copied(built[0]) as urls:
        yield urls


@pytest.fixture
def committing_urls(built: tuple[str, Deal]) -> Iterator[Urls]:
    """A really committing database of the test's own, with the award in it."""
    with copied(built[0]) as urls:
        yield urls


@pytest.fixture
def deal(built: tuple[str, Deal], tmp_path: Path) -> Deal:
    """Who is in that database, with a file store of the test's own."""
    return replace(built[1], storage=FolderStorage(tmp_path / "documents"))
