"""The fixtures of the world that tests of evaluations stand on."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.bids.support import World
from tests.bids.worlds import built, cheap_passphrases, committing_urls, shared_urls, world
from tests.evaluation.support import open_all
from tests.web.conftest import open_browser

__all__ = ["built", "cheap_passphrases", "committing_urls", "open_browser", "shared_urls", "world"]


@pytest.fixture
def opened(db: Session, world: World, now: datetime) -> World:
    """The world with its three bids opened."""
    open_all(db, world, now)
    return world
