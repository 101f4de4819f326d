"""The world of bids built once a run, in a database that tests copy: by the verbs, which takes a second and more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from marketplace.bids.sealing import keys
from marketplace.db.base import Database, connect, driver_url
from marketplace.documents.storage import FolderStorage
from marketplace.kit.clock import LEGAL_ZONE
from tests.bids.support import World, a_world
from tests.conftest import Urls, _admin, _copy, _urls

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE)
CHEAP = keys.Cost(passes=1, lanes=1, memory_kib=64)


@pytest.fixture(scope="session")
def built(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, World]]:
    """A database that nobody is connected to, with a village, an open and sealed project, and three bidders."""
    name = _copy(template)
    database = connect(_urls(name).app)
    with pytest.MonkeyPatch.context() as patched, database.write() as db:
        patched.setattr(keys, "USUAL_COST", CHEAP)
        world = a_world(db, tmp_path_factory.mktemp("world"), NOW)
    database.dispose()
    yield name, world
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def built_shared_urls(built: tuple[str, World]) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    name = _copy(built[0])
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def database(built_shared_urls: Urls) -> Iterator[Database]:
    """A database with the world in it, in which a test keeps nothing."""
    engine = create_engine(driver_url(built_shared_urls.app), connect_args={"options": "-c timezone=UTC"})
    with engine.connect() as connection:
        outer = connection.begin()
        yield Database(connection, nested=True)  # type: ignore[arg-type] # a connection binds sessions as an engine does
        outer.rollback()
    engine.dispose()


@pytest.fixture
def committing_urls(built: tuple[str, World]) -> Iterator[Urls]:
    """A really committing database of the test's own, with the world in it."""
    name = _copy(built[0])
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def world(built: tuple[str, World], tmp_path: Path) -> World:
    """Who is in that database, with a file store of the test's own."""
    return replace(built[1], storage=FolderStorage(tmp_path / "documents"))


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a guess costs is a parameter; the tests need many."""
    monkeypatch.setattr(keys, "USUAL_COST", CHEAP)
