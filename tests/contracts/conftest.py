"""The fixtures of the award that tests of contracts stand on."""

from tests.contracts.worlds import built, built_shared_urls, committing_urls, database, deal
from tests.web.conftest import open_browser

__all__ = ["built", "built_shared_urls", "committing_urls", "database", "deal", "open_browser"]
