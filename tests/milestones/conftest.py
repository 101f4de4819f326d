"""The fixtures of the contract in force that tests of delivery stand on."""

from tests.milestones.worlds import built, committing_urls, delivery, shared_urls
from tests.web.conftest import open_browser

__all__ = ["built", "committing_urls", "delivery", "open_browser", "shared_urls"]
