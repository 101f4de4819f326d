"""An awarded project built once a run, in a database that tests copy: by the verbs, which takes seconds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from marketplace.db.base import Database, connect, driver_url
from marketplace.documents.storage import FolderStorage
from marketplace.kit.clock import LEGAL_ZONE
from tests.conftest import Urls, _admin, _copy, _urls
from tests.contracts.support import Deal, an_awarded

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE)


@pytest.fixture(scope="session")
def built(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Deal]]:
    """A database that nobody is connected to, with a project whose result is published."""
    name = _copy(template)
    database = connect(_urls(name).app)
    with database.write() as db:
        deal = an_awarded(db, tmp_path_factory.mktemp("deal"), NOW)
    database.dispose()
    yield name, deal
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def built_shared_urls(built: tuple[str, Deal]) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    name = _copy(built[0])
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def database(built_shared_urls: Urls) -> Iterator[Database]:
    """A database with the award in it, in which a test keeps nothing."""
    engine = create_engine(driver_url(built_shared_urls.app), connect_args={"options": "-c timezone=UTC"})
    with engine.connect() as connection:
        outer = connection.begin()
        yield Database(connection, nested=True)  # type: ignore[arg-type] # a connection binds sessions as an engine does
        outer.rollback()
    engine.dispose()


@pytest.fixture
def committing_urls(built: tuple[str, Deal]) -> Iterator[Urls]:
    """A really committing database of the test's own, with the award in it."""
    name = _copy(built[0])
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def deal(built: tuple[str, Deal], tmp_path: Path) -> Deal:
    """Who is in that database, with a file store of the test's own."""
    return replace(built[1], storage=FolderStorage(tmp_path / "documents"))
