"""The fixtures of the awarded project that the table of documents stands on."""

from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.web.conftest import open_browser

__all__ = ["built", "committing_urls", "deal", "open_browser", "shared_urls"]
