"""The database's roles: who owns, who acts, and who keeps the ledger; made idempotently, named per installation."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql

from marketplace.db.base import plain_url

_ATTEMPTS = 5
"""How often a grant is tried while another session changes the same role (``tuple concurrently updated``)."""


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
    with psycopg.connect(plain_url(owner_url), autocommit=True) as db:
        for name in (names.app, names.ledger):
            exists = db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            if not exists:
                with suppress(errors.DuplicateObject, errors.UniqueViolation):
                    db.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
        for name, member in ((names.ledger, db.info.user), (names.app, app_login)):
            _see_to_membership(db, name, member)


def _see_to_membership(db: psycopg.Connection, name: str, member: str) -> None:
    """Make ``member`` one of ``name``; roles are the cluster's, so another installation may do it just now."""
    for attempt in range(_ATTEMPTS):
        has = db.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (member, name)).fetchone()
        if has and has[0]:
            return
        try:
            db.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(member)))
        except (errors.InternalError_, errors.UniqueViolation):
            if attempt + 1 == _ATTEMPTS:
                raise
