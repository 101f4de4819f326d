"""The fixtures of the world that tests of bids stand on."""

from tests.bids.worlds import built, cheap_passphrases, committing_urls, shared_urls, world
from tests.web.conftest import open_browser

__all__ = ["built", "cheap_passphrases", "committing_urls", "open_browser", "shared_urls", "world"]
