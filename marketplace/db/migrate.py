"""Brings a database to the present shape; there is no way back but restoring a backup."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.engine import make_url

from marketplace.db.base import driver_url
from marketplace.db.roles import bootstrap, role_names

FOLDER = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 6_202_609_531
"""Key of the advisory lock that lets one process migrate at a time."""


def _config(prefix: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["role_prefix"] = prefix
    return config


def upgrade(owner_url: str, app_url: str, prefix: str) -> None:
    """Make the roles, run the migrations that are missing, and grant the application what it needs.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot be reached, or another session holds a lock too long.
    """
    app_login = make_url(app_url).username or ""
    owner_login = make_url(owner_url).username or ""
    if app_login:
        bootstrap(owner_url, prefix, app_login)
    engine = create_engine(driver_url(owner_url))
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
            config = _config(prefix)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
    finally:
        engine.dispose()
    if app_login and app_login != owner_login:
        _see_that_guards_hold(owner_url, role_names(prefix).app)


def _see_that_guards_hold(owner_url: str, app: str) -> None:
    """Fail at once where a migration gave the application more on the ledger than reading."""
    engine = create_engine(driver_url(owner_url))
    question = text(
        "SELECT table_name FROM information_schema.table_privileges"
        " WHERE grantee = :app AND table_schema = 'ledger' AND privilege_type <> 'SELECT'"
    )
    try:
        with engine.connect() as connection:
            loose = connection.execute(question, {"app": app}).scalars().all()
    finally:
        engine.dispose()
    if loose:
        raise RuntimeError(f"the application may write to {sorted(loose)}; the books are unguarded")


def head() -> str:
    """The revision this code expects."""
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def differences(owner_url: str, metadata: MetaData) -> list[object]:
    """What differs between the migrated database and the models; empty when they agree."""
    engine = create_engine(driver_url(owner_url))
    try:
        with engine.connect() as connection:
            found: list[object] = compare_metadata(MigrationContext.configure(connection), metadata)
    finally:
        engine.dispose()
    return found
