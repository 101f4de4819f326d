"""The fixtures of the world that tests of evaluations stand on."""

from tests.bids.worlds import built, built_shared_urls, cheap_passphrases, committing_urls, database, world
from tests.web.conftest import open_browser

__all__ = ["built", "built_shared_urls", "cheap_passphrases", "committing_urls", "database", "open_browser", "world"]
