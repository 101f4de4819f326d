"""The composition root: turns settings into the things a process works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from marketplace.db import embedded, migrate
from marketplace.db.base import Database, connect
from marketplace.documents.storage import FolderStorage, Storage
from marketplace.kit.clock import Clock, SystemClock
from marketplace.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """A configured, reachable installation. ``settings`` carries the addresses really used."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    is_embedded: bool


@contextmanager
def addresses(settings: Settings) -> Iterator[Settings]:
    """The settings with both database addresses filled in, starting the embedded server where none is configured.

    Raises:
        CannotStart: the embedded server does not come up; the text says why.
    """
    if settings.database_url:
        owner = settings.owner_url or settings.database_url
        yield msgspec.structs.replace(settings, owner_url=owner)
        return
    with embedded.running(settings.home) as server:
        yield msgspec.structs.replace(settings, database_url=server.app_url, owner_url=server.owner_url)


@contextmanager
def opened(settings: Settings, *, clock: Clock | None = None) -> Iterator[Installation]:
    """An installation for the length of the block, its database migrated already or not.

    Raises:
        CannotStart: the embedded server does not come up; the text says why.
    """
    with addresses(settings) as full:
        database = connect(full.database_url, pool_size=full.pool_size)
        try:
            yield Installation(
                settings=full,
                database=database,
                storage=FolderStorage(full.home / "documents"),
                clock=clock or SystemClock(),
                is_embedded=not settings.database_url,
            )
        finally:
            database.dispose()


def upgrade(installation: Installation) -> None:
    """Bring the installation's database to the present shape."""
    settings = installation.settings
    migrate.upgrade(settings.owner_url, settings.database_url, settings.role_prefix)
