"""Which database a demo may be told into, and which one ``reset`` may empty: only one that a demo alone has filled."""

import psycopg
from psycopg import sql

from marketplace.db.base import plain_url
from marketplace.settings import Settings

MARK = "filled by the demo"
"""The comment on the books' schema of a database that held nobody when a demo began in it."""
NOT_OURS = (
    "marketplace: this database holds accounts that no demo made, so the demo is not told into it; "
    "give it a database of its own"
)
KEPT = "marketplace: reset empties a configured database only if a demo alone has filled it; empty yours yourself"


def claim(owner_url: str) -> bool:
    """Mark a migrated database as the demo's if nobody has an account in it; ``False`` if it is somebody else's."""
    with psycopg.connect(plain_url(owner_url)) as db:
        if _is_marked(db):
            return True
        held = db.execute("SELECT EXISTS (SELECT FROM account)").fetchone()
        if held is None or held[0]:
            return False
        db.execute(sql.SQL("COMMENT ON SCHEMA ledger IS {}").format(sql.Literal(MARK)))
        return True


def empty(settings: Settings) -> bool:
    """Drop all that a demo put into the configured database; ``False``, and nothing done, if it is not a demo's."""
    with psycopg.connect(plain_url(settings.owner_url or settings.database_url)) as db:
        has_books = db.execute("SELECT to_regnamespace('ledger') IS NOT NULL").fetchone()
        if has_books is not None and not has_books[0]:
            return True
        if not _is_marked(db):
            return False
        db.execute("DROP SCHEMA ledger, public CASCADE")
        db.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        db.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        return True


def _is_marked(db: psycopg.Connection) -> bool:
    found = db.execute("SELECT obj_description(to_regnamespace('ledger'), 'pg_namespace') = %s", (MARK,)).fetchone()
    return bool(found and found[0])
