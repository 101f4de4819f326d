"""Browsers whose visitors are found by their real sessions and tokens, and what their tests do again and again."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar.di import Provide
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.identity import queries
from marketplace.identity.model import OneTimeLink
from marketplace.identity.states import LinkPurpose
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web import accounts, admin
from marketplace.web.accounts import visitor_loader
from marketplace.web.portal.pages import Portal
from tests.identity.town import PASSWORD, SAFE, a_person, an_organization
from tests.web.conftest import SECRET, Browser, OpenBrowser

CHEAP = Provide(lambda: SAFE, sync_to_thread=False)
ROUTES = [Portal, *accounts.routes(CHEAP), *admin.routes(CHEAP)]


def browse(open_browser: OpenBrowser, database: Database, clock: ManualClock, home: Path, **changes: Any) -> Browser:
    """A browser on the pages of accounts; ``changes`` are settings."""
    settings = Settings(home=home, secret_key=SECRET, **changes)
    return open_browser(routes=ROUTES, settings=settings, load_visitor=visitor_loader(database, clock, settings))


def a_supplier(database: Database, now: datetime) -> UUID:
    """The head of a social organization, who signs in by password alone."""
    with database.write() as db:
        organization_id = an_organization(db, Function.SUPPLIER, now=now, name="示例社工服务中心")
        return a_person(db, organization_id, Role.HEAD, now=now, login="supplier", name="王五常")


def staff(database: Database, now: datetime, function: Function, *roles: Role, login: str) -> tuple[UUID, UUID]:
    """Somebody in a new organization; the organization's id and the person's."""
    with database.write() as db:
        organization_id = an_organization(db, function, now=now)
        return organization_id, a_person(db, organization_id, *roles, now=now, login=login)


def sign_in(browser: Browser, login: str, password: str = PASSWORD, target: str = "") -> str:
    """Sign in and say where it led."""
    answer = browser.post("/sign-in", {"login": login, "password": password, "next": target})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def mailed(database: Database, now: datetime, purpose: LinkPurpose) -> str:
    """The token in the one mail that is on its way."""
    with database.read() as db:
        link_id = db.scalars(
            select(OneTimeLink.id).where(OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None))
        ).one()
        mail = queries.link_mail(db, SAFE, link_id, now=now)
    assert mail is not None
    return mail.token
