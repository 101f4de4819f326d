"""What every test stands on: a real PostgreSQL, built from the migrations, and a clock that stands still."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from marketplace.db import embedded, migrate
from marketplace.db.base import Database, connect, driver_url, plain_url
from marketplace.kit.clock import LEGAL_ZONE, ManualClock

ROOT = Path(__file__).parent.parent
OWNER, APP, ROLES = "TESTS_OWNER_URL", "TESTS_APP_URL", "tests"
CLUSTER = pytest.StashKey[tuple[embedded.Server, Path]]()


def pytest_configure(config: pytest.Config) -> None:
    """Find the server once, in the controlling process: the configured one, else an embedded one for this run."""
    if hasattr(config, "workerinput"):
        return
    if os.environ.get("MARKETPLACE_DATABASE_URL"):
        os.environ[APP] = os.environ["MARKETPLACE_DATABASE_URL"]
        os.environ[OWNER] = os.environ.get("MARKETPLACE_OWNER_URL", os.environ[APP])
        return
    home = ROOT / "var" / "tests" / str(os.getpid())
    server = embedded.start(home, options=("fsync=off", "synchronous_commit=off", "full_page_writes=off"))
    config.stash[CLUSTER] = (server, home)
    os.environ[OWNER], os.environ[APP] = server.owner_url, server.app_url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this run started and remove its folder."""
    if CLUSTER in config.stash:
        server, home = config.stash[CLUSTER]
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Urls:
    """A database's name, and where it is: for its owner (the migrations) and for the application."""

    name: str
    owner: str
    app: str


def _admin(statement: str, *names: str) -> None:
    url = make_url(os.environ[OWNER]).set(database="postgres")
    with psycopg.connect(plain_url(url.render_as_string(hide_password=False)), autocommit=True) as db:
        db.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _urls(name: str) -> Urls:
    place = {which: make_url(os.environ[which]).set(database=name) for which in (OWNER, APP)}
    return Urls(name, *(place[which].render_as_string(hide_password=False) for which in (OWNER, APP)))


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    """The name of a migrated, empty database that nobody is connected to."""
    name = f"tests_{secrets.token_hex(6)}"
    _admin("CREATE DATABASE {}", name)
    urls = _urls(name)
    migrate.upgrade(urls.owner, urls.app, ROLES)
    yield name
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def copied(template: str) -> Iterator[Urls]:
    """A copy of a database that nobody is connected to, for the length of the block."""
    name = f"{template}_{secrets.token_hex(4)}"
    _admin("CREATE DATABASE {} TEMPLATE {}", name, template)
    yield _urls(name)
    _admin("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def shared_urls(template: str) -> Iterator[Urls]:
    """One copy for all tests that keep nothing."""
    with copied(template) as urls:
        yield urls


@pytest.fixture
def database(shared_urls: Urls) -> Iterator[Database]:
    """A database, logged in as the application, in which a test keeps nothing: one outer transaction, rolled back.

    Nothing is truly committed, so deferred constraints and locks between threads are seen only with ``committing``.
    """
    engine = create_engine(driver_url(shared_urls.app), connect_args={"options": "-c timezone=UTC"})
    with engine.connect() as connection:
        outer = connection.begin()
        yield Database(connection, nested=True)  # type: ignore[arg-type] # a connection binds sessions as an engine does
        outer.rollback()
    engine.dispose()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A writing session of ``database``."""
    with database.write() as session:
        yield session


@pytest.fixture(scope="module")
def module_urls(template: str) -> Iterator[Urls]:
    """The addresses of a database that all tests of one module share, for what takes long to tell."""
    with copied(template) as urls:
        yield urls


@pytest.fixture
def committing_urls(template: str) -> Iterator[Urls]:
    """The addresses of a database of the test's own, for races, crashes and many processes."""
    with copied(template) as urls:
        yield urls


@pytest.fixture
def committing(committing_urls: Urls) -> Iterator[Database]:
    """A really committing database of the test's own, logged in as the application."""
    database = connect(committing_urls.app, pool_size=60)
    yield database
    database.dispose()


@pytest.fixture
def owner_url(committing_urls: Urls) -> str:
    """The owner's address of ``committing``."""
    return committing_urls.owner


@pytest.fixture
def app_url(committing_urls: Urls) -> str:
    """The application's address of ``committing``."""
    return committing_urls.app


@pytest.fixture
def clock() -> ManualClock:
    """A clock at nine in the morning of Monday 2 March 2026, in China."""
    return ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=LEGAL_ZONE))


@pytest.fixture
def now(clock: ManualClock) -> datetime:
    """The instant at which the clock stands when the test begins."""
    return clock.now()
