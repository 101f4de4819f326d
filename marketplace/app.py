"""The composition root: turns settings into the things a process works with."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar
from sqlalchemy import text

from marketplace.bids.sealing.application import application_keys
from marketplace.db import embedded, migrate
from marketplace.db.base import Database, connect
from marketplace.documents.storage import DOCUMENTS, FolderStorage, Storage
from marketplace.kit.clock import Clock, SystemClock
from marketplace.kit.steps import Reached, pass_by
from marketplace.payments.rails import gateway_of
from marketplace.settings import Settings
from marketplace.standin import process
from marketplace.standin.control import Control
from marketplace.standin.identity import kept_identity
from marketplace.web.accounts import visitor_loader
from marketplace.web.desk import counted
from marketplace.web.portal.home import home_view
from marketplace.web.services import Seeding, Services
from marketplace.web.site import create_site
from seed import progress
from workers.consumers import assemble
from workers.services import Services as WorkerServices

AMQP_PORT = 5672
PROBE_TIMEOUT_S = 2


@dataclass(frozen=True, slots=True)
class Installation:
    """A configured, reachable installation. ``settings`` carries the addresses really used."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    is_embedded: bool
    director: Control | None = None
    """Directs the stand-ins of gateway and bank, where these are what the settings name."""


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
def opened(settings: Settings, *, clock: Clock | None = None, reached: Reached = pass_by) -> Iterator[Installation]:
    """An installation for the length of the block, its database migrated already or not.

    Raises:
        CannotStart: the embedded server does not come up; the text says why.
    """
    with addresses(settings) as full:
        database = connect(full.database_url, pool_size=full.pool_size, reached=reached)
        try:
            yield Installation(
                settings=full,
                database=database,
                storage=FolderStorage(full.home / DOCUMENTS),
                clock=clock or SystemClock(),
                is_embedded=not settings.database_url,
                director=_director(full),
            )
        finally:
            database.dispose()


@contextmanager
def standins(settings: Settings) -> Iterator[Settings]:
    """The settings with both rails filled in, over stand-ins in a child process where none is configured.

    Raises:
        CannotStart: the stand-ins do not come up.
    """
    if settings.gateway_url and settings.bank_url:
        yield settings
        return
    with process.running(settings.home) as control:
        full = settings
        if not full.gateway_url:
            key, secret = control.identity.key, control.identity.secret
            url = control.gateway_url
            full = msgspec.structs.replace(full, gateway_url=url, gateway_key=key, gateway_secret=secret)
        if not full.bank_url:
            full = msgspec.structs.replace(full, bank_url=control.bank_url)
        yield full


def _director(settings: Settings) -> Control | None:
    """The stand-ins kept in the data folder, if the settings name them."""
    kept = kept_identity(settings.home)
    control = Control(kept) if kept else None
    return control if control and control.gateway_url == settings.gateway_url else None


def upgrade(installation: Installation) -> None:
    """Bring the installation's database to the present shape."""
    settings = installation.settings
    migrate.upgrade(settings.owner_url, settings.database_url, settings.role_prefix)


def site(installation: Installation) -> Litestar:
    """The web application of an installation.

    Raises:
        AssetsMissing: the page assets were not built; the text says which command builds them.
    """
    settings, database = installation.settings, installation.database
    return create_site(
        Services(
            database=database,
            storage=installation.storage,
            clock=installation.clock,
            settings=settings,
            load_visitor=counted(
                visitor_loader(database, installation.clock, settings),
                database,
                installation.clock,
                application_keys(settings),
            ),
            home=lambda db: home_view(db, now=installation.clock.now()),
            seeding=lambda: _seeding(settings),
            gateway=gateway_of(settings, installation.clock),
            probes={"migrations": lambda: _is_migrated(database), "broker": lambda: broker_answers(settings)},
        )
    )


def _seeding(settings: Settings) -> Seeding | None:
    found = progress.read(settings.home) if settings.demo else None
    return None if found is None or found.is_over else Seeding(found.done, found.total, found.step)


def _is_migrated(database: Database) -> bool:
    with database.read() as db:
        return db.execute(text("SELECT version_num FROM alembic_version")).scalar() == migrate.head()


def broker_answers(settings: Settings) -> bool:
    """Whether the configured broker accepts a connection within two seconds; True for the in-process one."""
    if not settings.broker_url:
        return True
    parts = urlsplit(settings.broker_url)
    try:
        socket.create_connection((parts.hostname or "localhost", parts.port or AMQP_PORT), PROBE_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def worker_services(installation: Installation, database: Database) -> WorkerServices:
    """What the workers of an installation work with, each consumer bound to what it needs."""
    return assemble(database, installation.clock, installation.settings)
