"""The world of bids built once a run, in a database that tests copy: by the verbs, which takes a second and more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from marketplace.bids.sealing import keys
from marketplace.db.base import connect
from marketplace.documents.storage import FolderStorage
from marketplace.kit.clock import LEGAL_ZONE
from tests.bids.support import World, a_world
from tests.conftest import Urls, copied

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE)
CHEAP = keys.Cost(passes=1, lanes=1, memory_kib=64)


@pytest.fixture(scope="session")
def built(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, World]]:
    """A database that nobody is connected to, with a village, an open and sealed project, and three bidders."""
    with copied(template) as urls:
        database = connect(urls.app)
        with pytest.MonkeyPatch.context() as patched, database.write() as db:
            patched.setattr(keys, "USUAL_COST", CHEAP)
            world = a_world(db, tmp_path_factory.mktemp("world"), NOW)
        database.dispose()
        yield urls.name, world


@pytest.fixture(scope="session")
def shared_urls(built: tuple[str, World]) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    with copied(built[0]) as urls:
        yield urls


@pytest.fixture
def committing_urls(built: tuple[str, World]) -> Iterator[Urls]:
    """A really committing database of the test's own, with the world in it."""
    with copied(built[0]) as urls:
        yield urls


@pytest.fixture
def world(built: tuple[str, World], tmp_path: Path) -> World:
    """Who is in that database, with a file store of the test's own."""
    return replace(built[1], storage=FolderStorage(tmp_path / "documents"))


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a guess costs is a parameter; the tests need many."""
    monkeypatch.setattr(keys, "USUAL_COST", CHEAP)
