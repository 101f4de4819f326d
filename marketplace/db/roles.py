"""The database's roles: who owns, who acts, and who keeps the ledger; made idempotently, named per installation."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from marketplace.db.base import plain_url


@dataclass(frozen=True, slots=True)
class RoleNames:
    """``app`` is what the application's login belongs to; ``ledger`` owns the books and cannot log in."""

    app: str
    ledger: str


def role_names(prefix: str) -> RoleNames:
    """The names of an installation's roles; roles are cluster-global, hence the prefix."""
    return RoleNames(app=f"{prefix}_app", ledger=f"{prefix}_ledger")


def migration_roles() -> RoleNames:
    """The role names, for use inside a migration."""
    from alembic import context

    attributes: dict[str, Any] = context.config.attributes
    return role_names(attributes["role_prefix"])


def bootstrap(owner_url: str, prefix: str, app_login: str) -> None:
    """Make the roles that are missing, and let the login ``app_login`` act as the application.

    Raises:
        psycopg.errors.InsufficientPrivilege: the owner may not create roles and they do not exist yet.
    """
    names = role_names(prefix)
    with psycopg.connect(plain_url(owner_url)) as db:
        for name in (names.app, names.ledger):
            exists = db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            if not exists:
                db.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
        owner = db.info.user
        for name, member in ((names.ledger, owner), (names.app, app_login)):
            has = db.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (member, name)).fetchone()
            if not has or not has[0]:
                db.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(member)))
