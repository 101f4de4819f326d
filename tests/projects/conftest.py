"""One database with the law and a village in it for all tests of projects, so that each begins at once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from marketplace.db.base import driver_url
from tests.conftest import Urls, copied
from tests.projects.village import BEGIN, Village, a_village
from tests.web.conftest import Browser, OpenBrowser, browser_of_site, open_browser

__all__ = ["browser_of_site", "open_browser", "settled", "shared_urls", "village"]


@pytest.fixture(scope="session")
def settled(template: str) -> Iterator[tuple[Urls, Village]]:
    """A copy of the migrated database in which the village really stands."""
    with copied(template) as urls:
        engine = create_engine(driver_url(urls.app), connect_args={"options": "-c timezone=UTC"})
        with Session(engine, expire_on_commit=False) as db, db.begin():
            village = a_village(db, BEGIN)
        engine.dispose()
        yield urls, village


@pytest.fixture(scope="session")
def shared_urls(settled: tuple[Urls, Village]) -> Urls:
    """Tests of projects share the village's database; each rolls back what it did."""
    return settled[0]


@pytest.fixture
def village(settled: tuple[Urls, Village]) -> Village:
    """Who lives there."""
    return settled[1]


@pytest.fixture
def client(open_browser: OpenBrowser) -> Browser:
    """A browser on the whole site, before anybody signs in."""
    return open_browser()
