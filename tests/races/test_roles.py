"""Roles are the cluster's: several databases' installations may make them at the same moment."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from marketplace.db.base import plain_url
from marketplace.db.roles import bootstrap, role_names
from tests.conftest import Urls


def test_installations_that_begin_at_once_make_their_roles_once(shared_urls: Urls) -> None:
    login = make_url(shared_urls.app).username or ""
    for _ in range(3):
        prefix, together = f"tests_{secrets.token_hex(4)}", Barrier(6)

        def begin(_: int, prefix: str = prefix, together: Barrier = together) -> None:
            together.wait()
            bootstrap(shared_urls.owner, prefix, login)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(begin, range(6)))
        names = role_names(prefix)
        with psycopg.connect(plain_url(shared_urls.owner)) as db:
            found = db.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (login, names.app)).fetchone()
            assert found == (True,)
            for name in (names.app, names.ledger):
                db.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
